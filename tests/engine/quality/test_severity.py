"""Severity told from skill: recovered over seeds, more surely with calls scored twice, and a warning where it cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from coachline.errors import CoachlineError

FactsOf = Callable[..., Facts]
AGENTS, INSPECTORS, EACH = 96, 12, 20


def scores_of(
    seed: int, twice: float, own_team: bool, team_sd: float = 0.0
) -> tuple[dict[str, list[dict[str, Any]]], np.ndarray, np.ndarray]:
    """Scores with agent and inspector SD 3, calls 4.7 and rest 3.7; inspectors hear their own team or anybody. With true skill and severity."""
    draw = np.random.default_rng(seed)
    team = np.arange(AGENTS) % INSPECTORS
    skill = 3 * draw.standard_normal(AGENTS) + team_sd * draw.standard_normal(INSPECTORS)[team]
    severity = 3 * draw.standard_normal(INSPECTORS)
    rows = []
    for agent in range(AGENTS):
        for k in range(EACH):
            call = 4.7 * draw.standard_normal()
            first = team[agent] if own_team else draw.integers(INSPECTORS)
            heard = [first, *([(first + draw.integers(1, INSPECTORS)) % INSPECTORS] if draw.random() < twice else [])]
            for inspector in heard:
                score = 80 + skill[agent] + call - severity[inspector] + 3.7 * draw.standard_normal()
                rows.append(
                    {
                        "inspection_id": f"{agent}-{k}-{inspector}",
                        "call_id": f"{agent}-{k}",
                        "agent_id": f"a{agent:03d}",
                        "inspector_id": f"q{inspector:02d}",
                        "inspected_at": datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=k % 28),
                        "score": float(np.clip(score, 0, 100)),
                        "passed": bool(score > 75),
                    }
                )
    people = [{"agent_id": f"a{agent:03d}", "team": f"t{team[agent]:02d}"} for agent in range(AGENTS)]
    return {"inspections": rows, "agents": people}, skill, severity


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.argsort().argsort(), other.argsort().argsort())[0, 1])


def test_fair_scores_order_people_better_than_raw_ones(facts_of: FactsOf) -> None:
    raw, fair, off, covered, fair_covered = [], [], [], [], []
    for seed in (1, 2, 3, 4, 5):
        tables, skill, severity = scores_of(seed, twice=0.1, own_team=True)
        facts = facts_of(tables)
        scores = run("quality.scores", facts, {}).polars().sort("agent_id")
        raw.append(rank_correlation(scores["estimate"].to_numpy(), skill))
        fair.append(rank_correlation(scores["fair_estimate"].to_numpy(), skill))
        truth = 80 + skill - severity.mean()
        fair_covered.append(((scores["fair_low"].to_numpy() <= truth) & (truth <= scores["fair_high"].to_numpy())).mean())
        found = run("quality.severity", facts, {}).polars().sort("inspector_id")
        centred = severity - severity.mean()
        off.append(np.sqrt(((found["severity"].to_numpy() - centred) ** 2).mean()))
        covered.append(((found["low"].to_numpy() <= centred) & (centred <= found["high"].to_numpy())).mean())
    assert np.mean(raw) < 0.80 and np.mean(fair) > np.mean(raw) + 0.08 and np.mean(fair) > 0.86
    assert np.mean(off) < 0.75
    assert np.mean(covered) == pytest.approx(0.9, abs=0.1)
    assert np.mean(fair_covered) == pytest.approx(0.9, abs=0.05)


def test_without_links_between_teams_it_warns(facts_of: FactsOf) -> None:
    tables, *_ = scores_of(6, twice=0.0, own_team=True, team_sd=2.0)
    apart = run("quality.severity", facts_of(tables), {})
    [note] = [n for n in apart.notes if n.code == "severity_not_told_from_skill"]
    assert note.facts["share"] == 1.0
    assert [c.ok for c in apart.checks if c.code == "severity_told_from_skill"] == [False]
    mixed, *_ = scores_of(6, twice=0.1, own_team=True, team_sd=2.0)
    linked = run("quality.severity", facts_of(mixed), {})
    assert not [n for n in linked.notes if n.code == "severity_not_told_from_skill"]
    assert [c.ok for c in linked.checks if c.code == "severity_told_from_skill"] == [True]


def test_verdicts_and_counts(facts_of: FactsOf) -> None:
    tables, _, severity = scores_of(7, twice=0.2, own_team=False)
    result = run("quality.severity", facts_of(tables), {})
    rows = result.polars().sort("inspector_id")
    centred = severity - severity.mean()
    assert rows["n"].sum() == len(tables["inspections"])
    assert (centred[(rows["verdict"] == "stricter").to_numpy()] > 0.5).all() and (
        centred[(rows["verdict"] == "milder").to_numpy()] < -0.5
    ).all()
    assert {"stricter", "milder"} <= set(rows["verdict"])
    twice = pl.DataFrame(tables["inspections"]).group_by("call_id").len().filter(pl.col("len") > 1).height
    assert result.values["calls_scored_twice"] == twice
    assert result.values["severity_sd"] == pytest.approx(centred.std(ddof=1), rel=0.2)
    spread = dict(result.polars("spread").select("component", "sd").rows())
    assert spread["call"] == pytest.approx(4.7, rel=0.15) and spread["rest"] == pytest.approx(3.7, rel=0.1)


def test_drift_is_followed_month_by_month(facts_of: FactsOf) -> None:
    draw = np.random.default_rng(8)
    rows = []
    for month in range(1, 7):
        for k in range(400):
            inspector = int(draw.integers(5))
            drift = 1.5 * (month - 3.5) if inspector == 0 else 0.0
            rows.append(
                {
                    "inspection_id": f"{month}-{k}",
                    "agent_id": f"a{draw.integers(20):02d}",
                    "inspector_id": f"q{inspector}",
                    "inspected_at": datetime(2026, month, 10, tzinfo=UTC),
                    "score": 80 - drift + 4 * float(draw.standard_normal()),
                }
            )
    months = run("quality.severity", facts_of({"inspections": rows}), {}).polars("months")
    one = months.filter(inspector_id="q0").sort("month")
    assert one["month"].to_list() == [f"2026-0{m}" for m in range(1, 7)]
    assert one["severity"].to_list() == pytest.approx([1.5 * (m - 3.5) for m in range(1, 7)], abs=1.5)
    assert one["severity"][5] - one["severity"][0] > 4
    others = months.filter(pl.col("inspector_id") != "q0")
    assert others["severity"].abs().max() < 1.8


def test_what_cannot_be_answered_is_refused(facts_of: FactsOf) -> None:
    one = {"inspection_id": "1", "agent_id": "a1", "inspector_id": "q1", "inspected_at": datetime(2026, 3, 1, tzinfo=UTC)}
    with pytest.raises(CoachlineError) as refused:
        run("quality.severity", facts_of({"inspections": [one]}), {})
    assert refused.value.code == "no_scores"
    with pytest.raises(CoachlineError) as refused:
        run("quality.severity", facts_of({"inspections": [{**one, "score": 90.0}]}), {})
    assert refused.value.code == "one_inspector"


def test_everybody_scored_alike(facts_of: FactsOf) -> None:
    rows = [
        {
            "inspection_id": str(k),
            "agent_id": f"a{k % 5}",
            "inspector_id": f"q{k % 3}",
            "inspected_at": datetime(2026, 3, 1, tzinfo=UTC),
            "score": 100.0,
        }
        for k in range(40)
    ]
    found = run("quality.severity", facts_of({"inspections": rows}), {}).polars()
    assert found["severity"].abs().max() < 1e-3
    assert set(found["verdict"]) <= {"usual", "unknown"}
