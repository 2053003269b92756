"""Figures by weekday and half-hour as one picture: a row for each weekday, a column for each half-hour."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.report.blocks import Column, Picture, Row, Table
from coachline.report.chapter import Desk
from coachline.report.pictures import short

MINUTES = 30
SLOTS = 1440 // MINUTES

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def slot_name(number: int) -> str:
    """``09:30`` of the half-hour `number` of a day."""
    return f"{number * MINUTES // 60:02d}:{number * MINUTES % 60:02d}"


def mean_week(rows: pl.DataFrame, figure: str, zone: ZoneInfo) -> Floats:
    """Means of column `figure` by weekday and half-hour of ``starts_at`` on the wall clock of `zone`: shape (7, 48), NaN where there is none."""
    local = pl.col("starts_at").dt.convert_time_zone(zone.key)
    # In two steps, because hours times sixty do not fit into the bytes in which hours come.
    placed = rows.select(
        weekday=local.dt.weekday().cast(pl.Int64) - 1,
        slot=(local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute()) // MINUTES,
        figure=pl.col(figure).cast(pl.Float64),
    )
    means = placed.drop_nulls().group_by("weekday", "slot").agg(pl.col("figure").mean())
    week = np.full((7, SLOTS), np.nan)
    week[means["weekday"].to_numpy(), means["slot"].to_numpy()] = means["figure"].to_numpy()
    return week


def used_slots(*weeks: Floats) -> Ints:
    """Half-hours from the first to the last in which any of `weeks` has something; none where nothing is."""
    used = np.flatnonzero(sum((np.nan_to_num(week) != 0).any(axis=0) for week in weeks))
    return np.arange(used[0], used[-1] + 1) if used.size else used


def heat_of_week(
    desk: Desk,
    slots: Ints,
    values: Floats,
    *,
    unit: str,
    title: str,
    caption: str,
    n: Floats | None = None,
    pivot: float | None = None,
) -> Picture:
    """`values` of the half-hours `slots`.

    Parameters
    ----------
    desk : Desk
    slots : int array
    values : (7, 48) float array
        NaN where unknown.
    unit : str
        ``share``, ``count``, or ``count_change`` of differences.
    n : (7, 48) float array, optional
        Cases on which each value rests.
    pivot : float, optional
        Where the colours part.
    """
    cells = []
    for row in range(7):
        for position, slot in enumerate(slots):
            value = values[row, slot]
            if np.isfinite(value):
                cells.append([position, row, short(float(value)), *([] if n is None else [int(n[row, slot])])])
    show = desk.show
    writers: dict[str, Callable[[float], str]] = {
        "share": show.share,
        "count": show.number,
        "count_change": partial(show.difference, "count"),
    }
    write = writers[unit]
    weekdays = [show.weekday(number) for number in range(7)]
    heads = [Column(desk.words("report.column.slot"), figure=False), *(Column(weekday) for weekday in weekdays)]
    rows = [Row([slot_name(int(slot)), *(write(float(values[row, slot])) for row in range(7))]) for slot in slots]
    spec: dict[str, Any] = {"kind": "heat", "unit": unit, "rows": weekdays, "columns": [slot_name(int(s)) for s in slots], "cells": cells}
    if pivot is not None:
        spec["pivot"] = short(pivot)
    return Picture(title, spec, Table.of(title, heads, rows), height=290, wide=True, min_width=620, caption=caption)
