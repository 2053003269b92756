"""The rows of a file before anything is read from them: all text, columns numbered, headers apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import duckdb

from coachline.engine.sources.values import identifier


@dataclass(frozen=True)
class MalformedLine:
    """A line that does not have the form of a row."""

    line: int
    fault: str
    text: str


def _none(_: duckdb.DuckDBPyConnection) -> list[MalformedLine]:
    return []


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
    malformed : callable
        After the relation has been read once: the lines that were no rows.
    skipped_sheets : sequence of str
        Sheets of a workbook that hold something else.
    """

    headers: Sequence[str]
    relation: str
    first_row: int
    malformed: Callable[[duckdb.DuckDBPyConnection], list[MalformedLine]] = _none
    skipped_sheets: Sequence[str] = ()
    duplicates: frozenset[str] = field(default_factory=frozenset)
    """Headers that occur more than once."""
    damaged: bool = False
    """Whether U+FFFD stands for bytes that could not be decoded."""
    unquoted: RawRows | None = None
    """The same file if quotation marks are text like any other: some systems never quote, and a lone mark would swallow the rest."""
    even_line_ends: Callable[[], RawRows] | None = None
    """The same file with one kind of line end: files put together from two systems have both."""

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
