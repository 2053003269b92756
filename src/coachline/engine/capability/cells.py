"""Sufficient statistics of capability: tries and successes per person, business and outcome."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import recorded
from coachline.engine.operations.metrics import METRICS
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Basis, Settings
from coachline.engine.operations.sums import sums
from coachline.engine.result import Findings, Note

OUTCOMES = {"resolved": "resolution_recorded", "satisfied": "satisfaction", "ticketed": "ticket_rate", "transferred": "transfer_rate"}
"""Outcome of a call -> the metric whose numerator and denominator are its successes and tries."""

_COLUMNS = pl.Schema({"agent_id": pl.String(), "business": pl.String(), "outcome": pl.String(), "n": pl.Int64(), "successes": pl.Int64()})
_SCHEMA = pa.schema({"agent_id": pa.string(), "business": pa.string(), "outcome": pa.string(), "n": pa.int64(), "successes": pa.int64()})


def cells(facts: Facts, *, since: date | None = None, until: date | None = None, satisfied_from: int = 4) -> Findings:
    """How often each person tried and succeeded, by business.

    Tries are answered inbound calls with the outcome known (for ``satisfied``: rated calls), person and business known. They are all that an
    estimate of capability needs, and a few hundred thousand rows instead of millions of calls.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    satisfied_from : int
        Lowest rating that counts as satisfied.

    Returns
    -------
    Findings
        Table ``cells``: agent_id, business, outcome (resolved, satisfied, ticketed, transferred), n, successes; only cells with n > 0.

    Raises
    ------
    CoachlineError
        ``period_backwards`` or ``no_calls_in_period``.
    """
    period = Period.of(since, until)
    basis = Basis(Settings(satisfied_from=satisfied_from), recorded(facts, period))
    chosen = {outcome: METRICS[code] for outcome, code in OUTCOMES.items() if set(METRICS[code].needs) <= basis.recorded}
    frame = sums(facts, period, ["agent_id", "business"], list(chosen.values()), basis)
    period.require_calls(facts, int(frame["contacts"].sum()))

    placed = frame.filter(pl.col("agent_id").is_not_null(), pl.col("business").is_not_null())
    parts = [
        placed.select("agent_id", "business", pl.lit(outcome).alias("outcome"), n=metric.denominator[0], successes=metric.numerator[0])
        for outcome, metric in chosen.items()
    ]
    table = pl.concat([pl.DataFrame(schema=_COLUMNS), *(part.cast(_COLUMNS) for part in parts)]).filter(pl.col("n") > 0)
    table = table.sort("agent_id", "business", "outcome")
    answered = int(frame["answered"].sum())
    left_out = answered - int(placed["answered"].sum())
    notes = [Note("outcome_not_recorded", {"outcome": o, "column": METRICS[c].needs[0]}) for o, c in OUTCOMES.items() if o not in chosen]
    if left_out:
        notes.append(Note("cells_left_out", {"calls": left_out, "share": left_out / answered}))
    cell_sizes = table["n"].to_numpy()
    return Findings(
        tables={"cells": table.to_arrow().cast(_SCHEMA)},
        values={
            "agents": table["agent_id"].n_unique(),
            "businesses": table["business"].n_unique(),
            "cells": table.height,
            "median_n": float(np.median(cell_sizes)) if table.height else None,
            "calls": answered,
        },
        notes=tuple(notes),
    )
