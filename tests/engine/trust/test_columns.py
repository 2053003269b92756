"""What one pass over the columns tells: the profile, gaps, limits, rules, rounding, useless columns."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from coachline.engine.facts import Facts
from coachline.engine.tables import TABLES
from coachline.engine.trust import heaping, limits, missing, orders, profile, unused
from coachline.engine.trust.issue import Issue
from coachline.engine.trust.quality import quality
from tests.conftest import FactsOf

ZONE = ZoneInfo("Asia/Shanghai")


def answers(facts: Facts, name: str) -> dict[profile.Ask, Any]:
    table, rows = TABLES[name], facts.table(name)
    asked = profile.asks(facts, table, rows) | missing.asks(table, rows) | limits.asks(table, rows)
    return profile.answer(facts, rows, asked | orders.asks(table, rows) | heaping.asks(table, rows))


def brief(issues: list[Issue]) -> dict[tuple[str, str], tuple[int, str | None]]:
    return {(issue.column, issue.code): (issue.rows, issue.example) for issue in issues}


def call(number: int, **values: Any) -> dict[str, Any]:
    return {
        "call_id": f"c{number:04d}",
        "arrived_at": datetime(2026, 3, 1, 16, tzinfo=UTC) + timedelta(minutes=number),
        "outcome": "answered",
        "agent_id": "A1",
        "talk_s": 100.0 + number,
        **values,
    }


def test_profile(facts_of: FactsOf) -> None:
    calls = [call(i, resolved=i > 1, customer_id=f"secret{i}", rating=None if i == 0 else i) for i in range(5)]
    agents = [{"agent_id": "A1", "name": "张三", "hired_on": date(2020, 1, 31), "tags": {"a": "b"}}]
    facts = facts_of({"calls": calls, "agents": agents})
    columns = quality(facts).tables["columns"].to_pylist()
    found = {
        (row["table"], row["column"]): (row["missing"], row["missing_share"], row["distinct"], row["low"], row["median"], row["high"])
        for row in columns
    }
    assert found["calls", "talk_s"] == (0, 0.0, 5, "100", "102", "104")
    assert found["calls", "rating"][:2] == (1, 0.2)
    assert found["calls", "resolved"] == (0, 0.0, 2, "false", None, "true")
    assert found["calls", "arrived_at"][3:] == ("2026-03-02 00:00:00", None, "2026-03-02 00:04:00")
    assert found["calls", "wrap_s"] == (5, 1.0, 0, None, None, None)
    assert found["agents", "hired_on"][3:] == ("2020-01-31", None, "2020-01-31")
    assert found["agents", "tags"] == (0, 0.0, None, None, None, None)
    assert not {"secret", "张三"} & {str(value)[:6] for row in columns for value in row.values()}
    assert {row["column"] for row in columns if row["table"] == "agents"} == {c.name for c in TABLES["agents"].stored} - {"loaded_at"}


def test_missing_counts_only_where_a_value_is_expected(facts_of: FactsOf) -> None:
    calls = [call(i, wrap_s=None if i < 3 else 5.0, wait_s=1.0) for i in range(10)]
    calls += [call(i, outcome="abandoned", agent_id=None, talk_s=None, wait_s=None if i < 12 else 3.0) for i in range(10, 20)]
    calls += [call(20, outcome="ivr_only", agent_id=None, talk_s=None, wait_s=None)]
    got = answers(facts_of({"calls": calls}), "calls")
    found = missing.issues(TABLES["calls"], got)
    assert brief(found) == {("wrap_s", "missing"): (3, None), ("wait_s", "missing"): (2, None)}
    assert {issue.column: issue.share for issue in found} == {"wrap_s": 0.3, "wait_s": 0.1}


def test_who_calls_out_does_not_queue_and_a_chat_is_not_recorded(facts_of: FactsOf) -> None:
    filled = {"ivr_s": 5.0, "wait_s": 5.0, "queue": "普通", "resolved": True, "recording": "r"}
    unknown: dict[str, Any] = dict.fromkeys(filled)
    calls = [call(0, direction="inbound", channel="voice", **filled), call(1, direction=None, channel=None, **filled)]
    calls += [call(2, direction="outbound", channel="voice", **unknown | {"recording": "r"})]
    calls += [call(3, direction="inbound", channel="chat", **filled | {"ivr_s": None, "recording": None})]
    # Where channel or direction itself is unknown, an inbound voice call is expected.
    nature = {"channel", "direction"}
    lacking = missing.issues(TABLES["calls"], answers(facts_of({"calls": calls}), "calls"))
    assert {issue.column for issue in lacking} == nature
    lacking = missing.issues(TABLES["calls"], answers(facts_of({"calls": [*calls, call(4, **unknown)]}), "calls"))
    assert {issue.column for issue in lacking} == nature | set(filled)


def test_one_in_two_thousand_is_not_worth_a_line(facts_of: FactsOf) -> None:
    agents = [{"agent_id": f"A{i}", "team": None if i == 0 else "甲", "left_on": date(2026, 1, 1) if i == 1 else None} for i in range(2000)]
    assert missing.issues(TABLES["agents"], answers(facts_of({"agents": agents}), "agents")) == []


def test_limits(facts_of: FactsOf) -> None:
    calls = [
        call(0, ivr_s=-3.0),
        call(1, ivr_s=-20.0),
        call(2, ivr_s=1801.0),
        call(3, talk_s=0.0),
        call(4, talk_s=7201.0),
        call(5, wrap_s=3600.0),
    ]
    facts = facts_of({"calls": calls, "trainings": [{"training_id": "t", "agent_id": "a", "hours": 13.0}]})
    found = limits.issues(TABLES["calls"], answers(facts, "calls"), ZONE)
    assert brief(found) == {
        ("ivr_s", "negative"): (2, "-20"),
        ("ivr_s", "above_plausible"): (1, "1801"),
        ("talk_s", "above_plausible"): (1, "7201"),
    }
    assert {issue.code: issue.grade for issue in found} == {"negative": "wrong", "above_plausible": "doubt"}
    assert brief(limits.issues(TABLES["trainings"], answers(facts, "trainings"), ZONE)) == {("hours", "above_plausible"): (1, "13")}


@pytest.mark.parametrize(
    ("table", "row", "code", "example"),
    [
        ("calls", call(1, agent_id=None), "answered_has_agent", "c0001"),
        ("calls", call(1, talk_s=0.0), "answered_has_talk", "c0001"),
        ("calls", call(1, outcome="ivr_only", talk_s=None), "agent_only_when_answered", "c0001"),
        ("calls", call(1, rating=5, invited=False), "rated_was_invited", "c0001"),
        ("calls", call(1, outcome="abandoned", talk_s=None, rating=5), "rated_was_answered", "c0001"),
        ("inspections", {"inspection_id": "i1", "agent_id": "A1", "fatal": True, "passed": True}, "fatal_is_not_passed", "i1"),
        (
            "survey_answers",
            {"survey": "s", "sent_at": datetime(2026, 3, 2), "answered_at": datetime(2026, 3, 1)},
            "answered_after_sent",
            None,
        ),
        ("transcripts", {"call_id": "c1", "turn": 1, "starts_ms": 5, "ends_ms": 4}, "turn_ends_after_start", "c1"),
    ],
)
def test_each_rule_that_warns(facts_of: FactsOf, table: str, row: dict[str, Any], code: str, example: str | None) -> None:
    found = orders.issues(TABLES[table], answers(facts_of({table: [row, {**row, **UNKNOWN[table]}]}), table))
    assert [(issue.code, issue.rows, issue.share, issue.example) for issue in found] == [(code, 1, 0.5, example)]
    rule = next(rule for rule in TABLES[table].rules if rule.code == code)
    assert set(rule.columns) <= {found[0].column, *found[0].also}


UNKNOWN: dict[str, dict[str, Any]] = {
    "calls": {"outcome": "ignored", "rating": None, "call_id": "z"},
    "inspections": {"fatal": None, "inspection_id": "z"},
    "survey_answers": {"sent_at": None},
    "transcripts": {"ends_ms": None, "turn": 2},
}
"""What turns a row that breaks a rule into one of which it is not known."""


def test_every_rule_that_warns_is_tried_above() -> None:
    marks = test_each_rule_that_warns.pytestmark  # type: ignore[attr-defined]
    tried = {case[2] for case in marks[0].args[1]}
    assert tried == {rule.code for table in TABLES.values() for rule in orders.warnings(table)}


@pytest.mark.parametrize(("step", "code"), [(60, "60 s"), (10, "10 s"), (1, None)])
def test_rounded_durations(facts_of: FactsOf, step: int, code: str | None) -> None:
    calls = [call(i, talk_s=float(step * (1 + i * 7 % 97))) for i in range(300)]
    found = heaping.issues(TABLES["calls"], answers(facts_of({"calls": calls}), "calls"))
    assert [(issue.column, issue.example) for issue in found] == ([("talk_s", code)] if code else [])


def test_zeros_and_few_values_are_not_rounded(facts_of: FactsOf) -> None:
    calls = [call(i, wait_s=60.0 if i < 99 else 0.0) for i in range(300)]
    assert heaping.issues(TABLES["calls"], answers(facts_of({"calls": calls}), "calls")) == []


def test_useless_columns(facts_of: FactsOf) -> None:
    calls = [call(i, hold_s=0.0, resolved=True, business=f"说明{i}", queue="一队", channel="voice", customer_id="same") for i in range(60)]
    found = {(i.column, i.code): i.example for i in unused.issues(TABLES["calls"], answers(facts_of({"calls": calls}), "calls"))}
    assert found.pop(("hold_s", "constant_column")) == "0"
    assert found.pop(("resolved", "constant_column")) == "1"
    assert found.pop(("customer_id", "constant_column")) is None
    assert ("business", "free_text") in found
    del found["business", "free_text"]
    assert {code for _, code in found} == {"empty_column"}
    assert {"rating", "wrap_s", "transferred"} <= {column for column, _ in found}
    assert not {"queue", "channel", "outcome", "talk_s"} & {column for column, _ in found}


def test_few_rows_say_nothing_about_a_column(facts_of: FactsOf) -> None:
    calls = [call(i, resolved=True, business=f"说明{i}") for i in range(10)]
    found = unused.issues(TABLES["calls"], answers(facts_of({"calls": calls}), "calls"))
    assert {issue.code for issue in found} == {"empty_column"}
