"""Exams from facts: truths found again, and an answer that says so wherever the facts do not allow one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
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


def answer(exam: str, agent: str, item: str, right: bool | None, **more: Any) -> dict[str, Any]:
    return {"exam_id": exam, "agent_id": agent, "item": item, "correct": right, "taken_at": DAY, "business": "业务/查询", **more}


def sat(seed: int, exams: dict[str, range], agents: int = 120, lower: float = 0.0) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Every exam sat by everybody, items of equal slope; those of the second paper are easier by `lower`. With the true abilities."""
    draw = np.random.default_rng(seed)
    ability = draw.standard_normal(agents)
    difficulty = draw.standard_normal(200) - 0.3
    rows = []
    for place, (exam, items) in enumerate(exams.items()):
        for agent in range(agents):
            for item in items:
                easier = lower if place and item not in next(iter(exams.values())) else 0.0
                right = bool(draw.random() < expit(1.3 * (ability[agent] - difficulty[item] + easier)))
                rows.append(answer(exam, f"a{agent:03d}", f"t{item:03d}", right))
    return rows, {f"a{k:03d}": float(a) for k, a in enumerate(ability)}


def notes(result: Any) -> set[str]:
    return {note.code for note in result.notes}


def test_an_easy_paper_makes_nobody_abler(facts_of: FactsOf) -> None:
    """By points people look better on the second paper; on one scale nobody has changed."""
    rows, ability = sat(1, {"p1": range(30), "p2": range(20, 50)}, lower=1.5)
    result = run("training.exams", facts_of({"exams": rows}), {})
    found = result.polars().with_columns(truth=pl.col("agent_id").replace_strict(ability))
    one, two = (found.filter(exam_id=exam).sort("agent_id") for exam in ("p1", "p2"))
    assert two["points_share"].mean() - one["points_share"].mean() > 0.1
    assert two["ability"].mean() == pytest.approx(one["ability"].mean(), abs=0.12)
    assert found["pass_bar"].n_unique() == 1
    assert ((found["low"] <= found["truth"]) & (found["truth"] <= found["high"])).mean() == pytest.approx(0.9, abs=0.06)
    by_truth = found["truth"] >= found["pass_bar"][0]
    # At 0.9 probability no more than a tenth of the sure verdicts may be wrong; far fewer are, as most are surer than that.
    assert (by_truth.filter(found["verdict"] == "passed")).mean() > 0.9
    assert (by_truth.filter(found["verdict"] == "failed")).mean() < 0.1
    assert {"passed", "failed", "too_close"} == set(found["verdict"])
    papers = result.polars("papers")
    assert papers["shared_items"].to_list() == [10, 10]
    wrong = (
        found.group_by("exam_id").agg(((pl.col("points_share") >= 0.6) != (pl.col("truth") >= pl.col("pass_bar"))).mean()).sort("exam_id")
    )
    assert papers["wrong_by_points"].to_list() == pytest.approx(wrong["points_share"].to_list(), abs=0.06)
    assert {check.code: check.ok for check in result.checks}["papers_linked"]


def test_bad_items_are_named(facts_of: FactsOf) -> None:
    rows, _ = sat(2, {"p1": range(24)}, agents=300)
    draw = np.random.default_rng(9)
    for row in rows:
        if row["item"] == "t003":
            row["correct"] = not row["correct"]
        elif row["item"] == "t005":
            row["correct"] = bool(draw.random() < 0.5)
        elif row["item"] == "t007":
            row["correct"] = True
        elif row["item"] == "t009":
            row["correct"] = False
    result = run("training.exams", facts_of({"exams": rows}), {})
    items = {row["item"]: (row["verdict"], row["item_reason"]) for row in result.polars("items").to_dicts()}
    assert items["t003"] == ("negative", "wrong_way")
    assert items["t005"] == ("useless", "tells_nothing")
    assert items["t007"] == ("easy", "all_right") and items["t009"] == ("hard", "none_right")
    others = [verdict for item, (verdict, _) in items.items() if item not in ("t003", "t005", "t007", "t009")]
    assert others.count("good") >= 16 and not {"negative", "useless"} & set(others)
    assert result.values["bad_items"] == 2
    assert next(n for n in result.notes if n.code == "bad_items").facts["items"] == 2


def test_papers_without_common_items_are_not_compared(facts_of: FactsOf) -> None:
    rows, _ = sat(3, {"p1": range(15), "p2": range(15, 30)}, agents=40)
    result = run("training.exams", facts_of({"exams": rows}), {})
    [linked] = [check for check in result.checks if check.code == "papers_linked"]
    assert (linked.ok, linked.figure) == (False, 2.0)
    assert result.polars().group_by("part").agg(pl.col("exam_id").unique()).sort("part")["exam_id"].to_list() == [["p1"], ["p2"]]


def test_an_exam_that_all_pass_says_so(facts_of: FactsOf) -> None:
    rows = [answer("p1", f"a{k:02d}", f"t{i}", True) for k in range(40) for i in range(12)]
    result = run("training.exams", facts_of({"exams": rows}), {})
    assert "exams_all_right" in notes(result)
    assert not {check.code: check.ok for check in result.checks}["exams_tell_apart"]
    assert set(result.polars("items")["item_reason"]) == {"all_right"}
    assert result.polars()["ability"].n_unique() == 1 and result.polars("signs").is_empty()
    # All above the bar, but not all right: another exam that all pass.
    some = [answer("p1", f"a{k:02d}", f"t{i}", (k + i) % 5 > 0) for k in range(40) for i in range(20)]
    assert "exams_all_pass" in notes(run("training.exams", facts_of({"exams": some}), {"pass_bar": 0.5}))


@pytest.mark.parametrize(("agents", "items"), [(1, 1), (1, 12), (40, 1)])
def test_one_person_or_one_item(facts_of: FactsOf, agents: int, items: int) -> None:
    rows = [answer("p1", f"a{k:02d}", f"t{i}", (k + i) % 2 == 0) for k in range(agents) for i in range(items)]
    result = run("training.exams", facts_of({"exams": rows}), {})
    assert result.polars().height == agents
    assert set(result.polars()["verdict"]) <= {"too_close", "unknown"}
    assert set(result.polars("items")["verdict"]) == {"unknown"}
    assert ("few_examinees" in notes(result)) == (agents < 30)


def test_lines_points_times_and_period(facts_of: FactsOf) -> None:
    rows, _ = sat(4, {"p1": range(20)}, agents=40)
    for row in rows:
        number = int(row["item"][1:])
        row["business"] = None if number < 12 else "业务/查询"
        row["taken_at"] = DAY + timedelta(seconds=(1 if row["agent_id"] == "a007" else 40) * number)
        if number == 3:
            row |= {"correct": None, "points": 4.0 if row["correct"] else 1.0, "max_points": 5.0}
        if number == 4:
            row |= {"correct": None, "points": float("nan"), "max_points": 5.0}
    facts = facts_of({"exams": rows})
    both = run("training.exams", facts, {})
    assert both.polars("items").filter(pl.col("line") == "capability").height == 11
    assert next(n for n in both.notes if n.code == "answers_by_points").facts["answers"] == 40
    assert next(n for n in both.notes if n.code == "answers_left_out").facts["answers"] == 40
    fast = both.polars("signs").filter(sign="too_fast")
    assert (fast["agent_id"].to_list(), fast["observed"].to_list()) == (["a007"], [pytest.approx(19 / 18)])
    assert "answer_times_unknown" not in notes(both)
    assert run("training.exams", facts, {"line": "business"}).values["items"] == 8
    with pytest.raises(CoachlineError) as refused:
        run("training.exams", facts, {"since": "2027-01-01"})
    assert refused.value.code == "no_answers"
