"""Every call falls into the first stratum whose rule it meets; the rest is ordinary."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.strata import ORDINARY, STRATUM_RULES, Strata, with_stratum
from coachline.errors import CoachlineError
from tests.conftest import FactsOf
from tests.engine.operations.rows import at, call

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))


def strata_of(facts: Facts, strata: Strata, period: Period = MARCH) -> dict[str, str]:
    calls = period.rows(facts, facts.table("calls"), "arrived_at")
    found = facts.collect(with_stratum(facts, calls.filter(calls.outcome == "answered"), period, strata).select("call_id", "stratum"))
    return {row["call_id"]: strata.names[row["stratum"]] for row in found.to_pylist()}


def one(when: str, name: str, **fields: Any) -> dict[str, Any]:
    return {**call(when, agent_id="a1", customer_id=f"k{name}", business="国际业务/查询", **fields), "call_id": name}


def test_the_rules_that_hold_unless_a_centre_has_its_own(facts_of: FactsOf) -> None:
    calls = [
        one("2026-03-02 09:00", "angry", rating=2, ticketed=True),
        one("2026-03-02 09:00", "neutral", rating=3),
        one("2026-03-02 09:00", "ticketed", ticketed=True, hold_s=500.0),
        {**one("2026-03-02 09:00", "complaint"), "business": "国际业务/投诉/丢失"},
        one("2026-03-02 09:00", "held", hold_s=121.0),
        one("2026-03-02 09:00", "waited", wait_s=600.0),
        one("2026-03-02 09:00", "quick", hold_s=120.0, wait_s=120.0),
        {**one("2026-03-02 09:00", "first"), "customer_id": "back"},
        {**one("2026-03-08 09:00", "second"), "customer_id": "back"},
        {**one("2026-03-20 09:00", "much_later"), "customer_id": "back"},
        {**one("2026-03-02 09:00", "newcomer"), "agent_id": "new"},
        {**one("2026-03-02 09:00", "ninety_days"), "agent_id": "old"},
        {**one("2026-03-02 09:00", "hired_later"), "agent_id": "later"},
        {**one("2026-03-02 09:00", "unknown_agent"), "agent_id": "nobody"},
    ]
    agents = [
        {"agent_id": "new", "hired_on": date(2025, 12, 3)},
        {"agent_id": "old", "hired_on": date(2025, 12, 2)},
        {"agent_id": "later", "hired_on": date(2026, 4, 1)},
    ]
    found = strata_of(facts_of({"calls": calls, "agents": agents}), Strata.of(STRATUM_RULES, 7))
    assert found == {
        "angry": "dissatisfied", "neutral": ORDINARY, "ticketed": "ticketed", "complaint": "complaint", "held": "long_silence", "waited": "long_silence",
        "quick": ORDINARY, "first": "repeat", "second": "repeat", "much_later": ORDINARY, "newcomer": "new_agent", "ninety_days": ORDINARY,
        "hired_later": ORDINARY, "unknown_agent": ORDINARY,
    }  # fmt: skip


def test_repeats_are_seen_across_the_edges_of_the_period(facts_of: FactsOf) -> None:
    calls = [
        {**one("2026-02-27 09:00", "before"), "customer_id": "x"},
        {**one("2026-03-02 09:00", "after_it"), "customer_id": "x"},
        {**one("2026-03-30 09:00", "before_the_end"), "customer_id": "y"},
        {**one("2026-04-02 09:00", "beyond", outcome="abandoned"), "customer_id": "y"},
    ]
    found = strata_of(facts_of({"calls": calls}), Strata.of(STRATUM_RULES, 7))
    assert found == {"after_it": "repeat", "before_the_end": "repeat"}
    found = strata_of(facts_of({"calls": calls}), Strata.of(STRATUM_RULES, 2))
    assert found == {"after_it": ORDINARY, "before_the_end": ORDINARY}


def test_a_centre_may_have_its_own_strata(facts_of: FactsOf) -> None:
    calls = [one("2026-03-02 23:00", "night"), one("2026-03-02 09:00", "day"), one("2026-03-02 23:30", "night_vip", queue="VIP")]
    agents = [{"agent_id": "a1", "team": "一班"}]
    rules = {"大客户": '技能组 = "VIP"', "夜间": 'hour >= 22 且 班组 = "一班"'}
    assert strata_of(facts_of({"calls": calls, "agents": agents}), Strata.of(rules, 7)) == {
        "night": "夜间",
        "day": ORDINARY,
        "night_vip": "大客户",
    }
    assert strata_of(facts_of({"calls": calls}), Strata.of({}, 7)) == {"night": ORDINARY, "day": ORDINARY, "night_vip": ORDINARY}


def test_ordinary_can_have_no_rule() -> None:
    with pytest.raises(CoachlineError) as refused:
        Strata.of({"ordinary": "rating > 3"}, 7)
    assert refused.value.code == "stratum_ordinary_has_no_rule"


def test_two_calls_at_the_same_moment_are_both_repeats(facts_of: FactsOf) -> None:
    calls = [{**one("2026-03-02 09:00", name), "customer_id": "x"} for name in ("one", "other")]
    assert strata_of(facts_of({"calls": calls}), Strata.of(STRATUM_RULES, 7)) == {"one": "repeat", "other": "repeat"}


def test_the_moment_is_that_of_the_centre(facts_of: FactsOf) -> None:
    calls = [{**one("2026-03-02 23:00", "late"), "arrived_at": at("2026-03-02 23:00")}]
    assert strata_of(facts_of({"calls": calls}), Strata.of({"late": "hour == 23"}, 7)) == {"late": "late"}
