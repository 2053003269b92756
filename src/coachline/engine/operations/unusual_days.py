"""Which days are out of line with the same weekdays before, with a stated chance of any false alarm on a quiet day.

Every figure of a day is forecast from the latest same weekdays, and the error of the forecast is judged by two yardsticks at once:

- what chance alone does to so few calls (binomial for shares, Poisson for counts, exponential for mean durations), and
- what days have been adding to it so far (moods, weather, drift), learnt from the errors of the past half year's own forecasts.

The larger of the two p-values counts, Holm's procedure takes care of the many figures of one day.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import special

from coachline.engine.operations.metrics import Unit

SAME_WEEKDAYS = 8
"""Forecast from at most so many latest same weekdays."""

FEWEST_WEEKDAYS = 4
"""With fewer past same weekdays a day is not judged."""

ERRORS_KEPT = 182
"""Days whose forecast errors say how much days vary."""

FEWEST_ERRORS = 3

_CAP = 4.0
"""An error beyond so many of its standard deviations counts as being there, so that one bad day does not hide the next."""

OUTLIER = 0.001
"""A past day less likely than this counts, in later forecasts, only as far as the edge of what was likely."""

_ROUNDS = 6
_FAR = 100.0
_HALVINGS = 18


class Judged(NamedTuple):
    """Per day (rows) and metric (columns); NaN where a day has no case or not enough history."""

    value: np.ndarray
    expected: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    p_adjusted: np.ndarray


class _Forecast(NamedTuple):
    expected: np.ndarray  # of the value
    cases: np.ndarray  # denominators (counts: expected count) of the day
    past_cases: np.ndarray  # of the weekdays behind the forecast
    weeks: np.ndarray  # effective number of weekdays behind the forecast
    known: np.ndarray  # how many weekdays behind it


def judge(days: np.ndarray, tops: np.ndarray, bottoms: np.ndarray, units: list[Unit], alpha: float = 0.05) -> Judged:
    """Judge every metric of every day against the past.

    Parameters
    ----------
    days : numpy.ndarray of int, shape (days,)
        Day numbers, ascending; days without records are absent.
    tops, bottoms : numpy.ndarray, shape (days, metrics)
        Numerators and denominators; 1 as the denominator of a count.
    units : list of {"share", "seconds", "count"}, length metrics
    alpha : float
        Chance of any false alarm among all metrics of a quiet day.

    Returns
    -------
    Judged
        `low` and `high` bound what was to be expected of the metric with Bonferroni's share of `alpha`. A metric is unusual on a day when its
        ``p_adjusted <= alpha``.

    Notes
    -----
    Error variance of day t: ``u + s2 * (1 + 1/weeks)``, where u is that of chance alone, for the day and for the past behind its forecast. The
    variance between days s2 >= 0 is found from the past errors e by the weighted moment equation ``sum w e^2 = sum w (u + s2 (1 + 1/weeks))`` with
    ``w = 1 / (u + s2 (1 + 1/weeks))``, iterated a few times from s2 = 0 (Paule and Mandel 1982). Counts and durations are judged relative to their
    expectation.

    References
    ----------
    Paule, R. C., Mandel, J. (1982). Consensus values and weighting factors. J. Res. Nat. Bur. Stand. 87(5), 377-385.
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scand. J. Statist. 6(2), 65-70.
    Korn, E. L., Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of positive counts estimated from
    survey data. Survey Methodology 24(2), 193-201 (effective sample size in an exact binomial tail).
    """
    columns = _judged(days, tops, bottoms, units)
    p = np.column_stack([c.p(c.value) for c in columns])
    tested = np.maximum((~np.isnan(p)).sum(axis=1), 1)
    bounds = [c.bounds(alpha / tested) for c in columns]
    return Judged(
        value=np.column_stack([c.value for c in columns]),
        expected=np.column_stack([c.expected for c in columns]),
        low=np.column_stack([low for low, _ in bounds]),
        high=np.column_stack([high for _, high in bounds]),
        p=p,
        p_adjusted=holm(p),
    )


def alarms(days: np.ndarray, tops: np.ndarray, bottoms: np.ndarray, units: list[Unit], alpha: float = 0.05) -> np.ndarray:
    """Which metric is unusual on which day, as `judge` has it, without the costlier bounds.

    Returns
    -------
    numpy.ndarray of bool, shape (days, metrics)
    """
    p = holm(np.column_stack([c.p(c.value) for c in _judged(days, tops, bottoms, units)]))
    return np.asarray(p <= alpha)


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values within each row; NaN is no test.

    >>> holm(np.array([[0.01, 0.04, 0.03, np.nan]])).round(3)
    array([[0.03, 0.06, 0.06,  nan]])
    """
    order = np.argsort(p, axis=1)  # NaN last
    ordered = np.take_along_axis(p, order, axis=1)
    tests = (~np.isnan(p)).sum(axis=1, keepdims=True)
    stepped = ordered * np.maximum(tests - np.arange(p.shape[1]), 1)
    stepped = np.minimum(np.maximum.accumulate(np.where(np.isnan(stepped), 0.0, stepped), axis=1), 1.0)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, stepped, axis=1)
    return np.where(np.isnan(p), np.nan, adjusted)


class _JudgedMetric(NamedTuple):
    unit: Unit
    value: np.ndarray
    expected: np.ndarray
    spread: np.ndarray  # standard deviation of the error, in the units of the value
    freedom: np.ndarray

    def p(self, value: np.ndarray) -> np.ndarray:
        """Two-sided p-value of `value`: the larger of the two yardsticks."""
        with np.errstate(invalid="ignore", divide="ignore"):
            by_spread = 2 * special.stdtr(self.freedom, -np.abs(value - self.expected) / self.spread)
            return np.asarray(np.maximum(by_spread, _tail(self.unit, value, self.expected, self.spread)))

    def bounds(self, alpha: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The values between which the p-value is above `alpha`, by bisection on either side of the expected one."""
        far = self.expected + _FAR * self.spread
        ends = (np.zeros_like(far), np.minimum(far, 1.0) if self.unit == "share" else far)
        return self._edge(ends[0], alpha), self._edge(ends[1], alpha)

    def _edge(self, outside: np.ndarray, alpha: np.ndarray) -> np.ndarray:
        inside = self.expected
        never = self.p(outside) > alpha
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            within = self.p(middle) > alpha
            inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
        # Where even the end of the scale is not unusual, the end is the bound.
        return np.asarray(np.where(never, outside, inside))


def _judged(days: np.ndarray, tops: np.ndarray, bottoms: np.ndarray, units: list[Unit]) -> list[_JudgedMetric]:
    return [_judge_metric(days, tops[:, j], bottoms[:, j], unit) for j, unit in enumerate(units)]


def _judge_metric(days: np.ndarray, top: np.ndarray, bottom: np.ndarray, unit: Unit) -> _JudgedMetric:
    """Judge one metric, first with the past as it was, then with its outliers drawn in to the edge of what was to be expected.

    Without the second look the good Tuesday after a day of breakdown would be called unusual. A lasting shift is still learnt, since each day
    moves the forecast up to that edge.
    """
    first = _against(days, top, bottom, top, unit)
    reach = -special.stdtrit(first.freedom, OUTLIER / 2) * first.spread
    inside = np.clip(first.value, first.expected - reach, first.expected + reach)
    # A day that was not judged, or without a case, stays as it was.
    drawn_in = np.where(np.isnan(inside), top, np.maximum(inside, 0) * bottom)
    return _against(days, top, bottom, drawn_in, unit)


def _against(days: np.ndarray, top: np.ndarray, bottom: np.ndarray, past_top: np.ndarray, unit: Unit) -> _JudgedMetric:
    """Hold ``top / bottom`` of every day against the forecast from ``past_top / bottom`` of the days before it."""
    cases = bottom > 0
    value = np.divide(top, bottom, out=np.full(len(top), np.nan), where=cases)
    forecast = _forecast(days, past_top, bottom, unit)
    chance = _chance_variance(forecast, unit)
    # Counts and durations vary in proportion to their level; shares in points.
    scale = np.ones(len(top)) if unit == "share" else forecast.expected
    error = np.divide(value - forecast.expected, scale, out=np.full(len(top), np.nan), where=scale > 0)
    factor = 1 + 1 / np.maximum(forecast.weeks, 1)
    between, freedom = _between_days(error, chance, factor)
    variance = chance + between * factor
    enough = (forecast.known >= FEWEST_WEEKDAYS) & (freedom >= FEWEST_ERRORS) & ~np.isnan(error)
    spread = np.full(len(top), np.nan)
    spread[enough] = np.sqrt(variance[enough]) * scale[enough]
    return _JudgedMetric(
        unit=unit,
        value=value,
        expected=np.where(enough, forecast.expected, np.nan),
        spread=spread,
        freedom=np.maximum(freedom, 1.0),
    )


def _forecast(days: np.ndarray, top: np.ndarray, bottom: np.ndarray, unit: Unit) -> _Forecast:
    """The latest same weekdays of every day, pooled."""
    n = len(days)
    known, tops, bottoms, squares = (np.zeros(n) for _ in range(4))
    for weekday in range(7):
        # Only days with cases tell anything about a quotient.
        here = np.flatnonzero((days % 7 == weekday) & (bottom > 0))
        all_here = np.flatnonzero(days % 7 == weekday)
        for target, source in ((known, np.ones(n)), (tops, top), (bottoms, bottom), (squares, bottom**2)):
            running = np.concatenate([[0.0], np.cumsum(source[here])])
            before = np.searchsorted(here, all_here)
            target[all_here] = running[before] - running[np.maximum(before - SAME_WEEKDAYS, 0)]
    if unit == "share":
        # A past without a single case, or of nothing but cases, does not make the other outcome impossible.
        tops, bottoms = tops + 0.5 * (bottoms > 0), bottoms + (bottoms > 0)
    expected = np.divide(tops, bottoms, out=np.full(n, np.nan), where=bottoms > 0)
    weeks = np.divide(bottoms**2, squares, out=np.zeros(n), where=squares > 0)
    if unit == "count":
        return _Forecast(expected, expected, expected * known, weeks, known)
    return _Forecast(expected, bottom, bottoms, weeks, known)


def _chance_variance(forecast: _Forecast, unit: Unit) -> np.ndarray:
    """Variance of the error by chance alone; relative for counts and durations."""
    with np.errstate(divide="ignore", invalid="ignore"):
        both = 1 / forecast.cases + 1 / forecast.past_cases
        if unit == "share":
            return np.asarray(forecast.expected * (1 - forecast.expected) * both)
        return np.asarray(both)


def _between_days(error: np.ndarray, chance: np.ndarray, factor: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance between days from the errors before each day, and how many errors that were."""
    n = len(error)
    padded = [np.concatenate([np.full(ERRORS_KEPT, np.nan), a]) for a in (error**2, chance, factor)]
    # Row t: the errors of the ERRORS_KEPT days before day t.
    squared, u, h = (np.lib.stride_tricks.sliding_window_view(a, ERRORS_KEPT)[:n] for a in padded)
    usable = np.isfinite(squared) & np.isfinite(u) & (u > 0)
    squared, u, h = (np.where(usable, a, 0.0) for a in (squared, u, h))
    between = np.zeros(n)
    for step in range(_ROUNDS):
        variance = u + between[:, None] * h
        weight = np.divide(1.0, variance, out=np.zeros_like(variance), where=usable & (variance > 0))
        capped = np.minimum(squared, _CAP**2 * variance) if step else squared
        room = (weight * h).sum(axis=1)
        surplus = (weight * (capped - u)).sum(axis=1)
        between = np.maximum(np.divide(surplus, room, out=np.zeros(n), where=room > 0), 0.0)
    return between, usable.sum(axis=1).astype(float)


def _shape(unit: Unit, expected: np.ndarray, spread: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Size of the sample that would vary by `spread` through chance alone, and the centre it is taken at."""
    if unit == "share":
        return expected * (1 - expected) / spread**2, expected
    return (expected / spread) ** 2, expected


def _tail(unit: Unit, value: np.ndarray, expected: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Two-sided p-value when all of the variance came from few cases: binomial, Poisson or gamma with that variance."""
    size, centre = _shape(unit, expected, spread)
    if unit == "share":
        hits = np.clip(value, 0, 1) * size
        upper = np.where(hits > 0, special.betainc(np.maximum(hits, 1e-12), size - hits + 1, centre), 1.0)
        lower = np.where(size - hits > 0, special.betaincc(hits + 1, np.maximum(size - hits, 1e-12), centre), 1.0)
    elif unit == "count":
        # Var = f * mean, so count / f is Poisson.
        mean = size
        seen = value / centre * size
        upper = np.where(seen > 0, special.gammainc(np.maximum(seen, 1e-12), mean), 1.0)
        lower = special.gammaincc(seen + 1, mean)
    else:
        upper = special.gammaincc(size, size * value / centre)
        lower = special.gammainc(size, size * value / centre)
    return np.asarray(np.minimum(1.0, 2 * np.minimum(upper, lower)))
