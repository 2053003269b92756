"""A small centre of which it is known who is strong at what, and when that is dense: parcels in the morning, savings in the afternoon."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from coachline.engine.roster.plan.settings import RosterSettings

PEOPLE = tuple(f"a{n}" for n in range(10))
PARCELS, SAVINGS = "包裹/查询", "储蓄/挂失"
STRONG, WEAK = 0.95, 0.6
FIRST = date(2026, 3, 2)
"""A Monday; the facts lie before it."""
DAYS = 28
ZONE = ZoneInfo("Asia/Shanghai")
EARLY, LATE = (8.0, 16.0, 12.0), (12.0, 20.0, 16.0)
"""Start, end, and the start of a break of half an hour."""
HANDLE_S = 600.0


def skill(person: int, business: str) -> float:
    """The first half of the people are strong at parcels, the others at savings."""
    return STRONG if (person < len(PEOPLE) // 2) == (business == PARCELS) else WEAK


def moment(day: date, hour: float) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=ZONE) + timedelta(hours=hour)


def calls(seed: int = 1, people: tuple[str, ...] = PEOPLE, outcome: str = "resolved") -> pa.Table:
    """28 days of 72 calls, parcels mostly before noon."""
    draw = np.random.default_rng(seed)
    size = DAYS * 72
    business = draw.random(size) < 0.5
    hour = np.where(business, draw.choice([10.0, 14.0], size, p=[0.8, 0.2]), draw.choice([10.0, 14.0], size, p=[0.2, 0.8])) + draw.uniform(
        -2, 2, size
    )
    day = np.arange(size) // 72
    who = draw.integers(len(people), size=size)
    gone = draw.random(size) < 0.04
    names = [PARCELS if parcel else SAVINGS for parcel in business]
    resolved = draw.random(size) < [skill(int(w), name) for w, name in zip(who, names, strict=True)]
    starts = [moment(FIRST - timedelta(days=DAYS - int(d)), float(h)) for d, h in zip(day, hour, strict=True)]
    return pa.table(
        {
            "call_id": [f"c{n}" for n in range(size)],
            "arrived_at": pa.array(starts, pa.timestamp("us", "UTC")),
            "outcome": ["abandoned" if g else "answered" for g in gone],
            "agent_id": [None if g else people[w] for g, w in zip(gone, who, strict=True)],
            "business": names,
            "wait_s": np.where(gone, 60.0, 5.0),
            "talk_s": np.where(gone, np.nan, HANDLE_S),
            outcome: pa.array([None if g else bool(r) for g, r in zip(gone, resolved, strict=True)]),
        }
    )


def worked(who: str, day: date, kind: tuple[float, float, float] = EARLY) -> list[dict[str, Any]]:
    """A shift: work, break, work."""
    start, end, pause = kind
    spans = ((start, pause, "work"), (pause, pause + 0.5, "break"), (pause + 0.5, end, "work"))
    return [{"agent_id": who, "starts_at": moment(day, a), "ends_at": moment(day, b), "activity": activity} for a, b, activity in spans]


def shifts(people: Iterable[str] = PEOPLE, days: int = DAYS, until: date = FIRST) -> list[dict[str, Any]]:
    """Early and late by turns of a week, Monday to Friday and every other Saturday."""
    rows = []
    for number, who in enumerate(people):
        for back in range(days, 0, -1):
            day = until - timedelta(days=back)
            week = day.toordinal() // 7
            if day.weekday() < 5 or (day.weekday() == 5 and (week + number) % 2):
                rows += worked(who, day, (EARLY, LATE)[(week + number) % 2])
    return rows


def centre(**tables: Any) -> dict[str, Any]:
    """Fact tables; those given stand beside, or instead."""
    staff = [{"agent_id": who, "team": "t", "hired_on": date(2020, 1, 1)} for who in PEOPLE]
    return {"calls": calls(), "shifts": shifts(), "agents": staff, **tables}


SICK = RosterSettings(
    weeks=2, replan_from=FIRST + timedelta(3), absent="a7：2，a8", shift_kinds={"早": "08:00-16:00 休息 12:00-12:30", "晚": "12:00-20:00"}
)
"""A re-plan after two sick calls, with kinds of shifts that are given."""


def eventful_tables() -> dict[str, Any]:
    """People come and go, learn, are away, wish; a part of the roster ahead is known, and two stretches overlap."""
    rows = shifts(people=PEOPLE[:6], until=FIRST - timedelta(3)) + shifts(people=PEOPLE[6:])
    # The weekend before the first day: a0 works both days, a1 on Saturday night.
    rows += [*worked("a0", FIRST - timedelta(2)), *worked("a0", FIRST - timedelta(1), LATE)]

    def stretch(who: str, activity: str, day: int, begins: float, ends: float) -> dict[str, Any]:
        first = FIRST + timedelta(day)
        return {"agent_id": who, "starts_at": moment(first, begins), "ends_at": moment(first, ends), "activity": activity}

    rows += [
        stretch("a1", "work", -2, 22, 32),
        stretch("a2", "work", -6, 9, 18),
        stretch("a3", "leave", 4, 8, 16),
        stretch("a4", "training", 5, 9, 11),
        stretch("a5", "training", 5, 19, 21),
        stretch("a6", "work", 0, 3, 7),
    ]
    rows += [row for who in PEOPLE[:6] + PEOPLE[7:] for day in range(4) for row in worked(who, FIRST + timedelta(day))]

    def mentored(days: int, method: str) -> dict[str, Any]:
        when = moment(FIRST - timedelta(days), 9)
        return {
            "training_id": f"{days}{method}",
            "agent_id": "a1",
            "trainer_id": "a0",
            "method": method,
            "started_at": when,
            "business": PARCELS,
        }

    staff = [
        *({"agent_id": who, "tags": {"持证": "储蓄" if n < 3 else "全部"}} for n, who in enumerate(PEOPLE[:7])),
        {"agent_id": "a7", "hired_on": FIRST + timedelta(2), "tags": {"licences": PARCELS}},
        {"agent_id": "a8", "left_on": FIRST + timedelta(9)},
        {"agent_id": "a9", "left_on": FIRST},
    ]
    wishes = [
        {"agent_id": "a0", "date": FIRST, "wish": "休息", "strength": 3.0},
        {"agent_id": "a1", "date": FIRST, "wish": "晚"},
        {"agent_id": "a2", "date": FIRST, "wish": "早班"},
        {"agent_id": "a3", "date": FIRST, "wish": "上班"},
        {"agent_id": "a4", "date": FIRST, "wish": "月亮"},
        {"agent_id": "nobody", "date": FIRST, "wish": "休息"},
        {"agent_id": "a5", "date": FIRST - timedelta(1), "wish": "休息"},
    ]
    trainings = [mentored(10, "mentor"), mentored(20, "mentor"), mentored(100, "mentor"), mentored(5, "class") | {"agent_id": "a3"}]
    return centre(shifts=rows, agents=staff, wishes=wishes, trainings=trainings)
