"""The yardstick of inspection has the truth that it says it has."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from coachline.engine.simulate.inspection_world import STRATA, inspection_world

SHARES, MIDDLES = np.array(list(STRATA.values())).T


@pytest.mark.parametrize("rho", [0.9, 0.3])
def test_shares_rates_and_correlations_are_those_declared(rho: float) -> None:
    world = inspection_world(4000, rho=rho, seed=3)

    assert world.calls.sum(axis=0) / world.calls.sum() == pytest.approx(SHARES, rel=0.01)
    effects = logit(world.chance) - logit(MIDDLES)
    assert effects.std(axis=0) == pytest.approx(0.55, abs=0.03)
    assert effects.mean(axis=0) == pytest.approx(0, abs=0.04)
    between = np.corrcoef(effects.T)[np.triu_indices(len(STRATA), 1)]
    assert between == pytest.approx(rho, abs=0.04)
    assert world.centre_rate == pytest.approx(0.108, abs=0.002)


def test_the_rate_of_an_agent_is_the_mean_over_the_own_calls() -> None:
    world = inspection_world(50, seed=1)
    agent = 7
    calls = np.repeat(world.chance[agent], world.calls[agent])
    assert world.rate[agent] == pytest.approx(calls.mean())
    assert world.centre_rate == pytest.approx((world.rate * world.calls.sum(axis=1)).sum() / world.calls.sum())


def test_what_is_heard_follows_the_true_rates() -> None:
    world = inspection_world(20, seed=1)
    tries = np.full(world.calls.shape, 20_000)
    assert world.inspect(tries, seed=5) / tries == pytest.approx(world.chance, abs=0.02)
    assert np.array_equal(world.inspect(tries, seed=5), world.inspect(tries, seed=5))


def test_without_spread_all_agents_are_alike() -> None:
    assert np.ptp(inspection_world(30, spread=0.0).chance, axis=0) == pytest.approx(0)
