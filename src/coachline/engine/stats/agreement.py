"""How far raters agree beyond chance: percent agreement, Krippendorff, Fleiss, Conger, Gwet, Brennan-Prediger.

All coefficients take any number of raters, any weights and missing ratings, with the standard errors of Gwet's handbook. Units are drawn from
many, raters are those at hand.

References
----------
Gwet, K. L. (2014), *Handbook of Inter-Rater Reliability*, 4th ed., chapters 2, 3 and 5; Gwet (2008), Br. J. Math. Stat. Psychol. 61, 29-48.
Krippendorff, K. (2004), *Content Analysis*, 2nd ed., chapter 11. Fleiss (1971), Psychol. Bull. 76, 378-382. Conger (1980), Psychol. Bull. 88,
322-328. Brennan & Prediger (1981), Educ. Psychol. Meas. 41, 687-699.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

from coachline.engine.stats.proportions import wilson


@dataclass(frozen=True)
class Ratings:
    """Who gave what to which unit, one entry per rating, sorted by unit.

    Attributes
    ----------
    unit, rater, category : numpy.ndarray
        (N,) numbers from 0 without gaps; at most one rating per unit and rater.
    values : numpy.ndarray
        (q,) value of each category, ascending.
    names : numpy.ndarray
        (n,) label of each unit.
    """

    unit: np.ndarray
    rater: np.ndarray
    category: np.ndarray
    values: np.ndarray
    names: np.ndarray

    @classmethod
    def of(cls, unit: np.ndarray, rater: np.ndarray, value: np.ndarray, categories: np.ndarray | None = None) -> Ratings:
        """Ratings from any labels of units and raters; a value that is not a number counts as missing.

        Parameters
        ----------
        unit, rater : numpy.ndarray
            (N,) labels.
        value : numpy.ndarray
            (N,) floats.
        categories : numpy.ndarray, optional
            What the values can be, ascending; without it, those that occur.
        """
        known = ~np.isnan(value)
        order = np.flatnonzero(known)[np.argsort(unit[known], kind="stable")]
        values = np.unique(value[known]) if categories is None else np.asarray(categories, dtype=float)
        names, place = np.unique(unit[order], return_inverse=True)
        raters = np.unique(rater[order], return_inverse=True)[1]
        return cls(place.reshape(-1), raters.reshape(-1), np.searchsorted(values, value[order]), values, names)

    @cached_property
    def per_unit(self) -> np.ndarray:
        """(n,) ratings of each unit."""
        return np.bincount(self.unit)

    @cached_property
    def per_rater(self) -> np.ndarray:
        return np.bincount(self.rater)

    @property
    def units(self) -> int:
        """How many units two or more raters rated."""
        return int((self.per_unit >= 2).sum())

    @cached_property
    def paired(self) -> Ratings:
        """Only the units that two or more raters rated."""
        kept = self.per_unit[self.unit] >= 2
        if kept.all():
            return self
        return Ratings.of(self.names[self.unit[kept]], self.rater[kept], self.values[self.category[kept]], self.values)

    @cached_property
    def counts(self) -> np.ndarray:
        """(q,) ratings of each category."""
        return np.bincount(self.category, minlength=len(self.values)).astype(float)

    def by_unit(self, figure: np.ndarray) -> np.ndarray:
        """(n,) sums of a figure (N,) of the ratings."""
        return np.bincount(self.unit, figure, len(self.per_unit))

    @cached_property
    def pairs(self) -> tuple[np.ndarray, np.ndarray]:
        """Every pair of ratings of one unit, once: the places of both (P,)."""
        lags = range(1, int(self.per_unit.max(initial=1)))
        found = [np.flatnonzero(self.unit[lag:] == self.unit[:-lag]) for lag in lags]
        ones = np.concatenate(found) if found else np.zeros(0, dtype=np.int64)
        return ones, ones + np.repeat(np.array(list(lags), dtype=np.int64), [len(f) for f in found])

    def agreed(self, weights: np.ndarray) -> np.ndarray:
        """(n,) sum of the weights over the ordered pairs of ratings of each unit."""
        one, other = self.pairs
        return np.bincount(self.unit[one], 2 * weights[self.category[one], self.category[other]], len(self.per_unit))


class Agreement(NamedTuple):
    """A coefficient with its standard error and interval; NaN where it cannot be computed."""

    value: float
    se: float
    low: float
    high: float
    observed: float
    """Agreement that was seen."""
    expected: float
    """Agreement that chance would give, as the coefficient sees it."""


UNDEFINED = Agreement(*[np.nan] * 6)


class Chance(NamedTuple):
    """What a coefficient expects by chance, and the part of each unit (n,) in it."""

    expected: float
    of_unit: np.ndarray


def fleiss(ratings: Ratings, weights: np.ndarray, level: float = 0.95) -> Agreement:
    """Fleiss' kappa, generalised to weights and missing ratings."""
    share, _ = _shares(ratings)
    near = weights @ share
    return _corrected(ratings, weights, Chance(float(share @ near), ratings.by_unit(near[ratings.category]) / ratings.per_unit), level)


def gwet(ratings: Ratings, weights: np.ndarray, level: float = 0.95) -> Agreement:
    """Gwet's AC1, or AC2 where weights are not the identity."""
    share, q = _shares(ratings)
    if q < 2:
        return UNDEFINED
    scale = weights.sum() / (q * (q - 1))
    of_unit = scale * ratings.by_unit((1 - share)[ratings.category]) / ratings.per_unit
    return _corrected(ratings, weights, Chance(scale * float(share @ (1 - share)), of_unit), level)


def brennan_prediger(ratings: Ratings, weights: np.ndarray, level: float = 0.95) -> Agreement:
    """Brennan and Prediger's kappa: by chance every category is as likely as every other."""
    expected = float(weights.mean()) if weights.size else np.nan
    return _corrected(ratings, weights, Chance(expected, np.full(len(ratings.per_unit), expected)), level)


def percent(ratings: Ratings, weights: np.ndarray, level: float = 0.95) -> Agreement:
    """Share of pairs of ratings that agree, averaged over units; no chance taken out."""
    return _corrected(ratings, weights, Chance(0.0, np.zeros(len(ratings.per_unit))), level)


def conger(ratings: Ratings, weights: np.ndarray, level: float = 0.95) -> Agreement:
    """Conger's kappa: chance by the habits of each rater; with two raters Cohen's kappa."""
    raters, q, n = len(ratings.per_rater), len(ratings.values), len(ratings.per_unit)
    if raters < 2:
        return UNDEFINED
    table = np.bincount(ratings.rater * q + ratings.category, minlength=raters * q).reshape(raters, q)
    habit = table / ratings.per_rater[:, None]
    others = (habit.sum(axis=0) - habit) @ weights
    of_rater = (habit * others).sum(axis=1)
    pairs = raters * (raters - 1)
    moved = (others[ratings.rater, ratings.category] - of_rater[ratings.rater]) * (n / ratings.per_rater)[ratings.rater]
    expected = float(of_rater.sum() / pairs)
    return _corrected(ratings, weights, Chance(expected, expected + ratings.by_unit(moved) / pairs), level)


def krippendorff(ratings: Ratings, weights: np.ndarray, level: float = 0.95) -> Agreement:
    """Krippendorff's alpha; units with one rating do not count. Weights that follow from the data count as given."""
    ratings = ratings.paired
    n, total = len(ratings.per_unit), len(ratings.unit)
    if n == 0:
        return UNDEFINED
    mean = total / n
    share = ratings.counts / total
    near = weights @ share
    expected = float(share @ near)
    agreed = ratings.agreed(weights) / (mean * (ratings.per_unit - 1))
    seen = float(agreed.mean())
    observed = (1 - 1 / total) * seen + 1 / total
    if _none_left(expected):
        return UNDEFINED._replace(observed=observed, expected=expected)
    excess = (ratings.per_unit - mean) / mean
    plain = (seen - expected) / (1 - expected)
    # Gwet takes the observed agreement with its correction here and without it elsewhere; kept, so that the figures are the published ones.
    of_unit = (agreed - observed * excess - expected) / (1 - expected)
    chance = ratings.by_unit(near[ratings.category]) / mean - expected * excess
    influence = of_unit - 2 * (1 - plain) * (chance - expected) / (1 - expected) - plain
    value = (observed - expected) / (1 - expected)
    return _with_interval(value, influence, observed, expected, n, level)


def _shares(ratings: Ratings) -> tuple[np.ndarray, int]:
    """(q,) how often each category is given, every unit alike; and q."""
    q = len(ratings.values)
    each = 1 / ratings.per_unit[ratings.unit]
    return np.bincount(ratings.category, each, q) / max(len(ratings.per_unit), 1), q


def _none_left(expected: float) -> bool:
    """Whether chance alone would make everything agree, so that nothing can be said beyond it."""
    return not 1 - expected > 1e-12


def _corrected(ratings: Ratings, weights: np.ndarray, chance: Chance, level: float) -> Agreement:
    """(observed - expected) / (1 - expected), where the chance part enters the error twice: each unit is compared and makes the shares."""
    per_unit, n = ratings.per_unit, len(ratings.per_unit)
    several = per_unit >= 2
    if not several.any():
        return UNDEFINED
    agreed = ratings.agreed(weights) / np.maximum(per_unit * (per_unit - 1), 1)
    scale = n / several.sum()
    observed, expected = float(scale * agreed.mean()), chance.expected
    if _none_left(expected):
        return UNDEFINED._replace(observed=observed, expected=expected)
    value = (observed - expected) / (1 - expected)
    of_unit = scale * (agreed - expected * several) / (1 - expected)
    influence = of_unit - 2 * (1 - value) * (chance.of_unit - expected) / (1 - expected) - value
    return _with_interval(value, influence, observed, expected, int(several.sum()), level)


def _with_interval(value: float, influence: np.ndarray, observed: float, expected: float, units: int, level: float) -> Agreement:
    n = len(influence)
    se = float(np.sqrt((influence**2).sum() / (n * (n - 1)))) if n > 1 else np.nan
    half = stdtrit(n - 1, (1 + level) / 2) * se if n > 1 else np.nan
    low, high = max(value - half, -1.0), min(value + half, 1.0)
    if observed > 1 - 1e-12:
        # Raters that never differed may differ tomorrow, though nothing varies from which an error could be computed.
        low = (wilson(1.0, units, float(ndtri((1 + level) / 2)))[0] - expected) / (1 - expected)
        high = 1.0
    return Agreement(value, se, float(low), float(high), observed, expected)


Coefficient = Callable[[Ratings, np.ndarray, float], Agreement]

COEFFICIENTS: dict[str, Coefficient] = {
    "percent": percent,
    "krippendorff": krippendorff,
    "fleiss": fleiss,
    "conger": conger,
    "gwet": gwet,
    "brennan_prediger": brennan_prediger,
}
"""Every coefficient as ``function(ratings, weights, level)``, with weights (q, q)."""
