"""Pages of very many rows, as a download takes them, hold the same rows as those to be looked at."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from coachline.engine.browsing import CallFilters, calls_page
from coachline.engine.browsing import calls as calls_module
from coachline.engine.compute import DuckDBCompute
from tests.engine.browsing.rows import START, facts_in_files, meant


@pytest.mark.parametrize("size", [3, 20, 41, 60])
def test_across_stretches_of_time(compute: DuckDBCompute, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(calls_module, "SIZES", (4, 12))
    monkeypatch.setattr(calls_module, "NAMED", 5)
    calls = [
        {"source": "main", "call_id": f"C{i}", "arrived_at": START + timedelta(hours=i // 2), "outcome": "answered", "rating": i % 3 + 1}
        for i in range(60)
    ]
    facts = facts_in_files(tmp_path, calls, 3, compute)
    for filters in (CallFilters(), CallFilters(rating=2)):
        expected = [call["call_id"] for call in meant(calls_in_full(calls), filters)]
        page = calls_page(facts, filters, size=size)
        assert page.rows["call_id"].to_pylist() == expected[:size]
        assert page.more == (len(expected) > size)


def calls_in_full(calls: list[dict[str, object]]) -> list[dict[str, object]]:
    """With unknown values where none are given."""
    names = ("agent_id", "business", "direction", "queue", "channel", "ticketed", "transferred", "resolved", "invited")
    return [{**dict.fromkeys(names), **call} for call in calls]
