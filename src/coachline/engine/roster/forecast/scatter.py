"""Intervals: a count scatters by chance (Poisson), and its mean by the day and the half-hour (gamma); how much, the back-test says.

Source: Jongbloed, Koole (2001), *Applied Stochastic Models in Business and Industry* 17, 307-318 (Poisson mixtures for call centres); Czado, Gneiting, Held (2009), *Biometrics*
65, 1254-1261 (randomised probability transform of counts).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import betainc, gammaincinv, gammaln

from coachline.engine.roster.forecast.backtest import GROUPS, HORIZONS, Origin, Tested, horizon_of
from coachline.engine.roster.forecast.history import Bools, Floats, Ints

CELLS = 4000
"""Half-hours drawn for the check of one group and horizon."""

LEAST_CELLS = 200
"""Half-hours that must tell of the scatter within days, and from which on a group is checked."""

WITHIN_FROM = 5.0
"""Calls expected in a half-hour from which on it tells how shapes scatter."""

UNTESTED = 0.02
"""Relative variance of half-hours within a day where nothing could be tested."""

FACTORS = np.exp(np.linspace(-2.5, 2.5, 41))
"""Factors on the variance of the day's level that are tried."""

FACTOR_SD = 0.7
"""Of the logarithm of the factor about 0 beforehand: the model's own variance is right to a factor of two or so."""

ODD = 1e-4
"""A day less likely than this under four times the variance is an outage or the like, and says nothing of other days."""

MOST_RATIOS = 0.98
"""Part of the half-hours that is looked at, from the least odd on."""

TOGETHER = 3.0
"""Days that are off together (a week in which a campaign runs) count as so many times fewer."""


@dataclass(frozen=True)
class Scatter:
    """How far counts stray beyond chance.

    Attributes
    ----------
    within : (groups,) float array
        Relative variance of a half-hour about its part of the day.
    factor : (groups, horizons) float array
        On the variance of the day's level.
    whole : float
        The same for the whole centre.
    covered : float
        Share of back-tested half-hours within the interval, when it is learnt from the other half of the origins; NaN where nothing was tested.
    """

    within: Floats
    factor: Floats
    whole: float
    covered: float

    def beyond(self, variance: Floats, group: Ints, horizon: Ints) -> Floats:
        """(businesses, days) relative variance of a half-hour's mean, from that of the day's level."""
        return np.asarray(self.factor[group][:, horizon] * variance + self.within[group][:, None])


def scatter(tested: Tested, confidence: float) -> Scatter:
    """Learn the scatter from the back-test, and check it: each half of the origins with what the other half says."""
    count = len(tested.origins)
    everything = np.ones(count, np.bool_)
    within, factor = _within(tested, everything), _factors(tested, everything)
    totals = [_day_totals(tested, everything, None, h) for h in range(len(HORIZONS))]
    whole = _likeliest(*(np.concatenate(each) for each in zip(*totals, strict=True)))
    hits, size = 0.0, 0
    for half in (np.arange(count) < count / 2, np.arange(count) >= count / 2):
        if not half.any() or half.all():
            continue
        learnt = Scatter(_within(tested, ~half), _factors(tested, ~half), 1.0, np.nan)
        inside = _inside_all(tested, half, learnt, confidence)
        hits, size = hits + float(inside.sum()), size + len(inside)
    return Scatter(within, factor, whole, hits / size if size >= LEAST_CELLS else float("nan"))


def _chosen(tested: Tested, which: Bools) -> Iterator[tuple[Origin, Floats]]:
    for number in np.flatnonzero(which):
        yield tested.origins[number], tested.mixed[number]


def _days(origin: Origin, h: int) -> Ints:
    return np.flatnonzero(origin.usable & (horizon_of(np.arange(len(origin.usable))) == h))


def _day_totals(tested: Tested, which: Bools, g: int | None, h: int) -> tuple[Floats, Floats, Floats]:
    """Expected and actual calls of days, and the variance of their level by the model; of the businesses of a group, or of the whole (None)."""
    columns: list[list[Floats]] = [[], [], []]
    for origin, mixed in _chosen(tested, which):
        days = _days(origin, h)
        own = np.ones(len(tested.group), np.bool_) if g is None else tested.group == g
        mean, came = (values[own][:, days].sum(axis=2) for values in (mixed, origin.came))
        variance = origin.variance[own][:, days]
        if g is None:
            mean, came, variance = mean.sum(axis=0), came.sum(axis=0), origin.whole[days]
        for column, values in zip(columns, (mean, came, variance), strict=True):
            column.append(values[mean > 0])
    mean, came, variance = (np.concatenate([each.ravel() for each in column]) if column else np.zeros(0) for column in columns)
    return mean, came, variance


def _factors(tested: Tested, which: Bools) -> Floats:
    cells = np.ndindex(len(GROUPS), len(HORIZONS))
    return np.array([_likeliest(*_day_totals(tested, which, g, h)) for g, h in cells]).reshape(len(GROUPS), len(HORIZONS))


def _likeliest(mean: Floats, came: Floats, variance: Floats) -> float:
    """The factor on `variance` that makes the days most plausible, drawn towards 1."""
    if not len(mean):
        return 1.0
    # A business's Poisson chance decides where it has few calls; then the factor stays near 1 by itself.
    upto = cdf(came, mean, 4.0 * variance)
    above = 1.0 - np.where(came > 0, cdf(came - 1, mean, 4.0 * variance), 0.0)
    kept = np.minimum(upto, above) >= ODD
    mean, came, variance = mean[kept][None], came[kept][None], variance[kept][None]
    size = 1.0 / np.maximum(FACTORS[:, None] * variance, 1e-9)
    plausible = gammaln(came + size) - gammaln(size) + size * np.log(size / (size + mean)) + came * np.log(mean / (size + mean))
    score = plausible.sum(axis=1) / TOGETHER - 0.5 * (np.log(FACTORS) / FACTOR_SD) ** 2
    return float(FACTORS[int(np.argmax(score))])


def _within(tested: Tested, which: Bools) -> Floats:
    """(groups,) relative variance of half-hours beyond chance, once the day's level is known; without the largest ratios, so that single odd hours do not count."""
    found = np.full(len(GROUPS), np.nan)
    for g in range(len(GROUPS)):
        ratios = []
        for origin, mixed in _chosen(tested, which):
            own = tested.group == g
            mean, came = mixed[own][:, origin.usable], origin.came[own][:, origin.usable]
            total = mean.sum(axis=2, keepdims=True)
            scaled = mean * np.divide(came.sum(axis=2, keepdims=True), total, out=np.zeros_like(total), where=total > 0)
            clear = scaled >= WITHIN_FROM
            ratios.append((((came - scaled) ** 2 - scaled) / np.maximum(scaled, 1e-9) ** 2)[clear])
        every = np.concatenate(ratios) if ratios else np.zeros(0)
        if len(every) >= LEAST_CELLS:
            found[g] = max(float(every[every <= np.quantile(every, MOST_RATIOS)].mean()), 0.0)
    # Who has too few calls to tell scatters like those who have more.
    for g in range(1, len(GROUPS)):
        found[g] = found[g - 1] if np.isnan(found[g]) else found[g]
    return np.where(np.isnan(found), UNTESTED, found)


def _inside_all(tested: Tested, which: Bools, learnt: Scatter, confidence: float) -> Bools:
    """Which of the half-hours drawn lie within their interval; a count that straddles its end lies within by chance, so that small counts can be judged, too."""
    rng = np.random.default_rng(1)
    tail, found = (1.0 - confidence) / 2, []
    for origin, mixed in _chosen(tested, which):
        horizon = horizon_of(np.arange(len(origin.usable)))
        beyond = np.broadcast_to(learnt.beyond(origin.variance, tested.group, horizon)[:, :, None], mixed.shape)
        open_ = np.flatnonzero((mixed > 0) & origin.usable[None, :, None])
        drawn = rng.permutation(open_)[:CELLS]
        mean, came, extra = (values.ravel()[drawn] for values in (mixed, origin.came, np.ascontiguousarray(beyond)))
        upto = cdf(came, mean, extra)
        below = np.where(came > 0, cdf(came - 1, mean, extra), 0.0)
        at = below + rng.random(len(drawn)) * (upto - below)
        found.append((at >= tail) & (at <= 1.0 - tail))
    return np.concatenate(found)


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
