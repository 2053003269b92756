"""One call with what hangs on it: its inspections, and what else its customer called about in the days around it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from coachline.engine.browsing.calls import CALLS, READ, shown
from coachline.engine.browsing.pages import collected
from coachline.engine.facts import Facts
from coachline.engine.tables import TABLES

AROUND_DAYS = 7
MOST_AROUND = 200
"""Of a switchboard that calls all day, no more are listed."""


@dataclass(frozen=True)
class OneCall:
    """A call.

    Attributes
    ----------
    call : mapping
        Its columns as on a page.
    inspections : pyarrow.Table
        All columns, the earliest first. The number of a call that several sources bear stands for the call of the inspected agent if there is one.
    around : pyarrow.Table
        The customer's other calls from seven days before it to seven days after it, as on a page and in the order of time.
    around_hidden : int
        How many more there are, of agents whose calls the asker may not see.
    """

    call: dict[str, Any]
    inspections: pa.Table
    around: pa.Table
    around_hidden: int


def one_call(
    facts: Facts, source: str, call_id: str, *, agents: Collection[str] | None = None, arrived_at: datetime | None = None
) -> OneCall | None:
    """The call with this key; None if there is none, or none that may be seen.

    Parameters
    ----------
    facts : Facts
    source, call_id : str
    agents : collection of str, optional
        The agents whose calls the asker may see; None is all.
    arrived_at : datetime, optional
        When it came, to the second, if that is known: it is then found without a search.
    """
    call = _call(facts, source, call_id, arrived_at)
    if call is None or (agents is not None and call["agent_id"][0].as_py() not in agents):
        return None
    around = _around(facts, call)
    seen = around if agents is None else around.filter(pa.array([a in agents for a in around["agent_id"].to_pylist()], pa.bool_()))
    [row] = shown(call).to_pylist()
    return OneCall(row, _inspections(facts, call), shown(seen), around.num_rows - seen.num_rows)


def _call(facts: Facts, source: str, call_id: str, arrived_at: datetime | None) -> pa.Table | None:
    if "calls" not in facts.snapshots:
        return None
    stretches: list[tuple[datetime | None, datetime | None]] = [(None, None)]
    if arrived_at is not None:
        second = arrived_at.replace(microsecond=0)
        stretches.insert(0, (second, second + timedelta(seconds=1)))
    for first, last in stretches:
        calls = facts.between("calls", first, last)
        found = collected(facts, calls.filter(calls.call_id == call_id, calls.source == source).select(*READ.names).limit(1), CALLS)
        if found.num_rows:
            return found
    return None


def _around(facts: Facts, call: pa.Table) -> pa.Table:
    row = call.to_pylist()[0]
    if row["customer_id"] is None:
        return call.slice(0, 0)
    days = timedelta(AROUND_DAYS)
    calls = facts.between("calls", row["arrived_at"] - days, row["arrived_at"] + days)
    calls = calls.filter(calls.customer_id == row["customer_id"], (calls.call_id != row["call_id"]) | (calls.source != row["source"]))
    return collected(facts, calls.select(*READ.names).order_by("arrived_at", "source", "call_id").limit(MOST_AROUND), CALLS)


def _inspections(facts: Facts, call: pa.Table) -> pa.Table:
    row = call.to_pylist()[0]
    inspections = facts.table("inspections")
    named = inspections.filter(inspections.call_id == row["call_id"])
    found = collected(facts, named.order_by(named.inspected_at.asc(nulls_first=True), named.inspection_id), TABLES["inspections"])
    of_others = {agent for agent in found["agent_id"].to_pylist() if agent != row["agent_id"]}
    if not of_others:
        return found
    # The same number in another source may be the call that was heard.
    calls = facts.table("calls")
    elsewhere = calls.filter(calls.call_id == row["call_id"], calls.source != row["source"], calls.agent_id.isin(sorted(of_others)))
    theirs = set(facts.collect(elsewhere.select("agent_id").distinct())["agent_id"].to_pylist())
    return found.filter(pa.array([agent not in theirs for agent in found["agent_id"].to_pylist()], pa.bool_()))
