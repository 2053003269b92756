"""Posteriors of half-lives on a grid: ends of intervals, what is left when, and when it has fallen to a share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from coachline.engine.stats.intervals import COVERAGE

Floats = NDArray[np.float64]

HALF_LIVES: Floats = np.geomspace(7.0, 1460.0, 36)
"""Days; a shorter half-life would be over before the first week is, a longer one is not forgetting."""

_STEP = float(np.log(HALF_LIVES[1] / HALF_LIVES[0]))
_EDGES: Floats = np.append(np.log(HALF_LIVES) - _STEP / 2, np.log(HALF_LIVES[-1]) + _STEP / 2)
"""Each half-life of the grid stands for the stretch half a step to either side, over which its weight is spread evenly."""


def quantile(weight: Floats, share: float) -> float:
    """Half-life below which `share` of a posterior over `HALF_LIVES` lies, days."""
    return float(np.exp(np.interp(share, np.append(0.0, np.cumsum(weight)), _EDGES)))


def p_longer(weight: Floats, days: float) -> float:
    """Probability that the half-life is longer than `days`."""
    return 1.0 - float(np.interp(np.log(days), _EDGES, np.append(0.0, np.cumsum(weight))))


def interval(weight: Floats) -> tuple[float, float, float]:
    """Median and ends of the 90 % interval, days."""
    return quantile(weight, 0.5), quantile(weight, (1 - COVERAGE) / 2), quantile(weight, (1 + COVERAGE) / 2)


def days_until(weight: Floats, share: float) -> float:
    """Days after which the gain to be expected has fallen to `share`, the half-life not being known for sure."""
    days = np.geomspace(0.5, 40.0 * HALF_LIVES[-1], 4000)
    left = weight @ 0.5 ** (days / HALF_LIVES[:, None])
    return float(np.interp(-share, -left, days))


def expected_left(weight: Floats, age: float) -> float:
    """Share of the gain to be expected `age` days after the training."""
    return float(weight @ 0.5 ** (max(age, 0.0) / HALF_LIVES))
