"""Papers keep the blueprint, are parallel and as sharp as a search over all possibilities finds, and say what the bank lacks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import combinations
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from coachline.errors import CoachlineError

FactsOf = Callable[..., Facts]
DAY = datetime(2026, 3, 1, 9, tzinfo=UTC)


def bank(items: int, agents: int = 150, exams: int = 3, seed: int = 1) -> list[dict[str, Any]]:
    """Item k on exam k mod `exams`, the first two on all; every third is a capability item."""
    draw = np.random.default_rng(seed)
    ability = draw.standard_normal(agents)
    slope, difficulty = np.exp(0.25 * draw.standard_normal(items)), draw.standard_normal(items) - 0.3
    rows = []
    for exam in range(exams):
        for item in range(items):
            if item > 1 and item % exams != exam:
                continue
            right = draw.random(agents) < expit(slope[item] * (ability - difficulty[item]))
            business = None if item % 4 == 3 else f"业务{item % 2}/查询"
            rows += [
                {
                    "exam_id": f"e{exam}",
                    "agent_id": f"a{k:03d}",
                    "item": f"t{item:02d}",
                    "correct": bool(r),
                    "taken_at": DAY,
                    "business": business,
                }
                for k, r in enumerate(right)
            ]
    return rows


def test_blueprint_anchors_and_equal_papers(facts_of: FactsOf) -> None:
    facts = facts_of({"exams": bank(48)})
    given = {"blueprint": "业务0=2,业务1/查询=1,capability=1", "length": 12, "papers": 2, "anchors": 3, "exposure": 0.9}
    result = run("training.paper", facts, given)
    rows = result.polars()
    assert rows.group_by("paper").len().sort("paper")["len"].to_list() == [12, 12]
    top = pl.when(pl.col("line") == "capability").then(pl.lit("capability")).otherwise(pl.col("business").str.slice(0, 3))
    counts = rows.group_by("paper", category=top).len()
    assert {(p, c): n for p, c, n in counts.rows()} == {
        (p, c): n for p in (1, 2) for c, n in (("业务0", 6), ("业务1", 3), ("capability", 3))
    }
    one, two = (set(rows.filter(paper=p)["item"]) for p in (1, 2))
    assert one & two == set(rows.filter(pl.col("anchor"))["item"]) and len(one & two) == 3
    assert not {"t00", "t01"} & (one | two), "these stood on all exams"
    papers = result.polars("papers")
    assert papers["information"].min() > 0.95 * papers["information"].max()
    assert abs(papers["expected_share"][0] - papers["expected_share"][1]) <= 0.04
    assert papers["se_at_bar"].to_list() == pytest.approx((papers["information"] ** -0.5).to_list())
    assert rows.filter(paper=1)["position"].to_list() == list(range(1, 13))
    assert all(check.ok for check in result.checks)
    assert run("training.paper", facts, given).polars().equals(rows)


def test_no_better_pair_of_papers_exists(facts_of: FactsOf) -> None:
    """Eight items, two papers of three with one in common: every possibility is looked at."""
    facts = facts_of({"exams": bank(8, exams=1)})
    result = run(
        "training.paper", facts, {"length": 3, "papers": 2, "anchors": 1, "exposure": 1, "blueprint": "业务0=1,业务1=1,capability=1"}
    )
    whole = run("training.paper", facts, {"length": 8, "papers": 1, "anchors": 0, "exposure": 1}).polars()
    said = dict(whole.select("item", "information").rows())
    kind = {row["item"]: (row["line"] if row["line"] == "capability" else row["business"]) for row in whole.to_dicts()}

    def fits(items: tuple[str, ...]) -> bool:
        return len({kind[item] for item in items}) == 3

    triples = [triple for triple in combinations(sorted(said), 3) if fits(triple)]
    best = max(
        min(sum(said[i] for i in one), sum(said[i] for i in two)) for one, two in combinations(triples, 2) if len(set(one) & set(two)) == 1
    )
    assert result.values["least_information"] <= best + 1e-9
    # Papers must be alike at the bar, too, which the search over all does not ask for.
    assert result.values["least_information"] >= 0.8 * best


def test_what_the_bank_lacks_is_said(facts_of: FactsOf) -> None:
    facts = facts_of({"exams": bank(12)})
    shorter = run("training.paper", facts, {"length": 10, "papers": 3, "anchors": 0})
    [note] = [note for note in shorter.notes if note.code == "papers_shortened"]
    # Of the ten that are not on all exams five, three and two are of one category, and every paper has as many of each.
    assert note.facts == {"asked": 10, "items": 2, "usable": 10}
    assert shorter.polars().group_by("paper").len()["len"].to_list() == [2, 2, 2] and shorter.values["worn"] == 2
    with pytest.raises(CoachlineError) as refused:
        run("training.paper", facts, {"papers": 15})
    assert refused.value.code == "bank_too_small"
    once = run("training.paper", facts_of({"exams": bank(12, exams=1)}), {"length": 4, "anchors": 0})
    assert "all_items_worn" in {note.code for note in once.notes} and once.polars().height == 8
    with pytest.raises(CoachlineError) as refused:
        run("training.paper", facts, {"blueprint": "没有的业务=1"})
    assert refused.value.code == "blueprint_unknown"
    with pytest.raises(CoachlineError) as refused:
        run("training.paper", facts, {"length": 3, "anchors": 4})
    assert refused.value.code == "too_many_anchors"
    short = run("training.paper", facts, {"length": 6, "papers": 1, "anchors": 0, "blueprint": "capability=5,业务0=1"})
    [note] = [note for note in short.notes if note.code == "blueprint_short"]
    assert note.facts == {"business": "capability", "asked": 5, "items": 3}
    assert short.polars().height == 6


def test_bad_items_stay_out(facts_of: FactsOf) -> None:
    rows = bank(16, agents=300, exams=1)
    for row in rows:
        if row["item"] == "t05":
            row["correct"] = not row["correct"]
    result = run("training.paper", facts_of({"exams": rows}), {"length": 15, "papers": 1, "anchors": 0, "exposure": 1})
    assert "t05" not in set(result.polars()["item"])
    assert result.values["bad_items"] >= 1
