"""Load and service by interval of the day."""

from __future__ import annotations

from datetime import date
from typing import Literal

import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import SLOT, recorded
from coachline.engine.operations.metrics import METRICS
from coachline.engine.operations.notes import notes_on_calls
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Basis, Settings
from coachline.engine.operations.sums import sums
from coachline.engine.result import Findings, Note
from coachline.errors import CoachlineError

By = Literal["business", "queue", "team", "none"]

MINUTES_PER_DAY = 1440


def intervals(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    minutes: int = 30,
    by: By = "business",
    answer_within: float = 20,
) -> Findings:
    """Calls, waits and handling by interval, aligned to the wall clock.

    Calls whose recorded times contradict each other (``ivr_s < 0``) cannot be placed: they are left out and counted in ``values["unplaced"]``. By
    ``none``, an interval without calls has a row of zeros, so that means over days come out right; by a dimension, which would have them by the
    million, it has no row. On the day the clock is set back, the repeated hour has intervals of its own.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    minutes : int
        Length of an interval; must divide a day.
    by : str
        ``business``, ``queue``, ``team`` or ``none``.
    answer_within : float
        Seconds of the service level.

    Returns
    -------
    Findings
        Table ``intervals``: starts_at (zoned), business (null unless by business, or not known), queue or team where asked for, offered, answered,
        abandoned, wait_s and handle_s (mean seconds of answered calls; handling is talk + hold + wrap as far as recorded), service_level (as
        ``service_level_offered``). Means without cases are null.

    Raises
    ------
    CoachlineError
        ``bad_interval``, ``period_backwards`` or ``no_calls_in_period``.
    """
    if minutes < 1 or MINUTES_PER_DAY % minutes:
        raise CoachlineError("bad_interval", minutes=minutes)
    period = Period.of(since, until)
    basis = Basis(Settings(answer_within=answer_within), recorded(facts, period))
    offered = METRICS["offered"]
    means = {"wait_s": "asa", "handle_s": "aht_with_hold", "service_level": "service_level_offered"}
    chosen = {name: METRICS[code] for name, code in means.items() if set(METRICS[code].needs) - {"hold_s"} <= basis.recorded}
    dimensions = [SLOT] if by == "none" else [SLOT, by]
    frame = sums(facts, period, dimensions, [offered, *chosen.values()], basis, slot_s=minutes * 60, placeable=True)
    unplaced = _unplaced(facts, period)
    period.require_calls(facts, frame.height + unplaced)
    notes = notes_on_calls(frame, basis)
    frame = frame.filter(pl.col("answered") + pl.col("abandoned") > 0)
    if by == "none":
        frame = _with_empty(frame, minutes * 60)

    starts = (frame[SLOT].to_numpy() * 1_000_000).astype("datetime64[us]")
    columns: dict[str, pa.Array | pa.ChunkedArray] = {
        "starts_at": pa.array(starts, pa.timestamp("us")).cast(pa.timestamp("us", tz="UTC")).cast(pa.timestamp("us", tz=facts.zone.key)),
        "business": frame["business"].to_arrow().cast(pa.string()) if by == "business" else pa.nulls(frame.height, pa.string()),
    }
    if by in ("queue", "team"):
        columns[by] = frame[by].to_arrow().cast(pa.string())
    columns["offered"] = (frame["answered"] + frame["abandoned"]).cast(pl.Int64).to_arrow()
    columns["answered"] = frame["answered"].cast(pl.Int64).to_arrow()
    columns["abandoned"] = frame["abandoned"].cast(pl.Int64).to_arrow()
    for name in means:
        if name not in chosen:
            columns[name] = pa.nulls(frame.height, pa.float64())
            continue
        top, bottom = chosen[name].amounts(frame)
        columns[name] = pa.array(top / np.where(bottom > 0, bottom, 1.0), pa.float64(), mask=bottom == 0)

    if unplaced:
        notes.append(Note("calls_unplaced", {"calls": unplaced}))
    return Findings(
        tables={"intervals": pa.table(columns)},
        values={
            "first_day": None if not frame.height else str(columns["starts_at"][0].as_py().date()),
            "last_day": None if not frame.height else str(columns["starts_at"][-1].as_py().date()),
            "intervals": frame[SLOT].n_unique(),
            "calls": int(frame["answered"].sum()) + int(frame["abandoned"].sum()),
            "unplaced": unplaced,
        },
        notes=tuple(notes),
    )


def _with_empty(frame: pl.DataFrame, step: int) -> pl.DataFrame:
    """`frame` with a row of zeros for every interval between the first and the last that has none."""
    starts = frame[SLOT]
    # Where a change of the clock shifts long intervals against each other there is no even grid to fill.
    if frame.is_empty() or (starts.diff().drop_nulls() % step != 0).any():
        return frame
    grid = pl.DataFrame({SLOT: pl.int_range(int(starts[0]), int(starts[-1]) + 1, step, eager=True).cast(starts.dtype)})
    return grid.join(frame, on=SLOT, how="left", maintain_order="left").with_columns(pl.exclude(SLOT).fill_null(0))


def _unplaced(facts: Facts, period: Period) -> int:
    calls = period.rows(facts, facts.table("calls"), "arrived_at")
    inbound = calls.direction.isnull() | (calls.direction == "inbound")
    where = inbound & calls.outcome.isin(["answered", "abandoned"]) & (calls.ivr_s < 0)
    return int(facts.collect(calls.aggregate(n=calls.count(where=where)))["n"][0].as_py())
