"""Resolution as "no further call", and repeats looking back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.daily import daily
from tests.engine.operations.rows import at, call

FactsOf = Callable[..., Facts]

START, END = call("2026-03-01 00:00", "ivr_only"), call("2026-03-31 23:59", "ivr_only")


def sums(facts: Facts, **given: Any) -> dict[str, tuple[float, float]]:
    rows = pl.from_arrow(daily(facts, **given).tables["daily"])
    assert isinstance(rows, pl.DataFrame)
    totals = rows.group_by("metric").agg(pl.col("numerator", "denominator").sum())
    return {row["metric"]: (row["numerator"], row["denominator"]) for row in totals.to_dicts()}


def about(customer: str | None, business: str | None = "查询") -> dict[str, Any]:
    return {"customer_id": customer, "business": business}


def test_a_further_call_within_the_days_means_not_resolved(facts_of: FactsOf) -> None:
    rows = [
        START,
        END,
        call("2026-03-10 09:00", **about("k")),
        call("2026-03-17 09:00", **about("k")),
        call("2026-03-24 09:01", **about("k")),
    ]
    found = sums(facts_of({"calls": rows}))
    # The first is repeated after exactly seven days, the second after more, the third has seven days to the end.
    assert found["resolution_no_repeat"] == (2, 3)
    assert found["repeat_rate"] == (1, 3)


@pytest.mark.parametrize(
    ("other", "repeated"),
    [
        (call("2026-03-11 09:00", "abandoned", **about("k")), True),
        (call("2026-03-11 09:00", "ivr_only", **about("k")), True),
        (call("2026-03-11 09:00", direction=None, **about("k")), True),
        (call("2026-03-11 09:00", "ignored", **about("k")), False),
        (call("2026-03-11 09:00", direction="outbound", **about("k")), False),
        (call("2026-03-11 09:00", **about("other")), False),
        (call("2026-03-11 09:00", "abandoned", **about("k", "投诉")), False),
        (call("2026-03-11 09:00", "abandoned", **about("k", None)), False),
    ],
)
def test_what_counts_as_a_further_call(other: dict[str, Any], repeated: bool, facts_of: FactsOf) -> None:
    rows = [START, END, call("2026-03-10 09:00", **about("k")), other]
    found = sums(facts_of({"calls": rows}), since=date(2026, 3, 10), until=date(2026, 3, 10))
    assert found["resolution_no_repeat"] == (0 if repeated else 1, 1)


def test_calls_of_unknown_customers_are_not_each_other(facts_of: FactsOf) -> None:
    rows = [START, END, call("2026-03-10 09:00", **about("k")), *(call("2026-03-10 09:00", **about(None)) for _ in range(3))]
    assert sums(facts_of({"calls": rows}))["resolution_no_repeat"] == (1, 1)


def test_the_ends_of_the_data_leave_the_outcome_open(facts_of: FactsOf) -> None:
    rows = [START, END, call("2026-03-02 09:00", **about("a")), call("2026-03-30 09:00", **about("b"))]
    found = sums(facts_of({"calls": rows}))
    assert found["resolution_no_repeat"] == (1, 1)
    assert found["repeat_rate"] == (0, 1)


def test_a_period_cuts_neither_the_follow_up_nor_the_look_back(facts_of: FactsOf) -> None:
    rows = [START, END, *(call(f"2026-03-{day} 09:00", **about("k")) for day in (12, 15, 18))]
    found = sums(facts_of({"calls": rows}), since=date(2026, 3, 15), until=date(2026, 3, 15))
    assert found["resolution_no_repeat"] == (0, 1)
    assert found["repeat_rate"] == (1, 1)


def test_many_calls_against_a_plain_loop(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(3)
    first = at("2026-03-01 00:00")
    rows = [
        call(
            first + timedelta(minutes=int(minute)),
            str(rng.choice(["answered", "abandoned", "ignored"])),
            customer_id=f"k{rng.integers(0, 60)}",
            business=str(rng.choice(["查询", "投诉"])),
        )
        for minute in rng.choice(60 * 24 * 40, 1500, replace=False)
    ]
    days = timedelta(days=5)
    begins, ends = min(r["arrived_at"] for r in rows), max(r["arrived_at"] for r in rows)
    kept: dict[tuple[str, str], list[tuple[datetime, str]]] = {}
    for row in sorted(rows, key=lambda r: r["arrived_at"]):
        if row["outcome"] != "ignored":
            kept.setdefault((row["customer_id"], row["business"]), []).append((row["arrived_at"], row["outcome"]))
    followed = repeated = looked_back = repeats = 0
    for moments in kept.values():
        gaps = [later - earlier for (earlier, _), (later, _) in pairwise(moments)]
        for position, (moment, outcome) in enumerate(moments):
            if outcome != "answered":
                continue
            if moment + days <= ends:
                followed += 1
                repeated += position < len(gaps) and gaps[position] <= days
            if moment - days >= begins:
                looked_back += 1
                repeats += position > 0 and gaps[position - 1] <= days
    found = sums(facts_of({"calls": rows}), repeat_days=5)
    assert found["resolution_no_repeat"] == (followed - repeated, followed)
    assert found["repeat_rate"] == (repeats, looked_back)
    assert 0 < repeats < looked_back
