"""Whether the trained and the others were drifting apart before anything was done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.effects.least_squares import fit_units
from coachline.engine.stats.effects.shrunk import share_variance
from coachline.engine.training.effect_counts import Panel

FEWEST_WEEKS = 4
"""A slope through fewer weeks says nothing."""


@dataclass(frozen=True)
class Slope:
    """Movement of the distance between two groups.

    Attributes
    ----------
    per_week, se : float
        Points of share, from 0 to 1.
    """

    per_week: float
    se: float


def trend_apart(panel: Panel, weeks: range, people: np.ndarray) -> Slope | None:
    """Slope, over `weeks`, of the share of `people` less that of the others; None with fewer than `FEWEST_WEEKS` weeks in which both had cases."""
    here = panel.columns(weeks)
    sums = [(panel.cases[arm, here].sum(axis=0), panel.successes[arm, here].sum(axis=0)) for arm in (people, ~people)]
    seen = (sums[0][0] > 0) & (sums[1][0] > 0)
    if seen.sum() < FEWEST_WEEKS:
        return None
    apart = sums[0][1][seen] / sums[0][0][seen] - sums[1][1][seen] / sums[1][0][seen]
    variance = np.zeros(int(seen.sum()))
    for cases, successes in sums:
        total = float(cases.sum())
        variance += share_variance(float(successes.sum()) / total, cases[seen], total)
    week = np.flatnonzero(seen).astype(float)
    fitted = fit_units(apart, np.column_stack([np.ones(len(week)), week - week.mean()]), variance)
    return Slope(float(fitted.coefficients[1]), fitted.se(1))
