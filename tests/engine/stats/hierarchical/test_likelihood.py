"""Moments of likelihood x Gaussian against numerical integration, and the checks of counts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.stats.hierarchical.likelihood import Likelihood, Ratings, Shares, Times, expected
from coachline.errors import CoachlineError

THRESHOLDS = np.array([-4.0, -2.5, -1.0, 1.0])


def integrated(log_likelihood: np.ndarray, grid: np.ndarray, mean: float, variance: float) -> tuple[float, float]:
    log_density = log_likelihood - 0.5 * (grid - mean) ** 2 / variance
    mass = np.exp(log_density - log_density.max())
    first = float((mass * grid).sum() / mass.sum())
    return first, float((mass * (grid - first) ** 2).sum() / mass.sum())


def tilted(likelihood: Likelihood, mean: float, variance: float) -> tuple[float, float]:
    found = likelihood.tilted(np.array([mean]), np.array([variance]), np.array([mean]))
    return float(found[0][0]), float(found[1][0])


@given(
    n=st.integers(1, 3000),
    share=st.floats(0, 1),
    mean=st.floats(-4, 6),
    variance=st.floats(0.02, 2.0),
)
def test_moments_of_shares(n: int, share: float, mean: float, variance: float) -> None:
    successes = round(n * share)
    likelihood = Shares.of(np.array([float(n)]), np.array([float(successes)]))
    grid = np.linspace(mean - 14 * variance**0.5 - 8, mean + 14 * variance**0.5 + 8, 400_001)
    wanted = integrated(successes * grid - n * np.logaddexp(0.0, grid), grid, mean, variance)
    found = tilted(likelihood, mean, variance)
    # Within a few per cent of the posterior's own spread, whatever the cavity: sites are corrected in every round.
    assert abs(found[0] - wanted[0]) < 0.03 * wanted[1] ** 0.5
    assert found[1] == pytest.approx(wanted[1], rel=0.06)


@given(counts=st.lists(st.integers(0, 60), min_size=5, max_size=5), mean=st.floats(-3, 3), variance=st.floats(0.05, 1.0))
def test_moments_of_ratings(counts: list[int], mean: float, variance: float) -> None:
    likelihood = Ratings(np.array([counts], dtype=float), THRESHOLDS)
    grid = np.linspace(-25, 25, 100_001)
    chances = np.maximum(likelihood.chances(grid), 1e-300)
    wanted = integrated((np.array(counts) * np.log(chances)).sum(axis=1), grid, mean, variance)
    found = tilted(likelihood, mean, variance)
    assert abs(found[0] - wanted[0]) < 0.03 * wanted[1] ** 0.5
    assert found[1] == pytest.approx(wanted[1], rel=0.06)


def test_moments_of_times_are_the_normal_ones() -> None:
    likelihood = Times(np.array([4.0]), np.array([5.0]), 1.0, 0.5)
    mean, variance = tilted(likelihood, 4.0, 0.25)
    assert variance == pytest.approx(1 / (1 / 0.25 + 4 / 0.5))
    assert mean == pytest.approx(variance * (4.0 / 0.25 + 4 * 5.0 / 0.5))


def test_the_spread_of_single_calls_comes_from_within_the_cells() -> None:
    values = [np.array([1.0, 3.0]), np.array([4.0, 6.0, 8.0]), np.array([5.0])]
    tries = np.array([float(len(v)) for v in values])
    likelihood = Times.of(tries, np.array([v.sum() for v in values]), np.array([(v**2).sum() for v in values]))
    assert likelihood.within == pytest.approx((2.0 + 8.0) / (1 + 2))
    assert likelihood.mean == pytest.approx([2.0, 6.0, 5.0])


@pytest.mark.parametrize("kind", ["shares", "times", "ratings"])
def test_values_and_levels_are_inverse(kind: str) -> None:
    likelihoods: dict[str, Likelihood] = {
        "shares": Shares(np.ones(1), np.ones(1)),
        "times": Times(np.ones(1), np.ones(1), 0.0, 1.0),
        "ratings": Ratings(np.ones((1, 5)), THRESHOLDS),
    }
    likelihood = likelihoods[kind]
    level = np.linspace(-3, 3, 25)
    value = likelihood.value(level)
    assert (np.diff(value) > 0).all()
    assert likelihood.level(value) == pytest.approx(level, abs=2e-3)
    assert expected(likelihood, level, np.full(25, 1e-12)) == pytest.approx(value, rel=1e-6)


def test_a_mean_score_is_the_mean_of_the_scores() -> None:
    likelihood = Ratings(np.ones((1, 5)), THRESHOLDS)
    level = np.array([-2.0, 0.0, 1.5])
    assert likelihood.value(level) == pytest.approx(likelihood.chances(level) @ np.arange(1, 6))


def test_scores_follow_the_likelihoods() -> None:
    level, h = np.array([0.3]), 1e-5
    counts = np.array([[1.0, 0.0, 2.0, 5.0, 9.0]])

    def of_ratings(x: np.ndarray) -> float:
        return float((counts * np.log(Ratings(counts, THRESHOLDS).chances(x))).sum())

    slope, curvature = Ratings(counts, THRESHOLDS).score(level)
    assert slope[0] == pytest.approx((of_ratings(level + h) - of_ratings(level - h)) / (2 * h), rel=1e-5)
    assert curvature[0] == pytest.approx(-(of_ratings(level + h) - 2 * of_ratings(level) + of_ratings(level - h)) / h**2, rel=1e-3)
    slope, curvature = Shares(np.array([9.0]), np.array([4.0])).score(level)
    p = 1 / (1 + np.exp(-0.3))
    assert (slope[0], curvature[0]) == pytest.approx((4 - 9 * p, 9 * p * (1 - p)))


@pytest.mark.parametrize(
    ("tries", "successes"),
    [([3.0, -1.0], [1.0, 0.0]), ([3.0], [4.0]), ([3.0], [-1.0]), ([np.nan], [0.0]), ([3.0], [np.nan]), ([np.inf], [1.0])],
)
def test_impossible_counts_are_refused(tries: list[float], successes: list[float]) -> None:
    with pytest.raises(CoachlineError) as refused:
        Shares.of(np.array(tries), np.array(successes))
    assert refused.value.code == "impossible_counts"
    assert refused.value.facts == {"cells": 1, "first": len(tries) - 1}


def test_impossible_sums_and_scores_are_refused() -> None:
    for wrong in (
        lambda: Times.of(np.array([0.0]), np.array([1.0]), np.array([1.0])),
        lambda: Times.of(np.array([1.0]), np.array([np.nan]), np.array([1.0])),
        lambda: Ratings.of(np.array([[1.0, -1.0, 0.0, 0.0, 0.0]])),
        lambda: Ratings.of(np.array([[1.0, np.nan, 0.0, 0.0, 0.0]])),
    ):
        with pytest.raises(CoachlineError, match="impossible"):
            wrong()
