"""Which rows of a long table are worth a row of the workbook."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MATRIX = ("capability.matrix", "matrix")
MOST_CELLS = 200_000
"""Cells of the matrix on a sheet: half a minute of writing, and the most that people still filter."""


def worth_a_row(analysis: str, name: str, table: pa.Table) -> pa.Table:
    """Of the matrix the cells that somebody has handled, of very many those with most evidence; of other tables everything."""
    if (analysis, name) != MATRIX:
        return table
    seen = table.filter(pc.greater(table["n"], 0))
    if seen.num_rows <= MOST_CELLS:
        return seen
    order = np.argsort(-seen["n"].to_numpy(), kind="stable")
    return seen.take(pa.array(np.sort(order[:MOST_CELLS])))


def cut_as(analysis: str, name: str) -> str:
    """The sentence that says what a sheet lacks."""
    return "sheet_cut_matrix" if (analysis, name) == MATRIX else "sheet_cut"
