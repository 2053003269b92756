"""Intraclass correlations of scores: how much of the spread of single scores is that of the calls, with inspectors crossed in any pattern.

References
----------
Shrout & Fleiss (1979), Psychol. Bull. 86, 420-428; McGraw & Wong (1996), Psychol. Methods 1, 30-46. Variances from squared differences of pairs:
Gao & Owen (2017), Electron. J. Stat. 11, 1235-1296; on complete data these are the classical ones.
"""

from __future__ import annotations

from copy import copy
from typing import NamedTuple

import numpy as np
from scipy.special import fdtri, stdtrit

from coachline.engine.stats.agreement import Ratings
from coachline.engine.stats.resampling import jackknife_se

KINDS = ("icc_1_1", "icc_a_1", "icc_c_1")
"""One rater out of many per unit; absolute agreement; agreement but for how severe each rater is in general."""


class Variances(NamedTuple):
    """Variance of the units, of the raters and of the rest; an estimate may be slightly negative."""

    unit: np.ndarray
    rater: np.ndarray
    rest: np.ndarray


class IntraclassSums:
    """An intraclass correlation as a `resampling.Figure`.

    Parameters
    ----------
    kind : str
        Of `KINDS`.
    ratings : Ratings
        Units are named by their places among all that are drawn; those with one rating do not count.
    units : int
    """

    def __init__(self, kind: str, ratings: Ratings, units: int) -> None:
        self.kind = kind
        ratings = ratings.paired
        score = ratings.values[ratings.category]
        # A constant changes no difference, and small numbers lose no digits in their squares.
        score = score - (score.mean() if len(score) else 0.0)
        r = ratings.per_unit.astype(float)
        total, squares = ratings.by_unit(score), ratings.by_unit(score**2)
        columns = [np.ones(len(r)), r, r**2, total, squares, total**2 / np.maximum(r, 1), r * squares - total**2]
        crossed = len(ratings.per_rater) if kind != "icc_1_1" else 0
        own = np.zeros((3, len(r), crossed))
        for moment, figure in enumerate((np.ones(len(score)), score, score**2) if crossed else ()):
            own[moment, ratings.unit, ratings.rater] = figure
        self.columns = np.zeros((units, 7 + 3 * crossed))
        self.columns[ratings.names] = np.concatenate([np.stack(columns, axis=1), *own], axis=1)

    def as_kind(self, kind: str) -> IntraclassSums:
        """Another correlation of the crossed model (``icc_a_1``, ``icc_c_1``) from the same sums."""
        other = copy(self)
        other.kind = kind
        return other

    def value(self, sums: np.ndarray) -> np.ndarray:
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.kind == "icc_1_1":
                between, within, size = mean_squares(sums)
                return np.asarray((between - within) / (between + (size - 1) * within))
            found = self.variances(sums)
            if self.kind == "icc_a_1":
                return np.asarray(found.unit / (found.unit + found.rater + found.rest))
            return np.asarray(found.unit / (found.unit + found.rest))

    def variances(self, sums: np.ndarray) -> Variances:
        """Of the crossed model ``score = unit + rater + rest``, by halves of mean squared differences of pairs of ratings.

        Pairs of one unit differ by rater and rest, pairs of one rater by unit and rest, all others by everything.
        """
        r, squared_r, total, squares, within_unit = (sums[..., i] for i in (1, 2, 3, 4, 6))
        n, moment, second = np.split(sums[..., 7:], 3, axis=-1)
        pairs_unit = (squared_r - r) / 2
        within_rater, pairs_rater = (n * second - moment**2).sum(axis=-1), (n * (n - 1) / 2).sum(axis=-1)
        pairs_other = r * (r - 1) / 2 - pairs_unit - pairs_rater
        with np.errstate(invalid="ignore", divide="ignore"):
            of_rater_and_rest = within_unit / pairs_unit / 2
            of_unit_and_rest = within_rater / pairs_rater / 2
            of_all = (r * squares - total**2 - within_unit - within_rater) / pairs_other / 2
        return Variances(of_all - of_rater_and_rest, of_all - of_unit_and_rest, of_rater_and_rest + of_unit_and_rest - of_all)


class Intraclass(NamedTuple):
    """A correlation with standard error and interval; NaN where it cannot be computed."""

    value: float
    se: float
    low: float
    high: float


def intraclass(sums: IntraclassSums, level: float = 0.95) -> Intraclass:
    """The correlation with its standard error (jackknife over units), given the raters at hand.

    The interval of ``icc_1_1`` is the classical one by F, exact where all units have as many ratings and scores are normal; the others have
    one by t.
    """
    total = sums.columns.sum(axis=0)
    n = total[0]
    value = float(sums.value(total))
    if not np.isfinite(value):
        return Intraclass(*[np.nan] * 4)
    se = jackknife_se(sums)
    if sums.kind == "icc_1_1":
        between, within, size = (float(figure) for figure in mean_squares(total))
        freedom, tail = (n - 1, total[1] - n), (1 + level) / 2
        if within > 0:
            ends = [between / within / fdtri(*freedom, tail), between / within * fdtri(*freedom[::-1], tail)]
            low, high = ((f - 1) / (f + size - 1) for f in ends)
        else:
            low = high = 1.0
        return Intraclass(value, se, low, high)
    half = stdtrit(n - 1, (1 + level) / 2) * se
    return Intraclass(value, se, max(value - half, -1.0), min(value + half, 1.0))


def mean_squares(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Between units, within units, and the (effective) number of ratings per unit, from sums of `IntraclassSums.columns`."""
    n, total, squared_r, score, squares, of_unit = (sums[..., i] for i in range(6))
    with np.errstate(invalid="ignore", divide="ignore"):
        between = (of_unit - score**2 / total) / (n - 1)
        within = (squares - of_unit) / (total - n)
        size = (total - squared_r / total) / (n - 1)
    return between, within, size
