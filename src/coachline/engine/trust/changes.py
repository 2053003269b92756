"""Sudden changes in a daily series: steps that stay, and spells of days that stand out.

The question is not "is every day alike" (no centre is) but "did somebody or something change the data". So a change counts only if it is
(1) beyond chance at a stated level, against a noise scale that neither the change itself nor a few odd days can blow up, and (2) large
in its own unit.

Noise has two parts. What days differ by is estimated from the series: the median absolute difference of neighbouring days (a step
touches one difference only), scaled for the normal; it is multiplied by a critical value of Student's t with at most six degrees of
freedom, whose heavy tails pay for a robust, hence inefficient, estimate from few days (MAD: 37 % efficient at the normal, Rousseeuw &
Croux 1993, JASA 88:1273) and for days that are wilder than the normal. The sampling error of a day follows from its rows, so for this
part the normal's critical value will do. The level is divided over all candidate days and both questions (Bonferroni).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

FEWEST_DAYS = 7
WINDOW = 28
"""Days on either side that speak for a level: long enough to be steady, short enough to follow a drift."""

NEIGHBOURS = 14
BEFORE, AFTER = 3, 2
"""Fewest days on either side of a step; a single odd last day is a spell, not a step."""

_MAD = 1.4826
_MEDIAN_SE = 1.2533
_EFFICIENCY = 0.37
_HEAVY_TAILS = 6.0
_ROUNDING = 1e-9
_CLEAN = 0.5


@dataclass(frozen=True)
class Change:
    """A change of level.

    Attributes
    ----------
    first, last : int
        Positions in the series, both included, of the days with the other level.
    lasting : bool
        It goes on to the end (or to the next change) instead of returning to the level before.
    before, after : float
        The usual level and the other one, in the unit of the series.
    """

    first: int
    last: int
    lasting: bool
    before: float
    after: float


@dataclass(frozen=True)
class _Threshold:
    """How far figures must lie apart to be beyond chance."""

    noise: float
    critical_noise: float
    sampling: float
    critical_sampling: float

    @classmethod
    def of(cls, series: Floats, sampling_se: Floats, level: float) -> _Threshold:
        days = len(series)
        tail = level / (4 * days)
        return cls(
            noise=_MAD * float(np.median(np.abs(np.diff(series)))) / np.sqrt(2),
            critical_noise=float(-special.stdtrit(np.clip(_EFFICIENCY * (days - 1), 2.0, _HEAVY_TAILS), tail)),
            sampling=float(np.median(sampling_se)),
            critical_sampling=float(-special.ndtri(tail)),
        )

    def __call__(self, noise: float = 0.0, sampling: float = 0.0) -> float:
        """For one day; a larger `noise` or `sampling` error of the case at hand counts in place of the usual one."""
        return float(
            np.hypot(self.critical_noise * max(noise, self.noise), self.critical_sampling * max(sampling, self.sampling)) + _ROUNDING
        )


def find_changes(series: Floats, sampling_se: Floats, level: float, step: float, spell: float) -> list[Change]:
    """Steps and spells of a daily series.

    Parameters
    ----------
    series : array of float, shape (days,)
        On a scale on which equal differences mean equally much (logarithm, arcsine).
    sampling_se : array of float, shape (days,)
        Standard error of each day's figure, from its number of rows.
    level : float
        Chance of any finding in a series without change.
    step, spell : float
        Smallest difference that matters, for a lasting change and for single days.

    Returns
    -------
    list of Change, in order of time
    """
    days = len(series)
    if days < FEWEST_DAYS:
        return []
    threshold = _Threshold.of(series, sampling_se, level)
    bounds = [0, *_steps(series, threshold, step), days]
    levels = [float(np.median(series[a:b])) for a, b in pairwise(bounds)]
    found = _lasting_or_not(bounds, levels, step)
    for a, b in pairwise(bounds):
        found += _spells(series, sampling_se, threshold, spell, a, b)
    return sorted(found, key=lambda change: change.first)


def weekday_effects(series: Floats, weekday: npt.NDArray[np.int64]) -> Floats:
    """The part of each day that its weekday explains: median distance from the median of the surrounding week.

    Weekdays are compared within their own week, so a step does not leak into the effects.
    """
    days = len(series)
    around = np.array([np.median(series[max(0, i - 3) : i + 4]) for i in range(days)])
    effects = np.zeros(7)
    for day in range(7):
        if np.any(weekday == day):
            effects[day] = np.median((series - around)[weekday == day])
    return effects[weekday]


def _steps(series: Floats, threshold: _Threshold, smallest: float, offset: int = 0) -> list[int]:
    """Binary segmentation (Vostrikova 1981, Soviet Math. Dokl. 24:55): the step that explains most, then each side again."""
    best, where = 0.0, None
    candidates = np.arange(BEFORE, len(series) - AFTER + 1)
    levels_before = _medians(series, candidates - WINDOW, WINDOW)
    levels_after = _medians(series, candidates, WINDOW)
    for k in candidates[np.abs(levels_after - levels_before) >= smallest].tolist():
        before, after = series[max(0, k - WINDOW) : k], series[k : k + WINDOW]
        jump = abs(float(np.median(after) - np.median(before)))
        rest = np.abs(np.concatenate([before - np.median(before), after - np.median(after)]))
        needed = threshold(_MAD * float(np.median(rest))) * _MEDIAN_SE * np.sqrt(1 / len(before) + 1 / len(after))
        around = series[max(0, k - WINDOW) : k + WINDOW]
        explained = float(np.sum(np.abs(around - np.median(around))) - np.sum(rest))
        # Two clean levels explain the jump of every day on the shorter side; a median that sits between two levels explains nothing.
        if jump > needed and explained > max(best, _CLEAN * jump * min(len(before), len(after))):
            best, where = explained, k
    if where is None:
        return []
    left = _steps(series[:where], threshold, smallest, offset)
    right = _steps(series[where:], threshold, smallest, offset + where)
    return [*left, offset + where, *right]


def _lasting_or_not(bounds: list[int], levels: list[float], smallest: float) -> list[Change]:
    found, usual = [], levels[0]
    for i in range(1, len(levels)):
        if abs(levels[i] - usual) < smallest:
            continue
        returns = any(abs(later - usual) < smallest for later in levels[i + 1 :])
        found.append(Change(bounds[i], bounds[i + 1] - 1, not returns, usual, levels[i]))
        if not returns:
            usual = levels[i]
    return found


def _spells(series: Floats, sampling_se: Floats, threshold: _Threshold, smallest: float, start: int, stop: int) -> list[Change]:
    """Single days, or a few in a row, away from the days around them within one level."""
    found: list[Change] = []
    if stop - start < FEWEST_DAYS:
        return found
    part, days = series[start:stop], np.arange(stop - start)
    needed = np.maximum(smallest, [threshold(sampling=float(error)) for error in sampling_se[start:stop]])
    # Twice: with the odd days known, those beside a long spell are no longer measured against it.
    usual = _medians(part, days - NEIGHBOURS, 2 * NEIGHBOURS + 1, without=NEIGHBOURS)
    ordinary = np.where(np.abs(part - usual) >= needed, np.nan, part)
    again = _medians(ordinary, days - NEIGHBOURS, 2 * NEIGHBOURS + 1, without=NEIGHBOURS)
    usual = np.where(np.isnan(again), usual, again)
    for i in np.flatnonzero(np.abs(part - usual) >= needed).tolist():
        last = found[-1] if found else None
        if last is not None and last.last == start + i - 1 and (last.after > last.before) == (part[i] > usual[i]):
            found[-1] = Change(last.first, start + i, False, last.before, float(np.median(series[last.first : start + i + 1])))
        else:
            found.append(Change(start + i, start + i, False, float(usual[i]), float(part[i])))
    return found


def _medians(series: Floats, starts: npt.NDArray[np.int64], width: int, without: int | None = None) -> Floats:
    """Medians of the windows that begin at `starts`, cut at the ends of the series, unknown days left out; NaN over no day.

    `without` names a place in the window that does not count.
    """
    places = starts[:, None] + np.arange(width)
    inside = (places >= 0) & (places < len(series))
    windows = np.where(inside, series[np.clip(places, 0, len(series) - 1)], np.nan)
    if without is not None:
        windows[:, without] = np.nan
    windows.sort(axis=1)
    # NaN sorts last.
    known = np.count_nonzero(~np.isnan(windows), axis=1)
    rows = np.arange(len(starts))
    middle: Floats = (windows[rows, np.maximum(known - 1, 0) // 2] + windows[rows, np.minimum(known // 2, width - 1)]) / 2
    return middle
