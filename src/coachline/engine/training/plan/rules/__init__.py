"""The rules of a plan, each a function with a code.

A filter narrows what a session could do by its own start alone: who could come, who could teach, when it could begin. A constraint speaks of
sessions together. A rule may have both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from coachline.engine.training.plan.draft import Draft
from coachline.engine.training.plan.request import Bools, Request
from coachline.engine.training.plan.rules import floor, money, people, rooms, trainers

Filter = Callable[[Request, int, Bools, Bools, Bools], None]
"""Narrows in place: session number, (members, slots) who could come, (trainers, slots) who could teach, (slots,) when it could begin."""
Constraint = Callable[[Draft], None]

FILTERS: Mapping[str, Filter] = MappingProxyType(
    {
        "trainer_licensed": trainers.trainer_licensed,
        "working_hours": floor.working_hours,
        "on_shift": people.on_shift,
        "trainer_at_work": trainers.trainer_at_work,
        "enough_present": people.enough_could_come,
        "valley": floor.few_enough_for_the_load,
        "room_seats": rooms.fits_a_room,
    }
)
CONSTRAINTS: Mapping[str, Constraint] = MappingProxyType(
    {
        "trainer_free": trainers.trainer_free,
        "trainer_not_taught": trainers.trainer_not_taught,
        "room_free": rooms.room_free,
        "room_seats": rooms.room_seats,
        "person_free": people.person_free,
        "cool_down": people.cool_down,
        "enough_present": people.enough_present,
        "hours_cap": people.hours_cap,
        "valley": floor.valley,
        "budget": money.budget,
    }
)
RULES: tuple[str, ...] = tuple(dict.fromkeys((*FILTERS, *CONSTRAINTS)))
"""Codes, worded as ``plan_rule.<code>``."""
