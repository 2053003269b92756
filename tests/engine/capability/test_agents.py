"""Agents on the centre's mix: truth covered, hard work not held against anybody, ranges of ranks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from tests.engine.capability.calls import names
from tests.engine.capability.test_matrix import NOBODY, facts_of_world, true_index, world_of
from tests.engine.operations.rows import call

FactsOf = Callable[..., Facts]


def test_estimates_cover_what_agents_would_reach_on_the_centres_mix(facts_of: FactsOf) -> None:
    covered, of_index = [], []
    for seed in (1, 2, 3, 4, 5, 6):
        world = world_of(seed, agents=120)
        rows = run("capability.agents", facts_of_world(facts_of, world), {"weights": "resolved=1"}).polars().sort("agent_id")
        seen = world.tries.sum(axis=1) > 0
        mix = world.tries.sum(axis=0) / world.tries.sum()
        for outcome, truth, into in (("resolved", world.chance @ mix, covered), ("index", true_index(world) @ mix, of_index)):
            found = rows.filter(outcome=outcome)
            assert found["agent_id"].to_list() == [a for a, s in zip(names(world)[0], seen, strict=True) if s]
            into.append(((found["low"].to_numpy() <= truth[seen]) & (truth[seen] <= found["high"].to_numpy())).mean())
            ranks = (-truth[seen]).argsort().argsort() + 1
            within = (found["rank_low"].to_numpy() <= ranks) & (ranks <= found["rank_high"].to_numpy())
            assert within.mean() > 0.8
            assert (found["rank_low"] <= found["rank_high"]).all() and found["rank_low"].min() == 1
    # Thirty businesses are too few to see all hidden skills, and what is not seen is held to be independent from cell to cell.
    assert np.mean(covered) == pytest.approx(0.88, abs=0.04)
    assert np.mean(of_index) == pytest.approx(0.9, abs=0.05)


def test_hard_work_is_not_held_against_those_who_do_it(facts_of: FactsOf) -> None:
    # All are alike, but half of them take the hard business mostly. A few generalists tie the two together.
    rows = []
    for i in range(20):
        easy, hard = (90, 10) if i < 10 else (10, 90)
        rows += [call("2026-03-02 09:00", agent_id=f"a{i:02d}", business="查询", resolved=k % 20 > 0) for k in range(easy)]
        rows += [call("2026-03-02 09:00", agent_id=f"a{i:02d}", business="投诉", resolved=k % 5 > 2) for k in range(hard)]
    found = run("capability.agents", facts_of({"calls": rows}), {}).polars().filter(outcome="resolved").sort("agent_id")
    easy, hard = found.head(10), found.tail(10)
    assert easy["observed"].mean() > hard["observed"].mean() + 0.3
    assert easy["estimate"].mean() == pytest.approx(hard["estimate"].mean(), abs=0.02)
    assert hard["expected"].to_list() == pytest.approx(hard["observed"].to_list(), abs=0.03)
    assert set(found["verdict"]) <= {"meets", "unknown"}


def test_the_standard_is_a_quarter_more_of_what_goes_wrong(facts_of: FactsOf) -> None:
    # Everybody resolves 80 of 100 and has 10 of 100 transferred: the centre's own level leaves little to estimate.
    rows = [
        call("2026-03-02 09:00", agent_id=f"a{i}", business="查询", resolved=k % 10 > 1, transferred=k % 10 == 5)
        for i in range(8)
        for k in range(300)
    ]
    facts = facts_of({"calls": rows})
    found = run("capability.agents", facts, {}).polars()
    assert found.filter(outcome="resolved")["standard"].to_list() == pytest.approx([0.75] * 8, abs=0.005)
    assert found.filter(outcome="transferred")["standard"].to_list() == pytest.approx([0.125] * 8, abs=0.005)
    wider = run("capability.agents", facts, {"margin": "0.5"}).polars().filter(outcome="resolved")
    assert wider["standard"].to_list() == pytest.approx([0.7] * 8, abs=0.005)


def test_an_estimate_on_the_better_side_of_the_standard_is_probably_not_below_it(facts_of: FactsOf) -> None:
    found = run("capability.agents", facts_of_world(facts_of, world_of(3, agents=60)), {"weights": "resolved=1"}).polars()
    for outcome in ("resolved", "index"):
        rows = found.filter(outcome=outcome)
        sure = rows.filter((pl.col("p_below") < 0.4) | (pl.col("p_below") > 0.6))
        assert ((sure["estimate"] > sure["standard"]) == (sure["p_below"] < 0.5)).all()
        assert rows["standard"].n_unique() == 1
    assert found.filter(outcome="index")["standard"][0] == 45.0


def test_where_nobody_differs_ranks_say_nothing(facts_of: FactsOf) -> None:
    world = world_of(2, spread=NOBODY, agents=40)
    result = run("capability.agents", facts_of_world(facts_of, world), {})
    rows = result.polars().filter(outcome="resolved")
    assert set(rows["verdict"]) <= {"meets", "unknown"}
    assert (rows["rank_high"] - rows["rank_low"]).mean() > 25
    assert [n.facts["outcomes"] for n in result.notes if n.code == "nothing_to_tell_apart"] == ["resolved"]


def test_handle_time_has_no_rank(facts_of: FactsOf) -> None:
    rows = [call("2026-03-02 09:00", agent_id=f"a{k % 4}", business="查询", talk_s=60.0 + k % 7, wrap_s=0.0) for k in range(200)]
    found = run("capability.agents", facts_of({"calls": rows}), {}).polars().filter(outcome="handle_time")
    assert found["rank_low"].null_count() == found["p_below"].null_count() == found["standard"].null_count() == 4
    assert found["estimate"].to_list() == pytest.approx([63.0] * 4, abs=1.0)
    assert set(found["verdict"]) == {"unknown"}


def test_one_agent(facts_of: FactsOf) -> None:
    rows = [call("2026-03-02 09:00", agent_id="a1", business="查询", resolved=k > 3) for k in range(20)]
    [found] = run("capability.agents", facts_of({"calls": rows}), {}).polars().filter(pl.col("outcome") == "resolved").to_dicts()
    assert (found["rank_low"], found["rank_high"], found["n"], found["observed"]) == (1, 1, 20, 0.8)
    assert found["low"] < 0.8 < found["high"]
