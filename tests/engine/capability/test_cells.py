"""Tries and successes per person and business."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from coachline.engine.capability.cells import cells
from coachline.engine.facts import Facts
from coachline.errors import CoachlineError
from tests.engine.operations.rows import call

FactsOf = Callable[..., Facts]


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
    assert found.tables["cells"].to_pylist() == [
        {"agent_id": "a1", "business": "查询", "outcome": "resolved", "n": 2, "successes": 1},
        {"agent_id": "a1", "business": "查询", "outcome": "satisfied", "n": 2, "successes": 1},
        {"agent_id": "a1", "business": "查询", "outcome": "ticketed", "n": 3, "successes": 1},
        {"agent_id": "a2", "business": "投诉", "outcome": "resolved", "n": 1, "successes": 1},
    ]
    assert found.values == {"agents": 2, "businesses": 2, "cells": 4, "median_n": 2.0, "calls": 6}
    notes = {note.code: dict(note.facts) for note in found.notes}
    assert notes["cells_left_out"] == {"calls": 2, "share": pytest.approx(1 / 3)}
    assert notes["outcome_not_recorded"] == {"outcome": "transferred", "column": "transferred"}


def test_the_bar_of_satisfaction_and_the_period_are_the_users(facts_of: FactsOf) -> None:
    rows = [call(f"2026-03-0{day} 09:00", agent_id="a1", business="查询", rating=3) for day in (2, 3, 3)]
    found = cells(facts_of({"calls": rows}), since=date(2026, 3, 3), satisfied_from=3)
    assert found.tables["cells"].to_pylist() == [{"agent_id": "a1", "business": "查询", "outcome": "satisfied", "n": 2, "successes": 2}]


def test_without_any_outcome_the_table_is_empty(facts_of: FactsOf) -> None:
    found = cells(facts_of({"calls": [call("2026-03-02 09:00")]}))
    assert found.tables["cells"].num_rows == 0
    assert found.tables["cells"].column_names == ["agent_id", "business", "outcome", "n", "successes"]


def test_a_period_without_calls_is_refused(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="2026-03-02"):
        cells(facts_of({"calls": [call("2026-03-02 09:00")]}), until=date(2020, 1, 1))
