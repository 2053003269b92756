"""R33: the golden case to the last digit, quadrants counted by hand, and sensible answers to odd data."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from coachline.engine.analyses import run
from coachline.engine.capability.correlation import correlation
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from tests.engine.operations.rows import at, call

FactsOf = Callable[..., Facts]

FIGURES = Path(__file__).parents[4] / "shared" / "reference" / "centre_figures.json"


def calls_of(agent: str, rated: int, satisfied: int, known: int, resolved: int, **fields: Any) -> list[dict[str, Any]]:
    """Calls of one agent on 2026-03-02 onwards: the first `rated` are rated, the first `known` are known to be resolved or not."""
    return [
        call(
            at("2026-03-02 09:00") + timedelta(hours=7 * number),
            agent_id=agent,
            rating=None if number >= rated else 5 if number < satisfied else 2,
            resolved=None if number >= known else number < resolved,
            **{"business": "查询", **fields},
        )
        for number in range(max(rated, known))
    ]


def agents_in(result: Result) -> dict[str, dict[str, Any]]:
    return {row["agent_id"]: row for row in result.table("agents").to_pylist()}


def codes(result: Result) -> set[str]:
    return {note.code for note in result.notes}


def golden() -> dict[str, Any]:
    if not FIGURES.exists():
        pytest.skip("the collection of published figures is not here")
    found: dict[str, Any] = json.loads(FIGURES.read_text())["service_quality_correlation"]
    return found


@pytest.mark.parametrize("mean", ["agents", "calls"])
def test_the_golden_case(mean: str, facts_of: FactsOf) -> None:
    """153 agents with 100 rated calls each whose counts have exactly the published figures."""
    figures = golden()
    agents, above, polite = figures["agents"], figures["above_mean_satisfaction"], figures["above_satisfaction_below_resolution"]
    satisfied = _with_mean(figures["mean_satisfaction"], above, agents)
    solving = above - polite
    resolved = _with_mean(figures["mean_resolution"], solving + 40, agents)
    # The agents above the mean satisfaction stand first: `solving` of them among those above the mean resolution, `polite` below.
    resolved = np.concatenate([resolved[:solving], resolved[-polite:], resolved[solving:-polite]])
    number = np.repeat(np.arange(agents), 100)
    place = np.tile(np.arange(100), agents)
    rows = pa.table(
        {
            "call_id": [f"c{n}" for n in range(len(number))],
            "arrived_at": pa.array([at("2026-03-02 09:00")] * len(number), pa.timestamp("us", "UTC")),
            "direction": ["inbound"] * len(number),
            "outcome": ["answered"] * len(number),
            "agent_id": [f"a{n:03d}" for n in number],
            "rating": pa.array(np.where(place < satisfied[number], 5, 1)),
            "resolved": pa.array(place < resolved[number]),
        }
    )
    found = run("capability.correlation", facts_of({"calls": rows}), {"mean": mean})
    assert {name: round(float(found.values[name] or 0), 4) for name in figures} == figures
    assert found.table().column("quadrant").to_pylist().count("satisfied_unresolved") == polite


def _with_mean(mean: float, above: int, agents: int) -> np.ndarray:
    """Successes out of 100 of every agent: `above` of them above the mean, then the others below, with that mean to four digits."""
    total = round(mean * 100 * agents)
    high = min(100, int(np.ceil(total / agents)) + 1)
    first = np.full(above, high)
    rest = total - int(first.sum())
    others = np.full(agents - above, rest // (agents - above))
    others[: rest % (agents - above)] += 1
    successes = np.concatenate([first, others])
    assert successes.sum() == total
    assert (others < total / agents).all()
    return successes


def hand_counted(**fields: Any) -> list[dict[str, Any]]:
    # Shares satisfied: 1, 1, 0.5, 0.5; resolved: 0.9, 0.5, 0.9, 0.5. Means 0.75 and 0.7.
    counts = {"ab": (4, 4, 10, 9), "au": (4, 4, 10, 5), "br": (4, 2, 10, 9), "bb": (4, 2, 10, 5)}
    return [row for agent, count in counts.items() for row in calls_of(agent, *count, **fields)]


def test_quadrants_counted_by_hand(facts_of: FactsOf) -> None:
    found = run("capability.correlation", facts_of({"calls": hand_counted()}), {})
    rows = agents_in(found)
    assert {agent: row["quadrant"] for agent, row in rows.items()} == {
        "ab": "both_above",
        "au": "satisfied_unresolved",
        "br": "resolved_unsatisfied",
        "bb": "both_below",
    }
    assert [rows["au"][name] for name in ("satisfaction", "resolution", "rated", "resolved_known", "inspections")] == [1, 0.5, 4, 10, 0]
    assert found.values["agents"] == 4
    assert found.values["mean_satisfaction"] == pytest.approx(0.75)
    assert found.values["mean_resolution"] == pytest.approx(0.7)
    assert (found.values["above_mean_satisfaction"], found.values["share_above"]) == (2, 0.5)
    assert (found.values["above_satisfaction_below_resolution"], found.values["share_of_above"]) == (1, 0.5)
    # With so few cases nobody stands surely anywhere.
    assert {row["sure_quadrant"] for row in rows.values()} == {"not_enough_evidence"}
    assert found.values["surely_satisfied_unresolved"] == 0
    assert all(row["satisfaction_low"] < row["satisfaction_high"] for row in rows.values())


def test_the_mean_of_agents_and_of_calls(facts_of: FactsOf) -> None:
    calls = [*calls_of("a", 2, 2, 2, 1), *calls_of("b", 18, 9, 18, 9)]
    found = [run("capability.correlation", facts_of({"calls": calls}), {"mean": mean}).values for mean in ("agents", "calls")]
    assert [values["mean_satisfaction"] for values in found] == pytest.approx([0.75, 11 / 20])


def test_the_bar_of_satisfaction_and_of_evidence(facts_of: FactsOf) -> None:
    calls = [*calls_of("a", 3, 1, 3, 3), *calls_of("b", 1, 1, 4, 2)]
    low = run("capability.correlation", facts_of({"calls": calls}), {"satisfied_from": 2})
    assert [row["satisfaction"] for row in low.table().to_pylist()] == [1, 1]
    few = agents_in(run("capability.correlation", facts_of({"calls": calls}), {"at_least": 2}))
    assert few["b"]["satisfaction"] is None
    assert (few["b"]["rated"], few["b"]["quadrant"], few["b"]["satisfaction_low"]) == (1, "unknown", None)
    assert few["b"]["resolution"] == 0.5


def test_much_evidence_makes_sure(facts_of: FactsOf) -> None:
    # Shares rise by turns over twenty agents, so that both measures spread.
    calls = [row for n in range(20) for row in calls_of(f"a{n:02d}", 300, 200 + 5 * n, 300, 200 + 5 * (7 * n % 20))]
    found = run("capability.correlation", facts_of({"calls": calls}), {})
    rows = agents_in(found)
    assert rows["a19"]["sure_quadrant"] == rows["a19"]["quadrant"] == "both_above" or rows["a19"]["quadrant"] == "satisfied_unresolved"
    sure = [row for row in rows.values() if row["sure_quadrant"] != "not_enough_evidence"]
    assert 8 < len(sure) < 20
    assert all(row["quadrant_probability"] >= 0.9 for row in sure)
    strict = agents_in(run("capability.correlation", facts_of({"calls": calls}), {"confidence": 0.999}))
    assert sum(row["sure_quadrant"] != "not_enough_evidence" for row in strict.values()) < len(sure)


def test_equal_agents_are_neither_above_nor_below(facts_of: FactsOf) -> None:
    calls = [row for n in range(11) for row in calls_of(f"a{n}", 7, 6, 7, 6)]
    found = run("capability.correlation", facts_of({"calls": calls}), {})
    assert {row["quadrant"] for row in found.table().to_pylist()} == {"at_mean"}
    assert (found.values["above_mean_satisfaction"], found.values["above_satisfaction_below_resolution"]) == (0, 0)
    assert found.values["share_of_above"] is None
    assert "agents_all_equal" in codes(found)
    assert {row["verdict"] for row in found.table("correlation").to_pylist()} == {"not_enough_evidence"}
    assert found.table("correlation")["pearson"].to_pylist() == [None]


def test_calls_without_agent_and_those_that_are_not_answered_do_not_count(facts_of: FactsOf) -> None:
    calls = [
        *hand_counted(),
        *calls_of("bb", 5, 5, 5, 5, outcome="abandoned"),
        *calls_of("bb", 5, 5, 5, 5, direction="outbound"),
        *[{**row, "agent_id": None} for row in calls_of("x", 6, 6, 6, 6)],
    ]
    found = run("capability.correlation", facts_of({"calls": calls}), {})
    assert found.values["mean_satisfaction"] == pytest.approx(0.75)
    notes = {note.code: note.facts for note in found.notes}
    assert notes["calls_without_agent"] == {"calls": 6, "share": pytest.approx(6 / 46)}


def inspection(number: int, agent: str, score: float | None, **fields: Any) -> dict[str, Any]:
    return {
        "inspection_id": f"i{number}",
        "agent_id": agent,
        "score": score,
        "inspected_at": at("2026-03-20 09:00"),
        "purpose": "score",
        **fields,
    }


def test_only_inspections_made_to_score_count(facts_of: FactsOf) -> None:
    inspections = [
        inspection(1, "ab", 80),
        inspection(2, "ab", 91, purpose=None),
        inspection(3, "ab", 10, purpose="coach"),
        inspection(4, "ab", 10, purpose="audit"),
        inspection(5, "ab", None, passed=False),
        inspection(6, "ab", float("nan")),
        inspection(7, "br", 70, inspected_at=at("2026-05-01 09:00")),
        inspection(8, "zz", 60),
    ]
    facts = facts_of({"calls": hand_counted(), "inspections": inspections})
    found = run("capability.correlation", facts, {"until": "2026-04-30"})
    rows = agents_in(found)
    assert {agent: (row["inspection"], row["inspections"]) for agent, row in rows.items() if row["inspections"]} == {
        "ab": (85.5, 2),
        "zz": (60, 1),
    }
    assert (rows["zz"]["satisfaction"], rows["zz"]["quadrant"], rows["br"]["inspection"]) == (None, "unknown", None)
    assert found.values["mean_inspection"] == pytest.approx((85.5 + 60) / 2)
    assert found.values["inspection_unit"] == "points"


def test_without_scores_the_percentage_passed_stands_in(facts_of: FactsOf) -> None:
    inspections = [inspection(n, "ab", None, passed=n != 3) for n in range(4)]
    found = run("capability.correlation", facts_of({"calls": hand_counted(), "inspections": inspections}), {})
    assert agents_in(found)["ab"]["inspection"] == 75
    assert found.values["inspection_unit"] == "percent"
    assert "inspection_by_passes" in codes(found)


def test_an_inspection_counts_on_the_day_and_business_of_its_call(facts_of: FactsOf) -> None:
    calls = [
        *(
            call("2026-03-05 09:00", call_id=f"k{n}", agent_id="a", business="难" if n % 2 else "易", rating=5, resolved=True)
            for n in range(4)
        ),
        call("2026-03-05 09:00", call_id="k0", agent_id="b", business="难", rating=1, resolved=False),
    ]
    later = [inspection(n, "a", 100 - 10 * (n % 2), call_id=f"k{n}", inspected_at=at("2026-04-20 09:00")) for n in range(4)]
    later += [inspection(9, "b", 50, call_id="k0", inspected_at=at("2026-04-20 09:00"))]
    found = run("capability.correlation", facts_of({"calls": calls, "inspections": later}), {"until": "2026-03-31"})
    rows = agents_in(found)
    assert (rows["a"]["inspection"], rows["a"]["inspections"]) == (95, 4)
    # What was asked under the same number of another agent is that agent's call: on the hard business.
    assert rows["b"]["inspection"] == 50
    assert rows["b"]["inspection_adjusted"] > rows["b"]["inspection"]


def test_hard_businesses_are_taken_out(facts_of: FactsOf) -> None:
    # All are equally good; half of them handle mostly the hard business.
    calls = []
    for n in range(12):
        easy, hard = (40, 10) if n % 2 else (10, 40)
        calls += calls_of(f"a{n:02d}", easy, easy * 9 // 10, easy, easy * 9 // 10, business="易")
        calls += calls_of(f"a{n:02d}", hard, hard // 2, hard, hard // 2, business="难")
    found = run("capability.correlation", facts_of({"calls": calls}), {})
    rows = agents_in(found)
    assert rows["a01"]["resolution"] == pytest.approx(0.82)
    assert rows["a00"]["resolution"] == pytest.approx(0.58)
    assert {round(row["resolution_adjusted"], 9) for row in rows.values()} == {0.7}
    assert {row["quadrant"] for row in rows.values()} == {"both_above", "both_below"}
    assert {row["quadrant_adjusted"] for row in rows.values()} == {"at_mean"}
    raw, adjusted = found.table("correlation").to_pylist()
    assert (raw["adjusted"], adjusted["adjusted"]) == (False, True)
    assert raw["pearson"] == pytest.approx(1)
    assert adjusted["pearson"] is None


@pytest.mark.parametrize(
    ("fields", "missing"),
    [({"rating": None}, "satisfaction"), ({"resolved": None}, "resolution"), ({"rating": None, "resolved": None}, "satisfaction")],
)
def test_a_measure_that_is_not_recorded_is_said_and_left_out(fields: dict[str, Any], missing: str, facts_of: FactsOf) -> None:
    calls = [{**row, **fields} for row in hand_counted()]
    found = run("capability.correlation", facts_of({"calls": calls}), {})
    assert missing in {note.facts["measure"] for note in found.notes if note.code == "measure_not_recorded"}
    assert found.values["above_satisfaction_below_resolution"] is None
    assert found.table("correlation").num_rows == 0
    assert {row["quadrant"] for row in found.table().to_pylist()} <= {"unknown"}
    if missing == "resolution":
        assert (found.values["agents"], found.values["above_mean_satisfaction"]) == (4, 2)
    else:
        assert (found.values["mean_satisfaction"], found.values["share_above"]) == (None, None)


def test_one_agent(facts_of: FactsOf) -> None:
    found = run("capability.correlation", facts_of({"calls": calls_of("a", 5, 4, 5, 3)}), {})
    [row] = found.table().to_pylist()
    assert row["quadrant"] == "at_mean"
    assert found.values["above_mean_satisfaction"] == 0
    assert found.table("correlation")["verdict"].to_pylist() == ["not_enough_evidence"]
    assert "few_agents_to_relate" in codes(found)


def test_without_customers_or_months_the_prediction_says_why(facts_of: FactsOf) -> None:
    assert "repeats_not_known" in codes(run("capability.correlation", facts_of({"calls": hand_counted()}), {}))
    one_month = [{**row, "customer_id": f"k{n}"} for n, row in enumerate(hand_counted())]
    one_month.append(call("2026-03-31 09:00", "ivr_only"))
    found = run("capability.correlation", facts_of({"calls": one_month}), {})
    assert found.table("prediction").num_rows == 0
    assert "prediction_needs_two_months" in codes(found)


def test_a_period_without_calls_is_refused(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="2026-03-02"):
        correlation(facts_of({"calls": hand_counted()}), until=date(2020, 1, 1))


def test_the_tables_keep_their_columns_when_they_are_empty(facts_of: FactsOf) -> None:
    found = correlation(facts_of({"calls": [call("2026-03-02 09:00")]}))
    full = correlation(facts_of({"calls": hand_counted()}))
    assert found.tables["agents"].num_rows == 0
    for name, table in found.tables.items():
        assert table.schema == full.tables[name].schema
    frame = pl.from_arrow(full.tables["agents"])
    assert isinstance(frame, pl.DataFrame)
    assert frame.columns[:5] == ["agent_id", "satisfaction", "resolution", "inspection", "quadrant"]
