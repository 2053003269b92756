"""Slow change: many short series, each a level that wanders, observed with known noise; how far they wander is told by all of them together.

Source: the local level model, Durbin, Koopman (2012), "Time Series Analysis by State Space Methods", chapter 2; Kalman filter and smoother over all
series at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from coachline.engine.stats.hierarchical.design import Floats

FINE = (0.0, 0.003, 0.01, 0.02, 0.03, 0.05, 0.07, 0.10, 0.14, 0.20, 0.28, 0.40, 0.56, 0.80)
"""Standard deviations a period that are tried, on a logit or log scale; between them nobody could tell the difference."""

NOISES = FINE[:11]

WIDE = 1e6
"""Observation variance where nothing was observed."""

DRIFT_GAIN = 1.92
"""Log-likelihood by which wandering must beat standing still: half the 95 % point of chi-square with one degree of freedom."""

NEGLIGIBLE = 1e-3
"""Share of the likelihood below which a pair of step and noise is left out of an average."""


@dataclass(frozen=True)
class Wandering:
    """How far levels move: standard deviation of the step from one period to the next, and of what comes and goes within one.

    Attributes
    ----------
    step, noise : float
        The pair with the highest likelihood.
    gain : float
        Log-likelihood over standing still, with the same kind of coming and going.
    weights : tuple of (float, float, float)
        Steps and noises with the share of each pair in the likelihood, all of them alike beforehand; what is negligible is left out.
    """

    step: float
    noise: float
    gain: float
    weights: tuple[tuple[float, float, float], ...] = ()

    @property
    def drifts(self) -> bool:
        """Whether wandering beats standing still by more than chance."""
        return self.gain > DRIFT_GAIN


@dataclass(frozen=True)
class Smoothed:
    """Posterior of the levels, (series, periods), and of the change from the first to the last period, (series,).

    ``tie`` is the share of the smoother: the covariance of period t with t + 1 is ``tie[:, t] * variance[:, t + 1]``, and so on by products.
    """

    mean: Floats
    variance: Floats
    change: Floats
    change_variance: Floats
    tie: Floats


@dataclass(frozen=True)
class Averaged:
    """The same averaged over what is unknown of step and noise.

    Attributes
    ----------
    deviation, deviation_variance : (series, periods) float arrays
        Of each level less the series' own information-weighted mean level.
    change, change_variance, p_up : (series,) float arrays
        Last less first level, and the probability that it is above nothing; 0.5 where standing still is certain.
    """

    deviation: Floats
    deviation_variance: Floats
    change: Floats
    change_variance: Floats
    p_up: Floats


def wandering(observed: Floats, variance: Floats, prior_mean: Floats, prior_variance: Floats) -> Wandering:
    """Step and noise with the highest likelihood over all series, and the likelihood's shares.

    Parameters
    ----------
    observed, variance : (series, periods) float arrays
        Observations with their noise variance; infinite where there is none.
    prior_mean, prior_variance : (series,) float arrays
        Of the first level.
    """
    likelihood = {
        (step, noise): _filtered(observed, variance, prior_mean, prior_variance, step**2, noise**2)[4] for step in FINE for noise in NOISES
    }
    (step, noise), best = max(likelihood.items(), key=lambda item: item[1])
    still = max(value for (s, _), value in likelihood.items() if s == 0.0)
    share = {pair: float(np.exp(value - best)) for pair, value in likelihood.items()}
    total = sum(share.values())
    kept = {pair: value for pair, value in share.items() if value >= NEGLIGIBLE * total}
    total = sum(kept.values())
    return Wandering(step, noise, best - still, tuple((*pair, value / total) for pair, value in kept.items()))


def averaged(observed: Floats, variance: Floats, prior_mean: Floats, prior_variance: Floats, moving: Wandering) -> Averaged:
    """Levels about each series' own mean and changes, over the likelihood's shares; shapes as in `wandering`.

    With the maximum alone, series of which no drift was found would stand still for certain.
    """
    information = np.where(np.isfinite(variance), 1.0 / variance, 0.0)
    part = information / np.maximum(information.sum(axis=1, keepdims=True), 1e-300)
    deviation, square = np.zeros_like(part), np.zeros_like(part)
    change, change_square, p_up = (np.zeros(len(part)) for _ in range(3))
    for step, noise, share in moving.weights:
        found = smoothed(observed, variance, prior_mean, prior_variance, Wandering(step, noise, 0.0))
        off = found.mean - (part * found.mean).sum(axis=1, keepdims=True)
        with_mean = _covariance_with_mean(found, part)
        its_variance = found.variance - 2.0 * with_mean + (part * with_mean).sum(axis=1, keepdims=True)
        deviation += share * off
        square += share * (off**2 + np.maximum(its_variance, 0.0))
        change += share * found.change
        change_square += share * (found.change**2 + found.change_variance)
        # Rounding leaves a trace of variance where levels stand still.
        unsure = found.change_variance > 1e-12
        p_up += share * np.where(unsure, ndtr(found.change / np.sqrt(np.where(unsure, found.change_variance, 1.0))), 0.5)
    return Averaged(deviation, np.maximum(square - deviation**2, 0.0), change, np.maximum(change_square - change**2, 0.0), p_up)


def smoothed(observed: Floats, variance: Floats, prior_mean: Floats, prior_variance: Floats, moving: Wandering) -> Smoothed:
    """The levels given all observations, with step and noise as in `moving`; shapes as in `wandering`."""
    step = moving.step**2
    mean, spread, ahead_mean, ahead_spread, _ = _filtered(observed, variance, prior_mean, prior_variance, step, moving.noise**2)
    periods = observed.shape[1]
    carried, tie = np.ones(len(observed)), np.zeros_like(mean)
    for t in range(periods - 2, -1, -1):
        share = spread[:, t] / ahead_spread[:, t + 1]
        mean[:, t] += share * (mean[:, t + 1] - ahead_mean[:, t + 1])
        spread[:, t] += share**2 * (spread[:, t + 1] - ahead_spread[:, t + 1])
        carried *= share
        tie[:, t] = share
    # The first and the last level are tied by the product of the smoother's shares.
    tied = carried * spread[:, -1] if periods > 1 else spread[:, -1]
    change = mean[:, -1] - mean[:, 0]
    return Smoothed(mean, spread, change, np.maximum(spread[:, 0] + spread[:, -1] - 2.0 * tied, 0.0), tie)


def _covariance_with_mean(found: Smoothed, part: Floats) -> Floats:
    """Covariance of every level with the mean of its series weighted by `part`, (series, periods)."""
    later, earlier = part * found.variance, np.zeros_like(part)
    for t in range(part.shape[1] - 2, -1, -1):
        later[:, t] += found.tie[:, t] * later[:, t + 1]
    for t in range(1, part.shape[1]):
        earlier[:, t] = found.tie[:, t - 1] * (earlier[:, t - 1] + part[:, t - 1])
    return np.asarray(later + earlier * found.variance)


def _filtered(
    observed: Floats, variance: Floats, prior_mean: Floats, prior_variance: Floats, step: float, noise: float
) -> tuple[Floats, Floats, Floats, Floats, float]:
    """Filtered and predicted means and variances, and the log-likelihood of all series."""
    series, periods = observed.shape
    mean, spread, ahead_mean, ahead_spread = (np.empty((series, periods)) for _ in range(4))
    m, v, log_likelihood = prior_mean, prior_variance, 0.0
    for t in range(periods):
        ahead_mean[:, t], ahead_spread[:, t] = m, v
        known = np.isfinite(variance[:, t])
        total = np.where(known, v + variance[:, t] + noise, WIDE)
        missed = np.where(known, observed[:, t] - m, 0.0)
        gain = np.where(known, v / total, 0.0)
        m, v = m + gain * missed, v * (1.0 - gain)
        mean[:, t], spread[:, t] = m, v
        log_likelihood -= 0.5 * float((np.log(total) + missed**2 / total)[known].sum())
        v = v + step
    return mean, spread, ahead_mean, ahead_spread, log_likelihood
