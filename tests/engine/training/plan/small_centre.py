"""A centre small enough to count by hand: four people at work from 8 to 12 and 13 to 17 on five days, one trainer, one room."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from coachline.engine.training.plan.plan import places
from coachline.engine.training.plan.request import HALVES_A_DAY, Limits, Request, Room, Session
from coachline.engine.training.plan.solution import Held, Plan

DAYS, STAFF = 5, 20
PEOPLE = ("a1", "a2", "a3", "a4", "t1", "t2")


def session(
    code: str, members: tuple[int, ...] = (0, 1), hours: float = 1.0, least: int = 1, gain: float = 5.0, group: str | None = None
) -> Session:
    gains = tuple(gain - n / 10 for n in range(len(members)))
    return Session(code, group or code, "包裹/查询", ("包裹/查询",), "class", hours, round(2 * hours), members, gains, least, True)


def small(*sessions: Session, rooms: tuple[Room, ...] = (Room("R", 10),), trainers: tuple[int, ...] = (4,), **limits: Any) -> Request:
    """Twenty people on the floor; calls fall on them evenly, but for a peak at ten."""
    slots = DAYS * HALVES_A_DAY
    hour = np.arange(slots) % HALVES_A_DAY / 2
    shift = (hour >= 8) & (hour < 17)
    lunch = (hour >= 12) & (hour < 13)
    here = np.tile(shift, (len(PEOPLE), 1))
    return Request(
        first=date(2026, 3, 2),
        zone=ZoneInfo("Asia/Shanghai"),
        sessions=sessions,
        people=PEOPLE,
        at_work=here & ~lunch,
        here=here,
        hours_left=np.full((len(PEOPLE), 1), 2.0),
        month=np.zeros(slots, np.int64),
        trainers=trainers,
        licensed=np.ones((len(trainers), len(sessions)), np.bool_),
        on_floor=np.ones(len(trainers), np.bool_),
        rooms=rooms,
        floor=np.where(shift & ~lunch, STAFF, 0.0),
        load=np.where(shift & ~lunch, 20.0, 0.0) * np.where((hour >= 10) & (hour < 11), 2.0, 1.0),
        limits=replace(Limits(most_away=0.5, cool_down_days=0.0, load_price=0.01), **limits),
    )


def at(day: int, hour: float) -> int:
    return day * HALVES_A_DAY + round(2 * hour)


def held(number: int, start: int, members: tuple[int, ...] = (0, 1), trainer: int = 0, room: int | None = 0) -> Held:
    return Held(number, start, trainer, room, members)


def rows(request: Request, plan: Plan) -> list[dict[str, Any]]:
    return places(request, plan).to_dicts()
