"""Rolling origins: every model forecasts from several past days what came then; the mix that would have done best is taken, per group of businesses and horizon.

Source: Tashman (2000), *International Journal of Forecasting* 16, 437-450 (rolling origins); Bates, Granger (1969), *Operational Research Quarterly* 20, 451-468
(combining forecasts by the covariance of their errors).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.forecast.history import Bools, Floats, Ints
from coachline.engine.roster.forecast.levels import Covariances, Levels, Past, Sizes, covariances, sizes_of
from coachline.engine.roster.forecast.models import MODELS, simple

HORIZONS = (1, 7, 14)
"""Last days of the horizons: the next day, the rest of a week, the second week. What lies further on goes by the last."""

GROUPS = ("large", "medium", "small")
LARGE_FROM, MEDIUM_FROM = 100.0, 10.0
"""Calls a day from which on a business belongs to a group."""

LAST_ORIGIN, BETWEEN, MOST_ORIGINS = 14, 4, 12
"""Days from the last origin to the end, between origins (so that they fall on all weekdays), and how many at most."""

LEAST_PAST = 21
"""Days of history before the first origin."""

HELD_DAYS = 20.0
"""How firmly weights are held to the calendar model, which shrinks by itself what it does not know: as if so many days had been tested in its favour."""

LEAST_ERROR = 1e-3
"""Of the worst model's squared error, for which no error at all counts."""

WORST = 4.0
"""Standard errors beyond which an error counts as just that large: a day of outage in the test must not choose the model."""


@dataclass(frozen=True)
class Origin:
    """What each model said from one past day on, and what came.

    Attributes
    ----------
    said : (models, businesses, days, 48) float array
    came : (businesses, days, 48) float array
    usable : (days,) bool array
        Ordinary days with calls.
    variance : (businesses, days) float array
        Of the logarithm of the calendar model's day level.
    whole : (days,) float array
        The same of the whole centre.
    """

    said: Floats
    came: Floats
    usable: Bools
    variance: Floats
    whole: Floats


@dataclass(frozen=True)
class Tested:
    """Outcome of the back-test.

    Attributes
    ----------
    group : (businesses,) int array
        Place in `GROUPS`.
    weights : (groups, horizons, models) float array
    origins : tuple of Origin
    mixed : tuple of (businesses, days, 48) float arrays
        What the mix would have said at each origin, its weights taken from the other origins.
    """

    group: Ints
    weights: Floats
    origins: tuple[Origin, ...]
    mixed: tuple[Floats, ...]


def horizon_of(day: Ints | np.ndarray) -> Ints:
    """Which of `HORIZONS` days ahead (from 0) belong to."""
    return np.minimum(np.searchsorted(np.array(HORIZONS), np.asarray(day) + 1), len(HORIZONS) - 1)


def all_models(levels: Levels, past: Past) -> Floats:
    """(models, businesses, days ahead, 48) what every model says; on days that are not ordinary, and where it knows no like day, the calendar model."""
    days, ahead = past.days[slice(past.recent, past.known)], past.days[slice(past.known, None)]
    usable = ~days.special & np.isfinite(past.whole[past.recent :])
    total = levels.calls.sum(axis=2, keepdims=True)
    shaped = np.divide(levels.calls, total, out=np.zeros_like(levels.calls), where=total > 0)
    said = np.concatenate([simple(past.halves, days, ahead, usable, shaped), levels.calls[None]])
    said = np.where(np.isnan(said), levels.calls[None], said)
    # A centre or business that is closed then is so whatever other weeks said.
    said[:, total[:, :, 0] <= 0] = 0.0
    said[:, :, ahead.special] = levels.calls[:, ahead.special]
    return said


def backtest(past: Past) -> tuple[Tested, Sizes]:
    """Test all models on `past`, whose days must reach `HORIZONS` days beyond it.

    Returns
    -------
    tested : Tested
    sizes : Sizes
        Of the effects, learnt from all of the past.
    """
    group = groups(past)
    places = [past.known - LAST_ORIGIN - BETWEEN * n for n in range(MOST_ORIGINS)]
    places = [
        place
        for place in places
        if place - past.recent >= LEAST_PAST and np.isfinite(past.whole[past.recent : place]).sum() >= LEAST_PAST // 2
    ]
    origins: list[Origin] = []
    if places:
        # Effects are sized from what was known before the first of them.
        earliest = past.until(int(past.days.number[min(places)]), HORIZONS[-1])
        known = covariances(past, sizes_of(earliest))
        origins = [_origin(past, place, known) for place in reversed(places)]
    grams = np.array([_gram(origin, group) for origin in origins]).reshape(-1, len(GROUPS), len(HORIZONS), len(MODELS), len(MODELS))
    days = np.array([_usable_days(origin) for origin in origins]).reshape(-1, len(HORIZONS))
    weights = _weights(grams.sum(axis=0), days.sum(axis=0))
    mixed = []
    for place, origin in enumerate(origins):
        others = np.arange(len(origins)) != place
        mixed.append(mix(origin.said, _weights(grams[others].sum(axis=0), days[others].sum(axis=0)), group))
    return Tested(group, weights, tuple(origins), tuple(mixed)), sizes_of(past)


def groups(past: Past) -> Ints:
    """(businesses,) place in `GROUPS` by calls a day."""
    days = max(int(np.isfinite(past.whole[past.recent :]).sum()), 1)
    a_day = past.halves.sum(axis=(1, 2)) / days
    return np.where(a_day >= LARGE_FROM, 0, np.where(a_day >= MEDIUM_FROM, 1, 2)).astype(np.int64)


def mix(said: Floats, weights: Floats, group: Ints) -> Floats:
    """(businesses, days, 48) the weighted mean of what the models said."""
    each = weights[group][:, horizon_of(np.arange(said.shape[2]))]
    return np.asarray(np.einsum("mbds,bdm->bds", said, each, optimize=True))


def _origin(past: Past, place: int, known: Covariances) -> Origin:
    before = past.until(int(past.days.number[place]), HORIZONS[-1])
    levels = known.levels(before)
    at = place - past.recent
    came = past.halves[:, at : at + HORIZONS[-1]]
    days = past.days[slice(place, place + HORIZONS[-1])]
    usable = ~days.special & np.isfinite(past.whole[place : place + HORIZONS[-1]])
    return Origin(all_models(levels, before), came, usable, levels.variance, levels.fitted.variance)


def _usable_days(origin: Origin) -> Floats:
    """(horizons,) days that were tested."""
    return np.bincount(horizon_of(np.flatnonzero(origin.usable)), minlength=len(HORIZONS)).astype(float)


def _gram(origin: Origin, group: Ints) -> Floats:
    """(groups, horizons, models, models) products of the models' errors, each half-hour by its expected scatter."""
    horizon = horizon_of(np.arange(origin.came.shape[1]))
    found = np.zeros((len(GROUPS), len(HORIZONS), len(MODELS), len(MODELS)))
    scale = np.sqrt(np.maximum(np.median(origin.said, axis=0), 0.05))
    error = (origin.said - origin.came[None]) / scale[None]
    # By day first: a day on which all models are far off is an outlier, not a reason to choose the model that was least off.
    away = np.sqrt((error**2).mean(axis=(0, 1, 3)))
    usual = np.median(away[origin.usable]) if origin.usable.any() else 1.0
    error *= np.minimum(1.0, WORST * usual / np.maximum(away, 1e-12))[None, None, :, None]
    for g in range(len(GROUPS)):
        for h in range(len(HORIZONS)):
            days = np.flatnonzero(origin.usable & (horizon == h))
            own = error[:, group == g][:, :, days].reshape(len(MODELS), -1)
            found[g, h] = own @ own.T
    return found


def _weights(gram: Floats, days: Floats) -> Floats:
    """(groups, horizons, models) weights from 0 on with sum 1 and the least squared error, held to the calendar model."""
    found = np.empty(gram.shape[:3])
    for place in np.ndindex(*gram.shape[:2]):
        squares = np.diag(gram[place])
        if not squares.any():
            found[place] = PLAIN
            continue
        # A model without any error must not make the others' weights undetermined.
        held = HELD_DAYS / days[place[1]] * max(squares.min(), LEAST_ERROR * squares.max())
        found[place] = least_error(gram[place] + held * np.eye(len(squares)), held * PLAIN)
    return found


PLAIN = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 1.0])
"""Weights where nothing could be tested: the calendar model, which shrinks what it does not know."""


def least_error(gram: Floats, slope: Floats) -> Floats:
    """Weights from 0 on with sum 1 that make ``w' gram w / 2 - slope' w`` least, by leaving out one negative weight after the other."""
    size = len(slope)
    kept = np.ones(size, np.bool_)
    while True:
        which = np.flatnonzero(kept)
        inner = gram[np.ix_(which, which)]
        ones, target = (np.linalg.solve(inner, vector) for vector in (np.ones(len(which)), slope[which]))
        weights = target + ones * (1.0 - target.sum()) / ones.sum()
        if (weights >= 0).all() or len(which) == 1:
            found = np.zeros(size)
            found[which] = np.maximum(weights, 0.0)
            return np.asarray(found / found.sum())
        kept[which[weights.argmin()]] = False
