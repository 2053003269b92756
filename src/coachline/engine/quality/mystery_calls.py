"""Mystery calls as rows: one per call, its points summed over the items."""

from __future__ import annotations

from collections.abc import Mapping

import ibis.expr.types as ir
import polars as pl

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period

MYSTERY_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "mystery_calls": ("mystery_id", "centre", "agent_id", "business", "called_at", "caller", "item", "points", "max_points"),
    "calls": ("customer_id", "arrived_at"),
}
"""Columns that it reads, for the table of contents."""

MATCHED_WITHIN_S = 600
"""Seconds by which the clocks of the caller and of the call system may differ."""


def judged_items(facts: Facts, period: Period) -> ir.Table:
    """Items with points of a known maximum, within a period."""
    rows = facts.table("mystery_calls")
    rows = period.rows(facts, rows, "called_at") if period != Period() else rows
    points, most = rows.points, rows.max_points
    known = points.notnull() & ~points.isnan() & (most > 0) & ~most.isnan()
    return rows.filter(known.fill_null(False), rows.mystery_id.notnull(), rows.centre.notnull(), rows.called_at.notnull())


def calls_of(facts: Facts, period: Period) -> ir.Table:
    """One row per mystery call: the columns of `calls`."""
    items = judged_items(facts, period).mutate(
        second=facts.epoch_us(facts.table("mystery_calls").called_at) // 1_000_000,
        month=clock.month_number(facts.wall_clock_s("mystery_calls", "called_at")),
    )
    return items.group_by(["mystery_id", "centre"]).aggregate(
        agent_id=items.agent_id.max(),
        business=items.business.max(),
        caller=items.caller.max(),
        second=items.second.min(),
        month=items.month.min(),
        points=items.points.sum(),
        maximum=items.max_points.sum(),
    )


def calls(facts: Facts, period: Period) -> pl.DataFrame:
    """One row per mystery call, in order of centre and time.

    Returns
    -------
    polars.DataFrame
        mystery_id, centre, agent_id, business, caller, second (since 1970), month (``year * 12 + month - 1`` on the centre's wall clock), points,
        maximum.
    """
    return frame(facts, calls_of(facts, period)).sort("centre", "second", "mystery_id")


def item_sums(facts: Facts, period: Period) -> pl.DataFrame:
    """centre, item, calls, and sums of points p and maxima m of the items: p, m, pp, mm, pm."""
    items = judged_items(facts, period)
    p, m = items.points, items.max_points
    grouped = items.group_by(["centre", "item"]).aggregate(
        calls=items.count().cast("int64"), p=p.sum(), m=m.sum(), pp=(p * p).sum(), mm=(m * m).sum(), pm=(p * m).sum()
    )
    return frame(facts, grouped).sort("centre", "item")


def in_the_log(facts: Facts, period: Period, centres: list[str]) -> tuple[int, int]:
    """Mystery calls to `centres` from a known number while calls were logged, and how many of them the log has, from that number at that time."""
    span = facts.span("calls", "arrived_at")
    if span is None or not centres:
        return 0, 0
    first, last = (int(moment.timestamp()) for moment in span)
    asked = calls_of(facts, period)
    asked = asked.filter(asked.centre.isin(centres), asked.caller.notnull(), asked.second.between(first, last))
    asked = asked.select("mystery_id", "caller", "second")
    log = facts.table("calls")
    log = log.select(number="customer_id", arrived=facts.epoch_us(log.arrived_at) // 1_000_000)
    both = asked.left_join(log, [asked.caller == log.number, (log.arrived - asked.second).abs() <= MATCHED_WITHIN_S])
    [counted] = facts.collect(
        both.aggregate(calls=both.mystery_id.nunique(), found=both.mystery_id.nunique(where=both.number.notnull()))
    ).to_pylist()
    return int(counted["calls"]), int(counted["found"])


def frame(facts: Facts, expression: ir.Table) -> pl.DataFrame:
    found = pl.from_arrow(facts.collect(expression))
    assert isinstance(found, pl.DataFrame)
    return found
