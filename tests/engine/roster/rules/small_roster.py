"""A centre small enough to count by hand: early, late and night shifts of eight hours, two posts, and limits that forbid nothing unless asked to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from coachline.engine.roster.plan.request import SLOTS_A_DAY, UNKNOWN, Break, Limits, Request, ShiftKind, weekends

EARLY, LATE, NIGHT, DAWN = range(4)
KINDS = (
    ShiftKind.of("E", 8 * 60, 16 * 60),
    ShiftKind.of("L", 14 * 60, 22 * 60),
    ShiftKind.of("N", 22 * 60, 30 * 60),
    # Begins while a night is still on.
    ShiftKind.of("D", 5 * 60, 11 * 60),
)
MEAL = ShiftKind.of("M", 9 * 60, 18 * 60, (Break(60, 11 * 60, 13 * 60),))
POSTS = ("包裹", "国际")
MONDAY = date(2026, 3, 2)

FORBID_NOTHING = Limits(
    cap_h=999.0, later_share=0.0, least_h=0.0, rest_h=0.0, after_night_h=0.0, longest_nights=31, longest_run=99, shortest_run=1, shortest_rest=1, most_nights=99, most_weekends=99,
    most_in_quarter=99.0, most_busy=99.0, most_on_break=1.0, least_heads=0, must_price=0.0, wish_price=1.0, stability_price=0.0,
    night_price=0.0, weekend_price=0.0, pair_price=0.0,
)  # fmt: skip


def small(
    people: int = 1,
    days: int = 7,
    kinds: tuple[ShiftKind, ...] = KINDS,
    first: date = MONDAY,
    limits: Mapping[str, Any] | None = None,
    **given: Any,
) -> Request:
    """Nobody calls; everybody may do everything and would rather be off; nothing is known of the time before."""
    slots, shifts, posts = days * SLOTS_A_DAY, len(kinds), len(POSTS)
    month = np.array([(date.fromordinal(first.toordinal() + day).month - first.month) % 12 for day in range(days)], np.int64)
    request = Request(
        first=first,
        days=days,
        zone=ZoneInfo("Asia/Shanghai"),
        people=tuple(f"a{n}" for n in range(people)),
        posts=POSTS,
        shifts=kinds,
        skill=np.full((people, posts), 0.8),
        skill_sd=np.full((people, posts), 0.05),
        licensed=np.ones((people, posts), np.bool_),
        calls=np.zeros((slots, posts)),
        need=np.zeros((slots, posts)),
        handle_s=np.full((slots, posts), 300.0),
        patience_s=np.full(posts, 60.0),
        leave=np.zeros((people, days), np.bool_),
        training_minutes=np.zeros((people, days), np.int64),
        possible=np.ones((people, days, shifts), np.bool_),
        month=month,
        month_days=np.full(month.max() + 1, 31, np.int64),
        counted_minutes=np.zeros((people, month.max() + 1), np.int64),
        weekend=weekends(first, days),
        wish_shift=np.zeros((people, days, shifts)),
        wish_off=np.full((people, days), 0.01),
        last_roster=np.full((people, days), UNKNOWN, np.int64),
        fixed=np.zeros((people, days), np.bool_),
        run_before=np.zeros(people, np.int64),
        shift_before=np.full(people, -1, np.int64),
        night_run_before=np.zeros(people, np.int64),
        nights_before=np.zeros(people, np.int64),
        weekends_before=np.zeros(people, np.int64),
        pairs=(),
        limits=replace(FORBID_NOTHING, **(limits or {})),
    )
    return replace(request, **given)


def calling(request: Request, *wanted: tuple[int, int], heads: float = 1.0, post: int = 0) -> Request:
    """The same, with calls for so many heads during the given shifts, as (day, kind)."""
    calls, need = request.calls.copy(), request.need.copy()
    for day, kind in wanted:
        for start, end in request.shifts[kind].parts:
            span = slice(day * SLOTS_A_DAY + start // 30, day * SLOTS_A_DAY + end // 30)
            calls[span, post], need[span, post] = 5.0 * heads, heads
    return replace(request, calls=calls, need=need)


def table(
    request: Request, roster: Mapping[int, Mapping[int, int]], posts: Mapping[tuple[int, int], int] | None = None
) -> list[dict[str, Any]]:
    """Rows of the main table: kind of shift by person and day, breaks in the middle of their windows; post 0 unless given by (person, day)."""
    rows = []
    for person, own in roster.items():
        for day, number in own.items():
            kind = request.shifts[number]
            business = request.posts[(posts or {}).get((person, day), 0)]
            for n, (start, end) in enumerate(kind.parts):
                rows.append(row(request, person, day, start, end, "work", business))
                if n + 1 < len(kind.parts):
                    rows.append(row(request, person, day, end, kind.parts[n + 1][0], "break", None))
    return rows


def row(request: Request, person: int, day: int, start: int, end: int, activity: str, business: str | None) -> dict[str, Any]:
    return {
        "agent_id": request.people[person],
        "date": request.day(day),
        "starts_at": request.instant(day, start),
        "ends_at": request.instant(day, end),
        "activity": activity,
        "business": business,
    }
