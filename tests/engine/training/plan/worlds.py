"""Made centres for plans: groups, people on rotating shifts, a load with a morning peak, trainers and rooms."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from coachline.engine.training.plan.request import HALVES_A_DAY, Limits, Request, Room, Session

SHIFTS = ((8.0, 16.0, 11.0), (9.0, 17.5, 12.0), (13.5, 22.0, 17.0))
"""Start, end, start of a break of an hour."""


def world(
    seed: int = 1,
    *,
    agents: int = 300,
    sessions: int = 40,
    weeks: int = 4,
    size: int = 10,
    trainers: int = 12,
    rooms: int = 3,
    limits: Limits | None = None,
) -> Request:
    """A centre drawn at random."""
    draw = np.random.default_rng(seed)
    slots = weeks * 7 * HALVES_A_DAY
    at_work = np.zeros((agents, slots), np.bool_)
    here = np.zeros_like(at_work)
    for week in range(weeks):
        for agent in range(agents):
            begins, ends, pause = SHIFTS[draw.integers(len(SHIFTS))]
            off = draw.choice(7, 2, replace=False, p=np.array([0.5, 0.7, 0.7, 0.7, 0.8, 1.7, 2.1]) / 7.2)
            for day in set(range(7)) - set(off.tolist()):
                midnight = (week * 7 + day) * HALVES_A_DAY
                here[agent, midnight + round(2 * begins) : midnight + round(2 * ends)] = True
                at_work[agent, midnight + round(2 * begins) : midnight + round(2 * ends)] = True
                at_work[agent, midnight + round(2 * pause) : midnight + round(2 * pause) + 2] = False
    hour = np.arange(slots) % HALVES_A_DAY / 2
    load = agents * (
        0.9 * np.exp(-(((hour - 10) / 2) ** 2)) + 0.7 * np.exp(-(((hour - 15.5) / 2) ** 2)) + 0.15 * ((hour >= 7) & (hour < 22))
    )
    load *= np.array([1.2, 1.05, 1.0, 1.0, 0.95, 0.7, 0.6])[np.arange(slots) // HALVES_A_DAY % 7] * draw.uniform(0.95, 1.05, slots)
    businesses = [f"b{n:02d}" for n in range(max(4, sessions // 3))]
    teaching = tuple(int(n) for n in draw.choice(agents, trainers, replace=False))
    asked = []
    licensed = np.zeros((trainers, sessions), np.bool_)
    may = draw.random((trainers, len(businesses))) < 0.3
    may[draw.integers(trainers, size=len(businesses)), np.arange(len(businesses))] = True
    for n in range(sessions):
        business = draw.integers(len(businesses))
        members = np.setdiff1d(draw.choice(agents, size + draw.integers(-3, 4) if size > 4 else size, replace=False), teaching)
        halves = int(draw.choice([2, 3, 4, 4]))
        gains = np.sort(draw.gamma(2.0, 1.5, len(members)))[::-1]
        method = "recording" if halves == 3 else "class"
        licensed[:, n] = may[:, business]
        asked.append(
            Session(
                f"G{n:02d}", f"G{n:02d}", businesses[business], (businesses[business],), method, halves / 2, halves,
                tuple(members.tolist()), tuple(gains.tolist()), -(-len(members) // 2), True,
            )
        )  # fmt: skip
    return Request(
        first=date(2026, 3, 2),
        zone=ZoneInfo("Asia/Shanghai"),
        sessions=tuple(asked),
        people=tuple(f"a{n:03d}" for n in range(agents)),
        at_work=at_work,
        here=here,
        hours_left=np.full((agents, 2), 10.0),
        month=(np.arange(slots) // HALVES_A_DAY >= 30).astype(np.int64),
        trainers=teaching,
        licensed=licensed,
        on_floor=np.ones(trainers, np.bool_),
        rooms=tuple(Room(f"R{n}", 8 + 4 * n) for n in range(rooms)),
        floor=at_work.sum(axis=0).astype(float),
        load=load,
        limits=limits or Limits(),
    )
