"""One person's part of a problem: whether any roster keeps the rules, and the fewest days on which one must be broken."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.request import Bools
from coachline.engine.roster.rules.draft import Draft
from coachline.engine.roster.solver.pricing import Pricing
from coachline.engine.roster.solver.problem import Cover, Problem


def alone(draft: Draft, person: int, unwanted: Bools | None = None, unwanted_off: Bools | None = None) -> Problem:
    """The problem of one person by themselves, in which calls do not count.

    Parameters
    ----------
    draft : Draft
    person : int
    unwanted : (days, shifts) bool array, optional
        Shifts that cost 1 each; all others nothing.
    unwanted_off : (days,) bool array, optional
        Days off that cost 1 each.
    """
    only = slice(person, person + 1)
    request = draft.request
    days, shifts = request.days, len(request.shifts)
    counted = np.array([mask for mask, _ in draft.counts.values()], np.bool_).reshape(-1, days, shifts)
    most = np.array([most[person] for _, most in draft.counts.values()], np.int64).reshape(1, -1)
    nothing = np.zeros((days, 1))
    cover = Cover(
        part_shift=np.arange(shifts, dtype=np.int64),
        part_slots=np.ones((shifts, 1)),
        slots_a_day=1,
        may=np.ones((1, 1), np.bool_),
        skill=np.zeros((1, 1)),
        worth=nothing,
        steps=nothing[:, :, None],
        widths=np.full((days, 1, 1), 1e9),
    )
    return Problem(
        minutes=request.minutes,
        follows=draft.follows,
        weekend=request.weekend,
        period=request.month,
        allowed=draft.allowed[only],
        may_be_off=draft.may_be_off[only],
        least_minutes=draft.least_minutes[only],
        most_minutes=draft.most_minutes[only],
        longest_run=draft.longest_run[only],
        shortest_run=draft.shortest_run[only],
        shortest_rest=draft.shortest_rest[only],
        night=request.nights,
        longest_nights=draft.longest_nights[only],
        most_weekends=draft.most_weekends[only],
        counted=counted,
        most=most,
        run_before=request.run_before[only],
        shift_before=request.shift_before[only],
        night_run_before=request.night_run_before[only],
        cost=(np.zeros((days, shifts)) if unwanted is None else unwanted.astype(float))[None],
        off_cost=(np.zeros(days) if unwanted_off is None else unwanted_off.astype(float))[None],
        cover=cover,
    )


def fewest(draft: Draft, person: int, unwanted: Bools | None = None, unwanted_off: Bools | None = None) -> float:
    """Unwanted days in the roster that has fewest of them; infinite where the rules leave no roster."""
    problem = alone(draft, person, unwanted, unwanted_off)
    [(cost, _)] = Pricing(problem).cheapest(problem.cover.worth, [0])
    return float(cost)


def possible(draft: Draft, person: int) -> bool:
    """Whether the rules in `draft` leave somebody a roster."""
    return bool(np.isfinite(fewest(draft, person)))
