"""Calls with what every figure needs beside the record itself: local time, what kind of contact it was, the agent's team."""

from __future__ import annotations

from collections.abc import Iterable

import ibis
import ibis.expr.types as ir

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import CALL_COLUMNS

SLOT = "slot"
"""Dimension of intervals: the instant at which the interval begins, in seconds since 1970 UTC."""

TIME = ("day", "hour", SLOT)
"""Dimensions that follow from the moment of arrival."""


def enriched_calls(facts: Facts, period: Period, *, team: bool = False) -> ir.Table:
    """The calls of a period with flags and local time.

    A contact without a direction counts as inbound, for a centre that exports no direction has no outbound work in its export. Offered to
    people are the inbound contacts that were answered or abandoned; those that ended in the IVR and those marked as ignored are not.

    Parameters
    ----------
    facts : Facts
    period : Period
    team : bool
        Add the agent's team (null where the agent or the team is not known).

    Returns
    -------
    ibis table
        The columns of `calls` and ``wall_s`` (seconds since 1970 on the wall clock), ``inbound``, ``answered``, ``abandoned``, ``outbound``.
    """
    calls = facts.table("calls")
    inbound = calls.direction.isnull() | (calls.direction == "inbound")
    rows = calls.mutate(
        wall_s=facts.wall_clock_s("calls", "arrived_at"),
        inbound=inbound,
        answered=inbound & (calls.outcome == "answered"),
        abandoned=inbound & (calls.outcome == "abandoned"),
        outbound=(calls.direction == "outbound") & (calls.outcome != "ignored"),
    )
    rows = period.rows(facts, rows, "arrived_at")
    return with_team(facts, rows) if team else rows


def with_team(facts: Facts, rows: ir.Table) -> ir.Table:
    """`rows` with the team of their ``agent_id``."""
    agents = facts.table("agents").group_by("agent_id").aggregate(team=lambda t: t.team.max()).rename(team_of="agent_id")
    return rows.left_join(agents, rows.agent_id == agents.team_of).drop("team_of")


def recorded(facts: Facts, period: Period) -> frozenset[str]:
    """Columns in which the period records anything: bare names for `calls`, ``shifts.<column>`` for the shifts.

    One value is enough, so hardly anything is read for a column that is in use.
    """
    rows = period.rows(facts, facts.table("calls"), "arrived_at")
    found = facts.collect(ibis.union(*(rows.filter(rows[c].notnull()).limit(1).select(column=ibis.literal(c)) for c in CALL_COLUMNS)))
    shifts = ("shifts.starts_at", "shifts.ends_at", "shifts.activity") if facts.has("shifts") else ()
    return frozenset(found["column"].to_pylist()) | frozenset(shifts)


def dimensions(facts: Facts, rows: ir.Table, by: Iterable[str], wall_s: ir.IntegerValue, slot_s: int) -> dict[str, ir.Value]:
    """The named dimensions of `rows` as expressions: ``day``, ``hour``, ``slot``, or a column.

    `slot_s` is the length of an interval in seconds; it must divide a day.
    """
    found: dict[str, ir.Value] = {}
    for name in by:
        if name == "day":
            found[name] = wall_s // clock.DAY_S
        elif name == "hour":
            found[name] = wall_s % clock.DAY_S // 3600
        elif name == SLOT:
            found[name] = _slot_start(facts, rows, slot_s)
        else:
            found[name] = rows[name]
    return found


def _slot_start(facts: Facts, rows: ir.Table, slot_s: int) -> ir.IntegerValue:
    """The instant at which the interval of each call begins, with intervals aligned to the wall clock.

    When the clock is set back, the hour that comes twice gives two sets of intervals. An interval that contains the change begins by the clock
    as it went before.
    """
    epoch_s = facts.epoch_us(rows.arrived_at) // 1_000_000
    spans = facts.offsets("calls", "arrived_at")

    def start(offset: int) -> ir.IntegerValue:
        return (epoch_s + offset) // slot_s * slot_s - offset

    def start_within(position: int) -> ir.IntegerValue:
        since, offset = spans[position]
        begins = start(offset)
        if position == 0:
            return begins
        before = spans[position - 1][1]
        return (begins < since).ifelse((epoch_s + offset) // slot_s * slot_s - before, begins)

    if len(spans) == 1:
        return start_within(0)
    branches = [(epoch_s < spans[i + 1][0], start_within(i)) for i in range(len(spans) - 1)]
    return ibis.cases(*branches, else_=start_within(len(spans) - 1))
