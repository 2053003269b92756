"""Waits and handle times by business, reduced where the data lie: all that patience and load are estimated from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.roster.forecast.history import at_level, offered

Floats = NDArray[np.float64]

BANDS = (0.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Seconds at which stretches of a wait begin; the last one is open."""


@dataclass(frozen=True)
class Waits:
    """Sums over the calls offered to people.

    Attributes
    ----------
    businesses : tuple of str
        Sorted; only ``""`` where none is recorded.
    calls : (businesses,) float array
        Calls whose wait is recorded.
    unknown : (businesses,) float array
        Calls whose wait is not.
    abandoned : (bands, businesses) float array
        Callers who hung up in each stretch of their wait.
    waited_s : (bands, businesses) float array
        Seconds that callers spent in it, whatever came of them.
    handle_s : (businesses,) float array
        Mean seconds of talk, hold and wrap-up; NaN where none is recorded.
    handled : (businesses,) float array
        Calls whose handle time is recorded.
    handle_cv : (businesses,) float array
        Standard deviation over mean of single handle times; NaN below two.
    """

    businesses: tuple[str, ...]
    calls: Floats
    unknown: Floats
    abandoned: Floats
    waited_s: Floats
    handle_s: Floats
    handled: Floats
    handle_cv: Floats


def waits_of(facts: Facts, period: Period, level: int | None = None) -> Waits:
    """One pass over the calls of a period.

    Parameters
    ----------
    facts : Facts
    period : Period
    level : int, optional
        Levels of business paths to keep.
    """
    rows = offered(facts, period)
    rows = rows.mutate(gone=rows.outcome == "abandoned", took=rows.talk_s + rows.hold_s.fill_null(0.0) + rows.wrap_s.fill_null(0.0))
    handled = (rows.outcome == "answered") & (rows.took > 0)
    sums = {
        "calls": rows.wait_s.count(),
        "unknown": rows.wait_s.isnull().cast("int64").sum(),
        "handled": rows.count(where=handled),
        "took": rows.took.sum(where=handled).fill_null(0.0),
        "took_twice": (rows.took * rows.took).sum(where=handled).fill_null(0.0),
    }
    for band, (low, high) in enumerate(zip(BANDS, (*BANDS[1:], None), strict=True)):
        inside = rows.wait_s >= low if high is None else (rows.wait_s >= low) & (rows.wait_s < high)
        sums[f"gone{band}"] = rows.count(where=rows.gone & inside)
        spent = rows.wait_s - low
        if high is not None:
            spent = (spent > high - low).ifelse(high - low, spent)
        sums[f"spent{band}"] = spent.sum(where=rows.wait_s > low).fill_null(0.0)
    frame = collected(facts, rows.group_by("business").aggregate(**sums))
    named = frame.with_columns(pl.col("business").map_elements(lambda path: at_level(path, level), return_dtype=pl.String))
    named = named.group_by("business").agg(pl.exclude("business").cast(pl.Float64).sum())
    if named["business"].drop_nulls().len():
        named = named.filter(pl.col("business").is_not_null())
    named = named.with_columns(pl.col("business").fill_null("")).sort("business")
    columns = {name: named[name].to_numpy().astype(float) for name in sums}
    n, took = columns["handled"], columns["took"]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(n > 0, took / n, np.nan)
        variance = np.where(n > 1, (columns["took_twice"] - n * mean**2) / (n - 1), np.nan)
        cv = np.sqrt(np.maximum(variance, 0.0)) / mean
    return Waits(
        tuple(named["business"]),
        columns["calls"],
        columns["unknown"],
        np.array([columns[f"gone{band}"] for band in range(len(BANDS))]),
        np.array([columns[f"spent{band}"] for band in range(len(BANDS))]),
        mean,
        n,
        cv,
    )
