"""The table of tries and successes per person and business."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from coachline.engine.capability.cells import cells
from coachline.engine.facts import Facts
from coachline.engine.result import Findings
from coachline.errors import CoachlineError
from tests.engine.operations.rows import call

FactsOf = Callable[..., Facts]

FIRST = ["agent_id", "business", "outcome", "n", "successes"]
FURTHER = ["total", "total_sq", "rating_1", "rating_2", "rating_3", "rating_4", "rating_5"]


def counts(found: Findings, *further: str) -> list[tuple[Any, ...]]:
    table = found.tables["cells"]
    return list(zip(*(table[name].to_pylist() for name in (*FIRST, *further)), strict=True))


def test_cells_counted_by_hand(facts_of: FactsOf) -> None:
    who = {"agent_id": "a1", "business": "查询"}
    rows = [
        call("2026-03-02 09:00", resolved=True, rating=5, ticketed=False, transferred=None, **who),
        call("2026-03-02 09:00", resolved=False, rating=3, ticketed=True, **who),
        call("2026-03-02 09:00", resolved=None, ticketed=False, direction=None, **who),
        call("2026-03-02 09:00", "abandoned", resolved=True, **who),
        call("2026-03-02 09:00", resolved=True, direction="outbound", **who),
        call("2026-03-02 09:00", resolved=True, agent_id="a2", business="投诉"),
        call("2026-03-02 09:00", resolved=True, agent_id=None, business="投诉"),
        call("2026-03-02 09:00", resolved=True, agent_id="a2", business=None),
    ]
    found = cells(facts_of({"calls": rows}))
    assert found.tables["cells"].column_names == FIRST + FURTHER
    assert counts(found, *FURTHER) == [
        ("a1", "查询", "rating", 2, None, 8.0, 34.0, 0, 0, 1, 0, 1),
        ("a1", "查询", "resolved", 2, 1, *[None] * 7),
        ("a1", "查询", "satisfied", 2, 1, *[None] * 7),
        ("a1", "查询", "ticketed", 3, 1, *[None] * 7),
        ("a2", "投诉", "resolved", 1, 1, *[None] * 7),
    ]
    assert found.values == {"agents": 2, "businesses": 2, "cells": 5, "median_n": 2.0, "calls": 6}
    left_out = [dict(note.facts) for note in found.notes if note.code == "cells_left_out"]
    assert left_out == [{"calls": 2, "share": pytest.approx(1 / 3)}]
    assert {note.facts["outcome"]: note.facts["column"] for note in found.notes if note.code == "outcome_not_recorded"} == {
        "transferred": "transferred",
        "repeat": "customer_id",
        "handle_time": "talk_s",
        "passed": "inspections.call_id, inspections.passed",
        "correct": "exams.business, exams.correct",
    }


def test_the_bar_of_satisfaction_and_the_period_are_the_users(facts_of: FactsOf) -> None:
    rows = [call(f"2026-03-0{day} 09:00", agent_id="a1", business="查询", rating=3) for day in (2, 3, 3)]
    found = cells(facts_of({"calls": rows}), since=date(2026, 3, 3), satisfied_from=3)
    assert counts(found) == [("a1", "查询", "rating", 2, None), ("a1", "查询", "satisfied", 2, 2)]


def test_a_row_for_every_month(facts_of: FactsOf) -> None:
    who = {"agent_id": "a1", "business": "查询"}
    rows = [call(f"2025-{month}", resolved=resolved, **who) for month, resolved in (("12-31 23:59", True), ("12-01 00:00", False))]
    found = cells(facts_of({"calls": [*rows, call("2026-01-01 00:00", resolved=True, **who)]}), by_month=True)
    assert found.tables["cells"].column_names == [*FIRST, *FURTHER, "month"]
    assert counts(found, "month") == [("a1", "查询", "resolved", 2, 1, "2025-12"), ("a1", "查询", "resolved", 1, 1, "2026-01")]
    assert found.values["cells"] == 2


@pytest.mark.parametrize("by_month", [False, True])
def test_without_any_outcome_the_table_is_empty(by_month: bool, facts_of: FactsOf) -> None:
    found = cells(facts_of({"calls": [call("2026-03-02 09:00")]}), by_month=by_month)
    assert found.tables["cells"].num_rows == 0
    assert found.tables["cells"].column_names == [*FIRST, *FURTHER, *(["month"] if by_month else [])]
    assert found.values == {"agents": 0, "businesses": 0, "cells": 0, "median_n": None, "calls": 1}


def test_a_period_without_calls_is_refused(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="2026-03-02"):
        cells(facts_of({"calls": [call("2026-03-02 09:00")]}), until=date(2020, 1, 1))
