"""One call: found by its key, with its own inspections and its customer's calls around it, and no more than the asker may see."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from coachline.engine.browsing import CallFilters, OneCall, calls_page, one_call
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from tests.engine.browsing.rows import START, facts_in_files
from tests.engine.two_centres import two_centres

CUSTOMER = "c_0123456789abcdef01234567"


def call(number: str, days: float = 0.0, source: str = "main", agent: str | None = "A1", customer: str | None = CUSTOMER) -> dict[str, Any]:
    arrived = START + timedelta(days=days)
    return {"source": source, "call_id": number, "arrived_at": arrived, "agent_id": agent, "customer_id": customer, "outcome": "answered"}


CALLS = [
    call("early", -7),
    call("too early", -7.01),
    call("before", -1, agent="A2"),
    call("C1"),
    call("at once"),
    call("other", 0, customer="c_aaaa456789abcdef01234567"),
    call("unknown", 0, customer=None),
    call("waiting", 1, agent=None),
    call("late", 6.99),
    call("too late", 7.01),
    call("C1", 30, source="aux", agent="A2"),
]


def inspection(number: str, call_id: str, agent: str, days: float | None, score: float | None = 90.0) -> dict[str, Any]:
    at = None if days is None else START + timedelta(days=days)
    return {"inspection_id": number, "call_id": call_id, "agent_id": agent, "inspected_at": at, "score": score}


INSPECTIONS = [
    inspection("2", "C1", "A1", 3, None),
    inspection("1", "C1", "A1", 2),
    inspection("0", "C1", "A1", None),
    inspection("3", "C1", "A2", 4),
    inspection("4", "C1", "typo", 5),
    inspection("5", "late", "A1", 9),
]


@pytest.fixture
def facts(compute: DuckDBCompute, tmp_path: Path) -> Facts:
    return facts_in_files(tmp_path, CALLS, 3, compute, inspections=INSPECTIONS)


def found(facts: Facts, source: str, call_id: str, **how: Any) -> OneCall:
    seen = one_call(facts, source, call_id, **how)
    assert seen is not None
    return seen


def test_the_call_and_its_customers_calls_around_it(facts: Facts) -> None:
    seen = found(facts, "main", "C1")
    assert (seen.call["call_id"], seen.call["arrived_at"], seen.call["customer_id"], seen.call["recorded"]) == (
        "C1",
        START,
        "01234567",
        False,
    )
    assert seen.around["call_id"].to_pylist() == ["early", "before", "at once", "waiting", "late"]
    assert set(seen.around["customer_id"].to_pylist()) == {"01234567"}
    assert seen.around_hidden == 0
    for unknown in ("unknown", "other"):
        assert found(facts, "main", unknown).around.num_rows == 0


def test_inspections_of_this_call_and_not_of_its_namesake(facts: Facts) -> None:
    # "typo" took no call of this number anywhere, so the inspection may be of either.
    assert found(facts, "main", "C1").inspections["inspection_id"].to_pylist() == ["0", "1", "2", "4"]
    assert found(facts, "aux", "C1").inspections["inspection_id"].to_pylist() == ["3", "4"]
    assert found(facts, "main", "late").inspections["score"].to_pylist() == [90.0]
    assert found(facts, "main", "early").inspections.num_rows == 0


def test_no_more_than_the_asker_may_see(facts: Facts) -> None:
    seen = found(facts, "main", "C1", agents={"A1"})
    assert seen.around["call_id"].to_pylist() == ["early", "at once", "late"]
    assert seen.around_hidden == 2
    assert one_call(facts, "main", "before", agents={"A1"}) is None
    assert one_call(facts, "main", "waiting", agents={"A1"}) is None
    assert one_call(facts, "main", "C1", agents=()) is None
    assert one_call(facts, "main", "nowhere") is None
    assert one_call(facts, "nowhere", "C1") is None


def test_a_time_that_is_known_helps_and_a_wrong_one_does_no_harm(facts: Facts) -> None:
    assert found(facts, "main", "C1", arrived_at=START).call == found(facts, "main", "C1").call
    assert found(facts, "main", "C1", arrived_at=START + timedelta(5)).call["arrived_at"] == START


def test_calls_of_another_centre_are_no_calls(compute: DuckDBCompute, tmp_path: Path) -> None:
    """Also where only some of the files are opened."""
    tables = two_centres()
    given = [{"source": "test", **row, "arrived_at": START + timedelta(place)} for place, row in enumerate(tables["calls"])]
    people = {name: tables[name] for name in ("agents", "inspections")}
    everything = facts_in_files(tmp_path, given, len(given), compute, **people)
    of_first, of_second = (everything.of_centre(centre, default="甲") for centre in ("甲", "乙"))
    assert one_call(of_first, "test", "C4") is None
    assert one_call(of_first, "test", "C4", arrived_at=START + timedelta(3)) is None
    assert one_call(of_second, "test", "C4", arrived_at=START + timedelta(3)) is not None

    def listed(facts: Facts, filters: CallFilters) -> set[tuple[str, str]]:
        rows = calls_page(facts, filters).rows
        return set(zip(rows["source"].to_pylist(), rows["call_id"].to_pylist(), strict=True))

    for filters in (CallFilters(), CallFilters(since=START.date(), until=START.date() + timedelta(3)), CallFilters(repeat=False)):
        first, second, whole = (listed(facts, filters) for facts in (of_first, of_second, everything))
        assert not first & second
        assert first | second <= whole
    assert ("test", "C1") in listed(of_first, CallFilters()) and ("test", "C4") in listed(of_second, CallFilters())
