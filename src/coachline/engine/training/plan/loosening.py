"""By how much each rule can be loosened, in steps, and what a step takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from coachline.engine.training.plan.request import HALVES_A_DAY, Limits, Request, Room


@dataclass(frozen=True)
class Loosening:
    """One way to loosen a rule.

    Attributes
    ----------
    unit : str
        Code of what a step is counted in, worded as ``plan_unit.<code>``.
    size : float
        Units of a step.
    effort : float
        Of a step, in the trouble that a half-hour of other opening times is: how rules are compared, and no more than an opinion.
    most : int
        Steps.
    apply : callable
        Gives the request loosened by some steps.
    """

    unit: str
    size: float
    effort: float
    most: int
    apply: Callable[[Request, int], Request]


def _limits(change: Callable[[Limits, int], Limits]) -> Callable[[Request, int], Request]:
    return lambda request, steps: replace(request, limits=change(request.limits, steps))


def _more_trainers(request: Request, steps: int) -> Request:
    """Guests who may teach everything, are there from Monday to Friday in opening hours, and take no calls."""
    slot = np.arange(request.slots)
    hour, weekday = slot % HALVES_A_DAY / 2.0, (request.first.weekday() + slot // HALVES_A_DAY) % 7
    there = np.tile((weekday < 5) & (hour >= request.limits.opens) & (hour < request.limits.closes), (steps, 1))
    known = len(request.people)
    return replace(
        request,
        people=(*request.people, *(f"+{n}" for n in range(1, steps + 1))),
        at_work=np.vstack([request.at_work, there]),
        here=np.vstack([request.here, there]),
        hours_left=np.vstack([request.hours_left, np.full((steps, request.hours_left.shape[1]), np.nan)]),
        trainers=(*request.trainers, *range(known, known + steps)),
        licensed=np.vstack([request.licensed, np.ones((steps, len(request.sessions)), np.bool_)]),
        on_floor=np.concatenate([request.on_floor, np.zeros(steps, np.bool_)]),
    )


def _more_rooms(request: Request, steps: int) -> Request:
    seats = max([room.seats for room in request.rooms] + [len(session.members) for session in request.sessions])
    return replace(request, rooms=(*request.rooms, *(Room(f"+{n}", seats) for n in range(1, steps + 1))))


def _more_seats(request: Request, steps: int) -> Request:
    return replace(request, rooms=tuple(Room(room.name, room.seats + steps) for room in request.rooms))


def _fewer_present(request: Request, steps: int) -> Request:
    return replace(request, sessions=tuple(replace(session, least=max(session.least - steps, 1)) for session in request.sessions))


def _more_hours(request: Request, steps: int) -> Request:
    return replace(
        request, hours_left=request.hours_left + steps, limits=replace(request.limits, hours_cap=request.limits.hours_cap + steps)
    )


def _longer_days(limits: Limits, steps: int) -> Limits:
    return replace(limits, opens=max(limits.opens - 0.5 * steps, 0.0), closes=min(limits.closes + 0.5 * steps, 24.0))


def _more_budget(limits: Limits, steps: int) -> Limits:
    """Person-hours, and the money for them with half a trainer's hour each."""
    money = steps * (limits.cost_per_hour + 0.5 * limits.trainer_cost_per_hour)
    return replace(
        limits,
        budget_hours=None if limits.budget_hours is None else limits.budget_hours + steps,
        budget_money=None if limits.budget_money is None else limits.budget_money + money,
    )


_TRAINERS = Loosening("trainers", 1.0, 16.0, 16, _more_trainers)

LOOSENINGS: Mapping[str, Loosening] = MappingProxyType(
    {
        "working_hours": Loosening("hours_a_day", 0.5, 1.0, 16, _limits(_longer_days)),
        "on_shift": Loosening(
            "hours_beyond_shift", 0.5, 2.0, 16, _limits(lambda limits, steps: replace(limits, beyond_shift=limits.beyond_shift + steps))
        ),
        "trainer_licensed": _TRAINERS,
        "trainer_at_work": _TRAINERS,
        "trainer_free": _TRAINERS,
        "trainer_not_taught": _TRAINERS,
        "room_free": Loosening("rooms", 1.0, 8.0, 16, _more_rooms),
        "room_seats": Loosening("seats", 1.0, 0.5, 256, _more_seats),
        "cool_down": Loosening(
            "days",
            0.5,
            1.0,
            180,
            _limits(lambda limits, steps: replace(limits, cool_down_days=max(limits.cool_down_days - 0.5 * steps, 0.0))),
        ),
        "enough_present": Loosening("people_fewer", 1.0, 1.0, 64, _fewer_present),
        "hours_cap": Loosening("hours_a_month", 1.0, 2.0, 64, _more_hours),
        "valley": Loosening(
            "points", 0.01, 0.5, 100, _limits(lambda limits, steps: replace(limits, most_away=min(limits.most_away + 0.01 * steps, 1.0)))
        ),
        "budget": Loosening("person_hours", 1.0, 0.5, 1 << 16, _limits(_more_budget)),
    }
)
"""A person can be in one place only: that rule has no loosening."""
