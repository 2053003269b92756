"""How fast people leave, by how long they have been there: the piecewise exponential model of survival.

Everybody counts with the time that was looked at and no more: somebody hired before the records begin enters on the day they begin (left truncation),
somebody still there on the last day goes out of sight on it (right censoring). Nothing is then approximated: within a band of tenure the likelihood is that of a
Poisson count over the months seen, and its gamma posterior is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MONTH_DAYS = 365.25 / 12
EDGES = (0.0, 3.0, 12.0, 36.0, np.inf)
"""Months of tenure between which the rate of leaving counts as constant."""
BANDS = ("0_3", "3_12", "12_36", "36_on")

PRIOR_RATE, PRIOR_LEAVERS = 0.02, 1.0
"""Leavers per person and month where nothing is known, and how many leavers that knowledge is worth."""
POOLED_LEAVERS = 1.0
"""Leavers that the centre's rate over all bands is worth in each band."""


@dataclass(frozen=True)
class Seen:
    """Leavers and months seen, by band of tenure.

    Attributes
    ----------
    leavers : (band,) int array
    months : (band,) float array
        Person-months.
    """

    leavers: NDArray[np.int64]
    months: Floats


def seen_in(hired: Floats, left: Floats, opened: float, closed: float) -> Seen:
    """Leavers and person-months by tenure, within the days that are looked at.

    Parameters
    ----------
    hired, left : numpy.ndarray
        (people,) day numbers; NaN in `left` is somebody who is still there, NaN in `hired` is left out.
    opened, closed : float
        First day looked at and the day after the last one.

    Returns
    -------
    Seen
    """
    known = np.isfinite(hired)
    hired, left = hired[known], left[known]
    ends = np.fmin(left, closed)
    months = np.array(
        [
            np.maximum(np.minimum(ends, hired + high * MONTH_DAYS) - np.maximum(hired + low * MONTH_DAYS, opened), 0.0).sum() / MONTH_DAYS
            for low, high in pairwise(EDGES)
        ]
    )
    gone = np.isfinite(left) & (left >= opened) & (left < closed)
    band = np.searchsorted(EDGES[1:-1], (left - hired)[gone] / MONTH_DAYS, side="right")
    return Seen(np.bincount(band, minlength=len(BANDS)).astype(np.int64), months)


def rates(seen: Seen, rng: np.random.Generator, draws: int) -> Floats:
    """Draws from the posterior of the rates of leaving.

    The centre's rate over all bands has a gamma posterior from a weak prior; each band starts from that rate with the weight of `POOLED_LEAVERS`.

    Parameters
    ----------
    seen : Seen
    rng : numpy.random.Generator
    draws : int

    Returns
    -------
    numpy.ndarray
        (band, draws) leavers per person and month.
    """
    general = (PRIOR_LEAVERS + seen.leavers.sum()) / (PRIOR_LEAVERS / PRIOR_RATE + seen.months.sum())
    shape = POOLED_LEAVERS + seen.leavers
    scale = 1.0 / (POOLED_LEAVERS / general + seen.months)
    return np.asarray(rng.gamma(shape[:, None], scale[:, None], (len(BANDS), draws)))


def expected_stay(rate: Floats) -> Floats:
    """Mean months from hiring to leaving.

    Parameters
    ----------
    rate : numpy.ndarray
        (band, ...) per month, above 0.

    Returns
    -------
    numpy.ndarray
        (...) the integral of the survival function.
    """
    total, surviving = np.zeros(rate.shape[1:]), np.ones(rate.shape[1:])
    for each, (low, high) in zip(rate, pairwise(EDGES), strict=True):
        passed = np.exp(-each * (high - low))
        total += surviving * (1.0 - passed) / each
        surviving = surviving * passed
    return total
