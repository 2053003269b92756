"""The smoother against the same Gaussian model written out, and wandering recovered."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.stats.hierarchical.walk import Wandering, averaged, smoothed, wandering


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


def test_averages_mix_the_full_models_by_their_share() -> None:
    _, observed, variance = simulated(0.1, 0.05, 1, series=3, months=5)
    prior_mean, prior_variance = np.array([0.1, 0.0, -0.2]), np.array([0.09, 0.2, 0.05])
    weights = ((0.1, 0.05, 0.7), (0.0, 0.2, 0.3))
    found = averaged(observed, variance, prior_mean, prior_variance, Wandering(0.1, 0.05, 0.0, weights))
    for k in range(3):
        known = np.isfinite(variance[k])
        part = np.where(known, 1 / variance[k], 0) / (1 / variance[k, known]).sum()
        about = np.eye(5) - part
        off, off_square, change, change_square = np.zeros(5), np.zeros(5), 0.0, 0.0
        for step, noise, share in weights:
            time = np.arange(5)
            prior = prior_variance[k] + step**2 * np.minimum(time[:, None], time[None, :])
            gain = prior[:, known] @ np.linalg.inv(prior[np.ix_(known, known)] + np.diag(variance[k, known] + noise**2))
            mean = about @ (prior_mean[k] + gain @ (observed[k, known] - prior_mean[k]))
            covariance = about @ (prior - gain @ prior[known]) @ about.T
            off, off_square = off + share * mean, off_square + share * (mean**2 + np.diag(covariance))
            change += share * (mean[-1] - mean[0])
            change_square += share * ((mean[-1] - mean[0]) ** 2 + covariance[0, 0] + covariance[-1, -1] - 2 * covariance[0, -1])
        assert found.deviation[k] == pytest.approx(off, abs=1e-9)
        assert found.deviation_variance[k] == pytest.approx(off_square - off**2, abs=1e-9)
        assert found.change[k] == pytest.approx(change, abs=1e-9)
        assert found.change_variance[k] == pytest.approx(change_square - change**2, abs=1e-9)


def test_what_hardly_tells_how_far_levels_wander_does_not_stand_still_for_certain() -> None:
    _, observed, variance = simulated(0.05, 0.0, 5, series=4)
    prior = np.zeros(4), np.full(4, 0.09)
    moving = wandering(observed, variance, *prior)
    assert sum(share for *_, share in moving.weights) == pytest.approx(1.0)
    assert len(moving.weights) > 20
    assert (averaged(observed, variance, *prior, moving).change_variance > 0.05**2).all()


@pytest.mark.parametrize(("step", "noise"), [(0.0, 0.0), (0.05, 0.0), (0.14, 0.0), (0.0, 0.14), (0.1, 0.1)])
def test_wandering_is_recovered(step: float, noise: float) -> None:
    _, observed, variance = simulated(step, noise, 2)
    found = wandering(observed, variance, np.zeros(300), np.full(300, 0.09))
    assert found.step == pytest.approx(step, abs=0.021)
    assert found.noise == pytest.approx(noise, abs=0.051)
    assert (found.gain > 3) == found.drifts == (step > 0)


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
