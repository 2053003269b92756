"""The mean gap to the standard is the integral that it claims to be, whichever direction is better."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, logit
from scipy.stats import norm

from coachline.engine.stats.hierarchical.likelihood import Likelihood, Shares, Times
from coachline.engine.training.expected_calls import shrunk
from coachline.engine.training.expected_gap import expected_gap

SHARES = Shares.of(np.ones(1), np.ones(1))
TIMES = Times.of(np.array([2.0]), np.array([8.0]), np.array([33.0]))


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("likelihood", [SHARES, TIMES], ids=["share", "time"])
def test_it_is_the_integral(likelihood: Likelihood, sign: float) -> None:
    draw = np.random.default_rng(1)
    mean, deviation = draw.normal(1.0, 1.0, 60), np.exp(draw.uniform(-4, 0.5, 60))
    level = draw.normal(1.0, 1.5, 60)
    standard = likelihood.value(level)
    gap, p_below = expected_gap(likelihood, mean, deviation**2, standard, sign)

    def exactly(m: float, s: float, edge: float, bar: float) -> float:
        low, high = (-10.0, min(edge, 10.0)) if sign > 0 else (max(edge, -10.0), 10.0)
        if low >= high:
            return 0.0

        def short(z: float) -> float:
            return float(abs(bar - likelihood.value(np.array([m + s * z]))[0]) * norm.pdf(z))

        return float(quad(short, low, high, limit=200)[0])

    expected = [exactly(m, s, (e - m) / s, b) for m, s, e, b in zip(mean, deviation, level, standard, strict=True)]
    assert gap == pytest.approx(expected, abs=2e-6, rel=1e-5)
    assert p_below == pytest.approx(norm.cdf(sign * (level - mean) / deviation))


def test_who_is_estimated_at_the_standard_is_still_expected_to_fall_short() -> None:
    gap, p_below = expected_gap(SHARES, logit(np.array([0.8])), np.array([0.25]), np.array([0.8]), 1.0)
    drawn = expit(np.random.default_rng(1).normal(logit(0.8), 0.5, 400_000))
    assert gap[0] == pytest.approx(np.maximum(0.8 - drawn, 0.0).mean(), abs=3e-4)
    assert p_below[0] == pytest.approx(0.5)


def test_without_a_standard_there_is_no_gap() -> None:
    gap, p_below = expected_gap(SHARES, np.zeros((2, 3)), np.ones((2, 3)), np.array([0.7, np.nan, 0.7]), 1.0)
    assert gap.shape == (2, 3)
    assert np.isnan(gap[:, 1]).all() and np.isnan(p_below[:, 1]).all() and not np.isnan(gap[:, [0, 2]]).any()


def test_calls_to_expect_are_nearer_the_truth_than_those_counted() -> None:
    draw = np.random.default_rng(2)
    days = np.full(200, 7.0)
    usual = np.exp(0.5 * draw.standard_normal(200))[:, None] * np.exp(draw.standard_normal(30)) / 10
    rate = usual * draw.gamma(2.0, 0.5, usual.shape)
    count = draw.poisson(rate * 7.0).astype(float)
    found = shrunk(count, days)
    error, plain, pooled = (
        np.sqrt(((guess - rate) ** 2).mean()) for guess in (found, count / 7.0, count.sum(1)[:, None] * count.sum(0) / count.sum() / 7.0)
    )
    assert error < 0.93 * plain and error < 0.93 * pooled
    assert found.sum() == pytest.approx(count.sum() / 7.0, rel=0.02)


def test_where_people_specialise_their_own_calls_count_nearly_alone() -> None:
    count = np.kron(np.eye(4), np.full((5, 3), 40.0))
    found = shrunk(count, np.ones(20))
    assert found[count > 0] == pytest.approx(40.0, rel=0.05)
    assert found[count == 0].max() < 3.0
    assert (shrunk(np.zeros((2, 2)), np.ones(2)) == 0.0).all()
