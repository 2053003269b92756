"""The learning curve of newcomers: how far they start from their later level, and how fast they get there.

level of person *a* after *t* months of practice = own later level − gap · exp(−t / time constant)

Own levels are normal around the centre's. The model is linear in all but the time constant, so that one is laid on a grid and the rest integrated out
(variable projection; Golub & Pereyra, 1973). Newcomers are few, and what few people show is not what newcomers are: a difference between people enters the
interval by the spread of own levels, and a prior holds where hardly anybody was new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TIMES = np.geomspace(0.25, 18.0, 36)
"""Time constants that are tried, in months."""
TIME_PRIOR = (2.5, 0.7)
"""Median and log standard deviation of the time constant before anything was seen."""
SPREADS = np.array([0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8, 1.1])
WOBBLES = np.array([0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3])
"""Standard deviations that are tried: of own levels, and of one person from month to month."""
LEVEL_SD = 5.0
"""Of the centre's level: as good as nothing known."""
ROUNDS = 4
"""Linearisations of shares; three settle the third digit."""


@dataclass(frozen=True)
class Observed:
    """What was seen of people by month; one entry per person and month.

    Attributes
    ----------
    person : int array
        Place of the person, from 0.
    months : float array
        Practice at the time; NaN where it is not known when the person began.
    value, precision : float arrays
        Level as a difference from what the businesses handled let expect, and one over its variance.
    """

    person: Ints
    months: Floats
    value: Floats
    precision: Floats


@dataclass(frozen=True)
class Curve:
    """Posterior of a learning curve.

    Attributes
    ----------
    weights : (time,) float array
        Probability of each of `TIMES`.
    mean, covariance : (time, 2) and (time, 2, 2) float arrays
        Of level and gap, for each time constant.
    spread, wobble : float
        Standard deviation of own levels, and of one person's months.
    """

    weights: Floats
    mean: Floats
    covariance: Floats
    spread: float
    wobble: float

    def draw(self, rng: np.random.Generator, draws: int) -> tuple[Floats, Floats, Floats]:
        """Draws of level, gap and time constant, (draws,) each."""
        place = np.interp(rng.random(draws), np.cumsum(self.weights), np.arange(len(TIMES)))
        time = np.exp(np.interp(place, np.arange(len(TIMES)), np.log(TIMES)))
        nearest = np.rint(place).astype(np.int64)
        root = np.linalg.cholesky(self.covariance)[nearest]
        both = self.mean[nearest] + np.einsum("dij,dj->di", root, rng.standard_normal((draws, 2)))
        return both[:, 0], both[:, 1], time


def fit(seen: Observed, gap_prior: tuple[float, float], near: Curve | None = None) -> Curve:
    """Fit the curve to levels whose errors are normal.

    Parameters
    ----------
    seen : Observed
    gap_prior : tuple of float
        Mean and standard deviation of the gap before anything was seen.
    near : Curve, optional
        A fit of nearly the same data; only spreads next to its own are then tried.

    Returns
    -------
    Curve
    """
    middle = int(np.argmin(np.abs(TIMES - TIME_PRIOR[0])))
    spreads, wobbles = (SPREADS, WOBBLES) if near is None else (_next_to(SPREADS, near.spread), _next_to(WOBBLES, near.wobble))
    evidence = np.array([[_solve(seen, TIMES[middle], s, w, gap_prior)[0] for w in wobbles] for s in spreads])
    best = np.unravel_index(np.argmax(evidence), evidence.shape)
    spread, wobble = float(spreads[best[0]]), float(wobbles[best[1]])
    solved = [_solve(seen, time, spread, wobble, gap_prior) for time in TIMES]
    log_weight = np.array([each[0] for each in solved]) - 0.5 * (np.log(TIMES / TIME_PRIOR[0]) / TIME_PRIOR[1]) ** 2
    weight = np.exp(log_weight - log_weight.max())
    return Curve(weight / weight.sum(), np.array([s[1] for s in solved]), np.array([s[2] for s in solved]), spread, wobble)


def fit_shares(person: Ints, months: Floats, tries: Floats, successes: Floats, expected: Floats, gap_prior: tuple[float, float]) -> Curve:
    """Fit the curve to shares, on the logit scale.

    Parameters
    ----------
    person, months : numpy.ndarray
        As in `Observed`.
    tries, successes : numpy.ndarray
        Cases, above 0, and those that went well.
    expected : numpy.ndarray
        Share that the businesses handled let expect, between 0 and 1.
    gap_prior : tuple of float

    Returns
    -------
    Curve
        Level and gap in logits relative to `expected`.
    """
    base, shift = logit(np.clip(expected, 1e-4, 1 - 1e-4)), np.zeros(len(tries))
    curve: Curve | None = None
    for _ in range(ROUNDS):
        share = expit(base + shift)
        information = np.maximum(tries * share * (1.0 - share), 1e-9)
        seen = Observed(person, months, shift + (successes - tries * share) / information, information)
        curve = fit(seen, gap_prior, curve)
        shift = np.clip(_fitted(seen, curve), -3.0, 3.0)
    assert curve is not None
    return curve


def _next_to(tried: Floats, value: float) -> Floats:
    place = int(np.argmin(np.abs(tried - value)))
    return tried[max(place - 1, 0) : place + 2]


def deficit(months: Floats, time: float) -> Floats:
    """Part of the gap that is left after `months` of practice; none for whom it is not known when they began."""
    return np.where(np.isfinite(months), np.exp(-np.maximum(months, 0.0) / time), 0.0)


def _solve(seen: Observed, time: float, spread: float, wobble: float, gap_prior: tuple[float, float]) -> tuple[float, Floats, Floats]:
    """Log evidence, mean and covariance of level and gap for one time constant and one pair of spreads."""
    people = int(seen.person.max()) + 1 if len(seen.person) else 0
    weight = seen.precision / (1.0 + seen.precision * wobble**2)
    design = np.stack([np.ones_like(seen.value), -deficit(seen.months, time), seen.value])
    # Own levels are integrated out person by person (Sherman & Morrison).
    sums = np.array([np.bincount(seen.person, weight * row, people) for row in design])
    total = sums[0]
    share = spread**2 / (1.0 + spread**2 * total)
    inner = (design * weight) @ design.T - (sums * share) @ sums.T
    prior_mean, prior_precision = np.array([0.0, gap_prior[0]]), np.diag([LEVEL_SD**-2, gap_prior[1] ** -2])
    precision = inner[:2, :2] + prior_precision
    right = inner[:2, 2] + prior_precision @ prior_mean
    mean = np.linalg.solve(precision, right)
    square = inner[2, 2] + prior_mean @ prior_precision @ prior_mean - mean @ right
    spreads = np.log(weight).sum() - np.log1p(spread**2 * total).sum()
    evidence = 0.5 * (spreads - square - np.linalg.slogdet(precision)[1])
    return float(evidence), mean, np.linalg.inv(precision)


def _fitted(seen: Observed, curve: Curve) -> Floats:
    """The level of every entry by the most probable curve, own level of the person included."""
    best = int(np.argmax(curve.weights))
    level, gap = curve.mean[best]
    line = level - gap * deficit(seen.months, TIMES[best])
    weight = seen.precision / (1.0 + seen.precision * curve.wobble**2)
    people = int(seen.person.max()) + 1 if len(seen.person) else 0
    total, off = (np.bincount(seen.person, w, people) for w in (weight, weight * (seen.value - line)))
    own = off * curve.spread**2 / (1.0 + total * curve.spread**2)
    return np.asarray(line + own[seen.person])
