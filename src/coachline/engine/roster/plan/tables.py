"""A roster as tables that people read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.roster.plan.breaks import ON_BREAK, Placed
from coachline.engine.roster.plan.objective import answered, usual_skill
from coachline.engine.roster.plan.past_shifts import PastShifts
from coachline.engine.roster.plan.request import OFF, SLOTS_A_DAY, UNKNOWN, Floats, Ints, Request
from coachline.engine.roster.rules.burden import busy_shifts
from coachline.engine.roster.rules.check import Broken

ROSTER: dict[str, pl.DataType] = {
    "agent_id": pl.String(), "date": pl.Date(), "starts_at": pl.Datetime("us", "UTC"), "ends_at": pl.Datetime("us", "UTC"), "activity": pl.String(),
    "business": pl.String(), "reason": pl.String(), "shift": pl.String(),
}  # fmt: skip
"""One row per stretch of work at one business, break, fixed training and day of leave, in order of person and time; ``date`` is the day on which the shift
begins."""

COVER: dict[str, pl.DataType] = {
    "starts_at": pl.Datetime("us", "UTC"), "business": pl.String(), "calls": pl.Float64(), "need": pl.Float64(), "heads": pl.Float64(),
    "answered_share": pl.Float64(),
}  # fmt: skip
"""Half-hours with calls or heads; people at the post in the mean over the half-hour."""

PEOPLE: dict[str, pl.DataType] = {
    "agent_id": pl.String(), "shifts": pl.Int64(), "hours": pl.Float64(), "month_hours": pl.Float64(), "nights": pl.Int64(), "weekends": pl.Int64(),
    "busy_shifts": pl.Int64(), "wishes": pl.Int64(), "wishes_kept": pl.Int64(), "skill": pl.Float64(),
}  # fmt: skip
"""``month_hours``: the highest of any calendar month, with what was worked in it before and with training; ``skill``: resolved share of the calls taken."""

CHANGES: dict[str, pl.DataType] = {"agent_id": pl.String(), "date": pl.Date(), "was": pl.String(), "becomes": pl.String()}
"""Days that differ from the last roster; null where off."""

UNMET: dict[str, pl.DataType] = {"roster_rule": pl.String(), "agent_id": pl.String(), "business": pl.String(), "date": pl.Date()}
"""Where a rule that has its price gave way, by whom or at which post."""

DENSE = 0.6
"""Quantile of calls per head from which on a stretch counts as dense."""


def work_rows(request: Request, placed: Sequence[Placed]) -> list[dict[str, Any]]:
    """Work and breaks of every shift, before trainings are cut in."""
    reasons = _Reasons(request, placed)
    rows = []
    for shift in placed:
        kind, day = request.shifts[shift.kind].code, request.day(shift.day)
        for each in shift.stretches(request):
            at_work = each.post != ON_BREAK
            rows.append(
                {
                    "agent_id": request.people[shift.person],
                    "date": day,
                    "starts_at": request.instant(shift.day, each.start),
                    "ends_at": request.instant(shift.day, each.end),
                    "activity": "work" if at_work else "break",
                    "business": request.posts[each.post] if at_work else None,
                    "reason": reasons.of(shift, each.start, each.end, each.post) if at_work else "least_missed",
                    "shift": kind,
                }
            )
    return rows


class _Reasons:
    """Why somebody works there then: the first of the codes that holds."""

    def __init__(self, request: Request, placed: Sequence[Placed]) -> None:
        self.request = request
        self.usual = usual_skill(request.skill, request.licensed)
        per_head = np.divide(request.calls, request.need, out=np.zeros_like(request.calls), where=request.need > 0)
        some = per_head[per_head > 0]
        self.dense = float(np.quantile(some, DENSE)) if len(some) else np.inf
        self.per_head = per_head
        self.shifts = {(shift.person, shift.day): shift.kind for shift in placed}
        self.mentors = {apprentice: mentor for mentor, apprentice in request.pairs}

    def of(self, shift: Placed, start: int, end: int, post: int) -> str:
        request, person, day = self.request, shift.person, shift.day
        if request.fixed[person, day]:
            return "stays"
        if request.wish_shift[person, day, shift.kind] > 0:
            return "as_wished"
        if not (request.possible[person, day]).all():
            return "around_training"
        slots = slice(day * SLOTS_A_DAY + start // 30, day * SLOTS_A_DAY + max(-(-end // 30), start // 30 + 1))
        dense = self.per_head[slots, post]
        strong = request.skill[person, post] > self.usual[post]
        if strong and dense.size and dense.mean() >= self.dense:
            return "strong_where_dense"
        if self.shifts.get((self.mentors.get(person, -1), day)) == shift.kind:
            return "beside_mentor"
        if (
            strong
            and request.skill[person, post] - self.usual[post] >= (request.skill[person] - self.usual)[request.licensed[person]].max()
        ):
            return "strongest_business"
        return "needed"


def roster_table(request: Request, work: Sequence[Mapping[str, Any]], past: PastShifts) -> pl.DataFrame:
    """The main table (schema `ROSTER`): work and breaks with fixed trainings cut out of them, and leave."""
    trainings = _fixed_trainings(request, past)
    rows = [part for row in work for part in _around(row, trainings.get(row["agent_id"], []))]
    for who, of_person in trainings.items():
        rows += [_row(who, day, begins, ends, "training", "fixed_before") for day, begins, ends in of_person]
    for person, day in np.argwhere(request.leave):
        midnight, next_day = (clock.start_of(request.day(int(day) + n), request.zone) for n in (0, 1))
        rows.append(_row(request.people[person], request.day(int(day)), midnight, next_day, "leave", "fixed_before"))
    return pl.DataFrame(rows, schema=ROSTER).sort("agent_id", "starts_at")


def _row(who: str, day: Any, begins: Any, ends: Any, activity: str, reason: str) -> dict[str, Any]:
    return {
        "agent_id": who,
        "date": day,
        "starts_at": begins,
        "ends_at": ends,
        "activity": activity,
        "business": None,
        "reason": reason,
        "shift": None,
    }


def _fixed_trainings(request: Request, past: PastShifts) -> dict[str, list[tuple[Any, Any, Any]]]:
    start = clock.day_number(request.first)
    found: dict[str, list[tuple[Any, Any, Any]]] = {}
    rows = past.trainings.filter(pl.col("day").is_between(start, start + request.days - 1), pl.col("agent_id").is_in(list(request.people)))
    for who, day, begins, ends in rows.select("agent_id", "day", "starts", "ends").iter_rows():
        found.setdefault(who, []).append(
            (request.day(day - start), request.instant(day - start, begins), request.instant(day - start, ends))
        )
    return found


def _around(row: Mapping[str, Any], trainings: Sequence[tuple[Any, Any, Any]]) -> Iterator[dict[str, Any]]:
    """A stretch without the time of trainings."""
    at = row["starts_at"]
    for _, begins, ends in sorted(trainings, key=lambda each: each[1]):
        if ends <= at or begins >= row["ends_at"]:
            continue
        if begins > at:
            yield {**row, "starts_at": at, "ends_at": begins}
        at = max(at, ends)
    if at < row["ends_at"]:
        yield {**row, "starts_at": at}


def cover_table(request: Request, heads: Floats) -> pl.DataFrame:
    """Schema `COVER`."""
    instants = [request.instant(n // SLOTS_A_DAY, n % SLOTS_A_DAY * 30) for n in range(request.slots + 1)]
    # Half-hours over which the clock is put forward are none.
    lasting = np.array([begins < ends for begins, ends in pairwise(instants)])
    slot, post = np.nonzero(((request.calls > 0) | (heads > 0)) & lasting[:, None])
    share = answered(request, np.maximum(heads, 1e-3)) * (heads > 0)
    calls = request.calls[slot, post]
    return pl.DataFrame(
        {
            "starts_at": pl.Series([instants[n] for n in slot], dtype=pl.Datetime("us", "UTC")),
            "business": pl.Series([request.posts[n] for n in post], dtype=pl.String),
            "calls": calls,
            "need": request.need[slot, post],
            "heads": heads[slot, post],
            "answered_share": pl.Series(np.where(calls > 0, share[slot, post], np.nan)).fill_nan(None),
        },
        schema=COVER,
    )


def people_table(request: Request, shift: Ints, taken: Floats) -> pl.DataFrame:
    """Schema `PEOPLE`."""
    worked = shift >= 0
    kind = np.where(worked, shift, 0)
    minutes = np.where(worked, request.minutes[kind], 0)
    months = request.counted_minutes + np.stack(
        [(minutes + request.training_minutes)[:, request.month == n].sum(axis=1) for n in range(len(request.month_days))], axis=1
    )
    busy, _ = busy_shifts(request)
    weekends = [len({int(request.weekend[day]) for day in np.flatnonzero(row) if request.weekend[day] >= 0}) for row in worked]
    wishes, kept = wishes_kept(request, shift)
    calls = taken.sum(axis=1)
    skill = np.divide((taken * request.skill).sum(axis=1), calls, out=np.full(len(calls), np.nan), where=calls > 0)
    return pl.DataFrame(
        {
            "agent_id": pl.Series(request.people, dtype=pl.String),
            "shifts": worked.sum(axis=1),
            "hours": minutes.sum(axis=1) / 60.0,
            "month_hours": months.max(axis=1, initial=0) / 60.0,
            "nights": (worked & request.nights[kind]).sum(axis=1),
            "weekends": weekends,
            "busy_shifts": (worked & busy[np.arange(request.days), kind]).sum(axis=1),
            "wishes": wishes.sum(axis=1),
            "wishes_kept": kept.sum(axis=1),
            "skill": pl.Series(skill).fill_nan(None),
        },
        schema=PEOPLE,
    )


def wishes_kept(request: Request, shift: Ints) -> tuple[np.ndarray, np.ndarray]:
    """(people, days) bool: days with a wish, and those on which it is kept."""
    wish = (request.wish_off > 0) | (request.wish_shift > 0).any(axis=2)
    got = (
        np.take_along_axis(request.wish_shift, np.maximum(shift, 0)[:, :, None], axis=2)[:, :, 0]
        if len(request.shifts)
        else request.wish_off
    )
    kept = np.where(shift >= 0, got > 0, request.wish_off > 0)
    return wish, wish & kept


def change_table(request: Request, shift: Ints) -> pl.DataFrame:
    """Schema `CHANGES`."""
    differs = (request.last_roster != UNKNOWN) & (request.last_roster != shift)
    code = {OFF: None, **{n: kind.code for n, kind in enumerate(request.shifts)}}
    rows = [
        (request.people[p], request.day(int(d)), code[int(request.last_roster[p, d])], code[int(shift[p, d])])
        for p, d in np.argwhere(differs)
    ]
    return pl.DataFrame(rows, schema=CHANGES, orient="row")


def unmet_table(request: Request, faults: Sequence[Broken]) -> pl.DataFrame:
    """Schema `UNMET`."""
    posts = set(request.posts)
    rows = [(f.rule, None if f.who in posts else f.who, f.who if f.who in posts else None, f.day) for f in faults]
    return pl.DataFrame(rows, schema=UNMET, orient="row").unique(maintain_order=True)
