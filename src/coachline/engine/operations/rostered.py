"""Shifts cut at local midnight, and what was handled on rostered days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls, with_team
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Basis

ROSTER_DIMENSIONS = frozenset({"day", "team"})
"""Rostered time belongs to a person on a day; it cannot be told which business or queue it was meant for."""

_US = 1_000_000


def shift_days(facts: Facts) -> ir.Table:
    """Every shift cut at local midnight.

    Cut at instants, so that a shift over a change to or from summer time keeps its true length.

    Returns
    -------
    ibis table
        agent_id, activity, day (number since 1970), month (text, ``2026-03``), seconds.
    """
    shifts = facts.table("shifts")
    starts, ends = facts.span("shifts", "starts_at"), facts.span("shifts", "ends_at")
    zone = facts.zone
    first = starts[0].astimezone(zone).date() if starts else clock.EPOCH
    last = ends[1].astimezone(zone).date() if ends else first
    calendar = ibis.memtable(_calendar(facts, first, last))
    cut = shifts.select(
        "agent_id",
        "activity",
        starts_us=facts.epoch_us(shifts.starts_at),
        ends_us=facts.epoch_us(shifts.ends_at),
        first_day=facts.wall_clock_s("shifts", "starts_at") // clock.DAY_S,
        last_day=facts.wall_clock_s("shifts", "ends_at") // clock.DAY_S,
    )
    cut = cut.filter(cut.ends_us > cut.starts_us)
    cut = cut.mutate(day_of_shift=ibis.range(cut.first_day, cut.last_day + 1).unnest())
    cut = cut.inner_join(calendar, cut.day_of_shift == calendar.day)
    seconds = (ibis.least(cut.ends_us, cut.day_ends_us) - ibis.greatest(cut.starts_us, cut.day_starts_us)) / _US
    return cut.select("agent_id", "activity", "day", "month", seconds=seconds.cast("float64")).filter(lambda t: t.seconds > 0)


def _calendar(facts: Facts, first: date, last: date) -> pa.Table:
    days = [first + timedelta(n) for n in range((last - first).days + 1)]
    edges = [_microseconds(clock.start_of(day, facts.zone)) for day in [*days, last + timedelta(1)]]
    return pa.table(
        {
            "day": pa.array([clock.day_number(day) for day in days], pa.int64()),
            "month": pa.array([f"{day:%Y-%m}" for day in days], pa.string()),
            "day_starts_us": pa.array(edges[:-1], pa.int64()),
            "day_ends_us": pa.array(edges[1:], pa.int64()),
        }
    )


def _microseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def rostered_sums(facts: Facts, period: Period, by: Sequence[str], basis: Basis) -> ir.Table:
    """``rostered_s`` (rostered work) and ``handled_rostered_s`` (handling by the same people on the same days), by day and perhaps team.

    Handling is that of answered contacts in either direction, by local day of arrival; a part of it that a call does not record adds nothing,
    so the figure is a lower bound. Handling on a day without rostered work is left out of both.
    """
    assert set(by) <= ROSTER_DIMENSIONS
    work = shift_days(facts)
    work = work.filter(work.activity == "work")
    if period.first is not None:
        work = work.filter(work.day >= clock.day_number(period.first))
    if period.last is not None:
        work = work.filter(work.day <= clock.day_number(period.last))
    work = work.group_by(["agent_id", "day"]).aggregate(rostered_s=work.seconds.sum())

    calls = enriched_calls(facts, period)
    calls = calls.filter(calls.outcome == "answered", calls.agent_id.notnull())
    parts = [calls[c].fill_null(0.0) for c in ("talk_s", "hold_s", "wrap_s") if c in basis.recorded]
    calls = calls.select(handler="agent_id", on_day=calls.wall_s // clock.DAY_S, handling_s=sum(parts[1:], parts[0]))
    calls = calls.group_by(["handler", "on_day"]).aggregate(handling_s=calls.handling_s.sum())

    rows = work.left_join(calls, (work.agent_id == calls.handler) & (work.day == calls.on_day))
    if "team" in by:
        rows = with_team(facts, rows)
    return rows.group_by(list(by)).aggregate(rostered_s=rows.rostered_s.sum(), handled_rostered_s=rows.handling_s.sum().fill_null(0.0))
