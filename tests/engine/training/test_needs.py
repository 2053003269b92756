"""Needs through the run: the truth recovered, and each thing that moves a need, with and without it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.engine.simulate import CentreSize, simulate_centre
from coachline.engine.simulate.crossed_world import CrossedWorld, crossed_world
from coachline.engine.training.listed import ONE_TO_ONE, TOGETHER, best, closes
from coachline.engine.training.method_effects import MethodEffect
from coachline.errors import CoachlineError
from tests.conftest import as_fact_table
from tests.engine.capability.calls import calls_of, names
from tests.engine.operations.rows import call
from tests.engine.simulated_facts import lay_down
from tests.engine.training.centre_in_need import AGENTS, BUSINESSES, LAST_DAY, FactsOf, centre, exam, training, weak

SHORT = 0.04
"""The standard of a world is its businesses' mean less this."""


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[tuple[CrossedWorld, Facts]]]:
    compute = DuckDBCompute()
    yield [(world, lay_down(tmp_path_factory.mktemp("w"), tables_of(world), compute)) for world in map(world_of, (1, 2))]
    compute.close()


def world_of(seed: int) -> CrossedWorld:
    return crossed_world(200, 40, 120_000, teams=10, families=8, seed=seed)


def standard_of(world: CrossedWorld) -> np.ndarray:
    return np.asarray((world.chance * world.tries).sum(axis=0) / np.maximum(world.tries.sum(axis=0), 1) - SHORT)


def tables_of(world: CrossedWorld) -> dict[str, Any]:
    agents, businesses = names(world)
    targets = [{"business": b, "standard": [("resolved", float(s))]} for b, s in zip(businesses, standard_of(world), strict=True)]
    team = [{"agent_id": agent, "team": f"t{t}"} for agent, t in zip(agents, world.team, strict=True)]
    made = {"calls": calls_of(world.tries, world.successes, agents, businesses), "agents": team, "businesses": targets}
    return {name: as_fact_table(name, rows) for name, rows in made.items()}


def true_gap(world: CrossedWorld, rows: pl.DataFrame) -> np.ndarray:
    agents, businesses = names(world)
    at = [agents.index(a) for a in rows["agent_id"]], [businesses.index(b) for b in rows["business"]]
    return np.asarray(np.maximum(standard_of(world) - world.chance, 0.0)[at])


def needs(facts: Facts, **given: Any) -> Result:
    return run("training.needs", facts, given)


def test_places_by_gain_are_worth_nearly_what_the_truth_would_choose(worlds: list[tuple[CrossedWorld, Facts]]) -> None:
    for world, facts in worlds:
        rows = needs(facts).polars()
        gap = np.maximum(standard_of(world) - world.chance, 0.0)
        value = world.tries * gap
        agents, businesses = names(world)
        raw = np.where(world.tries > 0, world.successes / np.maximum(world.tries, 1), np.inf)
        for places, least in ((100, 0.9), (400, 0.85)):
            best = np.sort(value, axis=None)[-places:].sum()
            top = rows.head(places)
            at = [agents.index(a) for a in top["agent_id"]], [businesses.index(b) for b in top["business"]]
            assert value[at].sum() >= least * best
            lowest = np.argsort(raw, axis=None, kind="stable")[:places]
            assert value.ravel()[lowest].sum() < 0.35 * best


def test_gains_and_the_share_of_wrong_entries_come_true(worlds: list[tuple[CrossedWorld, Facts]]) -> None:
    below, listed, promised, true = 0, 0, 0.0, 0.0
    for world, facts in worlds:
        rows = needs(facts, fdr=0.2).polars()
        gap = true_gap(world, rows)
        below, listed = below + int((gap > 0).sum()), listed + rows.height
        promised += float(rows["gain"].sum())
        true += float((gap * rows["volume"].to_numpy() * rows["closed"].to_numpy()).sum())
    assert listed > 500
    assert 1 - below / listed <= 0.2 + 0.03
    assert promised == pytest.approx(true, rel=0.06)


def test_needs_of_the_simulated_centre_come_true(tmp_path: Path) -> None:
    """Its people drift, are trained because they were low, and its records are dirty."""
    compute, wrong, listed, promised, true, chosen, lowest = DuckDBCompute(), 0, 0, 0.0, 0.0, 0.0, 0.0
    for seed in (2, 3):
        made = simulate_centre(CentreSize(agents=100, businesses=20, days=90, calls=40_000), seed=seed)
        folder = tmp_path / str(seed)
        folder.mkdir()
        facts = lay_down(folder, {name: as_fact_table(name, table) for name, table in made.tables.items()}, compute)
        gap = pl.max_horizontal(pl.col("standard") - pl.col("p_resolved_last"), 0.0)
        truth = pl.DataFrame(made.truth["cells"])
        rows = needs(facts).polars().filter(outcome="resolved").join(truth, on=["agent_id", "business"]).with_columns(true=gap)
        wrong, listed = wrong + rows.filter(true=0.0).height, listed + rows.height
        promised, true = promised + rows.select(pl.col("gap").dot("volume")).item(), true + rows.select(pl.col("true").dot("volume")).item()
        cells = run("capability.matrix", facts, {"outcome": "resolved"}).polars().filter(pl.col("n") > 0)
        raw = cells.sort("raw", "agent_id").head(50).join(truth, on=["agent_id", "business"]).with_columns(true=gap)
        chosen += rows.head(50).select(pl.col("true").dot("n")).item()
        lowest += raw.select(pl.col("true").dot("n")).item()
    compute.close()
    assert listed > 200 and wrong / listed < 0.33
    assert 0.75 < promised / true < 1.35
    assert chosen > 1.8 * lowest


def test_the_rows_add_up_and_are_ranked(worlds: list[tuple[CrossedWorld, Facts]]) -> None:
    result = needs(worlds[0][1], horizon=60)
    rows = result.polars()
    assert rows["gain"].to_numpy() == pytest.approx((rows["gap"] * rows["volume"] * rows["closed"]).to_numpy())
    assert rows["gain_per_hour"].to_numpy() == pytest.approx((rows["gain"] / rows["hours"]).to_numpy())
    assert rows["priority"].is_sorted(descending=True)
    assert rows["p_below"].min() >= 0.5 and rows["n"].min() >= 5
    assert result.values["gain"] == pytest.approx(2 * needs(worlds[0][1], horizon=30).values["gain"])
    assert needs(worlds[0][1], p_below=0.9).polars().height < rows.height


def test_who_is_hardly_known_is_looked_at_and_not_sent_to_class(facts_of: FactsOf) -> None:
    tables = centre({**weak(range(6), 0), (0, 0): 0.0}, {(0, 0): 4, (1, 1): 0})
    result = needs(facts_of(tables))
    assert (AGENTS[0], BUSINESSES[0]) not in pairs(result)
    assert {(AGENTS[n], BUSINESSES[0]) for n in range(1, 6)} <= pairs(result)
    look = result.polars("look_first")
    row = look.row(by_predicate=(pl.col("agent_id") == AGENTS[0]) & (pl.col("business") == BUSINESSES[0]), named=True)
    assert (row["n"], row["proposal"], row["reason"]) == (4, "exam", "few_calls")
    assert not pairs(result) & set(look.select("agent_id", "business").iter_rows())
    assert needs(facts_of(tables), looks=0).polars("look_first").height == 0
    enough = needs(facts_of(tables), least_cases=4)
    assert (AGENTS[0], BUSINESSES[0]) in pairs(enough)


def pairs(result: Result, table: str | None = None) -> set[tuple[str, str]]:
    return set(result.polars(table).select("agent_id", "business").iter_rows())


def row_of(result: Result, agent: int, business: int) -> dict[str, Any]:
    return result.polars().row(
        by_predicate=(pl.col("agent_id") == AGENTS[agent]) & (pl.col("business") == BUSINESSES[business]), named=True
    )


def test_an_exam_says_how_to_train(facts_of: FactsOf) -> None:
    exams = [*exam(0, 0, 9, 1, 5), *exam(1, 0, 3, 7, 5), *exam(2, 0, 9, 1, 200), *exam(3, 0, 2, 0, 5)]
    result = needs(facts_of(centre(weak(range(6), 0), exams=exams)))
    found = [(row["exam"], row["reason"], row["method"]) for row in (row_of(result, agent, 0) for agent in range(5))]
    assert found == [
        ("passed", "knows_it", "coaching"),
        ("failed", "failed_exam", "class"),
        ("old", "several_need_it", "class"),
        ("few_items", "several_need_it", "class"),
        ("never", "several_need_it", "class"),
    ]
    # Repeated until passed; and two short ones after which there is enough to tell.
    again = [*exam(0, 0, 2, 8, 20), *exam(0, 0, 9, 1, 5), *exam(1, 0, 2, 0, 9), *exam(1, 0, 0, 2, 5)]
    repeated = needs(facts_of(centre(weak(range(6), 0), exams=again)))
    assert [(row_of(repeated, n, 0)["exam"], row_of(repeated, n, 0)["exam_share"]) for n in (0, 1)] == [("passed", 0.9), ("failed", 0.5)]
    few = needs(facts_of(centre(weak(range(2), 5))))
    assert row_of(few, 0, 5)["reason"] == "few_need_it" and row_of(few, 0, 5)["method"] == "coaching"


def test_focus_and_wishes_move_the_rank_and_not_the_gain(facts_of: FactsOf) -> None:
    asked = {"survey": "s", "question": "您最希望参加哪项业务的培训？"}
    answers = [
        {**asked, "respondent": AGENTS[0], "text": "挂失"},
        {**asked, "respondent": "匿名1", "choice": "储蓄/挂失"},
        {**asked, "respondent": AGENTS[1], "question": "食堂如何？", "text": "挂失"},
    ]
    tables = centre({**weak(range(6), 0), **weak(range(6), 4)}, survey_answers=answers)
    plain = needs(facts_of(tables))
    assert [row_of(plain, n, 4)["wished"] for n in range(2)] == [True, False]
    assert row_of(plain, 0, 4)["priority"] == pytest.approx(1.2 * row_of(plain, 0, 4)["gain"])
    assert plain.polars("wishes").row(0) == ("储蓄/挂失", 2, 6, 1)
    focused = needs(facts_of(tables), focus="储蓄=3,包裹=0,没有=2")
    assert row_of(focused, 1, 4)["priority"] == pytest.approx(3 * row_of(plain, 1, 4)["gain"])
    assert row_of(focused, 1, 4)["gain"] == pytest.approx(row_of(plain, 1, 4)["gain"])
    assert {business for _, business in pairs(focused)} == {"储蓄/挂失"}
    assert [note.facts["business"] for note in focused.notes if note.code == "focus_not_found"] == ["没有"]


def test_hours_come_from_the_business_or_from_what_trainings_took(facts_of: FactsOf) -> None:
    minutes = [{"business": BUSINESSES[0], "minutes_to_train": 45.0}, {"business": BUSINESSES[1], "minutes_to_train": None}]
    had = [training(n, 3, 100, hours=hours) for n, hours in enumerate((3.0, 5.0, 3.5, float("nan"), None))]
    result = needs(facts_of(centre({**weak(range(5), 0), **weak(range(5), 1)}, businesses=minutes, trainings=had)))
    assert row_of(result, 0, 0)["hours"] == 0.75
    assert row_of(result, 0, 1)["hours"] == 3.5


def test_who_was_trained_in_what_lies_above_was_trained(facts_of: FactsOf) -> None:
    had = [{**training(0, 0, 9), "business": "包裹"}, training(0, 0, 99), training(1, 0, None)]
    result = needs(facts_of(centre(weak(range(5), 0), trainings=had)))
    assert row_of(result, 0, 0)["last_trained"] == (LAST_DAY - timedelta(9)).date()
    assert row_of(result, 1, 0)["last_trained"] is None
    assert [note.facts["trainings"] for note in result.notes if note.code == "trainings_undated"] == [1]


def test_what_is_older_than_a_training_counts_as_far_as_the_training_left_it(facts_of: FactsOf) -> None:
    # All calls are of the last day: older than a training of that day, younger than one of the day before.
    had = [training(0, 0, 0), training(1, 0, 1)]
    result = needs(facts_of(centre(weak(range(6), 0), trainings=had)))
    plain = needs(facts_of(centre(weak(range(6), 0))))
    after, before, untrained = ((row_of(result, agent, 0), row_of(plain, agent, 0)) for agent in range(3))
    assert (after[0]["older"], before[0]["older"], untrained[0]["older"]) == (1.0, 0.0, 0.0)
    assert before[0]["gap"] == pytest.approx(before[1]["gap"]) and untrained[0]["gap"] == pytest.approx(untrained[1]["gap"])
    assert 0.35 < after[0]["gap"] / after[1]["gap"] < 0.65
    assert after[0]["estimate"] > after[1]["estimate"] + 0.1 and after[0]["p_below"] < after[1]["p_below"]


def test_of_methods_the_one_that_closes_most_is_taken_and_harm_is_no_gain() -> None:
    effects = {
        m: MethodEffect(m, c, 0.1, 1) for m, c in (("class", 0.4), ("drill", -0.3), ("recording", 0.7), ("coaching", 1.4), ("mentor", 1.4))
    }
    assert (best(effects, TOGETHER), best(effects, ONE_TO_ONE)) == ("recording", "coaching")
    untried = {**effects, "class": MethodEffect("class", 0.48, 0.1, 5), "recording": MethodEffect("recording", 0.5, 0.25, 0)}
    assert best(untried, TOGETHER) == "class"
    assert [closes(effects[m]) for m in ("class", "drill", "coaching")] == [0.4, 0.0, 1.0]


def test_who_has_left_needs_nothing(facts_of: FactsOf) -> None:
    tables = centre(weak(range(6), 0))
    tables["agents"][0]["left_on"] = date(2025, 12, 31)
    tables["agents"][1]["left_on"] = date(2026, 3, 1)
    found = {agent for agent, _ in pairs(needs(facts_of(tables)))}
    assert AGENTS[0] not in found and AGENTS[1] in found


def test_newcomers_begin_with_what_their_queue_asks_most(facts_of: FactsOf) -> None:
    tables = centre(weak(range(6), 0))
    rows = pl.DataFrame(tables["calls"]).with_columns(
        queue=pl.when(pl.col("business").str.starts_with("储蓄")).then(pl.lit("储蓄台")).otherwise(pl.lit("包裹台"))
    )
    # Team t1 answers the savings queue only, and mostly lost cards.
    savings = pl.col("agent_id").is_in([row["agent_id"] for row in tables["agents"] if row["team"] == "t1"])
    rows = rows.filter(~savings | (pl.col("queue") == "储蓄台")).filter(
        ~savings | (pl.col("business") == "储蓄/挂失") | (pl.col("call_id").str.ends_with("7"))
    )
    tables["calls"] = rows.to_arrow()
    hired = {"hired_on": date(2025, 12, 20), "role": "客服专员"}
    tables["agents"] += [
        {"agent_id": "new1", "team": "t1", **hired},
        {"agent_id": "new2", "team": "nobody", **hired},
        {"agent_id": "old", "team": "t1", **hired, "hired_on": date(2020, 1, 1)},
        {"agent_id": "boss", "team": "t1", **hired, "role": "主任"},
        {"agent_id": "gone", "team": "t1", **hired, "left_on": date(2025, 12, 24)},
    ]
    tables["trainings"] = [{**training(0, 3, 3), "agent_id": "new1"}]
    courses = needs(facts_of(tables)).polars("first_courses")
    assert set(courses["agent_id"]) == {"new1", "new2"}
    first = courses.filter(agent_id="new1")
    assert first["business"].to_list() == ["储蓄/挂失"] and set(first["reason"]) == {"team_queue"}
    other = courses.filter(agent_id="new2")
    assert other["order"].to_list() == [1, 2, 3, 4, 5] and set(other["reason"]) == {"whole_centre"}
    assert other["share"].is_sorted(descending=True)


def test_nobody_to_train_is_said(facts_of: FactsOf) -> None:
    result = needs(
        facts_of(
            centre({}),
        )
    )
    assert result.polars().height == 0 and result.values["pairs"] == 0
    assert {"nobody_to_train", "nothing_to_tell_apart"} <= {note.code for note in result.notes}


def test_everybody_to_train_is_said(facts_of: FactsOf) -> None:
    result = needs(facts_of(centre({}, businesses=[{"business": b, "standard": [("resolved", 0.999)]} for b in BUSINESSES])))
    assert [note.facts["agents"] for note in result.notes if note.code == "everybody_to_train"] == [len(AGENTS)]


def test_a_single_agent_is_answered(facts_of: FactsOf) -> None:
    calls = [call("2026-03-02 09:00", agent_id="a", business="查询", resolved=n % 3 > 0) for n in range(30)]
    plain = needs(facts_of({"calls": calls}))
    assert plain.polars().height == 0
    target = [{"business": "查询", "standard": [("resolved", 0.95)]}]
    assert pairs(needs(facts_of({"calls": calls, "businesses": target}))) == {("a", "查询")}


def test_what_cannot_be_answered_says_what_is_missing(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError) as refused:
        needs(facts_of({"calls": [call("2026-03-02 09:00", agent_id="a1")]}))
    assert refused.value.code == "no_capability_evidence"
    unasked = needs(facts_of(centre(weak(range(6), 0))), worth="passed=1")
    assert unasked.polars().height == 0 and "no_outcome_to_train_for" in {note.code for note in unasked.notes}
    with pytest.raises(CoachlineError) as wrong:
        needs(facts_of(centre({})), worth="rating=1")
    assert wrong.value.code == "unknown_weight"
