"""Quadrants by hand, and probabilities that come true as often as they say."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.capability.quadrants import chance_above, interval, mean_share, prior, quadrants, side
from tests.engine.capability.service_world import world


def test_sides_and_quadrants_by_hand() -> None:
    satisfaction = side(np.array([0.9, 0.9, 0.7, 0.7, 0.8, np.nan]), 0.8)
    resolution = side(np.array([0.6, 0.4, 0.6, 0.4, 0.6, 0.6]), 0.5)
    assert quadrants(satisfaction, resolution) == [
        "both_above",
        "satisfied_unresolved",
        "resolved_unsatisfied",
        "both_below",
        "at_mean",
        "unknown",
    ]


def test_rounding_makes_nobody_better_than_the_mean() -> None:
    n, successes = np.full(153, 7.0), np.full(153, 3.0)
    mean = mean_share(n, successes, "agents")
    assert mean != 3 / 7, "the case that this test is about"
    assert set(side(successes / n, mean)) == {0.0}
    assert side(np.array([3 / 7 + 1e-9]), mean).tolist() == [1.0]


def test_the_two_means_by_hand() -> None:
    n, successes = np.array([2.0, 18.0]), np.array([2.0, 9.0])
    assert (mean_share(n, successes, "agents"), mean_share(n, successes, "calls")) == (0.75, 0.55)
    assert np.isnan(mean_share(np.array([]), np.array([]), "agents"))


@pytest.mark.parametrize(("agents", "calls", "rho"), [(153, 300, 0.0), (153, 300, 0.6), (40, 1000, 0.6), (30, 60, 0.0)])
def test_probabilities_come_true(agents: int, calls: float, rho: float) -> None:
    rng = np.random.default_rng(31)
    said, true, within = [], [], []
    for _ in range(60):
        one = world(rng, agents, calls, rho)
        x, y, _ = one.measures
        counted = x.n > 0
        known = [prior(x.n[counted], one.satisfied[counted]), prior(y.n[counted], one.resolved[counted])]
        above = [chance_above(x.n, one.satisfied, known[0]), chance_above(y.n, one.resolved, known[1])]
        sides = [side(m.value, m.value[counted].mean()) for m in (x, y)]
        right = [np.sign(one.truth[:, i] - one.truth[:, i].mean()) == sides[i] for i in (0, 1)]
        said.append(np.prod([np.where(s > 0, p, 1 - p) for s, p in zip(sides, above, strict=True)], axis=0)[counted])
        true.append((right[0] & right[1])[counted])
        for i, (n, successes) in enumerate(((x.n, one.satisfied), (y.n, one.resolved))):
            low, high = interval(n, successes, known[i])
            within.append(np.mean((low <= one.truth[:, i]) & (one.truth[:, i] <= high)))
    chances, hits = np.concatenate(said), np.concatenate(true)
    for least, most in ((0.0, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 1.0)):
        chosen = (chances > least) & (chances <= most)
        if chosen.sum() > 150:
            assert hits[chosen].mean() == pytest.approx(chances[chosen].mean(), abs=0.08), (least, most)
    assert 0.84 <= np.mean(within) <= 0.96


def test_where_agents_do_not_differ_nobody_is_sure() -> None:
    rng = np.random.default_rng(32)
    n = rng.integers(20, 400, 150).astype(float)
    successes = rng.binomial(n.astype(int), 0.86).astype(float)
    above = chance_above(n, successes, prior(n, successes))
    assert np.all(np.abs(above - 0.5) < 0.4)
    # Raw, the best and the worst of them look far apart.
    assert np.ptp(successes / n) > 0.2


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_without_any_failure_or_success_intervals_stay_inside(share: float) -> None:
    n = np.array([1.0, 5.0, 30.0])
    known = prior(n, share * n)
    low, high = interval(n, share * n, known)
    assert np.all((low >= 0) & (low < high) & (high <= 1))
    assert np.all((chance_above(n, share * n, known) > 0) & (chance_above(n, share * n, known) < 1))


def test_without_any_case_the_prior_knows_nothing() -> None:
    known = prior(np.array([]), np.array([]))
    assert known.weight.sum() == pytest.approx(1)
    low, high = interval(np.zeros(2), np.zeros(2), known)
    assert np.all(high - low > 0.3)
