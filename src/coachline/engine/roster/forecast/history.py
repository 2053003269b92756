"""The past that a forecast learns from: calls by business, day and half-hour, reduced where the data lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.engine import clock
from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Note
from coachline.errors import CoachlineError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

HALVES_A_DAY = 48
HALF_S = 1800

RECENT_DAYS = 26 * 7
"""Days whose half-hours are read: shapes of days older than half a year tell little."""

LONGEST_DAYS = 2 * 366 + 60
"""Days whose totals are read, so that the holidays and events of two years can be learnt from."""

NO_BUSINESS = ""
"""Stands for all calls where no call's business is recorded."""


CUT_OFF_CALLS = 20.0
"""Calls that should still have come after the last one of the last day, so that the day counts as cut off (chance by accident: below one in a hundred million)."""


@dataclass(frozen=True)
class History:
    """Calls offered to people.

    Attributes
    ----------
    businesses : tuple of str
        Sorted; only ``""`` where none is recorded.
    first : int
        Day number (since 1970) of the first row of `halves`.
    halves : (businesses, days, 48) float array
        Calls by half-hour of the wall clock over the last `RECENT_DAYS` at most, up to the last whole day. Calls whose business is not recorded are shared out.
    long_first : int
        Day number of the first column of `totals`.
    totals : (businesses, long days) float array
        Calls a day over a longer past; ends with the same day.
    zone : ZoneInfo
    notes : tuple of Note
    """

    businesses: tuple[str, ...]
    first: int
    halves: Floats
    long_first: int
    totals: Floats
    zone: ZoneInfo
    notes: tuple[Note, ...]

    @property
    def days(self) -> Ints:
        """(days,) day numbers of `halves`."""
        return np.arange(self.first, self.first + self.halves.shape[1])

    @property
    def long_days(self) -> Ints:
        """(long days,) day numbers of `totals`."""
        return np.arange(self.long_first, self.long_first + self.totals.shape[1])

    @property
    def end(self) -> int:
        """Number of the day after the last one."""
        return int(self.first + self.halves.shape[1])


def at_level(path: str, level: int | None) -> str:
    """The first `level` levels of a business path; the path itself without one."""
    return path if level is None else "/".join(path.split("/")[:level])


def offered(facts: Facts, period: Period) -> ir.Table:
    """Inbound calls that people were to answer, with ``half`` (number since 1970 on the wall clock)."""
    calls = facts.table("calls")
    calls = calls.mutate(half=facts.wall_clock_s("calls", "arrived_at") // HALF_S)
    inbound = calls.direction.isnull() | (calls.direction == "inbound")
    to_people = calls.outcome.isnull() | calls.outcome.isin(["answered", "abandoned"])
    return period.rows(facts, calls, "arrived_at").filter(inbound, to_people)


def history(facts: Facts, before: date | None, level: int | None) -> History:
    """What is known before day `before` (all there is without one).

    Raises
    ------
    CoachlineError
        ``no_calls_before``: no call offered to people lies before `before`.
    """
    known = facts.days("calls", "arrived_at")
    ends = known[1] if known and before is None else before and before - timedelta(1)
    if known is None or ends is None or ends < known[0]:
        raise CoachlineError("no_calls_before", day=before or "-", first=known[0] if known else "-")
    ends = min(ends, known[1])
    last = clock.day_number(ends)
    longest, recent = ends - timedelta(LONGEST_DAYS - 1), ends - timedelta(RECENT_DAYS - 1)
    by_day = _counted(facts, Period(longest, ends), HALVES_A_DAY)
    by_half = _counted(facts, Period(recent, ends), 1)
    if not by_half.height:
        raise CoachlineError("no_calls_before", day=before or "-", first=known[0])
    by_day, by_half = (_cut(frame, level) for frame in (by_day, by_half))
    names = tuple(sorted(by_day["business"].drop_nulls().unique())) or (NO_BUSINESS,)
    notes: list[Note] = []
    unknown = float(by_half.filter(pl.col("business").is_null())["calls"].sum()) / float(by_half["calls"].sum())
    if unknown > 0 and names != (NO_BUSINESS,):
        notes.append(Note("calls_without_business_shared", {"share": unknown}))
    long_first = int(by_day["at"].min())  # type: ignore[arg-type]
    totals = _dense(by_day, names, long_first, last + 1)
    first = int(by_half["at"].min()) // HALVES_A_DAY  # type: ignore[arg-type]
    halves = _dense(by_half, names, first * HALVES_A_DAY, (last + 1) * HALVES_A_DAY).reshape(len(names), -1, HALVES_A_DAY)
    halves = halves / _times_lived(facts.zone, first, last + 1)
    stopped = _cut_off(halves.sum(axis=0))
    if stopped is not None:
        halves, totals = halves[:, :-1], totals[:, :-1]
        notes.append(Note("last_day_cut_off", {"day": str(ends), "hour": f"{stopped // 2}:{stopped % 2 * 30:02d}"}))
    return History(names, first, halves, long_first, totals, facts.zone, tuple(notes))


def _cut_off(whole: Floats) -> int | None:
    """The half-hour after which nothing is recorded of a last day that should have gone on; None where it is whole."""
    last, before = whole[-1], whole[:-1]
    like = before[(len(before) - np.arange(len(before))) % 7 == 0][-8:]
    if not last.any() or not like.any():
        return None
    stop = int(np.flatnonzero(last)[-1]) + 1
    usual = like.sum(axis=0)
    upto = float(usual[:stop].sum())
    to_come = float(last.sum()) * float(usual[stop:].sum()) / upto if upto else 0.0
    return stop if to_come >= CUT_OFF_CALLS else None


def _counted(facts: Facts, period: Period, halves: int) -> pl.DataFrame:
    """Columns ``at`` (number of the day or half-hour), business, calls."""
    rows = offered(facts, period)
    rows = rows.select("business", at=rows.half // halves)
    return collected(facts, rows.group_by(["at", "business"]).aggregate(calls=rows.count()))


def _cut(frame: pl.DataFrame, level: int | None) -> pl.DataFrame:
    paths = frame["business"].unique().to_list()
    cut = {path: None if path is None else at_level(path, level) for path in paths}
    named = pl.col("business").replace_strict(cut, return_dtype=pl.String)
    return frame.with_columns(pl.col("at").cast(pl.Int64), named).group_by("at", "business").agg(pl.col("calls").sum())


def _dense(frame: pl.DataFrame, names: tuple[str, ...], first: int, end: int) -> Floats:
    """(businesses, times) calls; those of no known business in proportion to the businesses' own calls over the whole time."""
    found = np.zeros((len(names), end - first))
    place = {name: n for n, name in enumerate(names)}
    known = frame.filter(pl.col("business").is_not_null()) if names != (NO_BUSINESS,) else frame.clear()
    rows = np.array([place[name] for name in known["business"]], np.int64)
    found[rows, known["at"].to_numpy() - first] = known["calls"].to_numpy()
    rest = frame.filter(pl.col("business").is_null())
    unknown = np.zeros(end - first)
    unknown[rest["at"].to_numpy() - first] = rest["calls"].to_numpy()
    total = found.sum()
    share = found.sum(axis=1) / total if total else np.full(len(names), 1.0 / len(names))
    return np.asarray(found + share[:, None] * unknown)


def _times_lived(zone: ZoneInfo, first: int, end: int) -> Floats:
    """(days, 48) how often each half-hour of the wall clock came: twice where the clock was set back, once elsewhere.

    Half-hours that were skipped hold no calls anyway and count as once.
    """
    lived = np.ones((end - first, HALVES_A_DAY))
    for day in changes_of_the_clock(zone, first, end):
        for half in range(HALVES_A_DAY):
            lived[day - first, half] = max(len(instants(zone, day, half)), 1)
    return lived


def changes_of_the_clock(zone: ZoneInfo, first: int, end: int) -> list[int]:
    """Numbers of the days from `first` on and before `end` that do not last 24 hours."""
    starts = [clock.start_of(clock.EPOCH + timedelta(day), zone) for day in range(first, end + 1)]
    return [first + n for n in range(end - first) if starts[n + 1] - starts[n] != timedelta(1)]


def instants(zone: ZoneInfo, day: int, half: int) -> list[datetime]:
    """The instants at which a half-hour of the wall clock begins: none where it is skipped, two where it comes twice."""
    when = clock.EPOCH + timedelta(day)
    found = []
    for fold in (0, 1):
        wall = datetime(when.year, when.month, when.day, half // 2, half % 2 * 30, tzinfo=zone, fold=fold)
        there = wall.astimezone(clock.EPOCH_INSTANT.tzinfo)
        back = there.astimezone(zone)
        if back.replace(tzinfo=None) == wall.replace(tzinfo=None) and there not in found:
            found.append(there)
    return found
