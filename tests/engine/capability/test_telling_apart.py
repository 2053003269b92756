"""The tests of "all alike": right size where nobody differs, and power where people do."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coachline.engine.capability.memory import Memory
from coachline.engine.capability.outcome_fit import FittedOutcome, Roll, fit_outcome
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.capability.telling_apart import differences


def outcome_of(tries: np.ndarray, successes: np.ndarray) -> FittedOutcome:
    agents, businesses = tries.shape
    i, j = np.nonzero(tries)
    roll = Roll(tuple(f"a{k:03d}" for k in range(agents)), tuple(f"b{k:03d}" for k in range(businesses)), np.zeros(agents, np.int64))
    cells = pl.DataFrame(
        {
            "agent_id": [roll.agents[k] for k in i],
            "business": [roll.businesses[k] for k in j],
            "n": tries[i, j],
            "successes": successes[i, j],
            **{c: np.zeros(len(i)) for c in ("total", "total_sq", *(f"rating_{g}" for g in range(1, 6)))},
        }
    )
    return fit_outcome(OUTCOMES["resolved"], cells, roll, Memory(None), low_rank=False)


@pytest.mark.parametrize(
    ("shape", "mean", "calls"),
    [((8, 5), 0.85, 100), ((60, 20), 0.95, 4), ((20, 30), 0.7, 2)],
    ids=["few, many calls", "sparse, rare", "two calls"],
)
def test_chance_alone_is_seldom_called_a_difference(shape: tuple[int, int], mean: float, calls: int) -> None:
    draw = np.random.default_rng(1)
    level = np.log(mean / (1 - mean)) + 0.5 * draw.standard_normal(shape[1])
    found = []
    for _ in range(150):
        tries = draw.poisson(calls, shape) + 1
        found.append(differences(outcome_of(tries, draw.binomial(tries, 1 / (1 + np.exp(-level))))))
    for name in ("agents", "cells"):
        p = np.array([getattr(d, name) for d in found])
        # Exact tests would give a twentieth and a tenth; too few is caution, too many is slander.
        assert (p < 0.05).mean() < 0.10, name
        assert 0.35 < p.mean() < 0.65, name
    assert np.mean([d.people_differ for d in found]) < 0.04


def test_differences_are_found() -> None:
    draw = np.random.default_rng(2)
    agents, cells = 0, 0
    for _ in range(20):
        tries = draw.poisson(40, (30, 10))
        by_agent = 1.5 + 0.35 * draw.standard_normal((30, 1)) + np.zeros((1, 10))
        by_cell = 1.5 + 0.5 * draw.standard_normal((30, 10))
        agents += differences(outcome_of(tries, draw.binomial(tries, 1 / (1 + np.exp(-by_agent))))).people_differ
        cells += differences(outcome_of(tries, draw.binomial(tries, 1 / (1 + np.exp(-by_cell))))).cells < 0.005
    assert agents == 20 and cells == 20


def test_businesses_differ_or_not() -> None:
    draw = np.random.default_rng(3)
    tries = draw.poisson(40, (30, 10))
    assert not differences(outcome_of(tries, draw.binomial(tries, 0.8))).businesses_differ
    assert differences(outcome_of(tries, draw.binomial(tries, np.linspace(0.7, 0.9, 10)))).businesses_differ


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1)])
def test_nothing_to_compare_is_no_difference(shape: tuple[int, int]) -> None:
    tries = np.full(shape, 9)
    found = differences(outcome_of(tries, tries))
    assert not found.people_differ and not found.businesses_differ
