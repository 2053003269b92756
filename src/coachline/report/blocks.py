"""What a chapter is made of: tiles, pictures, tables, paragraphs. Plain data; the page template draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

ROWS_ON_PAGE = 200
"""A longer table is cut on the page; the workbook has all of it."""


class OurWord(str):
    """A cell among names that is no name, such as "everybody": it leads nowhere."""

    __slots__ = ()


@dataclass(frozen=True)
class Column:
    """Header of a table column; figures stand to the right, texts to the left, and long texts get room.

    What stands in a column that `leads` to an ``agent`` or a ``business`` becomes a link to the page of that name, where there is one.
    """

    title: str
    figure: bool = True
    long: bool = False
    leads: Literal["agent", "business"] | None = None


@dataclass(frozen=True)
class Row:
    """Cells of a row as text, the first one its header; `anchor` makes it a link target, `mark` draws the eye to it."""

    cells: Sequence[str]
    anchor: str | None = None
    mark: bool = False


@dataclass(frozen=True)
class Table:
    """A table, cut to `ROWS_ON_PAGE`; `total` is the number of rows before the cut."""

    caption: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    total: int

    kind: Literal["table"] = field(default="table", init=False)

    @classmethod
    def of(cls, caption: str, columns: Sequence[Column], rows: Sequence[Row | Sequence[str]], total: int | None = None) -> Table:
        shown = [row if isinstance(row, Row) else Row(row) for row in rows[:ROWS_ON_PAGE]]
        return cls(caption, columns, shown, len(rows) if total is None else total)

    @property
    def cut(self) -> bool:
        return self.total > len(self.rows)


@dataclass(frozen=True)
class Picture:
    """A chart: records and a description, drawn by ``assets/charts.js``; the same figures follow as a table.

    Parameters
    ----------
    title : str
        The question that it answers, or the answer.
    spec : Mapping
        ``kind`` names the drawing function; the rest is its data.
    table : Table
        The alternative for those who cannot see the picture.
    height : int
        CSS pixels; 0 where the picture is made of elements and takes the height that it needs.
    wide : bool
        Over the full width; else two stand side by side where there is room.
    min_width : int
        Below it the picture scrolls sideways instead of shrinking.
    metric : str, optional
        Whose passport the title links to.
    """

    title: str
    spec: Mapping[str, Any]
    table: Table
    height: int = 260
    wide: bool = False
    min_width: int = 0
    metric: str | None = None
    caption: str | None = None

    kind: Literal["picture"] = field(default="picture", init=False)


@dataclass(frozen=True)
class Tile:
    """A figure of the last day with its change; `look` says "look here"."""

    title: str
    value: str
    change: str
    metric: str | None = None
    aside: str | None = None
    look: bool = False


@dataclass(frozen=True)
class Tiles:
    tiles: Sequence[Tile]

    kind: Literal["tiles"] = field(default="tiles", init=False)


@dataclass(frozen=True)
class Paragraph:
    """A sentence or two; `tone` ``look`` sets it off as something to heed."""

    text: str
    tone: Literal["plain", "look", "quiet"] = "plain"

    kind: Literal["paragraph"] = field(default="paragraph", init=False)


@dataclass(frozen=True)
class Heading:
    """A heading within a chapter."""

    text: str

    kind: Literal["heading"] = field(default="heading", init=False)


Block = Tiles | Picture | Table | Paragraph | Heading
