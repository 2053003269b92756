"""The forecast as arrays, for whoever builds on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from scipy.special import ndtri
from threadpoolctl import threadpool_limits

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.result import Note
from coachline.engine.roster.forecast.backtest import HORIZONS, Tested, all_models, backtest, horizon_of, mix
from coachline.engine.roster.forecast.calendar import calendar, worked_weekends_unknown
from coachline.engine.roster.forecast.handle_time import HandleTime, handle_time
from coachline.engine.roster.forecast.history import Floats, History, history
from coachline.engine.roster.forecast.levels import Levels, Past, covariances
from coachline.engine.roster.forecast.scatter import Scatter, quantile, scatter
from coachline.engine.roster.forecast.tree import Tree
from coachline.errors import CoachlineError

FURTHEST = 400
"""Days from the last one with calls up to which there is a forecast."""

FULL_DAYS = 400
"""Last days of which all are looked at."""

SHORT_PAST = 56
"""Days of history below which the forecast says that it rests on little."""


@dataclass(frozen=True)
class Forecast:
    """What is to come, by half-hour of the wall clock from midnight of the first day.

    Attributes
    ----------
    first : date
    days : int
    zone : ZoneInfo
    businesses : tuple of str
        Paths cut to the level asked for, sorted; only ``""`` where no call's business is recorded.
    calls, low, high : (slots, businesses) float array
        Calls expected to be offered to people, and ends of the interval for the number that comes.
    handle_s : (slots, businesses) float array
        Mean seconds of talk, hold and wrap-up of a call; NaN where none is recorded.
    handle_low, handle_high : (slots, businesses) float array
        Ends of the interval for that mean; single calls differ much more.
    spread : (slots, businesses) float array
        Relative standard deviation of the mean, which is itself not known exactly; the chance of a Poisson count comes on top.
    notes : tuple of Note
    """

    first: date
    days: int
    zone: ZoneInfo
    businesses: tuple[str, ...]
    calls: Floats
    low: Floats
    high: Floats
    handle_s: Floats
    handle_low: Floats
    handle_high: Floats
    spread: Floats
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class Worked:
    """A forecast with all that it rests on.

    Attributes
    ----------
    past : Past
    sizes : mapping of str to float
        Of the effects on the whole centre, as variances of logarithms.
    levels : Levels
        Of the calendar model, from the day after the last one with calls.
    tested : Tested
    scatter : Scatter
    calls, beyond : (businesses, days, 48), (businesses, days) float arrays
        The mix from the first day asked for, and the relative variance of a half-hour's mean.
    said : (models, businesses, days, 48) float array
        What each model says.
    """

    past: Past
    sizes: Mapping[str, float]
    levels: Levels
    tested: Tested
    scatter: Scatter
    calls: Floats
    beyond: Floats
    said: Floats


def forecast_slots(
    facts: Facts,
    first: date,
    days: int,
    *,
    level: int | None = None,
    country: str = "CN",
    events: Mapping[str, str] | None = None,
    confidence: float = 0.9,
) -> Forecast:
    """Calls and handle time over `days` from `first` on, from the calls before `first`.

    Parameters
    ----------
    facts : Facts
    first : date
    days : int
    level : int, optional
        Levels of business paths to keep; None for the finest.
    country : str
        Whose holidays hold, or ``none``.
    events : mapping of str to str, optional
        Dates of campaigns, price changes and the like, as in `calendar`.
    confidence : float
        Of the interval.

    Raises
    ------
    CoachlineError
        ``no_calls_before``, ``forecast_too_far``, ``unknown_country``, ``bad_event``.
    """
    known = history(facts, first, level)
    worked = work(known, first, days, country=country, events=events, confidence=confidence)
    handled = handle_time(facts, known.end, known.businesses, worked.past.tree, level)
    return as_slots(known, worked, handled, first, days, country, confidence)


def work(
    known: History, first: date, days: int, *, country: str = "CN", events: Mapping[str, str] | None = None, confidence: float = 0.9
) -> Worked:
    """The forecast from counts alone.

    Raises
    ------
    CoachlineError
        ``forecast_too_far``, ``unknown_country``, ``bad_event``.
    """
    skipped = clock.day_number(first) - known.end
    ahead = skipped + days
    if ahead > FURTHEST:
        raise CoachlineError("forecast_too_far", first=first, last=clock.EPOCH + timedelta(known.end - 1), most=FURTHEST)
    past = past_of(known, max(ahead, HORIZONS[-1]), country, events)
    # Products of matrices are many and small: several threads would wait for each other longer than they work.
    with threadpool_limits(limits=1, user_api="blas"):
        tested, sizes = backtest(past)
        related = covariances(past, sizes)
        levels = related.levels(past)
    named = dict(zip(related.names, np.exp(2 * sizes.whole[:-1]).tolist(), strict=True))
    said = all_models(levels, past)
    mixed = mix(said, tested.weights, tested.group)
    scattered = scatter(tested, confidence)
    beyond = scattered.beyond(levels.variance, tested.group, horizon_of(np.arange(mixed.shape[1])))
    return Worked(past, named, levels, tested, scattered, mixed[:, skipped:ahead], beyond[:, skipped:ahead], said[:, :, skipped:ahead])


def past_of(known: History, ahead: int, country: str, events: Mapping[str, str] | None) -> Past:
    """`known` with its calendar and that of so many days ahead."""
    whole = known.totals.sum(axis=0)
    whole = np.where(whole > 0, whole, np.nan)
    days = calendar(known.long_first, known.end + ahead, country, events)
    weekdays_with_calls = set(days.type[: len(whole)][np.isfinite(whole)])
    shut = np.isnan(whole) & np.isin(days.type[: len(whole)], list(weekdays_with_calls))
    if shut.any():
        days = calendar(known.long_first, known.end + ahead, country, events, closed=map(int, days.number[: len(whole)][shut]))
    # Of ordinary days longer ago, every fourth tells of the season as well (four and seven have no common divisor).
    old = np.arange(len(whole)) < len(whole) - FULL_DAYS
    whole[old & ~days.special[: len(whole)] & (days.number[: len(whole)] % 4 != 0)] = np.nan
    return Past(Tree.of(known.businesses), whole, known.halves, known.totals, days)


def as_slots(known: History, worked: Worked, handled: HandleTime, first: date, days: int, country: str, confidence: float) -> Forecast:
    """The forecast as (slots, businesses) arrays."""
    beyond = np.broadcast_to(worked.beyond[:, :, None], worked.calls.shape)
    tail = (1.0 - confidence) / 2
    low, high = (quantile(part, worked.calls, beyond) for part in (tail, 1.0 - tail))
    reach = np.exp(float(ndtri(1.0 - tail)) * handled.spread)
    by_hour = (handled.seconds, handled.seconds / reach, handled.seconds * reach)
    handle = [np.broadcast_to(np.repeat(each, 2, axis=1)[:, None], worked.calls.shape) for each in by_hour]
    calls, low, high, handle_s, handle_low, handle_high, spread = (
        np.ascontiguousarray(each.reshape(len(each), -1).T) for each in (worked.calls, low, high, *handle, np.sqrt(beyond))
    )
    notes = (*known.notes, *_notes(worked, handled, first, days, country))
    return Forecast(
        first,
        days,
        known.zone,
        known.businesses,
        calls=calls,
        low=low,
        high=high,
        handle_s=handle_s,
        handle_low=handle_low,
        handle_high=handle_high,
        spread=spread,
        notes=notes,
    )


def _notes(worked: Worked, handled: HandleTime, first: date, days: int, country: str) -> list[Note]:
    past, notes = worked.past, []
    counted = int(np.isfinite(past.whole[past.recent :]).sum())
    if past.known - past.recent < SHORT_PAST:
        notes.append(Note("forecast_from_few_days", {"days": counted, "weeks": SHORT_PAST // 7}))
    if not worked.tested.origins:
        notes.append(Note("forecast_not_tested", {"days": counted}))
    empty = _empty_weeks(past)
    if empty:
        notes.append(Note("weeks_without_calls", {"weeks": empty}))
    ahead = past.days[slice(past.known, None)]
    asked = ahead[ahead.number >= clock.day_number(first)]
    unseen = [kind for n, kind in enumerate(past.days.kinds) if asked.events[:, n].any() and not _learnt(past, n)]
    notes += [Note("event_without_past", {"event": kind}) for kind in unseen]
    known_holidays = set(past.days.holiday[: past.known][np.isfinite(past.whole) & (past.days.type[: past.known] == 7)])
    new = sorted({int(name) for name, kind in zip(asked.holiday, asked.type, strict=True) if kind == 7} - known_holidays)
    notes += [Note("holiday_without_past", {"holiday": past.days.names[name]}) for name in new]
    years = {(first + timedelta(day)).year for day in range(days)}
    notes += [
        Note("worked_weekends_unknown", {"year": year})
        for year in sorted(years)
        if country != "none" and worked_weekends_unknown(country, year)
    ]
    if handled.calls == 0:
        notes.append(Note("handle_time_unknown"))
    return notes


def _learnt(past: Past, kind: int) -> bool:
    return bool((past.days.events[: past.known, kind] & np.isfinite(past.whole)).any())


def _empty_weeks(past: Past) -> int:
    """Runs of seven days without any call among the days with half-hours."""
    empty = np.isnan(past.whole[past.recent :])
    runs, length = 0, 0
    for day in empty:
        length = length + 1 if day else 0
        runs += length == 7
    return runs
