"""The effect of one training on one outcome, by the best comparison that the facts allow, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.facts import Facts
from coachline.engine.stats.effects.least_squares import Floats
from coachline.engine.training.designs.differences import FEWEST_CONTROLS, differences
from coachline.engine.training.designs.shares import Compared, Shares
from coachline.engine.training.designs.waiting_list import waiting_list
from coachline.engine.training.effect_counts import OneBusiness, Panel
from coachline.engine.training.effect_doses import Doses, alone, exposure
from coachline.engine.training.effect_files import EffectFile
from coachline.engine.training.effect_trend import Slope, trend_apart
from coachline.engine.training.effect_windows import WindowRule, Windows

LEAST_DOSE = 0.25
"""How many trainings more the trained must have had than the others, on average, for the difference to say anything."""

MONTH_DAYS = 30.0

LONG_AGO = -1e6
"""A week before anybody was hired."""


@dataclass(frozen=True)
class Measured:
    """One outcome of one file.

    Attributes
    ----------
    file : EffectFile
    outcome : str
    design : str
        ``waiting_list``, ``differences``, or ``none``.
    reason : str or None
        Why there is no effect: ``not_started``, ``not_over``, ``outcome_stopped``, ``trained_left``, ``no_controls``, ``no_earlier_weeks``, ``not_trained_more``.
    windows : Windows or None
    naive : float
        After less the weeks of choice, of the trained alone; NaN where it cannot be had.
    compared : Compared or None
        Per training received.
    dose : float
        Trainings on the business that the treated had more than the others from before to after, in ones like this.
    cases_after : float
        Cases of the trained in the weeks after.
    gap : float
        How much lower the treated stood than the others in weeks not used for choosing them; NaN without such.
    placebo : Compared or None
        The same comparison where nothing can have happened: a start made up within the base, or, of a lot, the weeks before it.
    slope : Slope or None
        How the distance of treated and others moved over the base.
    treated, controls : int
        People with cases in the weeks after, whether they could be compared or not.
    """

    file: EffectFile
    outcome: str
    design: str = "none"
    reason: str | None = None
    windows: Windows | None = None
    naive: float = float("nan")
    compared: Compared | None = None
    dose: float = float("nan")
    cases_after: float = 0.0
    gap: float = float("nan")
    placebo: Compared | None = None
    slope: Slope | None = None
    treated: int = 0
    controls: int = 0

    @property
    def better(self) -> float:
        """1 where more of the outcome is better, -1 where less is."""
        return 1.0 if OUTCOMES[self.outcome].better == "up" else -1.0

    @property
    def verdict(self) -> str:
        """``worked``, ``harmed``, or ``no_evidence``."""
        return verdict(self.compared, self.better)


def verdict(compared: Interval | None, better: float) -> str:
    """By the side of nothing on which the whole interval lies."""
    if compared is None:
        return "no_evidence"
    low, high = sorted((better * compared.low, better * compared.high))
    return "worked" if low > 0 else "harmed" if high < 0 else "no_evidence"


class Interval(Protocol):
    """Anything with an interval."""

    @property
    def low(self) -> float:
        """Lower end."""

    @property
    def high(self) -> float:
        """Upper end."""


class Evaluation:
    """Measures the files of one business.

    Parameters
    ----------
    attended : polars.DataFrame
        All trainings, as `Records` has them.
    hired : mapping of str to float
        Agent to the week in which they were hired, where it is known.
    counts : OneBusiness
    business : str
    rule : WindowRule
    confidence : float
    half_life_weeks : float
        Of what was learnt, to allow for other trainings.
    """

    def __init__(
        self,
        attended: pl.DataFrame,
        hired: Mapping[str, float],
        counts: OneBusiness,
        business: str,
        rule: WindowRule,
        confidence: float,
        half_life_weeks: float,
    ) -> None:
        self.counts, self.rule, self.confidence = counts, rule, confidence
        self._doses = Doses(attended, counts, business, half_life_weeks)
        # Who was hired nobody knows when has long been there.
        self._hired = np.array([hired.get(agent, LONG_AGO) for agent in counts.agents])
        self._kept: tuple[EffectFile, tuple[Floats, Floats, Floats]] | None = None

    def measure(self, file: EffectFile, outcome: str, panel: Panel) -> Measured:
        """The effect of `file` on `outcome`, of which `panel` holds the counts."""
        found = Measured(file, outcome)
        if file.first_week is None:
            return replace(found, reason="not_started")
        windows = self.rule.of(file, panel.first_week, panel.last_week)
        people = self._mask(file.people)
        arms = (self._mask(file.drawn), self._mask(file.waiting)) if file.waiting else (people, ~people)
        windows = replace(windows, after=alone(self._of_file(file)[2], panel, windows.after, arms, self.rule.fewest))
        after = panel.within(windows.after)
        own = after.only(people)
        found = replace(
            found,
            windows=windows,
            naive=own.together() - panel.within(windows.chosen).only(people).together(),
            cases_after=float(own.cases.sum()),
            treated=int((own.cases > 0).sum()),
            controls=int((after.cases[~people] > 0).sum()),
        )
        if len(windows.after) < self.rule.fewest:
            assert file.last_week is not None
            over = file.last_week + self.rule.fewest <= panel.last_week
            return replace(found, reason="no_earlier_weeks" if over else "not_over")
        if not after.cases.any():
            return replace(found, reason="outcome_stopped")
        by_lot = self._by_lot(found, panel, windows, after)
        return by_lot if by_lot is not None else self._observed(found, panel, windows, after, people)

    def _by_lot(self, found: Measured, panel: Panel, windows: Windows, after: Shares) -> Measured | None:
        file = found.file
        if not (file.drawn and file.waiting and windows.before):
            return None
        drawn, waiting = self._mask(file.drawn), self._mask(file.waiting)
        pool = drawn | waiting
        before = panel.within(windows.before)
        dose = self._dose(file, panel, (windows.before, windows.after), drawn, pool & (after.cases > 0))
        if not dose > LEAST_DOSE:
            return None
        compared = waiting_list((before.only(pool),), after.only(pool), drawn[pool], confidence=self.confidence)
        if compared is None:
            return None
        # Nothing can have happened yet when the lot was drawn, so that any difference of the arms then is the luck of the draw.
        placebo = waiting_list((), before.only(pool), drawn[pool], confidence=self.confidence)
        base = panel.within(windows.base)
        others = base.only(~pool).together()
        return replace(
            found,
            design="waiting_list",
            compared=compared.per(dose),
            dose=dose,
            placebo=placebo,
            gap=found.better * (others - base.only(drawn).together()),
        )

    def _observed(self, found: Measured, panel: Panel, windows: Windows, after: Shares, people: np.ndarray) -> Measured:
        base = panel.within(windows.base)
        if not (after.cases[people] > 0).any():
            return replace(found, reason="trained_left")
        if int((after.cases[~people] > 0).sum()) < FEWEST_CONTROLS:
            return replace(found, reason="no_controls")
        both = (base.cases > 0) & (after.cases > 0)
        if len(windows.base) < self.rule.fewest or not both[people].any():
            return replace(found, reason="no_earlier_weeks")
        compared = differences(base, after, people, self._learning(windows), self.confidence)
        if compared is None:
            return replace(found, reason="no_controls")
        dose = self._dose(found.file, panel, (windows.base, windows.after), people, both)
        if not dose > LEAST_DOSE:
            return replace(found, reason="not_trained_more", dose=dose)
        return replace(
            found,
            design="differences",
            compared=compared.per(dose),
            dose=dose,
            placebo=self._made_up_start(panel, windows, people),
            slope=trend_apart(panel, windows.base, people),
            gap=found.better * (base.only(~people).together() - base.only(people).together()),
        )

    def _made_up_start(self, panel: Panel, windows: Windows, people: np.ndarray) -> Compared | None:
        base = windows.base
        if len(base) < 2 * self.rule.fewest:
            return None
        middle = base.start + len(base) // 2
        return differences(panel.within(range(base.start, middle)), panel.within(range(middle, base.stop)), people, None, self.confidence)

    def _dose(self, file: EffectFile, panel: Panel, windows: tuple[range, range], treated: np.ndarray, seen: np.ndarray) -> float:
        """What the treated had more than the others from one window to the other, in trainings like the file's as much of it was left then."""
        own, every, _ = self._of_file(file)
        before, after = windows
        gained = exposure(every, panel, after) - exposure(every, panel, before)
        came = self._mask(file.people) & seen
        left = float(exposure(own, panel, after)[came].mean()) if came.any() else 0.0
        return _apart(gained, treated, seen) / left if left > 0 else float("nan")

    def _of_file(self, file: EffectFile) -> tuple[Floats, Floats, Floats]:
        """Own, all and later trainings; all outcomes of a file are measured in a row."""
        if self._kept is None or self._kept[0] is not file:
            self._kept = file, (self._doses.own(file), self._doses.all(), self._doses.later(file))
        return self._kept[1]

    def _mask(self, agents: tuple[str, ...]) -> np.ndarray:
        mask = np.zeros(len(self.counts.agents), bool)
        mask[[self.counts.place[agent] for agent in agents if agent in self.counts.place]] = True
        return mask

    def _learning(self, windows: Windows) -> Floats:
        """How much further everybody is on the learning curve after than before, by the logarithm of the time served."""
        early, late = ((window.start + window.stop) / 2 for window in (windows.base, windows.after))
        served = [np.log1p(np.maximum(week - self._hired, 0.0) * 7 / MONTH_DAYS) for week in (early, late)]
        return np.asarray(np.nan_to_num(served[1] - served[0], nan=0.0))


def _apart(gained: Floats, treated: np.ndarray, seen: np.ndarray) -> float:
    arms = [gained[seen & arm] for arm in (treated, ~treated)]
    return float(arms[0].mean() - arms[1].mean()) if all(len(arm) for arm in arms) else float("nan")


def hired_weeks(facts: Facts) -> dict[str, float]:
    """Agent to the week in which they were hired, where that is known."""
    if not facts.has("agents"):
        return {}
    agents = facts.table("agents")
    known = facts.collect(agents.filter(agents.hired_on.notnull()).group_by("agent_id").aggregate(day=agents.hired_on.min()))
    return {
        agent: (clock.day_number(day) + 3) / 7
        for agent, day in zip(*(known[name].to_pylist() for name in ("agent_id", "day")), strict=True)
    }
