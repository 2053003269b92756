"""Day levels as a sum of random effects: slow drift, recent days, weekday, place in the month, holidays, events.

The logarithm of a day's level is a Gaussian process whose covariance is a sum of parts, one for each thing that makes days alike. How much each matters is learnt
from the data; what has not been seen often is shrunk towards no effect, and makes the forecast wider instead.

Sources: Rasmussen, Williams (2006), *Gaussian Processes for Machine Learning*, sections 2.2, 3.4 (Laplace's approximation), 5.4.2 (leaving one out);
Robinson (1991), *Statistical Science* 6, 15-32 (random effects as best linear predictions).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.forecast.calendar import HOLIDAY, MONTH, YEAR, Days
from coachline.engine.roster.forecast.history import Floats

SLOW_DAYS, RECENT_DAYS, TURN_DAYS, YEAR_DAYS, PLACE_DAYS = 60.0, 2.0, 2.0, 15.0, 1.5
"""How far the parts reach: drift, what lasts a few days, place in the month, season, place in a holiday."""

YEARLY_FROM = 400
"""Days of history from which on a season can be told."""

LEVEL_SD = 2.0
"""Of the unknown level, in logarithms: wide."""

USUAL_SD: Mapping[str, float] = {
    "drift": 0.08,
    "recent": 0.04,
    "rest": 0.3,
    "weekday": 0.1,
    "month": 0.05,
    "after": 0.1,
    "before": 0.05,
    "free": 0.3,
    "holiday": 0.2,
    "event": 0.2,
    "season": 0.1,
    "noise": 0.03,
}
"""Size of each effect to begin with, in logarithms."""

CHILD_SCALE = 0.7
"""The same for the share of a business in what stands above it."""

LEAST_SD, MOST_SD = 1e-3, 2.0
PRIOR_SD = 1.0
"""Of the logarithm of each size about what is usual."""

OUTLYING = 3.5
"""Standard errors from which on a day is an outlier."""

LARGE = 20
"""Counts whose logarithm is nearly normal."""

ROUNDS = 3
"""Of Laplace's approximation and of weighing outliers."""


def kernels(one: Days, other: Days, *, yearly: bool) -> dict[str, Floats]:
    """Covariance of each part at size 1 between two sets of days, by name; parts that no day has are left out."""

    def both(a: np.ndarray, b: np.ndarray) -> Floats:
        return np.asarray(a[:, None] & b[None, :], float)

    def same(a: np.ndarray, b: np.ndarray) -> Floats:
        return np.asarray(a[:, None] == b[None, :], float)

    def apart(a: np.ndarray, b: np.ndarray, cycle: float | None = None) -> Floats:
        distance = np.abs(a[:, None] - b[None, :]).astype(float)
        return distance if cycle is None else np.asarray(np.minimum(distance, cycle - np.minimum(distance, cycle)))

    age = apart(one.number, other.number)
    near = np.exp(-apart(one.place, other.place) / PLACE_DAYS) * same(one.holiday, other.holiday)
    parts = {
        "drift": np.exp(-age / SLOW_DAYS),
        "recent": np.exp(-age / RECENT_DAYS),
        "rest": both(~one.working, ~other.working),
        "weekday": same(one.type, other.type),
        "month": np.exp(-0.5 * (apart(one.turn, other.turn, MONTH) / TURN_DAYS) ** 2),
        "after": both(one.after, other.after),
        "before": both(one.before, other.before),
        "free": both(one.type == HOLIDAY, other.type == HOLIDAY),
        "holiday": near * both(one.holiday >= 0, other.holiday >= 0),
    }
    parts |= {f"event {kind}": both(one.events[:, n], other.events[:, n]) for n, kind in enumerate(one.kinds)}
    if yearly:
        parts["season"] = np.exp(-0.5 * (apart(one.year, other.year, YEAR) / YEAR_DAYS) ** 2)
    return parts


def usual_sizes(names: Sequence[str], scale: float = 1.0) -> Floats:
    """(parts + 1,) logarithms of the sizes to begin with; the last is the noise of single days."""
    sizes = [USUAL_SD["event" if name.startswith("event ") else name] for name in names]
    return np.log(scale * np.array([*sizes, USUAL_SD["noise"]]))


def covariance(parts: Mapping[str, Floats], sizes: Floats) -> Floats:
    """Sum of the parts at their sizes, with the unknown level."""
    total = np.full_like(next(iter(parts.values())), LEVEL_SD**2)
    for part, size in zip(parts.values(), np.exp(2 * sizes[:-1]), strict=True):
        total += size * part
    return total


@dataclass(frozen=True)
class Seen:
    """What a series showed, as independent observations of its logarithm.

    Attributes
    ----------
    which : (n,) int array
        Days that count.
    value : (n,) float array
        Logarithm of the level.
    chance : (n,) float array
        Variance by counting alone.
    """

    which: np.ndarray
    value: Floats
    chance: Floats


def learn(parts: Mapping[str, Floats], seen: Sequence[Seen], usual: Floats, *, rounds: int = 25) -> Floats:
    """Sizes of the effects that make what was `seen` most plausible, together with a prior about what is usual.

    Series that share their sizes are learnt from together. Maximised by L-BFGS with the exact gradient.
    """
    from scipy.optimize import minimize

    stacked = [[part[np.ix_(each.which, each.which)] for part in parts.values()] for each in seen]

    def loss(sizes: Floats) -> tuple[float, Floats]:
        value = 0.5 * float((((sizes - usual) / PRIOR_SD) ** 2).sum())
        slope = (sizes - usual) / PRIOR_SD**2
        squares = np.exp(2 * sizes)
        for each, own in zip(seen, stacked, strict=True):
            n = len(each.which)
            total = np.full((n, n), LEVEL_SD**2)
            for part, square in zip(own, squares[:-1], strict=True):
                total += square * part
            total[np.diag_indices(n)] += squares[-1] + each.chance
            inverse, half_log_determinant = inverted(total)
            solved = inverse @ each.value
            value += 0.5 * float(each.value @ solved) + half_log_determinant
            outer = inverse - np.outer(solved, solved)
            slope[:-1] += [square * float((outer * part).sum()) for part, square in zip(own, squares[:-1], strict=True)]
            slope[-1] += squares[-1] * float(np.trace(outer))
        return value, slope

    bounds = [(np.log(LEAST_SD), np.log(MOST_SD))] * len(usual)
    found = minimize(loss, usual, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": rounds})
    return np.asarray(found.x)


@dataclass(frozen=True)
class Fitted:
    """Levels of one series.

    Attributes
    ----------
    mean, variance : (days ahead,) float array
        Of the logarithm of the level of a day, without the chance of counting.
    trust : (days,) float array
        1 for ordinary days, less for outliers, 0 for days that do not count.
    which : (n,) int array
        Days that count.
    solved : (n,) float array
    inverse : (n, n) float array
        From which the size of every single effect follows.
    """

    mean: Floats
    variance: Floats
    trust: Floats
    which: np.ndarray
    solved: Floats
    inverse: Floats


def fit(count: Floats, covar: Floats, noise: float) -> Fitted:
    """Levels of a series of counts, the days ahead behind the past ones.

    Parameters
    ----------
    count : (days,) float array
        NaN on days that do not count.
    covar : (days + days ahead, days + days ahead) float array
    noise : float
        Standard deviation of single days.
    """
    which, past = np.flatnonzero(np.isfinite(count)), len(count)
    n = count[which]
    centre = np.log(max(n.sum(), 0.5) / max(len(n), 1))
    here = covar[np.ix_(which, which)]
    mean = np.asarray((n**2 + 2 * np.exp(centre)) / (n + 2))
    trust = np.ones(len(which))
    inverse: Floats = np.eye(len(which))
    solved = np.zeros(len(which))
    for _ in range(ROUNDS):
        value, chance = observed(n, mean)
        ordinary = noise**2 + chance
        inverse, _ = inverted(here + np.diag(ordinary / trust))
        solved = inverse @ (value - centre)
        spread = np.asarray(1.0 / np.diag(inverse))
        trust = trusted(solved * spread, spread - ordinary / trust + ordinary)
        mean = np.asarray(np.exp(np.clip(here @ solved + centre, -30.0, 30.0)), float)
    kept = np.zeros(past)
    kept[which] = trust
    across = covar[past:, which]
    left = np.maximum(np.diag(covar)[past:] - ((across @ inverse) * across).sum(axis=1), 0.0)
    return Fitted(across @ solved + centre, left + noise**2, kept, which, solved, inverse)


def inverted(matrix: Floats) -> tuple[Floats, float]:
    """Inverse of a covariance by its Cholesky factor, and half the logarithm of its determinant."""
    from scipy.linalg import lapack

    lower, failed = lapack.dpotrf(matrix, lower=1)
    if failed:
        raise np.linalg.LinAlgError(f"not a covariance: minor {failed}")
    half = float(np.log(np.diag(lower)).sum())
    inverse, _ = lapack.dpotri(lower, lower=1)
    inverse = np.tril(inverse)
    return np.asarray(inverse + np.tril(inverse, -1).T), half


def observed(count: Floats, mean: Floats) -> tuple[Floats, Floats]:
    """Counts as observations of the logarithm of their mean, and the variance of these by chance.

    Of large counts the logarithm itself (whose mean lies half a variance too low); of small ones the tangent at `mean`, which also stands for none at all.
    """
    large = count >= LARGE
    with np.errstate(divide="ignore"):
        value = np.where(large, np.log(count) + 0.5 / np.maximum(count, 1.0), np.log(mean) + (count - mean) / mean)
    return value, np.where(large, 1.0 / np.maximum(count, 1.0), 1.0 / mean)


def trusted(error: Floats, variance: Floats) -> Floats:
    """How much a day counts, from its error when it is left out and the variance that this error would have on an ordinary day."""
    away = np.abs(error) / np.sqrt(np.maximum(variance, 1e-12))
    return np.asarray(np.minimum(1.0, (OUTLYING / np.maximum(away, 1e-9)) ** 2))
