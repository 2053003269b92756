"""Scores of agents: weights counted by hand, intervals that cover, defect rates that risk calls do not spoil."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.facts import Facts
from coachline.errors import CoachlineError

FactsOf = Callable[..., Facts]


def inspection(number: int, agent: str, score: float | None, **fields: Any) -> dict[str, Any]:
    moment = datetime(2026, 3, 1 + number % 28, tzinfo=UTC)
    return {
        "inspection_id": f"i{number}",
        "agent_id": agent,
        "inspector_id": f"q{number % 3}",
        "inspected_at": moment,
        "score": score,
        **fields,
    }


def test_weights_by_hand(facts_of: FactsOf) -> None:
    rows = [
        inspection(1, "a1", 100.0, probability=0.5, passed=True),
        inspection(2, "a1", 70.0, probability=0.1, passed=False),
        inspection(3, "a1", 40.0, probability=1.0, purpose="coach", passed=False),
        inspection(4, "a2", 90.0, probability=0.2, purpose="score", passed=True),
        inspection(5, "a2", None, probability=0.2, passed=True),
    ]
    result = run("quality.scores", facts_of({"inspections": rows}), {})
    one, two = result.polars().sort("agent_id").to_dicts()
    assert (one["n"], two["n"], one["defects"], one["inspectors"]) == (2, 1, 2, 3)
    assert one["estimate"] == pytest.approx((100 * 2 + 70 * 10) / 12)
    assert two["estimate"] == 90.0
    assert one["low"] < one["estimate"] < one["high"] and two["low"] < 90 < two["high"]
    assert result.values["centre_score"] == pytest.approx((100 * 2 + 70 * 10 + 90 * 5) / 17)
    assert [(n.code, dict(n.facts)) for n in result.notes] == [("inspections_without_score", {"inspections": 1})]
    centre = result.polars("groups").filter(kind="centre").to_dicts()[0]
    assert (centre["n"], centre["estimate"]) == (3, pytest.approx(result.values["centre_score"]))


def test_parts_of_the_sample_by_hand(facts_of: FactsOf) -> None:
    rows = [
        inspection(1, "a1", 100.0, probability=0.5, stratum="s"),
        inspection(2, "a1", 70.0, purpose="score", stratum="s"),
        inspection(3, "a1", 40.0, purpose="coach"),
        inspection(4, "a2", 90.0, purpose="coach", stratum="t", probability=1.0),
        inspection(5, "a2", None, stratum="s", probability=0.2),
    ]
    parts = run("quality.scores", facts_of({"inspections": rows}), {}).polars("parts")
    assert parts.rows() == [("score", "s", 2, 0.5, 0.5), ("coach", None, 1, 0.25, 0.0), ("coach", "t", 1, 0.25, 1.0)]


def sampled(seed: int, agents: int = 120) -> tuple[list[dict[str, Any]], np.ndarray, np.ndarray]:
    """A quarter of each agent's calls are risky; half of the sample is drawn at random, half among the risky ones. True means and defect rates."""
    draw = np.random.default_rng(seed)
    rows, means, rates = [], [], []
    for agent in range(agents):
        level = 1.6 + 0.6 * draw.standard_normal()
        risky = np.arange(400) < 100
        fails = draw.random(400) < 1 / (1 + np.exp(level - 1.2 * risky + 0.6))
        score = np.clip(np.where(fails, 65, 92) + 5 * draw.standard_normal(400), 0, 100)
        means.append(score.mean())
        rates.append(1 / (1 + np.exp(level - 1.2 + 0.6)) * 0.25 + 1 / (1 + np.exp(level + 0.6)) * 0.75)
        for part, pool, size in (("score", np.arange(400), 10), ("coach", np.flatnonzero(risky), 10)):
            for call in draw.choice(pool, size, replace=False):
                rows.append(
                    inspection(
                        len(rows),
                        f"a{agent:03d}",
                        float(score[call]),
                        call_id=f"{agent}-{call}",
                        purpose=part,
                        stratum="risky" if risky[call] else "ordinary",
                        probability=size / len(pool),
                        passed=not fails[call],
                    )
                )
    return rows, np.array(means), np.array(rates)


def test_risk_calls_find_faults_and_spoil_nothing(facts_of: FactsOf) -> None:
    covered, rate_covered, raw_off, off = [], [], [], []
    for seed in (1, 2, 3):
        rows, means, rates = sampled(seed)
        found = run("quality.scores", facts_of({"inspections": rows}), {}).polars().sort("agent_id")
        covered.append(((found["low"].to_numpy() <= means) & (means <= found["high"].to_numpy())).mean())
        rate_covered.append(((found["defect_low"].to_numpy() <= rates) & (rates <= found["defect_high"].to_numpy())).mean())
        raw = pl.DataFrame(rows).group_by("agent_id").agg((~pl.col("passed")).mean()).sort("agent_id")["passed"].to_numpy()
        raw_off.append(np.sqrt(((raw - rates) ** 2).mean()))
        off.append(np.sqrt(((found["defect_rate"].to_numpy() - rates) ** 2).mean()))
        assert found["defect_rate"].mean() == pytest.approx(rates.mean(), abs=0.025)
        assert raw.mean() > rates.mean() + 0.05
    assert np.mean(covered) == pytest.approx(0.9, abs=0.06)
    assert np.mean(rate_covered) == pytest.approx(0.9, abs=0.05)
    assert np.mean(off) < 0.5 * np.mean(raw_off)


def test_what_is_missing_is_said(facts_of: FactsOf) -> None:
    plain = [{**inspection(k, f"a{k % 4}", 80.0 + k % 9), "inspector_id": None} for k in range(40)]
    result = run("quality.scores", facts_of({"inspections": plain}), {})
    assert {n.code for n in result.notes} == {"no_probabilities", "inspectors_unknown"}
    assert result.polars()["defect_rate"].null_count() == 4
    coached = [inspection(k, f"a{k % 4}", 60.0, purpose="coach", probability=0.5) for k in range(8)]
    result = run("quality.scores", facts_of({"inspections": coached}), {})
    assert "no_random_part" in {n.code for n in result.notes}
    assert result.polars()["estimate"].null_count() == 4 and set(result.polars()["n"]) == {0}
    with pytest.raises(CoachlineError, match="score"):
        run("quality.scores", facts_of({"inspections": [inspection(1, "a1", None)]}), {})


def test_the_period_is_that_of_the_calls(facts_of: FactsOf) -> None:
    rows = [inspection(k, "a1", 80.0 + k) for k in range(28)]
    found = run("quality.scores", facts_of({"inspections": rows}), {"since": "2026-03-11", "until": "2026-03-20"}).polars()
    assert found["n"].item() == 10
