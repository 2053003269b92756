"""What a roster is expected to resolve, with the doubt about people's skill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.plan.breaks import DAY_STEPS, ON_BREAK, STEP, STEPS_A_SLOT, Placed
from coachline.engine.roster.plan.objective import answered
from coachline.engine.roster.plan.request import Floats, Request
from coachline.engine.stats.intervals import HALF


@dataclass(frozen=True)
class Worth:
    """Calls that a roster answers and resolves.

    Attributes
    ----------
    heads : (slots, posts) float array
    answered : float
        Calls of the horizon that are expected to be answered.
    taken : (people, posts) float array
        Of these, how many each person takes.
    """

    heads: Floats
    answered: float
    taken: Floats


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval, of 90 %."""

    value: float
    low: float
    high: float


def worth_of_placed(request: Request, placed: Sequence[Placed], heads: Floats) -> Worth:
    """Of shifts with their breaks; those at a post share its calls alike."""
    rate, total = _rates(request, heads)
    steps = np.repeat(rate.T, STEPS_A_SLOT, axis=1) / STEPS_A_SLOT
    summed = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
    last = summed.shape[1] - 1
    taken = np.zeros((len(request.people), len(request.posts)))
    for shift in placed:
        for each in shift.stretches(request):
            if each.post != ON_BREAK:
                ends = [min(shift.day * DAY_STEPS + minute // STEP, last) for minute in (each.start, each.end)]
                taken[shift.person, each.post] += summed[each.post, ends[1]] - summed[each.post, ends[0]]
    return Worth(heads, total, taken)


def _rates(request: Request, heads: Floats) -> tuple[Floats, float]:
    """(slots, posts) calls that one head takes in a half-hour, and the calls answered."""
    calls = request.calls * np.where(heads > 0, answered(request, np.maximum(heads, 1e-3)), 0.0)
    return np.divide(calls, heads, out=np.zeros_like(calls), where=heads > 0), float(calls.sum())


def resolved(request: Request, worth: Worth, against: Worth | None = None) -> Estimate:
    """Calls resolved, or how many more than `against`.

    The doubts about one person's posts are taken as one and the same, those about different people as independent; the forecast is taken as it is.
    """
    taken = worth.taken if against is None else worth.taken - against.taken
    value = float((taken * request.skill).sum())
    spread = float(np.sqrt(((taken * request.skill_sd).sum(axis=1) ** 2).sum()))
    return Estimate(value, value - HALF * spread, value + HALF * spread)
