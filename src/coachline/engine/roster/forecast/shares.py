"""What part of its parent each business has, day by day: the same effects as for whole levels, for all businesses at once.

The covariance of the effects is cut to its largest eigenvectors, so that each business is a small regression with a normal prior (a ridge); sparse businesses stay near
their usual share, and follow their parent in everything else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.forecast.effects import LEVEL_SD, ROUNDS, observed, trusted
from coachline.engine.roster.forecast.history import Bools, Floats

KEPT = 0.998
"""Part of the variance of the effects that the eigenvectors kept must hold."""

MOST = 80
"""Of them."""


@dataclass(frozen=True)
class Shares:
    """Of the parent, as logarithms not yet scaled to a sum of 1.

    Attributes
    ----------
    mean, variance : (series, days ahead) float array
    """

    mean: Floats
    variance: Floats


def features(covar: Floats) -> tuple[Floats, Floats]:
    """Covariance as (days, features), of which each has a coefficient with standard normal prior, and what is left of each day's variance.

    The unknown level, which would outweigh all effects, is a feature of its own.
    """
    effects = covar - LEVEL_SD**2
    value, vector = np.linalg.eigh(effects)
    value, vector = value[::-1], vector[:, ::-1]
    kept = min(int(np.searchsorted(np.cumsum(value), KEPT * value.sum())) + 1, MOST)
    found = vector[:, :kept] * np.sqrt(np.maximum(value[:kept], 0.0))
    left = np.maximum(np.diag(effects) - (found**2).sum(axis=1), 0.0)
    return np.column_stack([np.full(len(covar), LEVEL_SD), found]), left


def fit_shares(count: Floats, parent: Floats, counts: Bools, basis: tuple[Floats, Floats], noise: float) -> Shares:
    """Shares on the days ahead.

    Parameters
    ----------
    count, parent : (series, days) float array
        Calls of the series and of what stands above it.
    counts : (series, days) bool array
        Days that count; those on which the parent had no calls never do.
    basis : (days + days ahead, features), (days + days ahead,) float arrays
        Of `features`.
    noise : float
        Standard deviation of single days.
    """
    past = count.shape[1]
    rows, left = basis[0][:past], basis[1][:past]
    counts = counts & (parent > 0)
    whole = np.where(counts, parent, 1.0)
    total = np.maximum((whole * counts).sum(axis=1), 1.0)
    share = np.maximum((count * counts).sum(axis=1), 0.5) / total
    centre = np.log(share)[:, None]
    # A part of a whole scatters less than a Poisson count, the more so the larger it is.
    damped = np.clip(1.0 - share, 0.02, 1.0)[:, None]
    mean = (count**2 + 2 * whole * share[:, None]) / (count + 2)
    trust = counts.astype(float)
    size = rows.shape[1]
    coefficients, cover = np.zeros((len(count), size)), np.broadcast_to(np.eye(size), (len(count), size, size))
    for _ in range(ROUNDS):
        value, chance = observed(count, mean)
        variance = noise**2 + left + damped * chance
        weight = trust / variance
        target = np.where(counts, value - np.log(whole) - centre, 0.0)
        cover = np.linalg.inv(np.matmul((rows.T[None] * weight[:, None, :]), rows) + np.eye(size))
        coefficients = np.matmul(cover, np.matmul(weight * target, rows)[:, :, None])[:, :, 0]
        fitted = coefficients @ rows.T
        held = _quadratic(cover, rows)
        # Error when the day is left out; its leverage is the part of its own weight in its fit.
        out = np.maximum(1.0 - weight * held, 1e-6)
        trust = np.where(counts, trusted((target - fitted) / out, variance + held / out), 0.0)
        mean = whole * np.exp(np.clip(fitted + centre, -30.0, 0.0))
    ahead, spare = basis[0][past:], basis[1][past:]
    return Shares(coefficients @ ahead.T + centre, _quadratic(cover, ahead) + spare + noise**2)


def _quadratic(cover: Floats, rows: Floats) -> Floats:
    """(series, days) variance of the fit on each day."""
    return np.asarray((np.matmul(rows[None], cover) * rows[None]).sum(axis=2))


def alive(count: Floats) -> tuple[Bools, Bools]:
    """Days on which each series existed, and which series still do.

    A series begins with its first call and ends with its last one where so long without any would be a chance of less than one in ten thousand.
    """
    days = count.shape[1]
    any_call = count > 0
    has = any_call.any(axis=1)
    first = np.where(has, any_call.argmax(axis=1), 0)
    last = np.where(has, days - 1 - any_call[:, ::-1].argmax(axis=1), days - 1)
    # A careful guess, so that few calls tell nothing.
    calls = count.sum(axis=1)
    rate = np.maximum(calls - 1 - 2 * np.sqrt(calls), 0.0) / np.maximum(last - first, 1)
    unlikely = -np.log(1e-4)
    begins = np.where(rate * first > unlikely, first, 0)
    ended = has & (rate * (days - 1 - last) > unlikely)
    number = np.arange(days)
    return (number >= begins[:, None]) & (number <= np.where(ended, last, days - 1)[:, None]), has & ~ended
