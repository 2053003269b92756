"""Reading the table of `operations.causes`: which members made a change."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

CLEAR = 0.3
"""A member is named as the main source from this share of the change on,"""
BEYOND_SIZE = 1.5
"""and when it has so many times the share that its calls alone would give it: the largest business leads every change."""
DIMENSIONS = ("business", "team", "queue", "hour")


def of_move(causes: pa.Table, metric: str, day: date) -> dict[str, list[dict[str, Any]]]:
    """Rows of one move by dimension, largest contribution first."""
    rows = causes.filter(
        pc.and_(pc.equal(causes["metric"], metric), pc.equal(causes["date"], pa.scalar(day, causes["date"].type)))
    ).to_pylist()
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(row["dimension"], []).append(row)
    known = [d for d in DIMENSIONS if d in found] + [d for d in found if d not in DIMENSIONS]
    return {dimension: sorted(found[dimension], key=lambda row: -abs(row["change"] or 0)) for dimension in known}


def leading(causes: pa.Table, metric: str, day: date) -> dict[str, Any] | None:
    """The member that made most of the change, or None where the change is spread.

    Dimensions are asked in their order, business first: what it names can be acted on.
    """
    for rows in of_move(causes, metric, day).values():
        calls = sum(row["n_after"] or 0 for row in rows)
        clear = [
            row
            for row in rows
            if row["member"] is not None and (row["share_of_change"] or 0) >= max(CLEAR, BEYOND_SIZE * (row["n_after"] or 0) / (calls or 1))
        ]
        if clear:
            return max(clear, key=lambda row: row["share_of_change"])
    return None
