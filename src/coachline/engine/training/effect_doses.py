"""How much training everybody had on a business by when: people are trained more than once, and what they learnt fades."""

from __future__ import annotations

import numpy as np
import polars as pl

from coachline.engine.stats.effects.least_squares import Floats
from coachline.engine.training.effect_counts import OneBusiness, Panel, below
from coachline.engine.training.effect_files import EffectFile

TOLERATED = 0.1
"""Further trainings per person, on average, from which on the weeks after a training no longer tell of it alone."""


class Doses:
    """Trainings received, in fresh ones.

    Parameters
    ----------
    attended : polars.DataFrame
        agent_id, business, week.
    counts : OneBusiness
    business : str
    half_life : float
        Weeks after which half of a training is left.
    """

    def __init__(self, attended: pl.DataFrame, counts: OneBusiness, business: str, half_life: float) -> None:
        related = [each for each in attended["business"].unique() if below(each, business) or below(business, each)]
        self._attended = attended.filter(pl.col("agent_id").is_in(counts.agents), pl.col("business").is_in(related))
        self._counts, self._half_life = counts, half_life

    def own(self, file: EffectFile) -> Floats:
        """(people, weeks) of the file's training alone."""
        return self._fading(self._attended.filter(self._is_own(file)))

    def all(self) -> Floats:
        """(people, weeks) of all trainings on the business, or on what lies above or below it."""
        return self._fading(self._attended)

    def later(self, file: EffectFile) -> Floats:
        """(people, weeks) of the other trainings since the file's own began."""
        return self._fading(self._attended.filter(~self._is_own(file), pl.col("week") >= file.first_week))

    def _is_own(self, file: EffectFile) -> pl.Expr:
        return (
            pl.col("agent_id").is_in(list(file.people))
            & (pl.col("business") == file.business)
            & pl.col("week").is_between(file.first_week or 0, file.last_week or 0)
        )

    def _fading(self, rows: pl.DataFrame) -> Floats:
        weeks = np.array(self._counts.weeks)
        left = np.zeros((len(self._counts.agents), len(weeks)))
        for agent, week in zip(rows["agent_id"], rows["week"], strict=True):
            left[self._counts.place[agent]] += np.where(weeks > week, 0.5 ** (np.maximum(weeks - week, 0) / self._half_life), 0.0)
        return left


def alone(later: Floats, panel: Panel, weeks: range, arms: tuple[np.ndarray, ...], fewest: int) -> range:
    """`weeks` cut before further trainings of either arm would speak louder, but never below `fewest`."""
    here = panel.columns(weeks)
    seen = panel.cases[:, here].sum(axis=1) > 0
    for length in range(len(weeks), fewest, -1):
        part = later[:, here][:, :length]
        if all(not (arm & seen).any() or part[arm & seen].mean() <= TOLERATED for arm in arms):
            return weeks[:length]
    return weeks[:fewest]


def exposure(left: Floats, panel: Panel, weeks: range) -> Floats:
    """(people,) training that the cases of `weeks` had behind them, on average; 0 for who has none."""
    here = panel.columns(weeks)
    cases = panel.cases[:, here]
    return np.asarray((left[:, here] * cases).sum(axis=1) / np.maximum(cases.sum(axis=1), 1.0))
