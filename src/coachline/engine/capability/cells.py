"""Sufficient statistics of capability as a table: tries and successes per person, business and outcome."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from coachline.engine.capability.evidence import evidence
from coachline.engine.capability.outcomes import RATINGS
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Findings

_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("agent_id", "business", "outcome")),
        *((name, pa.int64()) for name in ("n", "successes")),
        *((name, pa.float64()) for name in ("total", "total_sq")),
        *((f"rating_{grade}", pa.int64()) for grade in RATINGS),
    ]
)


def cells(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    satisfied_from: int = 4,
    repeat_days: int = 7,
    by_month: bool = False,
) -> Findings:
    """How often each person tried and succeeded, by business.

    They are all that an estimate of capability needs, and a few hundred thousand rows instead of millions of calls.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    satisfied_from : int
        Lowest rating that counts as satisfied.
    repeat_days : int
        Days within which a further call counts as a repeat.
    by_month : bool
        A row for every month.

    Returns
    -------
    Findings
        Table ``cells``: agent_id, business, outcome, n, successes, total, total_sq, rating_1 ... rating_5, and month (``2026-03``) if `by_month`;
        see `Evidence`. Only cells with n > 0.

    Raises
    ------
    CoachlineError
        ``period_backwards`` or ``no_calls_in_period``.
    """
    settings = Settings(satisfied_from=satisfied_from, repeat_days=repeat_days)
    found = evidence(facts, Period.of(since, until), settings, by_month=by_month)
    frame = found.cells.sort("agent_id", "business", "outcome", *(["month"] if by_month else []))
    table = frame.select(_SCHEMA.names).to_arrow().cast(_SCHEMA)
    if by_month:
        months = frame["month"]
        numbers, places = np.unique(months.to_numpy(), return_inverse=True)
        names = pa.array([f"{number // 12:04}-{number % 12 + 1:02}" for number in numbers], pa.string())
        table = table.append_column("month", names.take(pa.array(places)))
    sizes = frame["n"].to_numpy()
    return Findings(
        tables={"cells": table},
        values={
            "agents": frame["agent_id"].n_unique(),
            "businesses": frame["business"].n_unique(),
            "cells": frame.height,
            "median_n": float(np.median(sizes)) if frame.height else None,
            "calls": found.left_out["calls"][1],
        },
        notes=found.notes,
    )
