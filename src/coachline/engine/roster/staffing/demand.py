"""What is to be answered: load by half-hour and business, from the forecast or as it came in the past."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from coachline.engine import clock
from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Note
from coachline.engine.roster.forecast.history import HALF_S, HALVES_A_DAY, at_level, changes_of_the_clock, instants, offered
from coachline.engine.roster.forecast.slots import forecast_slots
from coachline.engine.roster.staffing.waits import Waits
from coachline.errors import CoachlineError

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Demand:
    """Calls by half-hour of the wall clock from midnight of the first day.

    Attributes
    ----------
    first : date
    days : int
    zone : ZoneInfo
    businesses : tuple of str
    calls : (slots, businesses) float array
        Mean number.
    handle_s : (slots, businesses) float array
        Mean handle time, above 0.
    spread : (slots, businesses) float array
        Relative standard deviation of the mean number as far as it is not known: 0 for a past that is.
    notes : tuple of Note
    """

    first: date
    days: int
    zone: ZoneInfo
    businesses: tuple[str, ...]
    calls: Floats
    handle_s: Floats
    spread: Floats
    notes: tuple[Note, ...]

    @property
    def erlangs(self) -> Floats:
        """(slots, businesses) offered load."""
        return np.asarray(self.calls * self.handle_s / HALF_S)


def forecast_demand(
    facts: Facts,
    first: date,
    days: int,
    waits: Waits,
    *,
    level: int | None = None,
    country: str = "CN",
    events: Mapping[str, str] | None = None,
) -> Demand:
    """The forecast, with what it does not know of the mean; the chance of arrivals is in the formulas of queues.

    Raises
    ------
    CoachlineError
        ``no_handle_times``, and what `forecast_slots` refuses.
    """
    ahead = forecast_slots(facts, first, days, level=level, country=country, events=events)
    calls = np.where(np.isfinite(ahead.calls), np.maximum(ahead.calls, 0.0), 0.0)
    spread = np.where(calls > 0, ahead.spread, 0.0)
    handle, notes = _completed(ahead.handle_s, ahead.businesses, calls, waits)
    return Demand(
        first, days, ahead.zone, ahead.businesses, calls, handle, np.where(np.isfinite(spread), spread, 0.0), (*ahead.notes, *notes)
    )


def past_demand(facts: Facts, period: Period, waits: Waits, *, level: int | None = None) -> Demand:
    """The calls of a period as they came, so that one sees whom it would have taken.

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``, ``no_handle_times``.
    """
    known = facts.days("calls", "arrived_at")
    if known is None:
        period.require_calls(facts, 0)
    assert known is not None
    first, last = max(period.first or known[0], known[0]), min(period.last or known[1], known[1])
    rows = offered(facts, period)
    rows = rows.select("business", "half")
    frame = collected(facts, rows.group_by(["business", "half"]).aggregate(calls=rows.count()))
    period.require_calls(facts, frame.height)
    days = (last - first).days + 1
    place = {name: n for n, name in enumerate(waits.businesses)}
    calls = np.zeros((days * HALVES_A_DAY, len(place)))
    named = [None if path is None else at_level(path, level) for path in frame["business"]]
    at = frame["half"].to_numpy().astype(np.int64) - clock.day_number(first) * HALVES_A_DAY
    count = frame["calls"].to_numpy().astype(float)
    nameless = np.array([name is None for name in named]) & ("" not in place)
    known_rows = np.flatnonzero(~nameless)
    columns = np.array([place[named[n] or ""] for n in known_rows], np.int64)
    np.add.at(calls, (at[known_rows], columns), count[known_rows])
    notes: list[Note] = []
    if nameless.any():
        share = calls.sum(axis=0) / calls.sum()
        np.add.at(calls, at[nameless], count[nameless, None] * share)
        notes.append(Note("calls_without_business_shared", {"share": float(count[nameless].sum() / count.sum())}))
    handle, more = _completed(np.broadcast_to(waits.handle_s, calls.shape), waits.businesses, calls, waits)
    return Demand(first, days, facts.zone, waits.businesses, calls, handle, np.zeros_like(calls), (*notes, *more))


def default_first(facts: Facts) -> date:
    """The day after the last call.

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``.
    """
    known = facts.days("calls", "arrived_at")
    if known is None:
        Period().require_calls(facts, 0)
    assert known is not None
    return known[1] + timedelta(1)


def _completed(handle_s: Floats, businesses: tuple[str, ...], calls: Floats, waits: Waits) -> tuple[Floats, list[Note]]:
    """Handle times where there are none, or none above 0: those of all calls."""
    handled = waits.handled > 0
    if not handled.any():
        raise CoachlineError("no_handle_times")
    overall = float((waits.handle_s[handled] * waits.handled[handled]).sum() / waits.handled[handled].sum())
    with np.errstate(invalid="ignore"):
        there = np.isfinite(handle_s) & (handle_s > 0)
    lacking = [name for n, name in enumerate(businesses) if (calls[:, n] > 0).any() and not there[:, n].all()]
    notes = [Note("handle_time_from_all", {"businesses": listed(lacking), "handle_s": overall})] if lacking else []
    return np.where(there, handle_s, overall), notes


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first of `names`, and how many more there are."""
    return ", ".join(names[:most]) + (f" +{len(names) - most}" if len(names) > most else "")


def instants_of(demand: Demand) -> tuple[NDArray[np.int64], pa.Array]:
    """The slots in the order of time, and the instants at which they begin.

    Returns
    -------
    slots : numpy.ndarray
        Row of `Demand.calls` of each; twice where the clock is set back, not at all where a half-hour is skipped.
    starts_at : pyarrow.Array
        Timestamps in the centre's zone.
    """
    first = clock.day_number(demand.first)
    slots, seconds = [], []
    changes = set(changes_of_the_clock(demand.zone, first, first + demand.days))
    for day in range(demand.days):
        own = np.arange(day * HALVES_A_DAY, (day + 1) * HALVES_A_DAY)
        if first + day not in changes:
            midnight = int(clock.start_of(demand.first + timedelta(day), demand.zone).timestamp())
            slots.append(own)
            seconds.append(midnight + HALF_S * np.arange(HALVES_A_DAY))
            continue
        lived = [(int(at.timestamp()), slot) for half, slot in enumerate(own) for at in instants(demand.zone, first + day, half)]
        lived.sort()
        slots.append(np.array([slot for _, slot in lived], np.int64))
        seconds.append(np.array([at for at, _ in lived], np.int64))
    at = (np.concatenate(seconds) * 1_000_000).astype("datetime64[us]")
    zoned = pa.array(at, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")).cast(pa.timestamp("us", tz=demand.zone.key))
    return np.concatenate(slots), zoned
