"""Some columns and rows of a result's table as a table of a chapter, written as everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import polars as pl

from coachline.report.blocks import Column, Table
from coachline.report.cells import figure_columns, written
from coachline.report.chapter import Desk
from coachline.report.columns import heading

LEADS: dict[str, Literal["agent", "business"]] = {
    "agent_id": "agent",
    "mentor_id": "agent",
    "trainer_id": "agent",
    "business": "business",
}


def chosen_columns(
    desk: Desk, analysis: str, table: str, rows: pl.DataFrame, columns: Sequence[str], title: str, total: int | None = None
) -> Table:
    """`columns` of `rows`, which come from a result's table.

    Parameters
    ----------
    desk : Desk
    analysis, table : str
        Where the rows come from: it decides how columns are called.
    rows : polars.DataFrame
    columns : sequence of str
        Those shown, in order.
    title : str
    total : int, optional
        Rows there are in all, where these are only some.
    """
    arrow = rows.select(columns).to_arrow()
    figures = figure_columns(arrow)
    heads = [
        Column(heading(desk.words, analysis, table, name), figure=figure, leads=LEADS.get(name))
        for name, figure in zip(columns, figures, strict=True)
    ]
    cells = [[cell.text for cell in row] for row in written(arrow, desk.words, desk.facts.zone)]
    return Table.of(title, heads, cells, total=total)
