"""Halo: whether the marks of one sheet go together more than the call and the rater's general severity explain.

Marks of two items on one sheet go together because the call is good or bad, because the rater is severe or mild in general, and because one
impression colours the whole sheet. Where several raters hear one call, their sheets share the first, sheets of one rater on different calls share
the second; what is left belongs to the sheet.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit


class Halo(NamedTuple):
    """Mean correlation of two different items; NaN where it cannot be computed."""

    excess: float
    """Left over for the sheet: 0 where every item is judged by itself."""
    se: float
    low: float
    high: float
    same_sheet: float
    """On one sheet."""
    same_call: float
    """On sheets of two raters of one call."""
    same_rater: float
    """On sheets of one rater of two calls."""


def halo(unit: np.ndarray, rater: np.ndarray, marks: np.ndarray, level: float = 0.95) -> Halo:
    """Halo of sheets.

    Parameters
    ----------
    unit, rater : numpy.ndarray
        (N,) numbers of call and rater of each sheet; every call with at least two raters.
    marks : numpy.ndarray
        (N, items) marks; NaN where an item was not judged.
    level : float

    Returns
    -------
    Halo
        Items that never vary do not count. The error is that of drawing other calls, given the raters.
    """
    known = ~np.isnan(marks)
    n = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, marks, 0).sum(axis=0) / n
        spread = np.sqrt((np.where(known, marks - mean, 0) ** 2).sum(axis=0) / n)
    varies = spread > 0
    calls = len(np.unique(unit))
    if varies.sum() < 2 or calls < 2:
        return Halo(*[np.nan] * 7)
    known = known[:, varies]
    z = np.where(known, (marks[:, varies] - mean[varies]) / spread[varies], 0.0)
    of_calls, of_raters = _Pairs(z, known, unit), _Pairs(z, known, rater)
    same, cross = of_calls.same_sheet, of_calls.other_sheet
    with np.errstate(invalid="ignore", divide="ignore"):
        parts = same[0] / same[1] - cross[0] / cross[1]
        together = float(np.nanmean(same[0] / same[1])), float(np.nanmean(cross[0] / cross[1]))
    parts = parts[np.isfinite(parts)]
    if len(parts) < 2:
        return Halo(*[np.nan] * 7)
    own = [float(figure.sum()) for figure in of_raters.other_sheet]
    every = [float(figure.sum()) for figure in _Pairs(z, known, np.zeros(len(unit), dtype=np.int64)).other_sheet]
    call = [float(figure.sum()) for figure in cross]
    apart = [e - o - c for e, o, c in zip(every, own, call, strict=True)]
    same_rater = own[0] / own[1] if own[1] else 0.0
    between = apart[0] / apart[1] if apart[1] else 0.0
    excess = float(parts.mean()) - (same_rater - between)
    se = float(parts.std(ddof=1) / np.sqrt(len(parts)))
    half = stdtrit(len(parts) - 1, (1 + level) / 2) * se
    return Halo(excess, se, float(excess - half), float(excess + half), *together, same_rater)


class _Pairs:
    """Sums of products of two different items, and how many products, by group of sheets: on one sheet, and on two sheets of the group."""

    def __init__(self, z: np.ndarray, known: np.ndarray, group: np.ndarray) -> None:
        self.same_sheet = tuple(
            np.bincount(group, figure.sum(axis=1) ** 2 - (figure**2).sum(axis=1)) for figure in (z, known.astype(float))
        )
        self.other_sheet = tuple(
            self._all(figure, group) - same for figure, same in zip((z, known.astype(float)), self.same_sheet, strict=True)
        )

    @staticmethod
    def _all(figure: np.ndarray, group: np.ndarray) -> np.ndarray:
        """Products over all ordered pairs of sheets of a group, a sheet with itself included."""
        by_item = np.stack([np.bincount(group, column) for column in figure.T], axis=1)
        return np.asarray(by_item.sum(axis=1) ** 2 - (by_item**2).sum(axis=1))
