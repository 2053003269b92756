"""What every metric is: formula, version, unit, direction, columns, and whether the loaded data allow it."""

from __future__ import annotations

import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import recorded
from coachline.engine.operations.metrics import METRICS
from coachline.engine.operations.period import Period
from coachline.engine.result import Findings


def passports(facts: Facts) -> Findings:
    """The passport of every metric.

    Returns
    -------
    Findings
        Table ``passports``: metric, unit (share, seconds, count), better (up, down, none), formula, version, numerator, denominator (sums joined by
        ``+``; null for a count), needs (columns of `calls`, others with their table), available (every needed column holds a value).
    """
    columns = recorded(facts, Period())
    metrics = list(METRICS.values())
    can = [set(m.needs) <= columns for m in metrics]
    table = pa.table(
        {
            "metric": [m.code for m in metrics],
            "unit": [m.unit for m in metrics],
            "better": [m.better for m in metrics],
            "formula": [m.formula(columns if able else None) for m, able in zip(metrics, can, strict=True)],
            "version": pa.array([m.version for m in metrics], pa.int64()),
            "numerator": ["+".join(m.numerator) for m in metrics],
            "denominator": pa.array(["+".join(m.denominator) or None for m in metrics], pa.string()),
            "needs": [", ".join(m.needs) for m in metrics],
            "available": can,
        }
    )
    return Findings(tables={"passports": table}, values={"metrics": len(metrics), "available": sum(can)})
