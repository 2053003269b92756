"""Finds the header row: exports often begin with a title, a period and an empty line."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.engine.sources.headers import recognise
from coachline.engine.tables import TABLES

LOOK = 20
"""How many rows from the top may be titles."""


def find_header_row(rows: Sequence[Sequence[str]]) -> int:
    """Index of the row that holds the headers, among the first rows of a file.

    The row with the most recognised headers, the first one of equals; without any recognised header the first row that is filled.
    """
    best, best_score = None, 0
    for index, row in enumerate(rows[:LOOK]):
        cells = [c.strip() for c in row]
        score = max(len(recognise(cells, table).recipes) for table in TABLES.values())
        # One recognised word may stand in a title line; a header row has at least two, unless the file has one column.
        if score > best_score and (score > 1 or len([c for c in cells if c]) == 1):
            best, best_score = index, score
    if best is not None:
        return best
    widest = max((len([c for c in row if c.strip()]) for row in rows[:LOOK]), default=0)
    return next((i for i, row in enumerate(rows[:LOOK]) if len([c for c in row if c.strip()]) == widest), 0)
