"""All running figures, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import recorded
from coachline.engine.operations.metrics import Metric, available, lacking
from coachline.engine.operations.notes import notes_on_calls
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Basis, Settings
from coachline.engine.operations.sums import sums
from coachline.engine.result import Findings, Note


def daily(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    answer_within: float = 20,
    repeat_days: int = 7,
    satisfied_from: int = 4,
) -> Findings:
    """Every metric of every local day, with numerator, denominator and formula.

    A metric has no row on a day on which its denominator is 0, and none at all when a column that it needs is not recorded; notes name the
    metrics that are left out. A day without any call has no rows: whether the centre was closed or the records are lost cannot be told.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
        First and last local day; the default is all.
    answer_within : float
        Seconds of the service levels.
    repeat_days : int
        Days within which a further call of the same customer on the same business is a repeat.
    satisfied_from : int
        Lowest rating that counts as satisfied.

    Returns
    -------
    Findings
        Table ``daily``: date, metric, value, numerator, denominator (null for a count), formula. Shares are between 0 and 1, durations in seconds.

    Raises
    ------
    CoachlineError
        ``period_backwards`` or ``no_calls_in_period``.
    """
    period = Period.of(since, until)
    basis = Basis(Settings(answer_within, repeat_days, satisfied_from), recorded(facts, period))
    metrics = available(basis.recorded)
    frame = sums(facts, period, ["day"], metrics, basis)
    period.require_calls(facts, frame.height)

    first, last = (clock.EPOCH + timedelta(int(n)) for n in (frame["day"][0], frame["day"][-1]))
    table = as_rows(frame, metrics, basis.recorded)
    notes = notes_on_calls(frame, basis)
    notes += [
        Note("metric_without_columns", {"metric": code, "columns": ", ".join(columns)}) for code, columns in lacking(basis.recorded).items()
    ]
    seen = set(table["metric"].unique().to_pylist())
    notes += [Note("metric_without_cases", {"metric": m.code}) for m in metrics if m.code not in seen]
    closed = (last - first).days + 1 - frame.height
    if closed:
        notes.append(Note("days_without_calls", {"days": closed}))
    return Findings(
        tables={"daily": table},
        values={"first_day": str(first), "last_day": str(last), "days": frame.height, "calls": int(frame["contacts"].sum())},
        notes=tuple(notes),
    )


def as_rows(frame: pl.DataFrame, metrics: Sequence[Metric], recorded: frozenset[str]) -> pa.Table:
    """Sums by day as one row per day and metric, in the order of the declarations.

    A quotient without cases has no row; nor has a count that is 0 throughout.
    """
    days = frame["day"].to_numpy()
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]] = []
    for position, metric in enumerate(metrics):
        top, bottom = metric.amounts(frame)
        keep = bottom > 0 if metric.denominator else np.full(len(days), bool(top.any()))
        parts.append((days[keep], np.full(keep.sum(), position), top[keep], bottom[keep]))
    day, which, top, bottom = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((which, day))
    day, which, top, bottom = day[order], which[order], top[order], bottom[order]
    counted = np.array([not metric.denominator for metric in metrics])[which]
    codes = pa.array([metric.code for metric in metrics])
    formulas = pa.array([metric.formula(recorded) for metric in metrics])
    return pa.table(
        {
            "date": clock.days_to_dates(day),
            "metric": codes.take(pa.array(which)),
            "value": pa.array(top / bottom, pa.float64()),
            "numerator": pa.array(top, pa.float64()),
            "denominator": pa.array(bottom, pa.float64(), mask=counted),
            "formula": formulas.take(pa.array(which)),
        }
    )
