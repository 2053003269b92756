"""The calls of a real bank, and the protocol by which forecasts of them are compared."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.roster.forecast.history import History

FILE = Path(__file__).parents[4].parent / "shared" / "data" / "volumes" / "bank_calls.csv"

ORIGINS = range(100, 151, 5)
"""Places of the first day forecast among the days with calls."""

HORIZONS = (1, 5, 10)
"""A day, a week and two weeks, in days with calls."""

REACH = 18
"""Calendar days that hold so many days with calls."""

OPENS, HALVES = 14, 29
"""First half-hour of the day, and how many there are."""


def read() -> tuple[np.ndarray, np.ndarray]:
    """Day numbers, and (days, 29) calls by half-hour from 7 o'clock on."""
    calls = pl.read_csv(FILE).with_columns(at=pl.col("DateTime").str.to_datetime("%Y-%m-%dT%H:%M:%SZ"))
    half = pl.col("at").dt.hour().cast(pl.Int64) * 2 + pl.col("at").dt.minute() // 30 - OPENS
    found = calls.group_by(day=pl.col("at").dt.date(), half=half).agg(pl.col("Calls").sum()).sort("day", "half")
    days = np.array([clock.day_number(day) for day in found["day"].unique().sort()])
    return days, found["Calls"].to_numpy().reshape(len(days), HALVES).astype(float)


def known_before(days: np.ndarray, calls: np.ndarray, origin: int) -> History:
    """Everything up to the day before that with place `origin`; days without calls are days with none."""
    first, end = int(days[0]), int(days[origin - 1]) + 1
    halves = np.zeros((1, end - first, 48))
    halves[0, days[:origin] - first, OPENS : OPENS + HALVES] = calls[:origin]
    return History(("",), first, halves, first, halves.sum(axis=2), ZoneInfo("UTC"), ())


def ahead(days: np.ndarray, known: History, values: np.ndarray, origin: int) -> np.ndarray:
    """(10, 29) of (days ahead, 48) values: the next days with calls, while the bank is open."""
    return np.asarray(values[days[origin : origin + HORIZONS[-1]] - known.end, OPENS : OPENS + HALVES])


def plain(days: np.ndarray, calls: np.ndarray, origin: int, weeks: int) -> np.ndarray:
    """(10, 29) mean of the last so many same weekdays before `origin`."""
    coming = days[origin : origin + HORIZONS[-1]]
    return np.array([calls[:origin][days[:origin] % 7 == day % 7][-weeks:].mean(axis=0) for day in coming])


def wapes(calls: np.ndarray, said: list[np.ndarray]) -> tuple[float, ...]:
    """Sum of absolute errors by sum of calls over all origins, in percent, for each of `HORIZONS`."""
    found = []
    for horizon in HORIZONS:
        came = [calls[origin : origin + horizon] for origin in ORIGINS]
        error = sum(float(np.abs(each[:horizon] - truth).sum()) for each, truth in zip(said, came, strict=True))
        found.append(100 * error / sum(float(truth.sum()) for truth in came))
    return tuple(found)
