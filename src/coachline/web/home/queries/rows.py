"""The rows of a result's table as a list that can be paged, searched and sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import polars as pl

from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words


class Rows(Sequence[list[str]]):
    """Rows of `frame`, written as people read them.

    Parameters
    ----------
    frame : polars.DataFrame
    analysis, table : str
        Where they come from; decides formats.
    search : str
        Only rows in which some text holds it.
    sort : str
        A column, with ``-`` before it from the largest down; unknown ones are passed over.
    """

    def __init__(self, frame: pl.DataFrame, analysis: str, table: str, search: str, sort: str) -> None:
        self.columns = frame.columns
        self.search = search.strip()
        self.sort = sort if sort.removeprefix("-") in frame.columns else ""
        texts = [name for name, kind in frame.schema.items() if kind in (pl.String, pl.Categorical)]
        if self.search and texts:
            frame = frame.filter(pl.any_horizontal(pl.col(t).str.contains(self.search, literal=True).fill_null(False) for t in texts))
        if self.sort:
            frame = frame.sort(self.sort.removeprefix("-"), descending=self.sort.startswith("-"), nulls_last=True, maintain_order=True)
        self._frame = frame
        self._analysis, self._table = analysis, table

    def __len__(self) -> int:
        return self._frame.height

    @overload
    def __getitem__(self, at: int) -> list[str]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[str]]: ...
    def __getitem__(self, at: Any) -> Any:
        from coachline.report.cells import written

        part = self._frame[at] if isinstance(at, slice) else self._frame[at : at + 1]
        rows = written(part, words(), centre_settings().zone)
        return rows if isinstance(at, slice) else rows[0]
