"""The rows of a file before anything is read from them: all text, columns numbered, headers apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import duckdb

from coachline.engine.sources.rejected import MalformedLines
from coachline.engine.sources.values import identifier
from coachline.errors import CoachlineError


@dataclass(frozen=True)
class Layout:
    """How a file is laid out, as it was told from the file or named by a map.

    Attributes
    ----------
    kind : str
        ``text``, ``workbook``, ``web_page`` or ``parquet``.
    encoding, delimiter : str, optional
        Of text.
    sheet, sheets : str, tuple of str
        The first sheet that was read, and all that the workbook has.
    header_row : int, optional
        Number of the header row, counted from 1.
    """

    kind: Literal["text", "workbook", "web_page", "parquet"]
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    sheets: Sequence[str] = ()
    header_row: int | None = None


MOSTLY_TORN = 0.9


def _none(_: duckdb.DuckDBPyConnection) -> MalformedLines:
    return MalformedLines.none()


@dataclass(frozen=True)
class RawRows:
    """What a reader hands over.

    Attributes
    ----------
    headers : sequence of str
        As in the file, made unique (``工号``, ``工号 (2)``); empty for a column without header.
    relation : str
        SQL of a relation with one text column ``c0``, ``c1``, ... per header, in the order of the file.
    first_row : int
        Number, in the file, of the first data row.
    layout : Layout
    malformed : callable
        After the relation has been read once: the lines that were no rows.
    skipped_sheets : sequence of str
        Sheets of a workbook that hold something else.
    """

    headers: Sequence[str]
    relation: str
    first_row: int
    layout: Layout
    malformed: Callable[[duckdb.DuckDBPyConnection], MalformedLines] = _none
    skipped_sheets: Sequence[str] = ()
    duplicates: frozenset[str] = field(default_factory=frozenset)
    """Headers that occur more than once."""
    damaged: bool = False
    """Whether U+FFFD stands for bytes that could not be decoded."""
    torn: float = 0.0
    """Share of the first rows that do not have as many cells as the header."""
    alone: RawRows | None = None
    """The same file read from beginning to end by one reader. Where several readers share a file, DuckDB leaves out, without a word, what follows a run
    of malformed lines that fills a buffer."""
    unquoted: RawRows | None = None
    """The same file if quotation marks are text like any other: some systems never quote, and a lone mark would swallow the rest."""
    even_line_ends: Callable[[], RawRows] | None = None
    """The same file with one kind of line end: files put together from two systems have both."""

    def first(self, rows: int) -> RawRows:
        """The same file as if it ended after so many rows."""
        again = self.even_line_ends
        return replace(
            self,
            relation=f"(SELECT * FROM {self.relation} LIMIT {rows})",
            alone=None if self.alone is None else self.alone.first(rows),
            unquoted=None if self.unquoted is None else self.unquoted.first(rows),
            even_line_ends=None if again is None else lambda: again().first(rows),
        )

    def refusal(self, file: str) -> CoachlineError | None:
        """Why `file` is not worth reading as a whole: its rows are not those of its header. Each torn line costs the reader kilobytes."""
        return CoachlineError("mostly_torn", file=file, cells=len(self.headers)) if self.torn >= MOSTLY_TORN else None

    def column(self, header: str) -> str:
        """SQL of the raw cell below `header`."""
        return identifier(f"c{list(self.headers).index(header)}")


def unique(headers: Sequence[str]) -> tuple[list[str], frozenset[str]]:
    """Headers with repeated ones numbered, and which were repeated."""
    seen: dict[str, int] = {}
    named = []
    for header in headers:
        seen[header] = seen.get(header, 0) + 1
        named.append(header if seen[header] == 1 or not header else f"{header} ({seen[header]})")
    return named, frozenset(h for h, n in seen.items() if n > 1 and h)
