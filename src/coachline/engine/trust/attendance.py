"""Calls taken by people who were not there: before they were hired, after they left, outside their shifts."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.trust.issue import Issue

TOLERANCE_S = 900
"""Early starts and calls that run over are ordinary."""

OUTSIDE_SHARE = 0.005
"""Below it calls outside shifts are overtime, not a fault of the data."""


def issues(facts: Facts) -> list[Issue]:
    """Codes ``before_hired``, ``after_left`` (needs agents) and ``outside_shift`` (needs shifts)."""
    return [*(_employment(facts) if facts.has("agents") else ()), *(_outside_shifts(facts) if facts.has("shifts") else ())]


def _employment(facts: Facts) -> list[Issue]:
    calls, agents = facts.table("calls"), facts.table("agents")
    taken = calls.filter(calls.agent_id.notnull()).select("agent_id", day=facts.wall_clock_s("calls", "arrived_at") // clock.DAY_S)
    people = agents.select("agent_id", hired=_day(facts, agents.hired_on), left=_day(facts, agents.left_on))
    both = taken.inner_join(people, "agent_id")
    early, late = both.day < both.hired, both.day > both.left
    found = facts.collect(
        both.aggregate(
            before_hired=both.count(where=early),
            before_hired_agent=both.agent_id.min(where=early),
            after_left=both.count(where=late),
            after_left_agent=both.agent_id.min(where=late),
        )
    ).to_pylist()[0]
    total = facts.rows("calls")
    return [
        Issue("calls", "agent_id", code, int(found[code]), int(found[code]) / total, "wrong", found[f"{code}_agent"], also=("arrived_at",))
        for code in ("before_hired", "after_left")
        if found[code]
    ]


def _day(facts: Facts, day: ir.Value) -> ir.Value:
    return facts.epoch_us(day.cast("timestamp")) // (clock.DAY_S * 1_000_000)


def _outside_shifts(facts: Facts) -> list[Issue]:
    """Answered calls, within the days that the roster covers and of people who are on it, with no shift of work around their start."""
    calls, shifts = facts.table("calls"), facts.table("shifts")
    start = facts.wall_clock_s("calls", "arrived_at") + calls.ivr_s.fill_null(0.0).clip(lower=0.0) + calls.wait_s.fill_null(0.0)
    answered = calls.filter((calls.outcome == "answered") & calls.agent_id.notnull()).select("agent_id", start=start.cast("int64"))
    answered = answered.mutate(day=answered.start // clock.DAY_S)
    work = shifts.filter(shifts.activity == "work").select(
        "agent_id",
        since=facts.wall_clock_s("shifts", "starts_at") - TOLERANCE_S,
        until=facts.wall_clock_s("shifts", "ends_at") + TOLERANCE_S,
    )
    ends = facts.collect(work.aggregate(first=work.since.min(), last=work.until.max())).to_pylist()[0]
    if ends["first"] is None:
        return []
    rostered = answered.filter(answered.start.between(ends["first"], ends["last"])).semi_join(
        work.select("agent_id").distinct(), "agent_id"
    )
    # A shift is repeated for each day it touches, so that agent and day lead to the few shifts to look at.
    by_day = ibis.union(*(_from_day(work, later) for later in range(3)))
    outside = rostered.anti_join(
        by_day,
        [
            rostered.agent_id == by_day.agent_id,
            rostered.day == by_day.day,
            rostered.start >= by_day.since,
            rostered.start <= by_day.until,
        ],
    )
    found = facts.collect(outside.aggregate(rows=outside.count(), example=outside.agent_id.min())).to_pylist()[0]
    share = int(found["rows"]) / facts.rows("calls")
    if share < OUTSIDE_SHARE:
        return []
    return [Issue("calls", "agent_id", "outside_shift", int(found["rows"]), share, "doubt", found["example"], also=("arrived_at",))]


def _from_day(work: ir.Table, later: int) -> ir.Table:
    """`work` under the day that lies `later` days after its first, where it lasts that long."""
    day = work.since // clock.DAY_S + later
    return work.mutate(day=day).filter(day <= work.until // clock.DAY_S)
