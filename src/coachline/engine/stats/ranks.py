"""Ranges of ranks: what may be said of an order when the figures behind it are uncertain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DRAWS = 1000
SEED = 20240229
"""The draws are the same in every run, so that a report can be repeated."""


def rank_ranges(level: NDArray[np.float64], deviation: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """90 % ranges of ranks, 1 the highest level.

    Parameters
    ----------
    level, deviation : (members,) float arrays
        Posterior means and standard deviations.
    """
    draw = np.random.default_rng(SEED).standard_normal((DRAWS, len(level)))
    order = np.argsort(-(level + draw * deviation), axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, len(level) + 1)[None, :], axis=1)
    low, high = np.quantile(ranks, [0.05, 0.95], axis=0, method="inverted_cdf")
    return low.astype(np.int64), high.astype(np.int64)
