"""Rows of a table as a pager wants them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, overload

import polars as pl


class FrameRows(Sequence[dict[str, Any]]):
    """Rows of a frame as mappings; only those of the page that is shown are made."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    def __len__(self) -> int:
        return self.frame.height

    @overload
    def __getitem__(self, place: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, place: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, place: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(place, slice):
            return self.frame[place].to_dicts()
        return self.frame.row(place, named=True)
