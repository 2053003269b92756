"""The smoother against the same Gaussian model written out, and wandering recovered."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.stats.hierarchical.walk import Wandering, smoothed, wandering


def simulated(step: float, noise: float, seed: int, series: int = 300, months: int = 9) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    level = 0.3 * draw.standard_normal((series, 1)) + np.cumsum(step * draw.standard_normal((series, months)), axis=1)
    variance = draw.uniform(0.005, 0.05, (series, months))
    variance[draw.random((series, months)) < 0.15] = np.inf
    observed = level + np.where(
        np.isfinite(variance), np.sqrt(np.where(np.isfinite(variance), variance, 0) + noise**2), 0
    ) * draw.standard_normal((series, months))
    return level, observed, variance


def test_levels_and_changes_are_those_of_the_full_model() -> None:
    _, observed, variance = simulated(0.1, 0.05, 1, series=3, months=5)
    prior_mean, prior_variance = np.array([0.1, 0.0, -0.2]), np.array([0.09, 0.2, 0.05])
    found = smoothed(observed, variance, prior_mean, prior_variance, Wandering(0.1, 0.05, 0.0))
    for k in range(3):
        time = np.arange(5)
        prior = prior_variance[k] + 0.01 * np.minimum(time[:, None], time[None, :])
        known = np.isfinite(variance[k])
        gain = prior[:, known] @ np.linalg.inv(prior[np.ix_(known, known)] + np.diag(variance[k, known] + 0.0025))
        mean = prior_mean[k] + gain @ (observed[k, known] - prior_mean[k])
        covariance = prior - gain @ prior[known]
        assert found.mean[k] == pytest.approx(mean, abs=1e-9)
        assert found.variance[k] == pytest.approx(np.diag(covariance), abs=1e-9)
        assert found.change[k] == pytest.approx(mean[-1] - mean[0], abs=1e-9)
        assert found.change_variance[k] == pytest.approx(covariance[0, 0] + covariance[-1, -1] - 2 * covariance[0, -1], abs=1e-9)


@pytest.mark.parametrize(("step", "noise"), [(0.0, 0.0), (0.05, 0.0), (0.14, 0.0), (0.0, 0.14), (0.1, 0.1)])
def test_wandering_is_recovered(step: float, noise: float) -> None:
    _, observed, variance = simulated(step, noise, 2)
    found = wandering(observed, variance, np.zeros(300), np.full(300, 0.09))
    assert found.step == pytest.approx(step, abs=0.021)
    assert found.noise == pytest.approx(noise, abs=0.051)
    assert (found.gain > 3) == (step > 0)


def test_intervals_of_levels_and_changes_cover_the_truth() -> None:
    level, observed, variance = simulated(0.1, 0.05, 3)
    prior = np.zeros(300), np.full(300, 0.09)
    found = smoothed(observed, variance, *prior, wandering(observed, variance, *prior))
    assert (np.abs(found.mean - level) <= 1.645 * np.sqrt(found.variance)).mean() == pytest.approx(0.9, abs=0.02)
    change = level[:, -1] - level[:, 0]
    assert (np.abs(found.change - change) <= 1.645 * np.sqrt(found.change_variance)).mean() == pytest.approx(0.9, abs=0.04)


def test_one_month_and_nothing_seen() -> None:
    found = smoothed(np.zeros((2, 1)), np.array([[np.inf], [0.1]]), np.zeros(2), np.ones(2), Wandering(0.1, 0.0, 0.0))
    assert found.variance[:, 0] == pytest.approx([1.0, 1 / 11])
    assert found.change.tolist() == [0.0, 0.0] and found.change_variance == pytest.approx([0.0, 0.0])
