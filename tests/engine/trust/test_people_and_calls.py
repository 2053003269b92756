"""What only several rows or tables together show: recorded twice, two at once, not there, not known, always the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from coachline.engine.tables import TABLES
from coachline.engine.trust import attendance, duplicates, references, sameness, sequence
from coachline.engine.trust.issue import Issue
from tests.conftest import FactsOf

ZONE = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 3, 2, 9, tzinfo=ZONE)


def call(second: int, talk: float, agent: str | None = "A1", **values: Any) -> dict[str, Any]:
    number = f"{agent}-{second}-{talk}"
    at = NINE + timedelta(seconds=second)
    return {"call_id": number, "arrived_at": at, "agent_id": agent, "talk_s": talk, "outcome": "answered", "channel": "voice", **values}


def brief(issues: list[Issue]) -> dict[str, tuple[int, str | None]]:
    return {issue.code: (issue.rows, issue.example) for issue in issues}


def test_the_same_call_under_two_numbers(facts_of: FactsOf) -> None:
    again = {"call_id": "again", "source": "other file"}
    calls = [call(0, 90), call(0, 90, **again), call(0, 90, "A2"), call(500, 90), call(500, 91, wrap_s=1.0)]
    # The third record of one call is a second duplicate.
    assert brief(sequence.issues(facts_of({"calls": calls})))["duplicates"] == (1, "A1")
    assert brief(sequence.issues(facts_of({"calls": [*calls, call(0, 90, call_id="third")]})))["duplicates"] == (2, "A1")


@pytest.mark.parametrize(
    ("later", "overlapping"),
    [
        (call(100, 200), 1),
        (call(100, 200, ivr_s=50.0, wait_s=200.0), 0),
        (call(100, 200, ivr_s=-300.0), 1),
        (call(100, 200, "A2"), 0),
        (call(100, 200, channel="chat"), 0),
        (call(100, 200, channel=None), 1),
        (call(250, 300), 0),
        (call(100, 50), 0),
        (call(300, 300), 0),
        (call(100, None, outcome="abandoned"), 0),  # type: ignore[arg-type]
    ],
)
def test_two_calls_at_once(facts_of: FactsOf, later: dict[str, Any], overlapping: int) -> None:
    found = brief(sequence.issues(facts_of({"calls": [call(0, 300), later]})))
    assert found == ({"overlapping_calls": (1, "A1")} if overlapping else {})


@pytest.mark.parametrize(
    ("table", "row", "key"),
    [
        ("inspections", {"call_id": "c", "agent_id": "A", "inspector_id": "I", "inspected_at": NINE, "purpose": "score"}, "inspection_id"),
        ("trainings", {"agent_id": "A", "business": "b", "method": "class", "started_at": NINE}, "training_id"),
        ("exams", {"agent_id": "A", "item": "1", "taken_at": NINE}, "exam_id"),
        ("mystery_calls", {"centre": "c", "caller": "x", "item": "1", "called_at": NINE}, "mystery_id"),
    ],
)
def test_the_same_record_under_two_numbers(facts_of: FactsOf, table: str, row: dict[str, Any], key: str) -> None:
    rows = [{**row, key: "1"}, {**row, key: "2"}, {**row, key: "3"}]
    [found] = duplicates.issues(facts_of({table: rows}), TABLES[table])
    assert (found.code, found.rows, found.example) == ("duplicates", 2, "1")
    other = next(name for name in row if name.endswith("_at"))
    assert duplicates.issues(facts_of({table: [rows[0], {**rows[1], other: NINE + timedelta(hours=1)}]}), TABLES[table]) == []
    assert duplicates.issues(facts_of({table: [{**r, other: None} for r in rows]}), TABLES[table]) == []


def test_namesakes_are_shown_by_their_numbers(facts_of: FactsOf) -> None:
    agents = [{"agent_id": f"A{i}", "name": name} for i, name in enumerate(["张三", "李四", "张三", None, None])]
    [found] = duplicates.issues(facts_of({"agents": agents}), TABLES["agents"])
    assert (found.code, found.rows, found.example) == ("same_name", 2, "A0 = A2")


def test_references_that_lead_nowhere(facts_of: FactsOf) -> None:
    facts = facts_of(
        {
            "calls": [call(0, 90, business="a/b"), call(200, 90, "B7", business="a/x"), call(400, 90, "B7"), call(600, 90, None)],
            "agents": [{"agent_id": "A1"}, {"agent_id": "A2"}],
            "businesses": [{"business": "a/b"}],
            "inspections": [
                {"inspection_id": "i", "call_id": "A1-0-90", "agent_id": "A1"},
                {"inspection_id": "j", "call_id": "no", "agent_id": "A9"},
            ],
            "inspection_items": [{"inspection_id": "i", "item": "1"}, {"inspection_id": "k", "item": "1"}],
            "transcripts": [{"call_id": "A1-0-90", "turn": 1}, {"call_id": "lost", "turn": 1}, {"call_id": "lost", "turn": 2}],
            "shifts": [{"agent_id": "A3"}],
        }
    )
    assert brief(references.issues(facts, "calls")) == {"unknown_agent": (2, "B7"), "unknown_business": (1, "a/x")}
    assert brief(references.issues(facts, "inspections")) == {"unknown_agent": (1, "A9"), "unknown_call": (1, "no")}
    assert brief(references.issues(facts, "inspection_items")) == {"unknown_inspection": (1, "k")}
    assert brief(references.issues(facts, "transcripts")) == {"unknown_call": (2, "lost")}
    assert brief(references.issues(facts, "shifts")) == {"unknown_agent": (1, "A3")}


def test_a_table_that_is_not_loaded_knows_nobody_and_blames_nobody(facts_of: FactsOf) -> None:
    assert references.issues(facts_of({"calls": [call(0, 90, business="a")]}), "calls") == []


def test_calls_before_hire_and_after_leaving(facts_of: FactsOf) -> None:
    # 23:30 UTC on the 1st is the 2nd in Shanghai: the local day counts, and the days of hiring and leaving are working days.
    agents = [
        {"agent_id": "A1", "hired_on": date(2026, 3, 2), "left_on": date(2026, 3, 2)},
        {"agent_id": "A2", "hired_on": date(2026, 3, 3)},
        {"agent_id": "A3", "left_on": date(2026, 3, 1)},
        {"agent_id": "A4"},
    ]
    calls = [
        call(-90 * 60, 90),
        call(0, 90, "A2"),
        call(400, 90, "A2"),
        call(0, 90, "A3"),
        call(0, 90, "A4"),
        call(0, 90, "A5"),
        call(0, 90, None),
    ]
    found = brief(attendance.issues(facts_of({"calls": calls, "agents": agents})))
    assert found == {"before_hired": (2, "A2"), "after_left": (1, "A3")}


def shift(agent: str, start: float, end: float, activity: str = "work") -> dict[str, Any]:
    return {"agent_id": agent, "starts_at": NINE + timedelta(hours=start), "ends_at": NINE + timedelta(hours=end), "activity": activity}


def test_calls_outside_the_shifts(facts_of: FactsOf) -> None:
    shifts = [shift("A1", 0, 8), shift("A1", 12, 24), shift("A1", 8, 9, "training"), shift("A2", -9, 40)]
    hour = 3600
    inside = [call(0, 90), call(-600, 90), call(8 * hour + 600, 90), call(13 * hour, 90), call(16 * hour, 90), call(23 * hour, 90)]
    inside += [call(10 * hour, 90, "A2"), call(10 * hour, 90, "stranger"), call(10 * hour, 90, outcome="abandoned"), call(90 * hour, 90)]
    assert brief(attendance.issues(facts_of({"calls": inside, "shifts": shifts}))) == {}
    outside = [call(int(8.5 * hour), 90), call(10 * hour, 90), call(int(7.9 * hour), 90, ivr_s=600.0, wait_s=900.0)]
    found = attendance.issues(facts_of({"calls": inside + outside, "shifts": shifts}))
    assert brief(found) == {"outside_shift": (3, "A1")}
    assert brief(attendance.issues(facts_of({"calls": outside, "shifts": [shift("A1", 0, 8, "leave")]}))) == {}


def rated(agent: int, value: bool | None, n: int, rng: np.random.Generator) -> list[dict[str, Any]]:
    return [
        call(i * 400, 60.0 + rng.integers(200), f"A{agent:02d}", resolved=bool(rng.random() < 0.85) if value is None else value)
        for i in range(n)
    ]


def test_an_agent_who_always_ticks_the_same_box(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(1)
    calls = [row for agent in range(15) for row in rated(agent, None, 300, rng)] + rated(77, True, 300, rng)
    # Forty solved in a row happen to good people.
    calls += rated(88, True, 40, rng)
    [found] = sameness.issues(facts_of({"calls": calls}))
    assert (found.column, found.code, found.rows, found.example) == ("resolved", "same_by_agent", 300, "A77")


def test_an_agent_whose_every_call_lasts_alike(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(2)
    calls = [row for agent in range(5) for row in rated(agent, None, 40, rng)]
    calls += [call(i * 400, 120.0, "A66") for i in range(40)]
    [found] = sameness.issues(facts_of({"calls": calls}))
    assert (found.column, found.rows, found.example) == ("talk_s", 40, "A66")


def test_where_all_are_alike_nobody_stands_out(facts_of: FactsOf) -> None:
    calls = [call(i * 400, 120.0, f"A{agent}", resolved=True) for agent in range(3) for i in range(40)]
    assert sameness.issues(facts_of({"calls": calls})) == []
