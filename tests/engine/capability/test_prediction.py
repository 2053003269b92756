"""What foretells next month's repeat calls is found again, by the right size, and nothing else is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.capability.agent_measures import AgentMeasures
from coachline.engine.capability.prediction import NEXT, Prediction, prediction
from coachline.engine.facts import Facts
from tests.engine.operations.rows import call

AGENTS, MONTHS, SLOPE = 120, 5, -0.3


def frame_of(agent: np.ndarray, business: np.ndarray, month: np.ndarray, n: np.ndarray, successes: np.ndarray) -> pl.DataFrame:
    """Cells of a share in the form of `ServiceCells.measures`."""
    sums = {"n": n, "total": successes, "total_sq": successes, "n_odd": np.zeros(len(n)), "total_odd": np.zeros(len(n))}
    keys = {"agent_id": [f"a{a:03d}" for a in agent], "business": [f"b{b}" for b in business], "month": month.astype(np.int32)}
    return pl.DataFrame({**keys, **{name: column.astype(float) for name, column in sums.items()}})


def centre(rng: np.random.Generator, calls: int, slope: float = SLOPE) -> AgentMeasures:
    """Repeat share of a month = that of the business + slope x resolution of the month before + own part of the agent.

    Resolution drifts from month to month; satisfaction is an agent's own and foretells nothing. Agents with good resolution handle the business
    on which customers call again anyway.
    """
    level = rng.normal(0, 0.04, AGENTS)
    resolution = level + rng.normal(0, 0.03, (MONTHS, AGENTS))
    satisfaction = np.broadcast_to(rng.normal(0, 0.02, AGENTS), (MONTHS, AGENTS))
    own = rng.normal(0, 0.01, AGENTS)
    hard = 1 / (1 + np.exp(-15 * level))
    month, agent, business = (axis.ravel() for axis in np.indices((MONTHS, AGENTS, 2)))
    n = rng.poisson(calls * np.where(business, hard[agent], 1 - hard[agent])) + 1

    def drawn(chance: np.ndarray) -> pl.DataFrame:
        return frame_of(agent, business, 24_300 + month, n, rng.binomial(n, chance.clip(0, 1)))

    before = np.vstack([level, resolution[:-1]])
    shares = {
        "resolution": 0.86 - 0.1 * business + resolution[month, agent],
        "satisfaction": 0.95 + satisfaction[month, agent],
        NEXT: 0.12 + 0.15 * business + slope * before[month, agent] + own[agent],
    }
    return AgentMeasures({name: drawn(chance) for name, chance in shares.items()}, {})


def of(measure: str, worlds: list[AgentMeasures]) -> list[Prediction]:
    return [prediction(one, measure) for one in worlds]


def test_the_slope_is_found_again_whatever_the_mix_and_the_number_of_calls() -> None:
    rng = np.random.default_rng(21)
    found = of("resolution", [centre(rng, 150) for _ in range(40)])
    slopes = np.array([one.relation.slope for one in found])
    assert slopes[:, 0].mean() == pytest.approx(SLOPE, abs=0.02)
    covered = np.mean((slopes[:, 1] <= SLOPE) & (slopes[:, 2] >= SLOPE))
    assert covered >= 0.75
    assert all(one.relation.correlation.high < 0 for one in found)
    assert (found[0].months, found[0].pairs, found[0].relation.agents) == (MONTHS - 1, AGENTS * (MONTHS - 1), AGENTS)
    # With 150 calls a month the raw correlation is much weaker than the true one.
    raw, true = (np.mean([getattr(one.relation, name).value for one in found]) for name in ("pearson", "correlation"))
    assert abs(raw) < 0.75 * abs(true)
    assert 0.02 < np.mean([one.out_of_sample for one in found]) < np.mean([one.relation.reliability_other for one in found])


def test_what_foretells_nothing_is_not_said_to() -> None:
    rng = np.random.default_rng(22)
    worlds = [centre(rng, 150) for _ in range(60)]
    found = of("satisfaction", worlds)
    claimed = np.mean([one.relation.correlation.low > 0 or one.relation.correlation.high < 0 for one in found])
    assert claimed <= 0.2
    assert abs(np.mean([one.relation.correlation.value for one in found])) < 0.06
    assert np.mean([one.out_of_sample for one in found]) < 0.005


def test_only_consecutive_months_are_related() -> None:
    rng = np.random.default_rng(23)
    agent, business, month = (axis.ravel() for axis in np.indices((AGENTS, 2, MONTHS)))
    n = rng.integers(20, 40, len(agent))
    frames = {measure: frame_of(agent, business, 24_300 + month, n, rng.binomial(n, 0.8)) for measure in ("resolution", NEXT)}
    gap = {measure: frame.filter(pl.col("month") != 24_302) for measure, frame in frames.items()}
    found = prediction(AgentMeasures(gap, {}), "resolution")
    assert (found.months, found.pairs) == (2, 2 * AGENTS)
    alone = {measure: frame.filter(pl.col("month") == 24_300) for measure, frame in frames.items()}
    nothing = prediction(AgentMeasures(alone, {}), "resolution")
    assert (nothing.months, nothing.pairs, nothing.relation.agents) == (0, 0, 0)
    assert np.isnan(nothing.out_of_sample)


def test_a_prediction_from_calls(facts_of: Callable[..., Facts]) -> None:
    """Twelve agents, three months: those who resolve less one month see more of their customers call again in the next."""
    calls: list[dict[str, Any]] = []
    for month in (1, 2, 3):
        for agent in range(12):
            skill = (agent * 5 + month) % 12
            bad = (agent * 5 + month - 1) % 12
            for number in range(24):
                customer = f"k{month}-{agent}-{number}"
                common = {"customer_id": customer, "business": "查询"}
                calls.append(
                    call(f"2026-0{month}-{number % 12 + 1:02d} 09:00", agent_id=f"a{agent:02d}", resolved=number < 12 + skill, **common)
                )
                if number < 12 - bad:
                    calls.append(call(f"2026-0{month}-{number % 12 + 3:02d} 09:00", "abandoned", **common))
    calls.append(call("2026-04-20 09:00", "ivr_only"))
    found = run("capability.correlation", facts_of({"calls": calls}), {})
    rows = {row["measure"]: row for row in found.table("prediction").to_pylist()}
    assert set(rows) == {"resolution", "repeat"}
    assert (rows["resolution"]["months"], rows["resolution"]["pairs"], rows["resolution"]["agents"]) == (2, 24, 12)
    assert rows["resolution"]["verdict"] == "fewer_repeats"
    # Resolution rises by 1/24 a step, the repeat share falls by as much.
    assert rows["resolution"]["pearson"] == pytest.approx(-1, abs=0.02)
    assert found.values["best_predictor"] == "resolution"
    week = run("capability.correlation", facts_of({"calls": calls}), {"repeat_days": 1})
    assert week.values["best_predictor"] is None
