"""Ability of each sitting with its interval, and whether it reaches a bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.intervals import COVERAGE
from coachline.engine.stats.items.answers import Floats
from coachline.engine.stats.items.calibration import Calibration

FINE: Floats = np.linspace(-7.0, 7.0, 141)
"""Nodes of the posterior; closer than those of the fit, since ends of intervals are read off it."""


@dataclass(frozen=True)
class Abilities:
    """Posterior of each sitting; all (sittings,) float arrays.

    Attributes
    ----------
    mean, sd : float arrays
    low, high : float arrays
        Ends of the 90 % interval.
    above : float array
        Probability of being at or above the bar; NaN without a bar.
    """

    mean: Floats
    sd: Floats
    low: Floats
    high: Floats
    above: Floats


def abilities(fit: Calibration, bar: Floats) -> Abilities:
    """Posterior of every sitting.

    Parameters
    ----------
    fit : Calibration
    bar : (sittings,) float array
        Ability to reach; NaN where there is none.
    """
    weight = np.exp(fit.log_posterior(FINE))
    mean = weight @ FINE
    sd = np.sqrt(np.maximum(weight @ FINE**2 - mean**2, 0.0))
    # Each node stands for the stretch half a step to either side, over which its weight is spread evenly.
    step = FINE[1] - FINE[0]
    edges = np.append(FINE - step / 2, FINE[-1] + step / 2)
    reached = np.concatenate([np.zeros((len(weight), 1)), np.cumsum(weight, axis=1)], axis=1)
    tail = (1.0 - COVERAGE) / 2
    low, high, above = (np.empty(len(mean)) for _ in range(3))
    for row, grown in enumerate(reached):
        low[row], high[row] = np.interp([tail, 1.0 - tail], grown, edges)
        above[row] = 1.0 - np.interp(bar[row], edges, grown)
    return Abilities(mean, sd, low, high, np.where(np.isnan(bar), np.nan, np.clip(above, 0.0, 1.0)))


def bar_of(fit: Calibration, weight: Floats, share: float) -> float:
    """Ability at which `share` of the points is to be expected on the items; NaN where no ability does.

    Parameters
    ----------
    fit : Calibration
    weight : (items,) float array
        Points of each item; 0 leaves it out.
    share : float
    """
    if not weight.sum() > 0:
        return float("nan")
    expected = np.maximum.accumulate(weight @ fit.chances(FINE) / weight.sum())
    if not expected[0] < share < expected[-1]:
        return float("nan")
    return float(np.interp(share, expected, FINE))


def information(fit: Calibration, ability: float) -> Floats:
    """(items,) Fisher information of each item at `ability`; the sum over a paper is 1 / variance of an estimate by it alone."""
    chance = fit.chances(np.array([ability]))[:, 0]
    return np.asarray(fit.slope**2 * chance * (1.0 - chance))
