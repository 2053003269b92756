"""Slow change: many short series, each a level that wanders, observed with known noise; how far they wander is told by all of them together.

Source: the local level model, Durbin, Koopman (2012), "Time Series Analysis by State Space Methods", chapter 2; Kalman filter and smoother over all
series at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.hierarchical.design import Floats

FINE = (0.0, 0.003, 0.01, 0.02, 0.03, 0.05, 0.07, 0.10, 0.14, 0.20, 0.28, 0.40, 0.56, 0.80)
"""Standard deviations a period that are tried, on a logit or log scale; between them nobody could tell the difference."""

WIDE = 1e6
"""Observation variance where nothing was observed."""


@dataclass(frozen=True)
class Wandering:
    """How far levels move: standard deviation of the step from one period to the next, and of what comes and goes within one.

    ``gain`` is the log-likelihood over standing still, with the same coming and going.
    """

    step: float
    noise: float
    gain: float


@dataclass(frozen=True)
class Smoothed:
    """Posterior of the levels, (series, periods), and of the change from the first to the last period, (series,)."""

    mean: Floats
    variance: Floats
    change: Floats
    change_variance: Floats


def wandering(observed: Floats, variance: Floats, prior_mean: Floats, prior_variance: Floats) -> Wandering:
    """Step and noise with the highest likelihood over all series.

    Parameters
    ----------
    observed, variance : (series, periods) float arrays
        Observations with their noise variance; infinite where there is none.
    prior_mean, prior_variance : (series,) float arrays
        Of the first level.
    """
    likelihood = {
        (step, noise): _filtered(observed, variance, prior_mean, prior_variance, step**2, noise**2)[4]
        for step in FINE
        for noise in FINE[:11]
    }
    (step, noise), best = max(likelihood.items(), key=lambda item: item[1])
    still = max(value for (s, _), value in likelihood.items() if s == 0.0)
    return Wandering(step, noise, best - still)


def smoothed(observed: Floats, variance: Floats, prior_mean: Floats, prior_variance: Floats, moving: Wandering) -> Smoothed:
    """The levels given all observations; shapes as in `wandering`."""
    step = moving.step**2
    mean, spread, ahead_mean, ahead_spread, _ = _filtered(observed, variance, prior_mean, prior_variance, step, moving.noise**2)
    periods = observed.shape[1]
    carried = np.ones(len(observed))
    for t in range(periods - 2, -1, -1):
        share = spread[:, t] / ahead_spread[:, t + 1]
        mean[:, t] += share * (mean[:, t + 1] - ahead_mean[:, t + 1])
        spread[:, t] += share**2 * (spread[:, t + 1] - ahead_spread[:, t + 1])
        carried *= share
    # The first and the last level are tied by the product of the smoother's shares.
    tied = carried * spread[:, -1] if periods > 1 else spread[:, -1]
    change = mean[:, -1] - mean[:, 0]
    return Smoothed(mean, spread, change, np.maximum(spread[:, 0] + spread[:, -1] - 2.0 * tied, 0.0))


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
