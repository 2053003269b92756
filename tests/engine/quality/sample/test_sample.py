"""The sample as a whole: anybody can draw it again, and every call is drawn as often as its probability says."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from coachline.engine.quality.sample.places import places
from coachline.errors import CoachlineError
from tests.conftest import FactsOf
from tests.engine.operations.rows import call

STRATA = {"angry": "rating <= 2", "ticketed": "ticketed"}
WEIGHTS = {"angry": 3, "ticketed": 1}
GIVEN = {"strata": STRATA, "risk_weights": WEIGHTS}


def month(agents: int = 4, calls: int = 40) -> list[dict[str, Any]]:
    """Calls of March; agent n has `calls` - 9 n of them, with hardly any angry ones."""
    rows = []
    for who in range(agents):
        for n in range(calls - 9 * who):
            angry, ticketed = n % 17 == who, n % 5 == 1
            rows.append(
                {
                    **call(f"2026-03-{1 + n % 28:02d} 10:{n:02d}", agent_id=f"a{who}", rating=1 if angry else None, ticketed=ticketed),
                    "call_id": f"c{who}-{n}",
                    "source": "ivr",
                }
            )
    rows.append({**call("2026-03-31 10:00", "abandoned"), "call_id": "last", "source": "ivr"})
    return rows


def stratum(row: dict[str, Any]) -> int:
    return 0 if row["rating"] == 1 else 1 if row["ticketed"] else 2


def number(text: str, digits: int = 12) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest()[:digits], 16)


def by_hand(rows: list[dict[str, Any]], seeds: range) -> Iterator[dict[str, str]]:
    """Purpose by call for each seed, drawn from the description on the method page."""
    answered = [row for row in rows if row["outcome"] == "answered"]
    agents = sorted({row["agent_id"] for row in answered})
    cells: dict[tuple[int, int], list[str]] = {}
    for row in answered:
        cells.setdefault((agents.index(row["agent_id"]), stratum(row)), []).append(row["call_id"])
    counts = np.array([[len(cells.get((who, s), [])) for s in range(3)] for who in range(len(agents))] * len(seeds))
    rounding = np.array([number(f"{seed}|{agent}", 8) for seed in seeds for agent in agents])
    allotted = places(counts, np.full(len(counts), 20), 0.5, np.array([3.0, 1.0, 0.0]), np.zeros(3, np.int64), rounding)
    for n, seed in enumerate(seeds):
        purposes = {}
        for (who, s), names in cells.items():
            row = n * len(agents) + who
            in_order = sorted(names, key=lambda name: number(f"{seed}|ivr|{name}"))
            for rank, name in enumerate(in_order[: allotted.drawn[row, s]]):
                purposes[name] = "score" if rank < allotted.score[row, s] else "coach"
        yield purposes


def sampled(facts: Facts, **given: Any) -> pl.DataFrame:
    return run("quality.sample", facts, {**GIVEN, **given}).polars()


@pytest.mark.parametrize("seed", [1, 2, 77])
def test_anybody_can_draw_the_sample_again(facts_of: FactsOf, seed: int) -> None:
    rows = month()
    result = run("quality.sample", facts_of({"calls": rows}), {**GIVEN, "seed": seed})
    found = result.polars()
    assert dict(found.select("call_id", "purpose").iter_rows()) == next(by_hand(rows, range(seed, seed + 1)))
    check = result.polars("check")
    assert dict(check.select("call_id", "random_number").iter_rows()) == {
        name: hashlib.sha256(f"{seed}|ivr|{name}".encode()).hexdigest()[:12] for name in found["call_id"]
    }
    assert ((check["rank"] >= check["first_rank"]) & (check["rank"] <= check["last_rank"])).all()
    assert check["agent_number"].to_list() == [number(f"{seed}|{agent}", 8) / 2**32 for agent in check["agent_id"]]


def test_the_order_of_rows_changes_nothing(facts_of: FactsOf) -> None:
    rows, shuffled = month(), month()
    np.random.default_rng(1).shuffle(shuffled)
    given = {"named_inspectors": "q1 q2 q3"}
    assert sampled(facts_of({"calls": rows}), **given).equals(sampled(facts_of({"calls": shuffled}), **given))


def test_another_seed_draws_another_sample(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": month()})
    assert set(sampled(facts, seed=1)["call_id"]) != set(sampled(facts, seed=2)["call_id"])


def test_every_call_is_drawn_as_often_as_its_probability_says(facts_of: FactsOf) -> None:
    rows = month()
    draws = 3000
    seen = Counter(drawn for purposes in by_hand(rows, range(draws)) for drawn in purposes.items())
    stated: dict[tuple[str, str], float] = {}
    either: dict[str, float] = {}
    facts = facts_of({"calls": rows})
    for seed in range(12):
        found = sampled(facts, seed=seed)
        for name, purpose, probability, total in found.select("call_id", "purpose", "probability", "probability_either").iter_rows():
            # A probability is that of the call, not of the draw.
            assert stated.setdefault((name, purpose), probability) == pytest.approx(probability, abs=1e-12)
            assert either.setdefault(name, total) == pytest.approx(total, abs=1e-12)
    p = np.array(list(stated.values()))
    frequency = np.array([seen[key] for key in stated]) / draws
    z = (frequency - p)[p < 1] / np.sqrt(p * (1 - p) / draws)[p < 1]
    assert len(z) > 100
    assert np.abs(z).max() < 4.5
    assert 0.75 < (z**2).mean() < 1.25
    for name, total in either.items():
        assert (seen[name, "score"] + seen[name, "coach"]) / draws == pytest.approx(total, abs=0.04)


def test_the_random_numbers_of_calls_are_even(facts_of: FactsOf) -> None:
    rows = [
        {**call("2026-03-02 10:00", agent_id=f"a{n % 50}"), "call_id": f"2026030210{n:06d}", "source": "ivr"} for n in range(5000)
    ] + [call("2026-03-31 10:00", "abandoned")]  # fmt: skip
    facts = facts_of({"calls": rows})
    check = run("quality.sample", facts, {"per_agent": 1000, "strata": {}, "share_random": 1}).polars("check")
    assert check.height == 5000
    leading = np.array([int(text[:2], 16) >> 4 for text in check["random_number"]])
    expected = 5000 / 16
    # 15 degrees of freedom: 37.7 is the 99.9 % point.
    assert ((np.bincount(leading, minlength=16) - expected) ** 2 / expected).sum() < 37.7


def test_only_calls_that_can_be_heard_and_were_not_are_drawn(facts_of: FactsOf) -> None:
    def heard(name: str, **fields: Any) -> dict[str, Any]:
        return {**call("2026-03-02 10:00", agent_id="a1", recording=f"{name}.wav"), "call_id": name, **fields}

    calls = [heard("good"), heard("done"), heard("silent", recording=None), heard("empty", recording=""), heard("nobody", agent_id=None)]
    calls += [heard("lost", outcome="abandoned"), {**heard("outside"), **call("2026-04-02 10:00"), "call_id": "outside"}]
    inspections = [
        {"inspection_id": "i1", "call_id": "done", "agent_id": "a1"},
        {"inspection_id": "i2", "call_id": "good", "agent_id": "other"},
    ]
    facts = facts_of({"calls": calls, "inspections": inspections})
    march = {"since": date(2026, 3, 1), "until": date(2026, 3, 31), "strata": {}}
    result = run("quality.sample", facts, march)
    assert result.polars()["call_id"].to_list() == ["good"]
    calls_of = {note.code: note.facts["calls"] for note in result.notes if "calls" in note.facts}
    assert calls_of == {"calls_without_agent_not_drawn": 1, "calls_without_recording_not_drawn": 2, "inspected_calls_not_drawn": 1}
    again = run("quality.sample", facts, {**march, "leave_inspected": "false"})
    assert sorted(again.polars()["call_id"]) == ["done", "good"]
    assert again.polars()["probability_either"].to_list() == [1, 1]


def test_the_last_full_month_is_inspected_unless_days_are_given(facts_of: FactsOf) -> None:
    days = ["2026-01-15", "2026-02-10", "2026-03-20"]
    calls = [{**call(f"{day} 10:00", agent_id="a1"), "call_id": day} for day in days]
    facts = facts_of({"calls": calls})
    assert run("quality.sample", facts, {}).polars()["call_id"].to_list() == ["2026-02-10"]
    assert run("quality.sample", facts, {"since": "2026-03-01"}).polars()["call_id"].to_list() == ["2026-03-20"]
    # A month that began before the data and ended in them is full; data within one month are taken as they are.
    assert run("quality.sample", facts_of({"calls": calls[:2]}), {}).values["until"] == "2026-01-31"
    assert run("quality.sample", facts_of({"calls": calls[2:]}), {}).values["since"] == "2026-03-20"


def test_a_budget_is_kept(facts_of: FactsOf) -> None:
    result = run("quality.sample", facts_of({"calls": month()}), {**GIVEN, "budget": 50, "least_per_agent": 8})
    drawn = Counter(result.polars()["agent_id"])
    assert sum(drawn.values()) == 50
    assert min(drawn.values()) >= 8
    assert drawn["a0"] > drawn["a3"]


def test_tables_add_up(facts_of: FactsOf) -> None:
    result = run("quality.sample", facts_of({"calls": month()}), {**GIVEN, "named_inspectors": "q1，q2、q3"})
    main, strata, margins, load = (result.polars(name) for name in ("sample", "strata", "margins", "inspectors"))
    assert main["call_id"].n_unique() == main.height == result.values["drawn"] == 73
    assert strata["calls"].sum() == margins["calls"].sum() == result.values["calls"] == 40 + 31 + 22 + 13
    assert strata["drawn_score"].sum() == margins["n_random"].sum() == (main["purpose"] == "score").sum()
    assert strata["drawn_coach"].sum() == margins["n_coach"].sum() == (main["purpose"] == "coach").sum()
    assert main["second_inspector_id"].count() == result.values["heard_twice"] == 7
    assert load["hearings"].sum() == result.values["hearings"] == 80
    assert load["agents"].to_list() == [4, 4, 4]
    assert main.filter(pl.col("inspector_id") == pl.col("second_inspector_id")).is_empty()
    # a3 has 13 calls, all of which are drawn; a0 has 10 of 40 at random, with a tenth presumed to fail.
    assert margins["margin_now"][0] == pytest.approx(1.6449 * np.sqrt(0.1 * 0.9 / 10 * 0.75), rel=1e-4)
    assert margins["margin_if_10_more"][0] == pytest.approx(1.6449 * np.sqrt(0.1 * 0.9 / 20 * 0.5), rel=1e-4)
    assert result.values["centre_margin_100_more"] < result.values["centre_margin"]
    assert result.values["agent_margin_100_more"] < result.values["agent_margin"]


def test_inspectors_are_found_and_kept_from_their_own_team(facts_of: FactsOf) -> None:
    agents = [
        {"agent_id": "a0", "team": "一班"},
        {"agent_id": "a1", "team": "二班", "role": "兼职质检员"},
        {"agent_id": "a2", "team": "二班"},
        {"agent_id": "boss", "team": "一班", "role": "质检主管"},
        {"agent_id": "gone", "role": "质检员", "left_on": date(2026, 3, 31)},
    ]
    inspections = [
        {"inspection_id": "i1", "agent_id": "a0", "inspector_id": "QC9", "inspected_at": call("2026-02-20 10:00")["arrived_at"]},
        {"inspection_id": "i2", "agent_id": "a0", "inspector_id": "long_ago", "inspected_at": call("2025-02-20 10:00")["arrived_at"]},
    ]
    facts = facts_of({"calls": month(), "agents": agents, "inspections": inspections})
    result = run("quality.sample", facts, GIVEN)
    assert result.polars("inspectors")["inspector_id"].to_list() == ["QC9", "a1", "boss"]
    heard: dict[str, set[str]] = {}
    for agent, first, second in result.polars().select("agent_id", "inspector_id", "second_inspector_id").iter_rows():
        heard.setdefault(agent, set()).update({first, second} - {None})
    # QC9 has the first three agents for half of their calls already, so a3 may do without.
    assert heard.pop("a3") >= {"a1", "boss"}
    assert heard == {"a0": {"QC9", "a1"}, "a1": {"QC9", "boss"}, "a2": {"QC9", "boss"}}

    own = run("quality.sample", facts, {**GIVEN, "own_team": "true", "conflicts": "QC9：a0，nobody:a1"})
    heard = {}
    for agent, first in own.polars().select("agent_id", "inspector_id").iter_rows():
        heard.setdefault(agent, set()).add(first)
    assert heard == {"a0": {"a1", "boss"}, "a1": {"QC9", "boss"}, "a2": {"QC9", "a1", "boss"}, "a3": {"QC9", "a1", "boss"}}
    assert {note.code: note.facts for note in own.notes}["conflicts_of_unknown"] == {"names": "nobody"}


def test_inspectors_who_share_nobody_are_told(facts_of: FactsOf) -> None:
    barred = ",".join(f"{inspector}:{agent}" for inspector, agents in (("q1", "a2 a3"), ("q2", "a0 a1")) for agent in agents.split())
    result = run("quality.sample", facts_of({"calls": month()}), {**GIVEN, "named_inspectors": "q1,q2", "conflicts": barred})
    checks = {check.code: check for check in result.checks}
    assert not checks["inspectors_share_agents"].ok
    assert checks["inspectors_share_agents"].figure == 2
    assert not checks["inspectors_evenly_loaded"].ok
    assert result.polars("inspectors")["linked"].to_list() == [1, 2]


def test_without_inspectors_calls_are_drawn_and_dealt_to_nobody(facts_of: FactsOf) -> None:
    result = run("quality.sample", facts_of({"calls": month()}), GIVEN)
    assert result.polars()["inspector_id"].null_count() == result.polars().height
    assert result.table("inspectors").num_rows == 0
    assert "no_inspectors_known" in {note.code for note in result.notes}


def test_one_inspector_and_agents_whom_nobody_may_hear(facts_of: FactsOf) -> None:
    result = run("quality.sample", facts_of({"calls": month()}), {**GIVEN, "named_inspectors": "a1"})
    found = result.polars()
    assert found.filter(pl.col("agent_id") == "a1")["inspector_id"].null_count() == 20
    assert found.filter(pl.col("agent_id") != "a1")["inspector_id"].unique().to_list() == ["a1"]
    assert {"one_inspector_only", "agents_without_inspector"} <= {note.code for note in result.notes}


def test_strata_without_calls_and_places_passed_on_are_told(facts_of: FactsOf) -> None:
    rows = [{**row, "rating": None} for row in month()]
    result = run("quality.sample", facts_of({"calls": rows}), {"strata": {**STRATA, "x,y": "queue == 'VIP'"}})
    notes = {note.code: note.facts for note in result.notes}
    assert notes["strata_without_calls"]["strata"] == "angry, x,y"
    assert notes["places_passed_on"]["calls"] > 0
    strata = result.polars("strata")
    assert strata["calls"].to_list()[0] == 0
    assert strata["score_probability_low"].to_list()[0] is None


def test_a_thin_random_part_is_told(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": month()})
    assert not run("quality.sample", facts, {"strata": {"any": "ticketed or not ticketed"}, "share_random": 0.2}).checks[0].ok
    assert run("quality.sample", facts, GIVEN).checks[0].ok


def test_risk_alone_says_nothing_about_scores(facts_of: FactsOf) -> None:
    rows = [{**row, "ticketed": True} for row in month()]
    result = run("quality.sample", facts_of({"calls": rows}), {**GIVEN, "share_random": 0})
    assert set(result.polars()["purpose"]) == {"coach"}
    assert result.polars("margins")["margin_now"].null_count() == 4
    assert result.values["centre_margin"] is None
    assert result.values["agent_margin"] is None
    assert not {check.code: check.ok for check in result.checks}["enough_drawn_at_random"]


def test_one_call_is_a_sample(facts_of: FactsOf) -> None:
    result = run("quality.sample", facts_of({"calls": month()[:1]}), {"strata": {}})
    assert result.polars()["purpose"].to_list() == ["score"]
    assert result.polars()["probability"].to_list() == [1]
    assert result.values["agent_margin"] == 0


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"risk_weights": {"furious": 1.0}}, "unknown_weight"),
        ({"risk_weights": "angry=0,ticketed=0"}, "no_weight"),
        ({"quota": "furious=1"}, "unknown_weight"),
        ({"conflicts": "q1-a1"}, "bad_conflicts"),
        ({"conflicts": "q1:a1:a2"}, "bad_conflicts"),
        ({"strata": {"ordinary": "rating > 3"}}, "stratum_ordinary_has_no_rule"),
        ({"strata": {"s": "rating >"}}, "call_rule_unreadable"),
        ({"since": "2027-01-01"}, "no_calls_in_period"),
        ({"since": "2026-03-30", "until": "2026-03-31"}, "no_calls_to_inspect"),
        ({"since": "2026-03-30", "until": "2026-03-01"}, "period_backwards"),
        ({"per_agent": 0}, "bad_parameter"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(facts_of: FactsOf, given: dict[str, Any], code: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        run("quality.sample", facts_of({"calls": month()}), {**GIVEN, **given})
    assert refused.value.code == code
    assert "{" not in str(refused.value)
