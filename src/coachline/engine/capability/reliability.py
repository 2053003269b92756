"""What is left of differences and correlations between agents once chance is taken out of them.

A share over few calls scatters by chance alone. The scatter makes agents look more different than they are and hides how two measures hang
together (Spearman 1904). Because the calls behind each figure are known, so is the size of the chance, and it can be subtracted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri, stdtrit

LEVEL = 0.9
"""Of every interval."""

FEWEST_AGENTS = 10
"""With fewer, no interval is given: its own width would be a guess."""


class Measured(NamedTuple):
    """A measure of several rows (agents, or agents in months): mean value, cases behind it, and the variance of the mean by chance alone."""

    value: np.ndarray
    n: np.ndarray
    noise: np.ndarray

    def at(self, rows: np.ndarray) -> Measured:
        return Measured(self.value[rows], self.n[rows], self.noise[rows])


class Estimate(NamedTuple):
    """A value with its 90 % interval; NaN where there is none."""

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan


class Relation(NamedTuple):
    """How two measures hang together between agents.

    Attributes
    ----------
    agents : int
    pearson : Estimate
        Raw, with Fisher's z; chance included.
    spearman : float
        Raw.
    reliability, reliability_other : float
        Variance of the true values / variance of the observed ones, 0 to 1.
    correlation : Estimate
        Of the true values. An interval from -1 to 1 means that the data say nothing.
    slope : Estimate
        Of the other measure on the true values of the first, in their units.
    """

    agents: int
    pearson: Estimate = Estimate()
    spearman: float = np.nan
    reliability: float = np.nan
    reliability_other: float = np.nan
    correlation: Estimate = Estimate()
    slope: Estimate = Estimate()

    @property
    def says_something(self) -> bool:
        return bool(self.correlation.low > -1 or self.correlation.high < 1)


def measured(n: np.ndarray, total: np.ndarray, total_sq: np.ndarray) -> Measured:
    """Means of independent cases, with the unbiased estimate of their variance.

    Parameters
    ----------
    n, total, total_sq : numpy.ndarray
        (N,) cases, their sum and the sum of their squares; of a share the two sums are both its successes.

    Returns
    -------
    Measured
        Value NaN without a case, noise NaN with fewer than two.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        value = np.where(n > 0, total / n, np.nan)
        noise = np.where(n > 1, np.maximum(total_sq - n * value**2, 0.0) / (n * (n - 1.0)), np.nan)
    return Measured(value, np.asarray(n, float), noise)


def shared_noise(
    n_one: np.ndarray, n_other: np.ndarray, n: np.ndarray, total_one: np.ndarray, total_other: np.ndarray, total_both: np.ndarray
) -> np.ndarray:
    """Covariance by chance of two means that rest on `n` cases in common: an unsolved call also makes a dissatisfied customer.

    Parameters
    ----------
    n_one, n_other : numpy.ndarray
        (N,) cases of either mean.
    n, total_one, total_other, total_both : numpy.ndarray
        (N,) common cases; over these the sums of the one, of the other and of their product.

    Returns
    -------
    numpy.ndarray
        (N,); 0 with fewer than two common cases.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = (total_both - total_one * total_other / n) / (n - 1.0) * n / (n_one * n_other)
    return np.where(n > 1, covariance, 0.0)


def true_spread(one: Measured, stratum: np.ndarray | None = None) -> tuple[float, float]:
    """Mean, and variance between agents (within strata), of the true values behind `one`.

    The variance is below zero when the values differ less than chance alone would make them; both are NaN with fewer than two agents.
    """
    rows = np.flatnonzero(np.isfinite(one.noise))
    one = one.at(rows)
    if len(one.value) < 2:
        return np.nan, np.nan
    weights = _Weights.of([one, one], _strata(stratum, rows))
    return float(weights.weight @ one.value), float(_products(one.value, one.value, one.noise, weights).sum())


def relation(
    one: Measured, other: Measured, noise: np.ndarray | None = None, unit: np.ndarray | None = None, stratum: np.ndarray | None = None
) -> Relation:
    """Correlation of the true values behind two measures, and its interval.

    The variances and the covariance between agents are sums of products from which the part of chance has been subtracted, agents
    weighted by how reliable they are on both measures. The correlation is the ratio of the covariance C to D = (Vx / l + l Vy) / 2, which at
    l = sqrt(Vx / Vy) is sqrt(Vx Vy) and does not change with l to first order. So it is a ratio of two sums over agents, and
    Fieller's theorem gives the interval: all values r for which the sum of C - r D is not farther from zero than its own scatter between agents
    explains. It needs no normal distribution. When one of the variances cannot be told from zero, the interval is everything from -1 to 1.

    Parameters
    ----------
    one, other : Measured
        (N,) rows side by side. Rows without a noise estimate in both are left out.
    noise : numpy.ndarray, optional
        (N,) covariance of the two by chance; default 0.
    unit : numpy.ndarray, optional
        (N,) the agent of each row, from 0; rows of one agent are not independent. Default: each row its own.
    stratum : numpy.ndarray, optional
        (N,) rows are compared only within a stratum (a month), numbered from 0. Default: all in one.

    Returns
    -------
    Relation

    References
    ----------
    Spearman (1904), *Am. J. Psychol.* 15(1), 72-101; Fuller (1987), *Measurement Error Models*, 1.2 and 3.1; Fieller (1954),
    *J. R. Stat. Soc. B* 16(2), 175-185.
    """
    rows = np.flatnonzero(np.isfinite(one.noise) & np.isfinite(other.noise))
    one, other = one.at(rows), other.at(rows)
    noise = np.zeros(len(rows)) if noise is None else noise[rows]
    unit = np.arange(len(rows)) if unit is None else np.unique(unit[rows], return_inverse=True)[1]
    stratum = _strata(stratum, rows)
    agents = len(np.unique(unit))
    if agents < 3:
        return Relation(agents)
    centred = [_centred(m.value, stratum, np.ones(len(rows))) for m in (one, other)]
    pearson = _pearson(*centred)
    ranked = [_centred(ranks(m.value), stratum, np.ones(len(rows))) for m in (one, other)]

    weights = _Weights.of([one, other], stratum)
    own = _products(one.value, one.value, one.noise, weights)
    others = _products(other.value, other.value, other.noise, weights)
    both = _products(one.value, other.value, noise, weights)
    v_one, v_other = float(own.sum()), float(others.sum())
    found = Relation(
        agents,
        _with_fisher(pearson, agents),
        _pearson(*ranked),
        max(v_one, 0.0) / (max(v_one, 0.0) + one.noise.mean()) if v_one > 0 or one.noise.mean() > 0 else np.nan,
        max(v_other, 0.0) / (max(v_other, 0.0) + other.noise.mean()) if v_other > 0 or other.noise.mean() > 0 else np.nan,
        Estimate(np.nan, -1.0, 1.0),
    )
    if min(v_one, v_other) <= ROUNDING**2:
        return found
    balance = np.sqrt(v_one / v_other)
    ratio = _Ratio(weights, unit)
    correlation, slope = ratio(both, (own / balance + others * balance) / 2), ratio(both, own)
    if not (ratio.is_positive(own) and ratio.is_positive(others)):
        correlation = Estimate(correlation.value, -np.inf, np.inf)
    bounded = Estimate(float(np.clip(correlation.value, -1, 1)), max(correlation.low, -1.0), min(correlation.high, 1.0))
    return found._replace(correlation=bounded, slope=slope)


def halves_agree(first: np.ndarray, second: np.ndarray) -> float:
    """Reliability from the correlation of two halves of the evidence (Spearman-Brown); NaN with fewer than `FEWEST_AGENTS` in both.

    Parameters
    ----------
    first, second : numpy.ndarray
        (N,) an agent's value in either half, NaN where there is none.
    """
    known = np.isfinite(first) & np.isfinite(second)
    if known.sum() < FEWEST_AGENTS:
        return np.nan
    r = _pearson(first[known] - first[known].mean(), second[known] - second[known].mean())
    return 2 * r / (1 + r) if r > 0 else 0.0 if np.isfinite(r) else np.nan


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1; equal values share the mean of theirs."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])


class _Weights(NamedTuple):
    """Weight of every row (sum 1), its part of the weight of its stratum, and the strata."""

    weight: np.ndarray
    part: np.ndarray
    stratum: np.ndarray

    @classmethod
    def of(cls, measures: list[Measured], stratum: np.ndarray) -> _Weights:
        """Product of the reliabilities: what a row's product of two deviations is worth when all agents have the same true variance.

        The reliabilities rest on the number of cases and the pooled variance of a case, not on a row's own variance: that one hangs together with
        the row's value, and weighting by it would bias the outcome.
        """
        pooled = [np.average(m.noise * m.n, weights=m.n) / m.n for m in measures]
        found = cls._from(np.ones(len(stratum)), stratum)
        for _ in range(ROUNDS):
            reliability = np.ones(len(stratum))
            for m, noise in zip(measures, pooled, strict=True):
                floor = LEAST * noise.mean()
                variance = max(float(_products(m.value, m.value, m.noise, found).sum()), floor)
                reliability *= variance / (variance + noise) if variance > 0 else 1.0
            found = cls._from(reliability, stratum)
        return found

    @classmethod
    def _from(cls, weight: np.ndarray, stratum: np.ndarray) -> _Weights:
        weight = weight / weight.sum()
        return cls(weight, weight / np.bincount(stratum, weight)[stratum], stratum)

    @property
    def information(self) -> np.ndarray:
        """Weight that a row keeps once its stratum's mean has been taken from the data; sums to 1."""
        kept = self.weight * (1 - self.part)
        return np.asarray(kept / kept.sum() if kept.sum() > 0 else np.full(len(kept), np.nan))


ROUNDS = 4
"""Weights and variances settle within three."""
ROUNDING = 1e-12
LEAST = 0.02
"""Of the mean noise; a variance estimated as smaller counts as this much in the weights."""


def _strata(stratum: np.ndarray | None, rows: np.ndarray) -> np.ndarray:
    return np.zeros(len(rows), np.intp) if stratum is None else np.unique(stratum[rows], return_inverse=True)[1]


def _products(one: np.ndarray, other: np.ndarray, noise: np.ndarray, weights: _Weights) -> np.ndarray:
    """What every row adds to the (co)variance between agents: the product of its deviations, less what chance puts in."""
    weight, part, stratum = weights
    kept = (weight * (1 - part)).sum()
    if kept <= 0:
        return np.full(len(one), np.nan)
    products = _centred(one, stratum, weight) * _centred(other, stratum, weight)
    return np.asarray(weight * (products - (1 - part) * noise) / kept)


def _centred(values: np.ndarray, stratum: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.asarray(values - (np.bincount(stratum, weight * values) / np.bincount(stratum, weight))[stratum])


class _Ratio:
    """Ratio of two sums over rows, with Fieller's interval from their scatter between agents."""

    def __init__(self, weights: _Weights, unit: np.ndarray) -> None:
        self.unit = unit
        self.information = weights.information
        self.part = np.bincount(unit, self.information)

        effective = 1 / (self.part**2).sum()
        enough = effective >= FEWEST_AGENTS / 2 and len(self.part) >= FEWEST_AGENTS
        self.t = float(stdtrit(effective - 2, (1 + LEVEL) / 2)) if enough else np.inf
        self.t_one_sided = float(stdtrit(effective - 2, LEVEL)) if enough else np.inf

    def __call__(self, above: np.ndarray, below: np.ndarray) -> Estimate:
        top, bottom = float(above.sum()), float(below.sum())
        scatter_top, scatter_bottom = self._scatter(above), self._scatter(below)
        a = bottom**2 - self.t**2 * (scatter_bottom @ scatter_bottom) if np.isfinite(self.t) else -np.inf
        if a <= 0:
            return Estimate(top / bottom, -np.inf, np.inf)
        b = top * bottom - self.t**2 * (scatter_top @ scatter_bottom)
        c = top**2 - self.t**2 * (scatter_top @ scatter_top)
        half = np.sqrt(max(b * b - a * c, 0.0))
        return Estimate(top / bottom, float((b - half) / a), float((b + half) / a))

    def is_positive(self, rows: np.ndarray) -> bool:
        """Whether a sum is above zero by more than chance would have it in one case of ten."""
        scatter = self._scatter(rows)
        return bool(np.isfinite(self.t) and rows.sum() > self.t_one_sided * np.sqrt(scatter @ scatter))

    def _scatter(self, rows: np.ndarray) -> np.ndarray:
        """How far each agent's part of the sum lies from its share; agents who weigh much pull the mean towards themselves, hence the division."""
        return np.asarray((np.bincount(self.unit, rows) - self.part * rows.sum()) / (1 - self.part) ** 2)


def _pearson(one: np.ndarray, other: np.ndarray) -> float:
    """Correlation of centred values; NaN where one of them does not vary."""
    # Values that are all equal differ from their mean in the last digit only.
    if min(one @ one, other @ other) <= len(one) * ROUNDING**2:
        return np.nan
    return float(np.clip(one @ other / np.sqrt((one @ one) * (other @ other)), -1, 1))


def _with_fisher(r: float, agents: int) -> Estimate:
    if agents < FEWEST_AGENTS or not np.isfinite(r):
        return Estimate(r)
    if abs(r) == 1:
        return Estimate(r, r, r)
    reach = ndtri((1 + LEVEL) / 2) / np.sqrt(agents - 3)
    return Estimate(r, float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach)))
