"""The calls of a real bank: the published rivals come out as published, and the forecast is better than the best of them."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from coachline.engine import clock
from coachline.engine.roster.forecast.history import History
from coachline.engine.roster.forecast.scatter import quantile
from coachline.engine.roster.forecast.slots import work

FILE = Path(__file__).parents[4].parent / "shared" / "data" / "volumes" / "bank_calls.csv"
pytestmark = pytest.mark.skipif(not FILE.exists(), reason="the bank's calls are not on this machine")

ORIGINS = range(100, 151, 5)
"""Places of the first day forecast among the days with calls."""

HORIZONS = (1, 5, 10)
"""A day, a week and two weeks, in days with calls."""

OPENS, HALVES = 14, 29
RIVALS = {1: (7.69, 8.40, 8.57), 4: (6.19, 6.89, 6.96)}
"""Published errors of the mean of so many same weekdays."""


@pytest.fixture(scope="module")
def bank() -> tuple[np.ndarray, np.ndarray]:
    """Day numbers, and (days, 29) calls by half-hour from 7 o'clock on."""
    calls = pl.read_csv(FILE).with_columns(at=pl.col("DateTime").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"))
    half = (pl.col("at").dt.hour().cast(pl.Int64) * 2 + pl.col("at").dt.minute() // 30 - OPENS).alias("half")
    found = calls.group_by(day=pl.col("at").dt.date(), half=half).agg(pl.col("Calls").sum()).sort("day", "half")
    days = np.array([clock.day_number(day) for day in found["day"].unique().sort()])
    return days, found["Calls"].to_numpy().reshape(len(days), HALVES).astype(float)


def known_before(days: np.ndarray, calls: np.ndarray, origin: int) -> History:
    """Everything up to the day before that with place `origin`; days without calls are days with none."""
    first, end = int(days[0]), int(days[origin - 1]) + 1
    halves = np.zeros((1, end - first, 48))
    halves[0, days[:origin] - first, OPENS : OPENS + HALVES] = calls[:origin]
    return History(("",), first, halves, first, halves.sum(axis=2), ZoneInfo("UTC"), ())


def wape(errors: list[np.ndarray], calls: list[np.ndarray], days: int) -> float:
    return 100 * sum(float(e[:days].sum()) for e in errors) / sum(float(c[:days].sum()) for c in calls)


@pytest.mark.parametrize("weeks", RIVALS)
def test_rivals_have_their_published_errors(weeks: int, bank: tuple[np.ndarray, np.ndarray]) -> None:
    days, calls = bank
    errors, came = [], []
    for origin in ORIGINS:
        ahead = np.arange(origin, origin + HORIZONS[-1])
        said = np.array([calls[:origin][days[:origin] % 7 == days[day] % 7][-weeks:].mean(axis=0) for day in ahead])
        errors.append(np.abs(said - calls[ahead]))
        came.append(calls[ahead])

    assert [round(wape(errors, came, days), 2) for days in HORIZONS] == list(RIVALS[weeks])


def test_forecast_beats_them_and_its_intervals_hold(bank: tuple[np.ndarray, np.ndarray]) -> None:
    """One procedure, which sees nothing but the days before each origin: effects, weights and intervals are learnt from these."""
    days, calls = bank
    errors, came, inside = [], [], []
    for origin in ORIGINS:
        known = known_before(days, calls, origin)
        first = clock.EPOCH + timedelta(known.end)
        found = work(known, first, 18, country="none")
        at = days[origin : origin + HORIZONS[-1]] - known.end
        said = found.calls[0, at, OPENS : OPENS + HALVES]
        beyond = np.repeat(found.beyond[0, at, None], HALVES, axis=1)
        truth = calls[origin : origin + HORIZONS[-1]]
        errors.append(np.abs(said - truth))
        came.append(truth)
        inside.append((quantile(0.05, said, beyond) <= truth) & (truth <= quantile(0.95, said, beyond)))

    day, week, two_weeks = (wape(errors, came, days) for days in HORIZONS)
    assert day <= 5.85
    assert week <= 6.89
    assert two_weeks <= 6.96
    for horizon in HORIZONS:
        assert 0.87 <= np.mean([each[:horizon].mean() for each in inside]) <= 0.93


def test_first_day_of_the_bank_is_a_monday(bank: tuple[np.ndarray, np.ndarray]) -> None:
    assert clock.EPOCH + timedelta(int(bank[0][0])) == date(2003, 3, 3)
