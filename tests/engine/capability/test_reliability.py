"""Chance is subtracted in the right amount, and the interval says how well that went."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.capability.reliability import (
    FEWEST_AGENTS,
    Measured,
    halves_agree,
    measured,
    ranks,
    relation,
    shared_noise,
    true_spread,
)
from tests.engine.capability.service_world import chances, world


def exact(values: np.ndarray, n: float = 100.0) -> Measured:
    """Values in which there is no chance."""
    return Measured(values, np.full(len(values), n), np.zeros(len(values)))


def test_mean_and_noise_by_hand() -> None:
    found = measured(np.array([4, 1, 0]), np.array([3.0, 1.0, 0.0]), np.array([3.0, 1.0, 0.0]))
    assert found.value[:2].tolist() == [0.75, 1.0]
    assert found.noise[0] == pytest.approx(0.75 * 0.25 / 3)
    assert np.isnan([found.value[2], *found.noise[1:]]).all()


def test_noise_of_common_calls_by_hand() -> None:
    # Of 10 rated and 20 known calls 4 are both; satisfied 1 1 0 0, resolved 1 0 0 0: covariance (1 - 2 * 1 / 4) / 3.
    [shared, none] = shared_noise(
        *(np.array([v, v]) for v in (10.0, 20.0)), *(np.array(v) for v in ([4.0, 1], [2.0, 1], [1.0, 1], [1.0, 1]))
    )
    assert shared == pytest.approx(0.5 / 3 * 4 / 200)
    assert none == 0


def test_without_chance_it_is_the_ordinary_correlation() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=40)
    y = 0.5 * x + rng.normal(size=40)
    found = relation(exact(x), exact(y))
    r = np.corrcoef(x, y)[0, 1]
    assert found.correlation.value == pytest.approx(r)
    assert found.pearson.value == pytest.approx(r)
    assert found.reliability == found.reliability_other == 1
    assert found.slope.value == pytest.approx(np.polyfit(x, y, 1)[0])
    assert found.pearson.low == pytest.approx(np.tanh(np.arctanh(r) - 1.6448536 / np.sqrt(37)))
    other = relation(exact(y), exact(x))
    assert other.correlation == pytest.approx(found.correlation)


def test_an_agent_told_twice_is_no_new_evidence() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 30))
    once = relation(exact(x), exact(y))
    twice = relation(exact(np.tile(x, 2)), exact(np.tile(y, 2)), unit=np.tile(np.arange(30), 2))
    assert twice.correlation == pytest.approx(once.correlation)
    apart = relation(exact(np.tile(x, 2)), exact(np.tile(y, 2)))
    assert apart.correlation.high - apart.correlation.low < 0.8 * (once.correlation.high - once.correlation.low)


def test_the_level_of_a_month_does_not_count() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(2, 60))
    month = np.repeat([0, 1, 2], 20)
    shifted = relation(exact(x + 5 * month), exact(y - 3 * month), stratum=month)
    assert shifted.correlation == pytest.approx(relation(exact(x), exact(y), stratum=month).correlation)
    assert shifted.pearson.value == pytest.approx(relation(exact(x), exact(y), stratum=month).pearson.value)


@pytest.mark.parametrize(("agents", "calls", "rho"), [(153, 300, 0.6), (153, 300, -0.4), (60, 600, 0.0), (400, 100, 0.6)])
def test_the_true_correlation_is_found_again(agents: int, calls: float, rho: float) -> None:
    rng = np.random.default_rng(17)
    truth = np.corrcoef(chances(rng, 200_000, rho).T)[0, 1]
    found = [relation(*world(rng, agents, calls, rho).measures) for _ in range(300)]
    mean = np.mean([one.correlation.value for one in found])
    covered = np.mean([one.correlation.low <= truth <= one.correlation.high for one in found])
    assert mean == pytest.approx(truth, abs=0.05)
    assert 0.855 <= covered <= 0.96
    if rho:
        raw = np.mean([one.pearson.value for one in found])
        assert abs(raw - truth) > 3 * abs(mean - truth)
        assert abs(raw) < 0.65 * abs(truth)


def test_calls_in_common_feign_a_correlation_unless_it_is_subtracted() -> None:
    rng = np.random.default_rng(5)
    worlds = [world(rng, 153, 300, 0.0, hang=0.8).measures for _ in range(100)]
    kept = np.nanmean([relation(x, y).correlation.value for x, y, _ in worlds])
    taken = np.nanmean([relation(x, y, noise).correlation.value for x, y, noise in worlds])
    assert kept > 0.08
    assert abs(taken) < 0.03


def test_reliability_and_spread_are_found_again() -> None:
    rng = np.random.default_rng(7)
    truth = chances(rng, 200_000, 0.0)
    reliabilities, means, variances = [], [], []
    for _ in range(80):
        x, y, _ = world(rng, 153, 300, 0.0).measures
        found = relation(x, y)
        reliabilities.append((found.reliability, found.reliability_other))
        mean, variance = true_spread(x)
        means.append(mean)
        variances.append(variance)
        known = [truth[:, i].var() / (truth[:, i].var() + m.noise.mean()) for i, m in enumerate((x, y))]
    assert np.mean(reliabilities, axis=0) == pytest.approx(known, abs=0.04)
    assert np.mean(means) == pytest.approx(truth[:, 0].mean(), abs=0.001)
    assert np.mean(variances) == pytest.approx(truth[:, 0].var(), rel=0.1)


def test_where_agents_do_not_differ_nothing_is_said() -> None:
    rng = np.random.default_rng(11)
    said = 0
    for _ in range(100):
        n = rng.integers(20, 60, 80)
        same = measured(n, *[rng.binomial(n, 0.9).astype(float)] * 2)
        other = world(rng, 80, 800, 0.0).measures[1]
        said += relation(same, other).says_something
    assert said <= 16


def test_few_agents_or_none_that_differ() -> None:
    assert relation(exact(np.array([0.1, 0.2])), exact(np.array([0.3, 0.1]))).agents == 2
    few = relation(exact(np.arange(FEWEST_AGENTS - 1.0)), exact(np.arange(FEWEST_AGENTS - 1.0)))
    assert not few.says_something
    assert np.isnan(few.pearson.low)
    equal = relation(exact(np.full(30, 0.9777)), exact(np.linspace(0, 1, 30)))
    assert np.isnan(equal.pearson.value)
    assert np.isnan(equal.correlation.value)
    assert not equal.says_something
    unknown = relation(measured(*np.zeros((3, 5))), exact(np.arange(5.0)))
    assert unknown.agents == 0


def test_halves() -> None:
    rng = np.random.default_rng(13)
    truth = rng.normal(size=4000)
    first, second = truth + rng.normal(size=(2, 4000))
    # Each half is half truth, so both together are two thirds.
    assert halves_agree(first, second) == pytest.approx(2 / 3, abs=0.03)
    first[9:] = np.nan
    assert np.isnan(halves_agree(first, second))


def test_equal_values_share_their_ranks() -> None:
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1, 3.5, 2]
