"""Tables of the forecast: days, effects of the calendar, and what the back-test found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.roster.forecast.backtest import GROUPS, HORIZONS, Origin, Tested, horizon_of
from coachline.engine.roster.forecast.calendar import HOLIDAY, WORKED_WEEKEND, Days
from coachline.engine.roster.forecast.effects import kernels
from coachline.engine.roster.forecast.history import Bools, Floats
from coachline.engine.roster.forecast.models import MODELS
from coachline.engine.roster.forecast.scatter import quantile
from coachline.engine.roster.forecast.slots import Worked
from coachline.engine.stats.intervals import HALF

DAYS = pl.Schema(
    {
        "date": pl.Date(),
        "day_type": pl.String(),
        "holiday": pl.String(),
        "events": pl.String(),
        "calls": pl.Float64(),
        "low": pl.Int64(),
        "high": pl.Int64(),
    }
)
EFFECTS = pl.Schema(
    {
        "cause": pl.String(),
        "which": pl.String(),
        "days_seen": pl.Int64(),
        "factor": pl.Float64(),
        "factor_low": pl.Float64(),
        "factor_high": pl.Float64(),
    }
)
BACKTEST = pl.Schema(
    {
        "model": pl.String(),
        "group": pl.String(),
        "horizon_days": pl.Int64(),
        "wape": pl.Float64(),
        "wape_of_days": pl.Float64(),
        "weight": pl.Float64(),
        "origins": pl.Int64(),
    }
)

MIX = "mix"
ALL = "all"

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

MONTH_DAYS = (0, 1, 2, 3, 4, 9, 14, 19, -6, -3, -2, -1)
"""Places in the month that are shown: from the first day on, and before its end."""


def days_table(worked: Worked, first: date, confidence: float) -> pl.DataFrame:
    """Calls of the whole centre by day."""
    past, start = worked.past, clock.day_number(first)
    count = worked.calls.shape[1]
    ahead = past.days[slice(past.known, None)]
    skipped = start - int(ahead.number[0])
    asked = ahead[slice(skipped, skipped + count)]
    calls = worked.calls.sum(axis=(0, 2))
    variance = worked.levels.fitted.variance[skipped : skipped + count]
    beyond = worked.scatter.whole * variance
    tail = (1.0 - confidence) / 2
    low, high = (quantile(part, calls, beyond) for part in (tail, 1.0 - tail))
    rows = {
        "date": [clock.EPOCH + timedelta(int(day)) for day in asked.number],
        "day_type": [_type(int(kind)) for kind in asked.type],
        "holiday": [past.days.names[name] if kind == HOLIDAY else None for name, kind in zip(asked.holiday, asked.type, strict=True)],
        "events": ["、".join(name for name, on in zip(past.days.kinds, row, strict=True) if on) or None for row in asked.events],
        "calls": calls,
        "low": low.astype(np.int64),
        "high": high.astype(np.int64),
    }
    return pl.DataFrame(rows, DAYS)


def _type(kind: int) -> str:
    if kind == HOLIDAY:
        return "holiday"
    if kind == WORKED_WEEKEND:
        return "worked_weekend"
    return "weekend" if kind >= 5 else "workday"


def effects_table(worked: Worked) -> pl.DataFrame:
    """By which factor each kind of day differs from a usual one, as far as the past shows it."""
    past, fitted = worked.past, worked.levels.fitted
    seen = past.days[fitted.which]
    rows = []
    for cause, which, probe, parts, alike in _probes(past.days):
        one = past.days[np.array([probe])]
        across, own = kernels(one, seen, yearly=True), kernels(one, one, yearly=True)
        reach = sum((worked.sizes[part] * across[part][0] for part in parts), np.zeros(len(fitted.which)))
        whole = float(sum(worked.sizes[part] * own[part][0, 0] for part in parts))
        mean = float(reach @ fitted.solved)
        sd = float(np.sqrt(max(whole - reach @ fitted.inverse @ reach, 0.0)))
        ends = (mean, mean - HALF * sd, mean + HALF * sd)
        rows.append((cause, which, int(alike[fitted.which].sum()), *(float(np.exp(end)) for end in ends)))
    return pl.DataFrame(rows, EFFECTS, orient="row")


def _probes(days: Days) -> Iterator[tuple[str, str, int, tuple[str, ...], Bools]]:
    """Cause, member, a day that shows it, parts of the covariance it works through, and the days like it."""
    plain = days.type < HOLIDAY
    wanted: list[tuple[str, str, tuple[str, ...], Bools]] = []
    wanted += [("weekday", name, ("rest", "weekday"), days.type == kind) for kind, name in enumerate(WEEKDAYS)]
    wanted += [("worked_weekend", "", ("rest", "weekday"), days.type == WORKED_WEEKEND)]
    wanted += [("month", str(turn + 1 if turn >= 0 else turn), ("month",), (days.turn == turn) & plain) for turn in MONTH_DAYS]
    inside = (days.place >= 100) & (days.place < 200)
    wanted += [
        ("holiday", name, ("rest", "weekday", "free", "holiday"), (days.holiday == number) & inside)
        for number, name in enumerate(days.names)
    ]
    wanted += [("after_holiday", "", ("after",), days.after), ("before_holiday", "", ("before",), days.before)]
    wanted += [("event", kind, (f"event {kind}",), days.events[:, number]) for number, kind in enumerate(days.kinds)]
    for cause, which, parts, alike in wanted:
        if alike.any():
            yield cause, which, int(np.flatnonzero(alike)[-1]), parts, alike


def backtest_table(tested: Tested) -> pl.DataFrame:
    """Errors of every model and of the mix, by group of businesses and horizon; the mix's weights come from the other origins each time."""
    rows: list[dict[str, Any]] = []
    for group in (ALL, *GROUPS):
        within = np.ones(len(tested.group), np.bool_) if group == ALL else tested.group == GROUPS.index(group)
        if not within.any() or not tested.origins:
            continue
        for place, horizon in enumerate(HORIZONS):
            for number, model in enumerate((*MODELS, MIX)):
                said = [mixed if model == MIX else origin.said[number] for origin, mixed in zip(tested.origins, tested.mixed, strict=True)]
                figures = wape(tested.origins, said, within, place, together=group == ALL)
                weight = None if group == ALL or model == MIX else float(tested.weights[GROUPS.index(group), place, number])
                rows.append(
                    {
                        "model": model,
                        "group": group,
                        "horizon_days": horizon,
                        "wape": figures[0],
                        "wape_of_days": figures[1],
                        "weight": weight,
                        "origins": len(tested.origins),
                    }
                )
    return pl.DataFrame(rows, BACKTEST)


def wape(
    origins: tuple[Origin, ...], said: list[Floats], within: Bools, place: int, *, together: bool
) -> tuple[float | None, float | None]:
    """Sum of absolute errors by sum of calls, of half-hours and of days; of all businesses together, or of each by itself."""
    errors, day_errors, calls = 0.0, 0.0, 0.0
    for origin, each in zip(origins, said, strict=True):
        days = np.flatnonzero(origin.usable & (horizon_of(np.arange(len(origin.usable))) == place))
        came, expected = (values[within][:, days] for values in (origin.came, each))
        if together:
            came, expected = came.sum(axis=0, keepdims=True), expected.sum(axis=0, keepdims=True)
        errors += float(np.abs(expected - came).sum())
        day_errors += float(np.abs((expected - came).sum(axis=2)).sum())
        calls += float(came.sum())
    return (errors / calls, day_errors / calls) if calls else (None, None)
