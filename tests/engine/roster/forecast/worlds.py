"""Made-up arrivals whose truth is known: weekdays, holidays, worked weekends, paydays, a campaign, sparse and large businesses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from coachline.engine import clock
from coachline.engine.roster.forecast.history import RECENT_DAYS, Floats, History
from coachline.engine.simulate.holidays import DayKind, kind_of

START = clock.day_number(date(2025, 1, 1))
WEEKDAY = np.array([1.2, 1.1, 1.0, 1.0, 1.0, 0.7, 0.6])
HOLIDAY, AFTER_HOLIDAY, WORKED_WEEKEND, PAYDAY, CAMPAIGN = 0.45, 1.3, 0.95, 1.2, 1.5
CAMPAIGNS = ("2025-05-12..2025-05-16", "2025-09-08..2025-09-12", "2026-03-09..2026-03-13")
DAY_SD = 0.03


@dataclass(frozen=True)
class World:
    """Calls by business, day from `START` on and half-hour.

    Attributes
    ----------
    businesses : tuple of str
    expected : (businesses, days, 48) float array
        Without noise of days and without chance.
    came : (businesses, days, 48) float array
    """

    businesses: tuple[str, ...]
    expected: Floats
    came: Floats

    def history(self, before: int) -> History:
        """What is known before the day with that place."""
        first = max(0, before - RECENT_DAYS)
        return History(
            businesses=self.businesses,
            first=START + first,
            halves=self.came[:, first:before],
            long_first=START,
            totals=self.came[:, :before].sum(axis=2),
            zone=ZoneInfo("Asia/Shanghai"),
            notes=(),
        )


def level(days: int) -> Floats:
    """(days,) factor of each day: weekdays, holidays and what is around them, paydays on the 10th, a slow trend."""
    dates = [clock.EPOCH + timedelta(START + day) for day in range(days)]
    kinds = [kind_of(day) for day in dates]
    found = WEEKDAY[[day.weekday() for day in dates]].copy()
    for place, kind in enumerate(kinds):
        if kind == DayKind.HOLIDAY:
            found[place] = HOLIDAY
        elif kind == DayKind.WORKED_WEEKEND:
            found[place] = WORKED_WEEKEND
        if place and kinds[place - 1] == DayKind.HOLIDAY and kind in (DayKind.WORKDAY, DayKind.WORKED_WEEKEND):
            found[place] *= AFTER_HOLIDAY
        if dates[place].day == 10:
            found[place] *= PAYDAY
    return np.asarray(found * np.exp(0.1 * np.sin(np.arange(days) / 60)))


def world(seed: int, *, days: int = 470, calls: float = 2500.0, businesses: int = 12) -> World:
    """Large and sparse businesses (Zipf), closed from 22 to 7 o'clock, of which the first draws more calls in a campaign."""
    rng = np.random.default_rng(seed)
    names = tuple(sorted(f"族{n % 3}/业务{n:02d}" for n in range(businesses)))
    share = 1.0 / np.arange(1, businesses + 1) ** 1.3
    hours = (np.arange(48) + 0.5) / 2
    shape = np.exp(-(((hours - 10) / 2.5) ** 2)) + 0.8 * np.exp(-(((hours - 15.5) / 2) ** 2)) + 0.05
    shape = np.where((hours > 7) & (hours < 22), shape, 0.0)
    # Each business has its own best hour.
    own = shape * np.exp(0.3 * rng.standard_normal((businesses, 1)) * np.sin(hours / 24 * 2 * np.pi))
    own /= own.sum(axis=1, keepdims=True)
    expected = calls * (share / share.sum())[:, None, None] * level(days)[None, :, None] * own[:, None, :]
    for text in CAMPAIGNS:
        first, last = (clock.day_number(date.fromisoformat(part)) - START for part in text.split(".."))
        expected[0, max(first, 0) : max(last + 1, 0)] *= CAMPAIGN
    noise = np.exp(DAY_SD * rng.standard_normal(days))
    return World(names, expected, rng.poisson(expected * noise[None, :, None]).astype(float))


def place(day: date) -> int:
    """Place of a day in a world."""
    return clock.day_number(day) - START
