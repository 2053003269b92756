"""Single cells of the matrix: those that a list asks for, and everything about one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from coachline.report.capability import Measure
from coachline.report.paths import family
from coachline.web.capability.queries.people import Person
from coachline.web.capability.queries.sources import Source, bars_of, kept
from coachline.web.capability.queries.wanted import Wanted

SORTS: Mapping[str, tuple[str, bool]] = {
    "calls": ("n", True),
    "agent": ("agent_id", False),
    "business": ("business", False),
    "sure": ("p_below", True),
}
"""Orders of the list: by which column, and whether the largest stands first."""


def cells(matrix: Source, measure: Measure, wanted: Wanted, known: Mapping[str, Person]) -> pl.DataFrame:
    """Cells with evidence that the address asks for, those with most of it first unless it asks otherwise."""
    rows = matrix.rows("matrix").filter((pl.col("outcome") == measure.code) & (pl.col("n") > 0) & wanted.cells(known))
    column, largest = SORTS.get(wanted.sort, SORTS["calls"])
    return rows.sort(column, "agent_id", "business", descending=[largest, False, False], nulls_last=True).collect()


def cell(matrix: Source, agent_id: str, business: str) -> dict[str, dict[str, Any]]:
    """Outcome to what is known of an agent on a business; empty where neither is known to the matrix."""
    rows = matrix.rows("matrix").filter((pl.col("agent_id") == agent_id) & (pl.col("business") == business)).collect()
    return {row["outcome"]: row for row in rows.to_dicts()}


def band(matrix: Source, business: str, outcome: str) -> tuple[float, float] | None:
    """Between what the middle four fifths of those who handle a business lie; None where they are too few to stay unrecognised."""
    found = bars_of(matrix).filter((pl.col("business") == business) & (pl.col("outcome") == outcome))
    if found.is_empty() or found["least"][0] is None:
        return None
    return found["least"][0], found["most"][0]


def families(matrix: Source) -> list[str]:
    """Top levels of the businesses that anybody handles."""

    def make() -> list[str]:
        return sorted({top for business in bars_of(matrix)["business"].unique() if (top := family(business))})

    return kept([matrix], ("families",), make)
