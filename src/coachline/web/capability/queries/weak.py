"""The list of weak cells, and how many of its entries are expected to be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from coachline.report.chapters.weak_cells import cost
from coachline.web.capability.queries.people import Person
from coachline.web.capability.queries.sources import Source
from coachline.web.capability.queries.wanted import Wanted

SORTS: Mapping[str, tuple[str, bool]] = {
    "cost": ("cost", True),
    "sure": ("p_below", True),
    "agent": ("agent_id", False),
    "business": ("business", False),
}


def weak(matrix: Source, wanted: Wanted, known: Mapping[str, Person]) -> pl.DataFrame:
    """Weak cells that the address asks for, the costliest first unless it asks otherwise; with ``cost`` and the interval of each."""
    asked = replace(wanted, weak=False).cells(known)
    if wanted.outcome:
        asked = asked & (pl.col("outcome") == wanted.outcome)
    listed = matrix.rows("weak").filter(asked).with_columns(cost=cost())
    column, largest = SORTS.get(wanted.sort, SORTS["cost"])
    return listed.sort(column, "agent_id", "business", "outcome", descending=[largest, False, False, False]).collect()


def with_intervals(matrix: Source, listed: pl.DataFrame) -> pl.DataFrame:
    """Rows of the list with the ends of their intervals."""
    key = ["agent_id", "business", "outcome"]
    about = matrix.rows("matrix").filter(
        pl.col("outcome").is_in(listed["outcome"].unique().to_list()) & pl.col("agent_id").is_in(listed["agent_id"].unique().to_list())
    )
    return listed.join(about.select(*key, "low", "high").collect(), on=key, how="left", maintain_order="left")


def outcomes_listed(matrix: Source) -> list[str]:
    """Outcomes of which anything is on the list of those who may be seen."""
    return matrix.rows("weak").select(pl.col("outcome").unique(maintain_order=True)).collect()["outcome"].to_list()
