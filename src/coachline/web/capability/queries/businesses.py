"""Businesses: how hard each is, whoever handles it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from coachline.report.capability import Measure
from coachline.web.capability.queries.sources import Source
from coachline.web.capability.queries.wanted import Wanted

SORTS: Mapping[str, tuple[str, bool]] = {"calls": ("n", True), "business": ("business", False), "estimate": ("estimate", False)}


def businesses_listed(businesses: Source, measure: Measure, wanted: Wanted) -> pl.DataFrame:
    """Businesses that the address asks for, those with most calls first unless it asks otherwise."""
    asked = [pl.col("outcome") == measure.code, pl.col("n") > 0]
    family = wanted.businesses()
    asked += [] if family is None else [family]
    asked += [wanted.found()] if wanted.search else []
    asked += [pl.col("verdict") == "harder"] if wanted.weak else []
    column, largest = SORTS.get(wanted.sort, SORTS["calls"])
    if column == "estimate":
        largest = measure.sign < 0
    return businesses.rows("businesses").filter(pl.all_horizontal(asked)).sort(column, "business", descending=[largest, False]).collect()


def ends(listed: pl.DataFrame) -> tuple[float, float]:
    """Where a scale begins and ends on which most of the intervals have their place."""
    if listed.is_empty():
        return 0.0, 1.0
    low, high = listed["low"].quantile(0.05, "linear"), listed["high"].quantile(0.95, "linear")
    return float(low or 0.0), float(high if high is not None else 1.0)


def is_handled(businesses: Source, business: str) -> bool:
    """Whether anybody has handled a business."""
    rows = businesses.everybody("businesses").filter((pl.col("business") == business) & (pl.col("n") > 0))
    return bool(rows.select(pl.len()).collect().item())


def is_in_matrix(matrix: Source, business: str) -> bool:
    """Whether the matrix has cells of a business, be it that nobody has handled it yet."""
    rows = matrix.everybody("matrix").filter(pl.col("business") == business)
    return bool(rows.select(pl.len()).collect().item())
