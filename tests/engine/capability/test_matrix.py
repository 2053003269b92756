"""The matrix through the run: truth recovered, standards, verdicts, index, weak cells, nothing to tell apart."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from coachline.engine.analyses import run
from coachline.engine.capability.judgement import VERDICTS
from coachline.engine.facts import Facts
from coachline.engine.result import Result
from coachline.engine.simulate.crossed_world import CrossedWorld, crossed_world
from coachline.errors import CoachlineError
from tests.engine.capability.calls import calls_of, matrix_rows, names
from tests.engine.operations.rows import call

FactsOf = Callable[..., Facts]
NOBODY = {"team": 0.0, "agent": 0.0, "family": 0.4, "business": 0.6, "agent_family": 0.0, "low_rank": 0.0, "cell": 0.0}


def world_of(seed: int = 1, **shape: Any) -> CrossedWorld:
    given = {"agents": 80, "businesses": 30, "calls": 60_000, "teams": 8, "families": 6, **shape}
    return crossed_world(**given, seed=seed)


def facts_of_world(facts_of: FactsOf, world: CrossedWorld, **tables: Any) -> Facts:
    agents, businesses = names(world)
    team = [{"agent_id": agent, "team": f"t{t}"} for agent, t in zip(agents, world.team, strict=True)]
    return facts_of({"calls": calls_of(world.tries, world.successes, agents, businesses), "agents": team, **tables})


@pytest.fixture
def world() -> CrossedWorld:
    return world_of()


@pytest.fixture
def result(facts_of: FactsOf, world: CrossedWorld) -> Result:
    return run("capability.matrix", facts_of_world(facts_of, world), {"outcome": "resolved"})


def test_counts_are_as_counted_and_intervals_cover_the_truth(result: Result, world: CrossedWorld) -> None:
    agents, businesses = names(world)
    figures = {c: matrix_rows(result, "resolved", agents, businesses, c) for c in ("n", "successes", "raw", "estimate", "low", "high")}
    assert (figures["n"] == world.tries).all() and (figures["successes"] == world.successes).all()
    seen = world.tries > 0
    assert figures["raw"][seen] == pytest.approx((world.successes / np.maximum(world.tries, 1))[seen])
    assert np.isnan(figures["raw"][~seen].astype(float)).all()
    covered = (figures["low"] <= world.chance) & (world.chance <= figures["high"])
    assert covered[seen].mean() == pytest.approx(0.9, abs=0.04)
    assert covered[~seen].mean() == pytest.approx(0.9, abs=0.06)
    assert ((figures["low"] < figures["estimate"]) & (figures["estimate"] < figures["high"])).all()


def test_probabilities_of_being_below_come_true(facts_of: FactsOf) -> None:
    predicted, happened = [], []
    for seed in (1, 2, 3):
        world = world_of(seed)
        agents, businesses = names(world)
        result = run("capability.matrix", facts_of_world(facts_of, world), {"outcome": "resolved"})
        p_below, standard = (matrix_rows(result, "resolved", agents, businesses, c) for c in ("p_below", "standard"))
        predicted.append(p_below.ravel())
        happened.append((world.chance < standard).ravel())
    p, below = np.concatenate(predicted), np.concatenate(happened)
    for low, high in ((0.0, 0.1), (0.1, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.0)):
        chosen = (p >= low) & (p < high)
        assert chosen.sum() > 60
        assert below[chosen].mean() == pytest.approx(p[chosen].mean(), abs=0.07), (low, high)


def test_the_list_of_weak_cells_is_as_wrong_as_it_says(facts_of: FactsOf) -> None:
    right, listed, raw_right, raw_listed = 0, 0, 0, 0
    for seed in (1, 2, 3, 4):
        world = world_of(seed, agents=150)
        agents, businesses = names(world)
        result = run("capability.matrix", facts_of_world(facts_of, world), {"outcome": "resolved", "fdr": "0.1"})
        weak = result.polars("weak")
        truth = {(a, b): world.chance[i, j] for i, a in enumerate(agents) for j, b in enumerate(businesses)}
        below = [truth[a, b] < s for a, b, s in weak.select("agent_id", "business", "standard").iter_rows()]
        right, listed = right + sum(below), listed + len(below)
        assert weak["lost"].is_sorted(descending=True)
        assert weak["wrong_so_far"].max() <= 0.1
        seen = result.polars().filter(pl.col("raw") < pl.col("standard"))
        raw = [truth[a, b] < s for a, b, s in seen.select("agent_id", "business", "standard").iter_rows()]
        raw_right, raw_listed = raw_right + sum(raw), raw_listed + len(raw)
    assert listed > 200
    assert 1 - right / listed <= 0.125
    assert 1 - raw_right / raw_listed > 0.35


def test_where_nobody_differs_nobody_is_named(facts_of: FactsOf) -> None:
    for seed in (1, 2, 3):
        result = run("capability.matrix", facts_of_world(facts_of, world_of(seed, spread=NOBODY)), {})
        assert set(result.polars()["verdict"].unique()) <= {"meets", "unknown"}
        assert result.polars("weak").height == 0
        assert [n.facts["outcomes"] for n in result.notes if n.code == "nothing_to_tell_apart"] == ["resolved"]
        assert "index" not in set(result.polars()["outcome"])
        [check] = [c for c in result.checks if c.code == "people_differ"]
        assert not check.ok and check.figure is not None and check.figure > 0.005


def test_never_seen_is_estimated_and_not_judged(result: Result, world: CrossedWorld) -> None:
    unseen = result.polars().filter(pl.col("n") == 0)
    assert unseen.height == (world.tries == 0).sum()
    assert set(unseen["verdict"]) == {"unknown"}
    assert unseen["estimate"].null_count() == unseen["p_below"].null_count() == 0
    assert unseen["certainty"].mean() < result.polars().filter(pl.col("n") > 30)["certainty"].mean() - 0.2


def test_verdicts_follow_the_probabilities(result: Result) -> None:
    seen = result.polars().filter(pl.col("n") > 0)
    assert set(seen["verdict"]) == set(VERDICTS)
    assert seen.filter((pl.col("p_below") >= 0.9) != (pl.col("verdict") == "below")).height == 0
    assert seen.filter(pl.col("verdict").is_in(["meets", "strong"]))["p_below"].max() <= 0.1
    strong, meets = (seen.filter(verdict=v) for v in ("strong", "meets"))
    assert (strong["estimate"] - strong["standard"]).mean() > (meets["estimate"] - meets["standard"]).mean()


def test_a_target_of_the_centre_is_the_standard_also_for_what_lies_under_it(facts_of: FactsOf, world: CrossedWorld) -> None:
    rows = [
        {"business": "f00", "standard": [("resolved", 0.5)]},
        {"business": "f01/b005", "standard": [("resolved", 0.97), ("satisfied", 0.9)]},
        {"business": "f05/nobody", "standard": None},
    ]
    cells = run("capability.matrix", facts_of_world(facts_of, world, businesses=rows), {"outcome": "resolved"}).polars()
    of = {b: s[0] for b, s in cells.group_by("business").agg(pl.col("standard").unique()).iter_rows()}
    assert {s for b, s in of.items() if b.startswith("f00/")} == {0.5}
    assert of["f01/b005"] == 0.97
    assert "f00" in of and "f05/nobody" in of and 0.5 < of["f05/nobody"] < 0.99
    assert set(cells.filter(business="f05/nobody")["verdict"]) == {"unknown"}
    assert (cells.filter(business="f01/b005", verdict="below").height) > (cells.filter(business="f01/b006", verdict="below").height)


def test_a_target_that_cannot_be_meant_so_is_left_out_and_told(facts_of: FactsOf, world: CrossedWorld) -> None:
    rows = [
        {"business": "f00", "standard": [("resolved", 88.0), ("satisfied", 0.9)]},
        {"business": "f01/b005", "standard": [("解决率", 0.9), ("handle_time", 0.0), ("rating", 6.0), ("rating", 4.5)]},
    ]
    result = run("capability.matrix", facts_of_world(facts_of, world, businesses=rows), {"outcome": "resolved"})
    [note] = [n for n in result.notes if n.code == "targets_left_out"]
    assert note.facts["targets"] >= 3
    assert set(result.polars().filter(pl.col("business").str.starts_with("f00"))["verdict"]) != {"below", "unknown"}
    assert result.polars()["standard"].max() < 1


def test_without_a_target_the_standard_is_a_margin_more_of_what_goes_wrong(facts_of: FactsOf, world: CrossedWorld) -> None:
    facts = facts_of_world(facts_of, world)
    usual, wider = (
        run("capability.matrix", facts, {"outcome": "resolved", "margin": m}).polars().unique("business").sort("business")["standard"]
        for m in ("0", "0.5")
    )
    assert (1 - wider).to_list() == pytest.approx(((1 - usual) * 1.5).to_list())
    weighed = (world.chance * world.tries).sum(axis=0) / world.tries.sum(axis=0)
    assert np.abs(usual.to_numpy() - weighed).max() < 0.08


def test_where_less_is_better_below_is_above(facts_of: FactsOf, world: CrossedWorld) -> None:
    agents, businesses = names(world)
    failures = calls_of(world.tries, world.tries - world.successes, agents, businesses, "transferred")
    up = run("capability.matrix", facts_of_world(facts_of, world), {"outcome": "resolved"}).polars()
    down = run("capability.matrix", facts_of({"calls": failures}), {"outcome": "transferred"}).polars()
    assert (down["standard"] + up["standard"]).to_numpy() == pytest.approx(1.0, abs=0.02)
    both = up.select("agent_id", "business", up=pl.col("p_below")).join(down, on=["agent_id", "business"])
    assert (both["up"] - both["p_below"]).abs().mean() < 0.03
    down_weak = run("capability.matrix", facts_of({"calls": failures}), {"outcome": "transferred"}).polars("weak")
    assert down_weak.height > 0 and (down_weak["estimate"] > down_weak["standard"]).mean() > 0.95 and (down_weak["gap"] > 0).mean() > 0.95


def test_handle_time_is_in_seconds_and_judged_only_with_a_target(facts_of: FactsOf) -> None:
    draw = np.random.default_rng(4)
    rows = []
    for i, pace in enumerate((0.8, 1.0, 1.0, 1.6)):
        for business, usual in (("查询", 100.0), ("投诉", 300.0)):
            for seconds in usual * pace * np.exp(0.3 * draw.standard_normal(80)):
                rows.append(call("2026-03-02 09:00", agent_id=f"a{i}", business=business, talk_s=float(seconds), wrap_s=0.0))
    free = run("capability.matrix", facts_of({"calls": rows}), {"outcome": "handle_time"})
    slow = free.polars().filter(agent_id="a3", business="查询").to_dicts()[0]
    assert slow["estimate"] == pytest.approx(160, rel=0.08)
    assert (slow["standard"], slow["p_below"], slow["verdict"], slow["successes"]) == (None, None, "unknown", None)
    assert [n.facts["outcomes"] for n in free.notes if n.code == "outcomes_not_judged"] == ["handle_time"]
    target = {"calls": rows, "businesses": [{"business": "查询", "standard": [("handle_time", 120.0)]}]}
    judged = run("capability.matrix", facts_of(target), {"outcome": "handle_time"}).polars()
    assert judged.filter(agent_id="a3", business="查询")["verdict"].item() == "below"
    assert judged.filter(agent_id="a0", business="查询")["verdict"].item() == "meets"
    assert judged.filter(agent_id="a3", business="投诉")["p_below"].item() is None


def test_ratings_are_mean_scores(facts_of: FactsOf) -> None:
    draw = np.random.default_rng(5)
    rows = []
    for i, shares in enumerate(
        ((0.02, 0.02, 0.06, 0.3, 0.6), (0.1, 0.1, 0.2, 0.3, 0.3), (0.05, 0.05, 0.1, 0.3, 0.5), (0.3, 0.2, 0.2, 0.2, 0.1))
    ):
        for grade in draw.choice(5, 300, p=shares) + 1:
            rows.append(call("2026-03-02 09:00", agent_id=f"a{i}", business="查询", rating=int(grade)))
    cells = run("capability.matrix", facts_of({"calls": rows}), {"outcome": "rating"}).polars().sort("agent_id")
    assert cells["raw"].to_list() == pytest.approx(cells["estimate"].to_list(), abs=0.15)
    assert ((cells["low"] > 1) & (cells["high"] < 5)).all()
    assert cells["verdict"][3] == "below" and cells["verdict"][0] == "strong"


def test_the_index_orders_people_as_its_outcomes_do(facts_of: FactsOf, world: CrossedWorld) -> None:
    result = run("capability.matrix", facts_of_world(facts_of, world), {"weights": "resolved=1"})
    index, resolved = (result.polars().filter(outcome=o).sort("agent_id", "business") for o in ("index", "resolved"))
    assert index.height == resolved.height
    within = index.select("business", index="estimate").with_columns(resolved=resolved["estimate"])
    for _, rows in within.group_by("business"):
        # In logits both are the same ordering; the estimate of a chance bends a little where little is known.
        assert rows.select(pl.corr("index", "resolved", method="spearman")).item() > 0.97
    assert index["estimate"].mean() == pytest.approx(50, abs=2)
    assert 5 < index.filter(pl.col("n") > 100)["estimate"].std() < 12
    covered = true_index(world)
    inside = (index["low"].to_numpy() <= covered.ravel()) & (covered.ravel() <= index["high"].to_numpy())
    assert inside.mean() == pytest.approx(0.9, abs=0.05)
    assert [dict(n.facts["weights"]) for n in result.notes if n.code == "index_of"] == [{"resolved": 1.0}]


def true_index(world: CrossedWorld) -> np.ndarray:
    """50 plus ten times the deviation from the business in standard deviations between agents."""
    logit = np.log(world.chance / (1 - world.chance))
    deviation = logit - logit.mean(axis=0)
    return np.asarray(50 + 10 * deviation / deviation.std())


def test_an_index_of_outcomes_that_are_not_recorded_says_so(facts_of: FactsOf, world: CrossedWorld) -> None:
    result = run("capability.matrix", facts_of_world(facts_of, world), {"weights": "correct=1"})
    assert "index" not in set(result.polars()["outcome"])


def test_time_of_service_tells_what_to_expect_of_beginners(facts_of: FactsOf) -> None:
    draw = np.random.default_rng(8)
    new = np.arange(60) < 20
    level = np.where(new, 0.4, 2.2)[:, None] + 0.25 * draw.standard_normal((60, 1)) + 0.4 * draw.standard_normal(8)
    tries = np.where(new[:, None], draw.poisson(1, level.shape), draw.poisson(25, level.shape))
    agents, businesses = [f"a{i:04d}" for i in range(60)], [f"b{j}" for j in range(8)]
    calls = calls_of(tries, draw.binomial(tries, 1 / (1 + np.exp(-level))), agents, businesses)
    hired = [date(2025, 12, 1) if n else date(2019, 1, 1 + k % 28) for k, n in enumerate(new)]
    known = [{"agent_id": agent, "hired_on": day} for agent, day in zip(agents, hired, strict=True)]
    told = run("capability.matrix", facts_of({"calls": calls, "agents": known}), {"outcome": "resolved"})
    untold = run("capability.matrix", facts_of({"calls": calls}), {"outcome": "resolved"})
    off = [
        np.abs(matrix_rows(r, "resolved", agents, businesses, "estimate") - 1 / (1 + np.exp(-level)))[new].mean() for r in (told, untold)
    ]
    assert off[0] < 0.8 * off[1]
    tenure = {r: dict(x.polars("spread").select("component", "sd").rows())["tenure"] for r, x in (("told", told), ("untold", untold))}
    assert tenure["told"] > 0.4 and tenure["untold"] == 0.0


def test_only_seen_cells_if_asked(facts_of: FactsOf, world: CrossedWorld) -> None:
    cells = run("capability.matrix", facts_of_world(facts_of, world), {"unseen": "false"}).polars()
    assert cells.filter(outcome="resolved").height == (world.tries > 0).sum()
    assert cells["n"].min() == 1


def test_half_life_weighs_recent_months_more(facts_of: FactsOf) -> None:
    # Everybody was poor in January and is good in April; with a short memory April counts.
    rows = []
    for month, share in ((1, 0.4), (2, 0.6), (3, 0.8), (4, 0.95)):
        for i in range(4):
            rows += [
                call(f"2026-0{month}-05 09:00", agent_id=f"a{i}", business=b, resolved=k < 100 * share)
                for b in ("查询", "投诉")
                for k in range(100)
            ]
    facts = facts_of({"calls": rows})
    alike, short = (
        run("capability.matrix", facts, {"outcome": "resolved", "half_life": h}).polars()["estimate"].mean() for h in ("none", "0.5")
    )
    assert alike == pytest.approx(0.69, abs=0.02) and short > 0.88
    chosen = run("capability.matrix", facts, {"outcome": "resolved"})
    assert chosen.values["half_life_months"] == 1.0
    assert any(note.code == "evidence_ages" for note in chosen.notes)
    with pytest.raises(CoachlineError, match="half_life"):
        run("capability.matrix", facts, {"half_life": "soon"})


def test_steady_people_are_remembered_all_along(facts_of: FactsOf) -> None:
    world = world_of(6, agents=30, businesses=12, calls=12_000)
    agents, businesses = names(world)
    draw = np.random.default_rng(6)
    months = []
    for month in range(6):
        tries = draw.binomial(world.tries, 1 / 3)
        months.append(calls_of(tries, draw.binomial(tries, world.chance), agents, businesses, day=31 * month))
    result = run("capability.matrix", facts_of({"calls": pa.concat_tables(months)}), {"outcome": "resolved"})
    assert result.values["half_life_months"] is None


@pytest.mark.parametrize("rows", [1, 3])
def test_a_handful_of_calls_names_nobody(facts_of: FactsOf, rows: int) -> None:
    calls = [call("2026-03-02 09:00", agent_id=f"a{k}", business="查询", resolved=False, rating=1) for k in range(rows)]
    result = run("capability.matrix", facts_of({"calls": calls}), {})
    assert set(result.polars()["verdict"]) <= {"unknown", "meets"}
    assert result.polars("weak").height == 0


def test_without_evidence_it_says_what_is_missing(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError) as refused:
        run("capability.matrix", facts_of({"calls": [call("2026-03-02 09:00", agent_id="a1")]}), {})
    assert refused.value.code == "no_capability_evidence"
    assert "resolved" in str(refused.value)


def test_the_spread_table_adds_up(result: Result) -> None:
    spread = result.polars("spread")
    agents = spread.filter(pl.col("component").is_in(["tenure", "team", "agent", "agent_family", "hidden_skills", "cell", "single_call"]))
    assert agents["share"].sum() == pytest.approx(1.0)
    assert spread.filter(component="agent")["sd"].item() == pytest.approx(0.35, abs=0.1)
