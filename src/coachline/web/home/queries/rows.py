"""The rows of a result's table as a list that can be paged, searched and sorted; of a large one only the page that is shown is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import polars as pl

from coachline.engine.result import Result
from coachline.report.cells import Cell, figure_columns, written
from coachline.report.columns import heading
from coachline.stored import StoredTables
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words


@dataclass(frozen=True)
class Head:
    """Header of a column: how it is sorted now, and what pressing it asks for."""

    title: str
    figure: bool
    sorted: str
    next: str


class Rows(Sequence[list[Cell]]):
    """Rows of `frame`, written as people read them.

    Parameters
    ----------
    frame : polars.LazyFrame
    search : str
        Only rows in which some text holds it.
    sort : str
        A column, with ``-`` before it from the largest down; unknown ones are passed over.
    """

    def __init__(self, frame: pl.LazyFrame, search: str, sort: str) -> None:
        self._schema = frame.collect_schema()
        self.search = search.strip()
        self.sort = sort if sort.removeprefix("-") in self._schema else ""
        texts = [name for name, kind in self._schema.items() if kind == pl.String]
        if self.search:
            found = [pl.col(text).str.contains(self.search, literal=True).fill_null(False) for text in texts]
            frame = frame.filter(pl.any_horizontal(found)) if found else frame.clear()
        if self.sort:
            frame = frame.sort(self.sort.removeprefix("-"), descending=self.sort.startswith("-"), nulls_last=True, maintain_order=True)
        self._frame = frame

    def heads(self, analysis: str, table: str) -> list[Head]:
        """Headers of the columns, as this table of this analysis names them."""
        say = words()
        figures = figure_columns(self._schema.to_frame().to_arrow())
        return [
            self._head(column, heading(say, analysis, table, column), figure) for column, figure in zip(self._schema, figures, strict=True)
        ]

    def _head(self, column: str, title: str, figure: bool) -> Head:
        now = {column: "ascending", f"-{column}": "descending"}.get(self.sort, "")
        # Figures are first asked for from the largest down.
        first, second = (f"-{column}", column) if figure else (column, f"-{column}")
        return Head(title, figure, now, second if self.sort == first else first)

    def __len__(self) -> int:
        return self._height

    @cached_property
    def _height(self) -> int:
        return int(self._frame.select(pl.len()).collect().item())

    @overload
    def __getitem__(self, at: int) -> list[Cell]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[Cell]]: ...
    def __getitem__(self, at: Any) -> Any:
        begin, end, _ = at.indices(len(self)) if isinstance(at, slice) else slice(at, at + 1).indices(len(self))
        part = self._frame.slice(begin, max(0, end - begin)).collect()
        rows = written(part.to_arrow(), words(), centre_settings().zone)
        return rows if isinstance(at, slice) else rows[0]


def rows_of(result: Result, table: str) -> pl.LazyFrame:
    """A table of a result that may have been narrowed; where it was not, rows are read as they are asked for."""
    if isinstance(result.tables, StoredTables):
        return result.tables.scan(table)
    return result.polars(table).lazy()
