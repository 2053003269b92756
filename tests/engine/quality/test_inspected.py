"""Inspections find their call: across sources, agents and midnight; and whether the customer came back."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.inspected import about_the_agent, has_score, inspected_calls, random_part, with_repeats
from tests.conftest import FactsOf
from tests.engine.operations.rows import at, call


def inspection(number: str, call_id: str | None, agent: str = "a1", when: str | None = "2026-03-05 10:00", **fields: Any) -> dict[str, Any]:
    return {"inspection_id": number, "call_id": call_id, "agent_id": agent, "inspected_at": when and at(when), **fields}


def found(facts: Facts, carried: tuple[str, ...] = ()) -> dict[str, dict[str, Any]]:
    frame = facts.collect(inspected_calls(facts, facts.table("inspections"), carried))
    rows = frame.to_pylist()
    assert len({row["inspection_id"] for row in rows}) == len(rows)
    return {row["inspection_id"]: row for row in rows}


@pytest.fixture
def facts(facts_of: FactsOf) -> Facts:
    happened: dict[str, Any] = {"customer_id": "k1", "rating": 2, "resolved": False, "ticketed": True, "talk_s": 60.0}
    calls = [
        {**call("2026-03-01 00:10", business="x/1", agent_id="a1", **happened), "call_id": "once"},
        {**call("2026-03-02 09:00", business="x/1", agent_id="a1", **happened), "call_id": "twice", "source": "one"},
        {**call("2026-03-01 09:00", business="x/2", agent_id="a2", rating=5), "call_id": "twice", "source": "other"},
        {**call("2026-03-02 09:00", business="x/1", agent_id="a1", **happened), "call_id": "same", "source": "one"},
        {**call("2026-03-02 09:01", business="x/1", agent_id="a1", **happened), "call_id": "same", "source": "other"},
        {**call("2026-03-02 09:00", business="x/1", agent_id=None), "call_id": "mixed", "source": "one"},
        {**call("2026-03-03 09:00", business="x/2", agent_id="a3"), "call_id": "mixed", "source": "other"},
        {**call("2026-03-02 10:00", "abandoned", business="x/1", agent_id="a1"), "call_id": "lost"},
        {**call("2026-03-02 11:00", business="x/1", agent_id="a1", rating=1) | {"direction": "outbound"}, "call_id": "out"},
    ]
    inspections = [
        inspection("i1", "once", remedy="说明时限", score=float("nan")),
        inspection("i2", "twice"),
        inspection("i3", "same"),
        inspection("i4", "mixed"),
        inspection("i5", "gone", when="2026-02-28 23:59"),
        inspection("i6", None, when=None),
        inspection("i7", "lost"),
        inspection("i8", "out"),
        inspection("i9", "once", agent="a9"),
    ]
    return facts_of({"calls": calls, "inspections": inspections})


def test_what_happened_comes_from_the_call(facts: Facts) -> None:
    row = found(facts, ("remedy", "score"))["i1"]
    expected = {"calls": 1, "business": "x/1", "rating": 2, "resolved": False, "ticketed": True, "customer_id": "k1", "answered": True}
    assert {name: row[name] for name in expected} == expected
    assert row["remedy"] == "说明时限"
    # Ten past midnight in Shanghai is still the day, and the month, before in UTC.
    assert row["moment"] == at("2026-03-01 00:10")
    assert row["month"] == 2026 * 12 + 2


def test_a_number_of_several_sources_stands_for_the_call_of_the_inspected_agent(facts: Facts) -> None:
    row = found(facts)["i2"]
    assert (row["calls"], row["business"], row["rating"], row["source"]) == (1, "x/1", 2, "one")


def test_of_several_calls_only_what_they_share_is_known(facts: Facts) -> None:
    rows = found(facts)
    assert (rows["i3"]["calls"], rows["i3"]["business"], rows["i3"]["rating"]) == (2, "x/1", None)
    assert rows["i3"]["moment"] == at("2026-03-02 09:00")
    assert (rows["i4"]["calls"], rows["i4"]["business"], rows["i4"]["answered"]) == (2, None, False)


def test_a_call_of_another_agent_is_still_the_call(facts: Facts) -> None:
    assert found(facts)["i9"]["business"] == "x/1"


def test_an_unknown_call_leaves_the_moment_of_the_inspection(facts: Facts) -> None:
    rows = found(facts)
    assert (rows["i5"]["calls"], rows["i5"]["business"], rows["i5"]["month"]) == (0, None, 2026 * 12 + 1)
    assert (rows["i6"]["moment"], rows["i6"]["month"]) == (None, None)


def test_only_answered_inbound_calls_count_as_such(facts: Facts) -> None:
    rows = found(facts)
    assert not rows["i7"]["answered"]
    assert not rows["i8"]["answered"]


def test_without_any_call_months_are_still_those_of_the_centre(facts_of: FactsOf) -> None:
    facts = facts_of({"inspections": [inspection("i1", "gone", when="2026-03-01 00:30")]})
    assert found(facts)["i1"]["month"] == 2026 * 12 + 2


def test_purposes_and_scores(facts_of: FactsOf) -> None:
    purposes = [None, "score", "coach", "audit", "calibration", "exam"]
    scores = [80.0, None, float("nan"), 0.0, 100.0, 100.5]
    rows = [inspection(f"i{n}", None, purpose=p, score=s) for n, (p, s) in enumerate(zip(purposes, scores, strict=True))]
    table = facts_of({"inspections": rows}).table("inspections")
    shown = table.select("inspection_id", random=random_part(table), agent=about_the_agent(table), scored=has_score(table))
    frame = pl.DataFrame(shown.to_pyarrow()).sort("inspection_id")
    assert frame["random"].to_list() == [True, True, False, False, False, False]
    assert frame["agent"].to_list() == [True, True, True, False, False, False]
    assert frame["scored"].to_list() == [True, False, False, True, True, False]


def test_who_came_back_is_counted_as_the_repeat_rate_counts(facts_of: FactsOf) -> None:
    common: dict[str, Any] = {"agent_id": "a1", "business": "x"}
    calls = [
        {**call("2026-03-01 09:00", customer_id="k1", **common), "call_id": "back"},
        {**call("2026-03-07 09:00", "abandoned", customer_id="k1", business="x"), "call_id": "again"},
        {**call("2026-03-01 09:00", customer_id="k2", **common), "call_id": "late"},
        {**call("2026-03-09 09:00", customer_id="k2", **common), "call_id": "too late"},
        {**call("2026-03-01 09:00", customer_id="k3", agent_id="a1", business="x"), "call_id": "elsewhere"},
        {**call("2026-03-02 09:00", customer_id="k3", agent_id="a1", business="y"), "call_id": "other business"},
        {**call("2026-03-01 09:00", customer_id=None, **common), "call_id": "nobody"},
        {**call("2026-03-08 10:00", customer_id="k9", **common), "call_id": "end"},
    ]
    heard = ["back", "again", "late", "too late", "elsewhere", "nobody", "end", "gone"]
    facts = facts_of({"calls": calls, "inspections": [inspection(name, name) for name in heard] + [inspection("twice", "back")]})
    rows = with_repeats(facts, inspected_calls(facts, facts.table("inspections")), 7, Period())
    known = {row["inspection_id"]: row["repeated"] for row in facts.collect(rows).to_pylist()}
    assert len(known) == len(heard) + 1
    assert known == {
        "back": True, "twice": True, "late": False, "elsewhere": False,
        # Not answered; too near the end of the data; customer or call not known.
        "again": None, "too late": None, "end": None, "nobody": None, "gone": None,
    }  # fmt: skip
