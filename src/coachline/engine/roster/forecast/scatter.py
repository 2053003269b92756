"""Intervals: a count scatters by chance (Poisson), and its mean by the day and the half-hour (gamma); how much, the back-test says.

Source: Jongbloed, Koole (2001), *Applied Stochastic Models in Business and Industry* 17, 307-318 (Poisson mixtures for call centres); Czado, Gneiting, Held (2009), *Biometrics*
65, 1254-1261 (randomised probability transform of counts).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaincinv

from coachline.engine.roster.forecast.backtest import GROUPS, HORIZONS, Tested, horizon_of
from coachline.engine.roster.forecast.history import Bools, Floats, Ints

CELLS = 4000
"""Half-hours drawn for the calibration of one group and horizon."""

LEAST_CELLS = 200
"""With fewer the calibration of the next larger group counts."""

LEAST_FACTOR, MOST_FACTOR = 0.02, 50.0
STEPS = 12

UNTESTED = 1.5
"""Factor on the variance beyond chance where nothing could be tested."""

WITHIN_FROM = 5.0
"""Calls expected in a half-hour from which on it tells how shapes scatter."""


@dataclass(frozen=True)
class Scatter:
    """How far counts stray beyond chance.

    Attributes
    ----------
    within : (groups,) float array
        Relative variance of a half-hour about its part of the day.
    factor : (groups, horizons) float array
        On the variance beyond chance.
    covered : (groups,) float array
        Share of back-tested half-hours within the interval, when the factor is taken from the other half of the origins; NaN where nothing was tested.
    covered_all : float
        The same over all.
    """

    within: Floats
    factor: Floats
    covered: Floats
    covered_all: float

    def beyond(self, variance: Floats, group: Ints, horizon: Ints) -> Floats:
        """(businesses, days) relative variance of a half-hour's mean, from that of the day's level."""
        return np.asarray(self.factor[group][:, horizon] * (variance + self.within[group][:, None]))


def scatter(tested: Tested, confidence: float) -> Scatter:
    """Learn the scatter from the back-test."""
    within = _within(tested)
    cells = [[_cells(tested, within, g, h) for h in range(len(HORIZONS))] for g in range(len(GROUPS))]
    factor = np.full((len(GROUPS), len(HORIZONS)), UNTESTED)
    covered, weights = np.full(len(GROUPS), np.nan), np.zeros(len(GROUPS))
    for g, of_group in enumerate(cells):
        hits, size = 0.0, 0
        for h, found in enumerate(of_group):
            if len(found.mean) < LEAST_CELLS:
                continue
            factor[g, h] = _factor(found, confidence, np.ones(len(found.mean), np.bool_))
            for half in (True, False):
                if (found.early == half).any() and (found.early != half).any():
                    other = _factor(found, confidence, found.early != half)
                    hits += float(_inside(found, other, confidence)[found.early == half].sum())
                    size += int((found.early == half).sum())
        if size:
            covered[g], weights[g] = hits / size, size
    everywhere = float(np.nansum(covered * weights) / weights.sum()) if weights.any() else float("nan")
    return Scatter(within, factor, covered, everywhere)


@dataclass(frozen=True)
class _Cells:
    mean: Floats
    count: Floats
    beyond: Floats
    early: Bools
    draw: Floats


def _cells(tested: Tested, within: Floats, g: int, h: int) -> _Cells:
    """Half-hours of a group and horizon in which calls were expected, at most `CELLS`, evenly drawn."""
    columns: list[list[Floats]] = [[], [], [], []]
    for number, (origin, mixed) in enumerate(zip(tested.origins, tested.mixed, strict=True)):
        days = np.flatnonzero(origin.usable & (horizon_of(np.arange(len(origin.usable))) == h))
        own = tested.group == g
        mean = mixed[own][:, days]
        beyond = np.broadcast_to(origin.variance[own][:, days][:, :, None] + within[g], mean.shape)
        open_ = mean > 0
        early = np.full(int(open_.sum()), float(number < len(tested.origins) / 2))
        for column, values in zip(columns, (mean[open_], origin.came[own][:, days][open_], beyond[open_], early), strict=True):
            column.append(values)
    mean, count, extra, early = (np.concatenate(column) if column else np.zeros(0) for column in columns)
    rng = np.random.default_rng(1)
    chosen = rng.permutation(len(mean))[:CELLS]
    return _Cells(mean[chosen], count[chosen], extra[chosen], early[chosen] > 0, rng.random(len(chosen)))


def _within(tested: Tested) -> Floats:
    """(groups,) relative variance of half-hours beyond chance, once the day's level is known; by medians, so that single odd hours do not count."""
    found = np.zeros(len(GROUPS))
    for g in range(len(GROUPS)):
        ratios = []
        for origin, mixed in zip(tested.origins, tested.mixed, strict=True):
            own = tested.group == g
            mean, came = mixed[own][:, origin.usable], origin.came[own][:, origin.usable]
            total = mean.sum(axis=2, keepdims=True)
            scaled = mean * np.divide(came.sum(axis=2, keepdims=True), total, out=np.zeros_like(total), where=total > 0)
            clear = scaled >= WITHIN_FROM
            ratios.append((((came - scaled) ** 2 - scaled) / np.maximum(scaled, 1e-9) ** 2)[clear])
        every = np.concatenate(ratios) if ratios else np.zeros(0)
        if len(every) >= LEAST_CELLS:
            kept = every[every <= np.quantile(every, 0.98)]
            found[g] = max(float(kept.mean()), 0.0)
    return found


def _factor(cells: _Cells, confidence: float, which: Bools) -> float:
    """The factor with which the interval holds what it says."""
    low, high = np.log(LEAST_FACTOR), np.log(MOST_FACTOR)
    part = _Cells(*(getattr(cells, name)[which] for name in ("mean", "count", "beyond", "early", "draw")))
    for _ in range(STEPS):
        middle = (low + high) / 2
        if _inside(part, float(np.exp(middle)), confidence).mean() < confidence:
            low = middle
        else:
            high = middle
    return float(np.exp((low + high) / 2))


def _inside(cells: _Cells, factor: float, confidence: float) -> Bools:
    """Which counts lie within the interval; a count that straddles its end lies within by chance, so that small counts can be judged, too."""
    beyond = factor * cells.beyond
    upto = cdf(cells.count, cells.mean, beyond)
    below = np.where(cells.count > 0, cdf(cells.count - 1, cells.mean, beyond), 0.0)
    at = below + cells.draw * (upto - below)
    tail = (1.0 - confidence) / 2
    return np.asarray((at >= tail) & (at <= 1.0 - tail))


def cdf(count: Floats, mean: Floats, beyond: Floats) -> Floats:
    """Chance of at most `count` calls where the mean is `mean` and scatters with relative variance `beyond` as a gamma distribution.

    Parameters
    ----------
    count : float array
        From 0 on.
    mean : float array
        Above 0.
    beyond : float array
    """
    size = 1.0 / np.maximum(beyond, 1e-9)
    return np.asarray(betainc(size, np.floor(count) + 1.0, size / (size + mean)))


def quantile(part: float, mean: Floats, beyond: Floats) -> Floats:
    """The smallest number of calls that is not exceeded with chance `part`; 0 where none are expected."""
    found = np.zeros_like(mean)
    open_ = mean > 0
    m, b = mean[open_], beyond[open_]
    scale = 1.0 + b * m
    # A gamma distribution of the same mean and variance is near; single steps do the rest.
    k = np.floor(gammaincinv(m / scale, part) * scale)
    waiting = np.arange(len(k))
    while len(waiting):
        short = cdf(k[waiting], m[waiting], b[waiting]) < part
        waiting = waiting[short]
        k[waiting] += 1
    waiting = np.flatnonzero(k > 0)
    while len(waiting):
        long = cdf(k[waiting] - 1, m[waiting], b[waiting]) >= part
        waiting = waiting[long]
        k[waiting] -= 1
        waiting = waiting[k[waiting] > 0]
    found[open_] = k
    return found
