"""Calls and handle time to come, as an analysis."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.result import Check, Findings
from coachline.engine.roster.forecast.handle_time import handle_time
from coachline.engine.roster.forecast.history import HALVES_A_DAY, history, instants
from coachline.engine.roster.forecast.shown import ALL, MIX, backtest_table, days_table, effects_table
from coachline.engine.roster.forecast.slots import Forecast, as_slots, work

FORECAST_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "calls": ("arrived_at", "direction", "outcome", "business", "talk_s", "hold_s", "wrap_s"),
}

HOLDS_WITHIN = 0.03
"""How far the share of half-hours within the interval may be from what it says."""


def forecast(
    facts: Facts,
    *,
    first_day: date | None = None,
    days: int = 28,
    level: int | None = None,
    country: str = "CN",
    events: Mapping[str, str] | None = None,
    coverage: float = 0.9,
) -> Findings:
    """Forecast calls and handle time by business and half-hour.

    Parameters
    ----------
    facts : Facts
    first_day : date, optional
        First day; by default that after the last one with calls. Only calls before it count.
    days : int
    level : int, optional
        Levels of business paths to keep; None for the finest.
    country : str
        Whose holidays hold, or ``none``.
    events : mapping of str to str, optional
        By name: dates, ranges of dates and days of the month on which something happens.
    coverage : float
        Share of half-hours whose calls are to lie within the interval.

    Returns
    -------
    Findings
        Tables ``forecast`` (starts_at, business, calls, low, high, handle_s, handle_low, handle_high), ``days`` (`DAYS` of `shown`), ``effects``, ``backtest``. Half-hours that the clock skips have
        no row, those that come twice have two; where the centre is closed 0 calls are expected.

    Raises
    ------
    CoachlineError
        ``no_calls_before``, ``forecast_too_far``, ``unknown_country``, ``bad_event``.
    """
    known = history(facts, first_day, level)
    start = first_day or day_after(facts)
    worked = work(known, start, days, country=country, events=events, confidence=coverage)
    handled = handle_time(facts, known.end, known.businesses, worked.past.tree, level)
    found = as_slots(known, worked, handled, start, days, country, coverage)
    tested, by_day = backtest_table(worked.tested), days_table(worked, start, coverage)
    total = tested.filter(tested["group"] == ALL)
    errors = {(model, horizon): wape for model, horizon, wape in total.select("model", "horizon_days", "wape").iter_rows()}
    calls = float(found.calls.sum())
    means = np.where(np.isfinite(found.handle_s), found.handle_s, 0.0)
    return Findings(
        tables={
            "forecast": rows(found),
            "days": by_day.to_arrow(),
            "effects": effects_table(worked).to_arrow(),
            "backtest": tested.to_arrow(),
        },
        values={
            "first_day": str(start),
            "days": days,
            "businesses": len(found.businesses),
            "calls": calls,
            "handle_s": float((found.calls * means).sum() / calls) if calls and handled.calls else None,
            "wape_1_day": errors.get((MIX, 1)),
            "wape_2_to_7_days": errors.get((MIX, 7)),
            "wape_8_to_14_days": errors.get((MIX, 14)),
            "within_interval": None if np.isnan(worked.scatter.covered) else worked.scatter.covered,
            "origins": len(worked.tested.origins),
        },
        checks=tuple(_checks(errors, worked.scatter.covered, coverage)),
        notes=found.notes,
    )


def day_after(facts: Facts) -> date:
    """The day after the last call."""
    known = facts.days("calls", "arrived_at")
    assert known is not None
    return known[1] + timedelta(1)


def _checks(errors: Mapping[tuple[str, int], float | None], covered: float, coverage: float) -> list[Check]:
    checks = []
    if np.isfinite(covered):
        facts = {"coverage": coverage}
        checks.append(Check("forecast_intervals_hold", abs(covered - coverage) <= HOLDS_WITHIN, float(covered), facts))
    own, plain = errors.get((MIX, 7)), errors.get(("mean_4", 7))
    if own is not None and plain:
        checks.append(Check("forecast_beats_average", own <= plain, own / plain, {"wape": own, "average": plain}))
    return checks


def rows(found: Forecast) -> pa.Table:
    """The main table: a row per business and half-hour that there is."""
    places, starts = [], []
    start = clock.day_number(found.first)
    for slot in range(found.days * HALVES_A_DAY):
        for instant in instants(found.zone, start + slot // HALVES_A_DAY, slot % HALVES_A_DAY):
            places.append(slot)
            starts.append(int(instant.timestamp()) * 1_000_000)
    order = np.argsort(np.array(starts, np.int64), kind="stable")
    kept, moments = np.array(places, np.int64)[order], np.array(starts, np.int64)[order]
    size = len(found.businesses)
    names = pa.array([name or None for name in found.businesses], pa.string())
    zoned = pa.array(np.repeat(moments, size), pa.timestamp("us", tz="UTC")).cast(pa.timestamp("us", tz=found.zone.key))
    handle = {name: getattr(found, name)[kept].ravel() for name in ("handle_s", "handle_low", "handle_high")}
    return pa.table(
        {
            "starts_at": zoned,
            "business": names.take(pa.array(np.tile(np.arange(size), len(kept)))),
            "calls": pa.array(found.calls[kept].ravel()),
            "low": pa.array(found.low[kept].ravel().astype(np.int64)),
            "high": pa.array(found.high[kept].ravel().astype(np.int64)),
            **{name: pa.array(values, pa.float64(), mask=~np.isfinite(values)) for name, values in handle.items()},
        }
    )
