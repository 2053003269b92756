"""Bootstrap and jackknife of figures that follow from sums over units.

A figure states its columns, one row per unit, and how its value follows from their sums. A resample then is a product of matrices: how often
each unit was drawn, times the columns; leaving a unit out is a subtraction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

AT_ONCE = 2_000_000
"""Drawn units held in memory at a time."""

ENOUGH = 0.9
"""Share of resamples in which a figure must exist for an interval to be given."""


class Figure(Protocol):
    """A figure of units."""

    columns: np.ndarray
    """(n, f), one row per unit."""

    def value(self, sums: np.ndarray) -> np.ndarray:
        """From sums (..., f) of the columns over units, the figure (...); NaN where it does not exist."""


def bootstrap(figures: Sequence[Figure], resamples: int, level: float, seed: int) -> np.ndarray:
    """Percentile intervals of several figures of the same units, which are drawn together.

    Parameters
    ----------
    figures : sequence of Figure
        All with the same units in the same order.
    resamples : int
        0 gives no interval.
    level : float
    seed : int

    Returns
    -------
    numpy.ndarray
        (figures, 2) lower and upper ends; NaN where too few resamples have a value.

    References
    ----------
    Efron & Tibshirani (1993), *An Introduction to the Bootstrap*, chapter 13.
    """
    ends = np.full((len(figures), 2), np.nan)
    n = len(figures[0].columns) if figures else 0
    if resamples < 1 or n == 0:
        return ends
    rng = np.random.default_rng(seed)
    # Figures that share their columns are summed once.
    shared = {id(figure.columns): figure.columns for figure in figures}
    columns = np.concatenate(list(shared.values()), axis=1)
    splits = np.cumsum([each.shape[1] for each in shared.values()])[:-1]
    values = np.empty((len(figures), resamples))
    step = max(1, AT_ONCE // n)
    for first in range(0, resamples, step):
        count = min(step, resamples - first)
        drawn = rng.integers(0, n, (count, n)) + np.arange(count)[:, None] * n
        times = np.bincount(drawn.ravel(), minlength=count * n).reshape(count, n).astype(float)
        sums = dict(zip(shared, np.split(times @ columns, splits, axis=1), strict=True))
        for figure, row in zip(figures, values, strict=True):
            row[first : first + count] = figure.value(sums[id(figure.columns)])
    tail = (1 - level) / 2
    for row, end in zip(values, ends, strict=True):
        known = row[np.isfinite(row)]
        if len(known) >= ENOUGH * resamples:
            end[:] = np.quantile(known, [tail, 1 - tail])
    return ends


def jackknife_se(figure: Figure) -> float:
    """Standard error from leaving out each unit in turn; NaN where that cannot be done.

    References
    ----------
    Efron & Tibshirani (1993), chapter 11.
    """
    kept = figure.columns.any(axis=1)
    n = int(kept.sum())
    if n < 2:
        return float(np.nan)
    without = figure.value(figure.columns.sum(axis=0) - figure.columns[kept])
    return float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
