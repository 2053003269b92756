"""Every running figure against a day small enough to count by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.daily import daily
from coachline.engine.operations.metrics import METRICS
from coachline.engine.result import Findings
from coachline.errors import CoachlineError
from tests.engine.operations.rows import at, call

FactsOf = Callable[..., Facts]


def figures(findings: Findings, day: str = "2026-03-02") -> dict[str, float]:
    rows = findings.tables["daily"].to_pylist()
    return {row["metric"]: row["value"] for row in rows if row["date"] == date.fromisoformat(day)}


def notes(findings: Findings) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for note in findings.notes:
        found.setdefault(note.code, []).append(dict(note.facts))
    return found


DAY = [
    call(
        "2026-03-02 09:00",
        wait_s=5,
        talk_s=100,
        hold_s=10,
        wrap_s=20,
        resolved=True,
        invited=True,
        rating=5,
        transferred=False,
        ticketed=True,
    ),
    call("2026-03-02 09:10", wait_s=20, talk_s=200, hold_s=None, wrap_s=40, resolved=False, invited=True, transferred=True, ticketed=False),
    call("2026-03-02 09:20", wait_s=30, talk_s=300, hold_s=30, wrap_s=None, resolved=None, invited=True, rating=3, transferred=False),
    call("2026-03-02 09:30", wait_s=None, talk_s=60, hold_s=0, wrap_s=0, resolved=True, invited=False, direction=None),
    call("2026-03-02 10:00", "abandoned", wait_s=10),
    call("2026-03-02 10:10", "abandoned", wait_s=100),
    call("2026-03-02 10:20", "abandoned", wait_s=None),
    call("2026-03-02 11:00", "ivr_only"),
    call("2026-03-02 11:10", "ignored"),
    call("2026-03-02 12:00", direction="outbound", talk_s=90),
    call("2026-03-02 12:10", "abandoned", direction="outbound"),
    call("2026-03-02 12:20", "ignored", direction="outbound"),
]


def test_a_day_counted_by_hand(facts_of: FactsOf) -> None:
    findings = daily(facts_of({"calls": DAY}))
    assert figures(findings) == pytest.approx(
        {
            "offered": 7,
            "answered": 4,
            "abandoned": 3,
            "connect_rate": 4 / 7,
            "abandon_rate": 3 / 7,
            # Known waits: answered 5, 20, 30; abandoned 10, 100. Twenty seconds are still within twenty seconds.
            "service_level_offered": (2 + 1) / 5,
            "service_level_answered": 2 / 3,
            "service_level_strict": 2 / 5,
            "service_level_patient": 2 / (3 + 1),
            "asa": 55 / 3,
            # Talk and wrap-up known: 120, 240, 60. With hold: 130, 60.
            "aht": 420 / 3,
            "aht_with_hold": 190 / 2,
            "invited_rate": 3 / 4,
            "rated_rate": 2 / 3,
            "satisfaction": 1 / 2,
            "resolution_recorded": 2 / 3,
            "transfer_rate": 1 / 3,
            "ticket_rate": 1 / 2,
            "outbound_calls": 2,
            "outbound_reach": 1 / 2,
        }
    )
    assert findings.values == {"first_day": "2026-03-02", "last_day": "2026-03-02", "days": 1, "calls": 12}


def test_every_value_is_its_numerator_over_its_denominator(facts_of: FactsOf) -> None:
    for row in daily(facts_of({"calls": DAY})).tables["daily"].to_pylist():
        metric = METRICS[row["metric"]]
        assert row["formula"] == metric.formula()
        assert (row["denominator"] is None) == (metric.unit == "count")
        assert row["value"] == pytest.approx(row["numerator"] / (row["denominator"] or 1))


def test_what_was_left_out_is_said(facts_of: FactsOf) -> None:
    found = notes(daily(facts_of({"calls": DAY})))
    assert found["not_offered"] == [{"ivr_only": 1, "ignored": 2}]
    assert found["wait_unknown"] == [{"answered": 1, "abandoned": 1}]
    assert found["handled_unknown"] == [{"calls": 1, "share": 0.25}]
    assert found["handled_hold_unknown"] == [{"calls": 2, "share": 0.5}]
    lacking = {note["metric"]: note["columns"] for note in found["metric_without_columns"]}
    assert lacking["repeat_rate"] == "customer_id, business"
    assert lacking["occupancy"] == "agent_id, shifts.starts_at, shifts.ends_at, shifts.activity"


def test_a_part_that_is_recorded_nowhere_is_left_out_of_handle_time_and_the_formula_says_so(facts_of: FactsOf) -> None:
    findings = daily(facts_of({"calls": [call("2026-03-02 09:00", talk_s=100), call("2026-03-02 09:00", talk_s=200)]}))
    [row] = [row for row in findings.tables["daily"].to_pylist() if row["metric"] == "aht"]
    assert (row["value"], row["formula"]) == (150, "handle_s/handled@1 -wrap_s")
    assert "aht_with_hold" not in figures(findings)
    assert {note["column"] for note in notes(findings)["part_not_recorded"]} == {"hold_s", "wrap_s"}


def test_the_same_data_answer_for_a_period_in_which_a_part_was_recorded(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": [call("2026-03-02 09:00", talk_s=100), call("2026-03-03 09:00", talk_s=100, wrap_s=50)]})
    [row] = [row for row in daily(facts, since=date(2026, 3, 3)).tables["daily"].to_pylist() if row["metric"] == "aht"]
    assert (row["value"], row["formula"]) == (150, "handle_s/handled@1")
    # Over both days, wrap-up is recorded: where it is null it is unknown, not 0.
    assert "aht" not in figures(daily(facts))


def test_days_are_local_and_a_period_includes_both_ends(facts_of: FactsOf) -> None:
    rows = [call(f"2026-03-0{day} {time}") for day in (1, 2, 3) for time in ("00:00", "23:59:59")]
    findings = daily(facts_of({"calls": rows}), since=date(2026, 3, 2), until=date(2026, 3, 2))
    assert [row["value"] for row in findings.tables["daily"].to_pylist() if row["metric"] == "offered"] == [2]
    assert findings.values["calls"] == 2


def test_a_day_without_calls_has_no_row_and_is_mentioned(facts_of: FactsOf) -> None:
    findings = daily(facts_of({"calls": [call("2026-03-02 09:00"), call("2026-03-05 09:00")]}))
    assert findings.values["days"] == 2
    assert notes(findings)["days_without_calls"] == [{"days": 2}]


def test_thresholds_are_the_users(facts_of: FactsOf) -> None:
    found = figures(daily(facts_of({"calls": DAY}), answer_within=4, satisfied_from=3))
    assert found["service_level_offered"] == 0
    assert found["satisfaction"] == 1


def test_without_a_single_abandoned_call_a_warning(facts_of: FactsOf) -> None:
    found = daily(facts_of({"calls": [call("2026-03-02 09:00")]}))
    assert "no_abandoned_calls" in notes(found)
    assert figures(found)["connect_rate"] == 1


def test_an_unrecorded_direction_counts_as_inbound_and_is_mentioned(facts_of: FactsOf) -> None:
    found = daily(facts_of({"calls": [call("2026-03-02 09:00", direction=None)]}))
    assert figures(found)["offered"] == 1
    assert "direction_not_recorded" in notes(found)


def test_a_period_backwards_is_refused(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="2026-03-03") as caught:
        daily(facts_of({"calls": DAY}), since=date(2026, 3, 3), until=date(2026, 3, 2))
    assert caught.value.code == "period_backwards"


def test_a_period_without_calls_says_which_days_have_some(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="2026-03-02") as caught:
        daily(facts_of({"calls": DAY}), since=date(2027, 1, 1))
    assert caught.value.code == "no_calls_in_period"


def test_days_of_summer_time_hold_their_own_hours(facts_of: FactsOf) -> None:
    zone = "America/New_York"
    edges = ["2026-03-08 00:00", "2026-03-08 23:59", "2026-11-01 00:00", "2026-11-01 23:59"]
    findings = daily(facts_of({"calls": [call(at(edge, zone)) for edge in edges]}, zone=zone))
    assert figures(findings, "2026-03-08")["offered"] == 2
    assert figures(findings, "2026-11-01")["offered"] == 2
