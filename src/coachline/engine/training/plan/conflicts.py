"""Why not everything that is demanded can be had: a smallest set of rules that exclude each other, and what it takes to loosen each.

Rules are taken away one after the other as long as what is left is still impossible (deletion filter): of the rest none can be spared.

Source: Chinneck and Dravnieks (1991), "Locating minimal infeasible constraint sets in linear programs", *ORSA Journal on Computing* 3, 157-168.
"""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass

from coachline.engine.training.plan.draft import chances
from coachline.engine.training.plan.loosening import LOOSENINGS
from coachline.engine.training.plan.request import Request
from coachline.engine.training.plan.rules import RULES
from coachline.engine.training.plan.solving import exact

SPARED_FIRST = (
    "trainer_not_taught", "person_free", "trainer_at_work", "on_shift", "hours_cap", "enough_present", "working_hours", "trainer_licensed",
    "trainer_free", "room_seats", "cool_down", "room_free", "valley", "budget",
)  # fmt: skip
"""The order in which rules are tried without: those that nobody can change first, so that rather the others are named."""

assert set(SPARED_FIRST) == set(RULES)


@dataclass(frozen=True)
class Loosened:
    """A rule in conflict.

    Attributes
    ----------
    rule : str
    by : float or None
        Units by which it must be loosened so that all that is demanded can be had; None where that alone does not help, or was not found in time.
    unit : str or None
    effort : float or None
    """

    rule: str
    by: float | None
    unit: str | None
    effort: float | None


@dataclass(frozen=True)
class Conflict:
    """Rules that exclude each other.

    Attributes
    ----------
    rules : tuple of Loosened
        The cheapest to loosen first.
    proven : bool
        Whether each of them was shown to be needed for the conflict; else time ran out.
    """

    rules: tuple[Loosened, ...]
    proven: bool


class Clock:
    """Time that is left for questions to the solver."""

    def __init__(self, until: float) -> None:
        self.until = until

    def share(self) -> float:
        """The moment by which the next question must be answered."""
        return time.monotonic() + max((self.until - time.monotonic()) / 4.0, 0.2)

    @property
    def over(self) -> bool:
        return time.monotonic() > self.until


def possible(request: Request, rules: Collection[str], clock: Clock, seed: int) -> bool | None:
    """Whether all that is demanded can be had under `rules`; None where time ran out."""
    open_ = chances(request, rules)
    firsts: dict[str, int] = {}
    for number, session in enumerate(request.sessions):
        firsts.setdefault(session.group, number)
    if not open_.starts[list(firsts.values())].any(axis=1).all():
        return False
    return exact(request, open_, rules, until=clock.share(), seed=seed, only_possible=True).possible


def conflict(request: Request, *, until: float, seed: int) -> Conflict:
    """A smallest set of rules that cannot all be kept; `request` must be impossible.

    Parameters
    ----------
    request : Request
    until : float
        Moment of the monotonic clock by which to answer.
    seed : int
    """
    clock = Clock(until)
    kept, proven = _smallest(request, clock, seed)
    found = [_loosened(request, rule, clock, seed) for rule in kept]
    found.sort(key=lambda each: (each.effort is None, each.effort or 0.0, each.rule))
    return Conflict(tuple(found), proven)


def _smallest(request: Request, clock: Clock, seed: int) -> tuple[list[str], bool]:
    # One rule that is impossible by itself is the smallest set there can be, and often the answer.
    for rule in reversed(SPARED_FIRST):
        if not clock.over and possible(request, {rule}, clock, seed) is False:
            return [rule], True
    kept, proven = list(SPARED_FIRST), True
    for rule in SPARED_FIRST:
        if clock.over:
            return kept, False
        without = possible(request, set(kept) - {rule}, clock, seed)
        if without is False:
            kept.remove(rule)
        elif without is None:
            proven = False
    return kept, proven


def _loosened(request: Request, rule: str, clock: Clock, seed: int) -> Loosened:
    """The fewest steps by which loosening `rule` alone makes everything possible."""
    way = LOOSENINGS.get(rule)
    if way is None:
        return Loosened(rule, None, None, None)

    def enough(steps: int) -> bool:
        return not clock.over and possible(way.apply(request, steps), RULES, clock, seed) is True

    high = 1
    while not enough(high):
        if high >= way.most or clock.over:
            return Loosened(rule, None, way.unit, None)
        high = min(high * 4, way.most)
    low = high // 4
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return Loosened(rule, high * way.size, way.unit, high * way.effort)
