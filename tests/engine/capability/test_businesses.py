"""Difficulty of businesses, whoever handles them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from tests.engine.capability.test_matrix import facts_of_world, world_of
from tests.engine.operations.rows import call

FactsOf = Callable[..., Facts]


def test_estimates_cover_what_the_average_agent_reaches(facts_of: FactsOf) -> None:
    covered = []
    for seed in (1, 2, 3):
        world = world_of(seed, agents=150, businesses=40)
        rows = run("capability.businesses", facts_of_world(facts_of, world), {}).polars().filter(outcome="resolved").sort("business")
        truth = world.chance.mean(axis=0)
        covered.append(((rows["low"].to_numpy() <= truth) & (truth <= rows["high"].to_numpy())).mean())
        assert rows["n"].to_list() == world.tries.sum(axis=0).tolist()
        assert rows["agents"].to_list() == (world.tries > 0).sum(axis=0).tolist()
        centre = (world.chance * world.tries).sum() / world.tries.sum()
        harder, easier = (truth[(rows["verdict"] == v).to_numpy()] for v in ("harder", "easier"))
        assert len(harder) > 3 and len(easier) > 3
        assert (harder < centre).all() and (easier > centre).all()
    assert np.mean(covered) == pytest.approx(0.9, abs=0.06)


def test_what_the_people_of_a_small_centre_leave_open_does_not_hide_differences_between_businesses(facts_of: FactsOf) -> None:
    told, right, rows_seen = 0, 0, 0
    for seed in (1, 2, 3):
        world = world_of(seed, agents=40, businesses=40, calls=140_000, teams=4, families=8)
        rows = run("capability.businesses", facts_of_world(facts_of, world), {}).polars().filter(outcome="resolved").sort("business")
        wrong = 1 - world.chance.mean(axis=0)
        usual = float((wrong * world.tries.sum(axis=0)).sum() / world.tries.sum())
        verdict = rows["verdict"].to_numpy()
        truth = np.where(wrong > 1.25 * usual, "harder", np.where(wrong < usual / 1.25, "easier", "usual"))
        told, rows_seen = told + (verdict != "unknown").sum(), rows_seen + len(verdict)
        right += (verdict == truth)[verdict != "unknown"].sum()
    # With the variance of each business's own level, 60 % are told.
    assert told / rows_seen > 0.66
    assert right / told > 0.93


def test_alike_businesses_are_not_told_apart(facts_of: FactsOf) -> None:
    draw = np.random.default_rng(1)
    rows = [
        call("2026-03-02 09:00", agent_id=f"a{i}", business=f"b{j}", resolved=bool(draw.random() < 0.8))
        for i in range(8)
        for j in range(6)
        for _ in range(15)
    ]
    result = run("capability.businesses", facts_of({"calls": rows}), {})
    assert set(result.polars()["verdict"]) == {"unknown"}
    assert [n.facts["outcomes"] for n in result.notes if n.code == "businesses_alike"] == ["resolved"]


def test_what_is_listed_and_never_handled_is_estimated_widely(facts_of: FactsOf) -> None:
    draw = np.random.default_rng(2)
    rows = [
        call("2026-03-02 09:00", agent_id=f"a{i}", business=f"b{j}", resolved=bool(draw.random() < (0.6, 0.9)[j % 2]))
        for i in range(8)
        for j in range(6)
        for _ in range(30)
    ]
    listed = [{"business": f"b{j}"} for j in range(7)]
    found = run("capability.businesses", facts_of({"calls": rows, "businesses": listed}), {}).polars().sort("business")
    new = found.row(6, named=True)
    assert (new["business"], new["n"], new["agents"], new["observed"], new["verdict"]) == ("b6", 0, 0, None, "unknown")
    assert new["high"] - new["low"] > 2.5 * (found["high"] - found["low"]).head(6).max()
