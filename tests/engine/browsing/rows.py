"""Calls that collide where calls can: at one moment, under one number in two sources, of one customer; with anything unknown that may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
from hypothesis import strategies as st

from coachline.engine.browsing import CallFilters
from coachline.engine.compute import Compute
from coachline.engine.facts import Facts, FileSpan, Snapshot
from tests.conftest import as_fact_table

ZONE = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 3, 1, tzinfo=UTC)
Call = dict[str, Any]


def maybe(values: Sequence[Any]) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


MOMENTS = st.builds(
    lambda days, tick, fine: START + timedelta(days=days, seconds=tick, microseconds=fine),
    st.integers(0, 20),
    st.integers(0, 3),
    st.sampled_from([0, 0, 0, 1, 123_457, 999_999]),
)
CALLS = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["main", "乙", "aux"]),
            "call_id": st.sampled_from([f"C{i}" for i in range(30)] + ["呼1", "'; --"]),
            "arrived_at": MOMENTS,
            "channel": maybe(["voice", "chat"]),
            "direction": maybe(["inbound", "outbound"]),
            "customer_id": maybe(["c_0123456789abcdef01234567", "c_ffff456789abcdef01234567"]),
            "business": maybe(["国际", "国际/查询", "国际件", "国内/查询"]),
            "queue": maybe(["一组", "二组"]),
            "agent_id": maybe(["A1", "A2", "A3"]),
            "outcome": st.sampled_from(["answered", "answered", "abandoned", "ignored"]),
            "rating": maybe([1, 3, 5]),
            "ticketed": maybe([True, False]),
            "transferred": maybe([True, False]),
            "resolved": maybe([True, False]),
            "invited": maybe([True, False]),
            "talk_s": maybe([1.5, 60.0]),
            "recording": maybe(["r.wav"]),
        }
    ),
    max_size=60,
    unique_by=lambda call: (call["source"], call["call_id"]),
)
FILTERS = st.builds(
    CallFilters,
    since=maybe([START.date() + timedelta(days) for days in (0, 3, 12)]),
    until=maybe([START.date() + timedelta(days) for days in (2, 12, 30)]),
    agents=maybe([(), ("A1",), ("A1", "A3"), ("nobody",)]),
    business=maybe(["国际", "国际/", "国内", "无"]),
    queue=maybe(["一组"]),
    outcome=maybe(["answered", "abandoned"]),
    channel=maybe(["voice"]),
    direction=maybe(["inbound", "outbound"]),
    rating=maybe([1, 3, 4]),
    rating_at_most=maybe([1, 3]),
    ticketed=maybe([True, False]),
    transferred=maybe([True, False]),
    resolved=maybe([True, False]),
    invited=maybe([True, False]),
    repeat=maybe([True, False]),
    call_id=maybe(["C1", "'; --"]),
)
FEW_FILTERS = st.one_of(
    st.just(CallFilters()),
    *(st.builds(CallFilters, **{name: maybe([True, False])}) for name in ("repeat", "ticketed", "resolved", "invited")),
    st.builds(CallFilters, rating=maybe([1, 3, 4])),
    FILTERS,
)


def meant(calls: Sequence[Call], filters: CallFilters) -> list[Call]:
    """By brute force and in words of its own: what `calls_page` must list, in its order."""
    fitting = [call for call in calls if fits(call, filters) and (filters.repeat is None or is_repeat(call, calls) is filters.repeat)]
    fitting.sort(key=lambda call: (call["source"], call["call_id"]))
    return sorted(fitting, key=lambda call: call["arrived_at"], reverse=True)


def fits(call: Call, filters: CallFilters) -> bool:
    day = call["arrived_at"].astimezone(ZONE).date()
    path = [] if filters.business is None else filters.business.strip("/").split("/")
    checks = [
        filters.since is None or day >= filters.since,
        filters.until is None or day <= filters.until,
        filters.agents is None or call["agent_id"] in filters.agents,
        not path or (call["business"] or "").split("/")[: len(path)] == path,
        filters.direction is None or (call["direction"] or "inbound") == filters.direction,
        filters.rating_at_most is None or (call["rating"] is not None and call["rating"] <= filters.rating_at_most),
    ]
    exact = ("queue", "outcome", "channel", "rating", "ticketed", "transferred", "resolved", "invited", "call_id")
    return all(checks) and all(getattr(filters, name) is None or call[name] == getattr(filters, name) for name in exact)


def is_repeat(call: Call, calls: Sequence[Call]) -> bool | None:
    """None where it cannot be known."""

    def counts(other: Call) -> bool:
        return other["direction"] != "outbound" and other["outcome"] != "ignored"

    def place(other: Call) -> tuple[Any, ...]:
        return other["arrived_at"], other["outcome"] == "answered", other["source"], other["call_id"]

    if call["direction"] == "outbound" or call["outcome"] != "answered" or call["customer_id"] is None or call["business"] is None:
        return None
    same = [other for other in calls if counts(other) and all(other[name] == call[name] for name in ("customer_id", "business"))]
    return any(place(other) < place(call) and call["arrived_at"] - other["arrived_at"] <= timedelta(7) for other in same)


def facts_in_files(folder: Path, calls: Sequence[Call], files: int, compute: Compute, **others: Sequence[Mapping[str, Any]]) -> Facts:
    """The calls spread over `files` files in no order, with what a log says of each."""
    folder.mkdir(parents=True, exist_ok=True)
    spans, names = {}, []
    for number in range(files):
        part = calls[number::files]
        if not part:
            continue
        name = str(folder / f"{number}.parquet")
        table = as_fact_table("calls", part)
        # An older file lacks a column that came later.
        pq.write_table(table.drop_columns(["recording"]) if number == 1 else table, name)
        names.append(name)
        moments = [call["arrived_at"] for call in part]
        if number != 2:
            spans[name] = FileSpan(name, len(part), min(moments), max(moments))
    snapshots = {"calls": Snapshot(0, names, len(calls), spans)}
    for other, rows in others.items():
        table = as_fact_table(other, rows)
        pq.write_table(table, folder / f"{other}.parquet")
        snapshots[other] = Snapshot(0, [str(folder / f"{other}.parquet")], table.num_rows)
    return Facts(compute, snapshots, ZONE)
