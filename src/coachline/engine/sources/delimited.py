"""Comma, tab, semicolon and bar separated text."""

from __future__ import annotations

import csv
import io
import itertools
import uuid
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

from coachline.engine.sources import encoding as encodings
from coachline.engine.sources.header_row import LOOK, find_header_row
from coachline.engine.sources.mapping import Mapping
from coachline.engine.sources.raw import Layout, RawRows, unique
from coachline.engine.sources.rejected import ROWS_AT_ONCE, MalformedLines, on_disk
from coachline.engine.sources.values import identifier, literal
from coachline.errors import CoachlineError

DELIMITERS = (",", "\t", ";", "|", ",")
HEAD_CHARACTERS = 1 << 18
LONGEST_LINE = 1 << 22
ENOUGH_ROWS = 500
BLANK = " \t\r\n\u3000\u00a0"


def open_delimited(path: Path, mapping: Mapping | None, scratch: Path) -> RawRows:
    """The rows of a text file, read by DuckDB where it lies; other encodings than UTF-8 are converted beside it first.

    Raises
    ------
    CoachlineError
        ``encoding_unknown``, ``not_a_table``, ``no_rows``.
    """
    encoding = (mapping and mapping.encoding) or encodings.detect(path)
    try:
        source, damaged = path, False
        if encoding.lower().replace("_", "-") != "utf-8":
            source = scratch / "utf8.txt"
            damaged = encodings.as_utf8(path, encoding, source)
    except LookupError:
        raise CoachlineError("encoding_not_supported", encoding=encoding) from None
    with source.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        head = file.read(HEAD_CHARACTERS)
    if not head.strip():
        raise CoachlineError("no_rows", file=path.name)
    delimiter = (mapping and mapping.delimiter) or find_delimiter(head)
    top = _records(head, delimiter, LOOK)
    index = mapping.header_row - 1 if mapping and mapping.header_row else find_header_row(top)
    if index >= len(top):
        raise CoachlineError("header_row_beyond_end", row=index + 1, file=path.name)
    headers, repeated = unique([h.strip() for h in top[index]])
    layout = Layout("text", encoding=encoding, delimiter=delimiter, header_row=index + 1)
    lines = _lines_before(head, delimiter, index)
    torn = _torn(head, delimiter, index, len(headers))
    columns = ", ".join(f"'c{i}': 'VARCHAR'" for i in range(len(headers)))

    def rows(file: Path, quote: str, name: str, *, alone: bool = False) -> RawRows:
        """`file` by one reader, or by as many as there are cores: faster, but see `RawRows.alone`."""
        table = f"{name}_alone" if alone else name
        relation = (
            f"read_csv({literal(str(file))}, auto_detect = false, header = false, skip = {lines}, delim = {literal(delimiter)}, "
            f"quote = {literal(quote)}, escape = {literal(quote)}, columns = {{{columns}}}, parallel = {not alone}, store_rejects = true, "
            f"rejects_table = '{table}', rejects_scan = '{table}_scan', max_line_size = {LONGEST_LINE})"
        )
        malformed = partial(_malformed, name=table, scratch=scratch)
        read = RawRows(headers, relation, lines + 1, layout, malformed, duplicates=repeated, damaged=damaged, torn=torn)
        return read if alone else replace(read, alone=rows(file, quote, name, alone=True))

    def either_way(file: Path) -> RawRows:
        return replace(rows(file, '"', "quoted"), unquoted=rows(file, "", "unquoted"))

    return replace(either_way(source), even_line_ends=lambda: either_way(encodings.with_even_line_ends(source, scratch / "even.txt")))


def find_delimiter(head: str) -> str:
    """The separator that cuts most of the first lines into the same number of cells."""

    def regularity(delimiter: str) -> tuple[int, int]:
        widths = [len(row) for row in _records(head, delimiter, 50)]
        # The last line of a cut head may be incomplete.
        widths = [w for w in widths[: max(1, len(widths) - 1)] if w > 1]
        usual = max(set(widths), key=widths.count, default=0)
        return widths.count(usual) if usual else 0, usual

    return max(DELIMITERS, key=regularity)


def _records(head: str, delimiter: str, most: int | None = None) -> list[list[str]]:
    """The first rows of a text. Where a lone quotation mark swallows the rest of it, the marks are text."""
    try:
        return list(itertools.islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter), most))
    except csv.Error:
        return list(itertools.islice(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter, quoting=csv.QUOTE_NONE), most))


def _lines_before(head: str, delimiter: str, index: int) -> int:
    """How many lines of text the header row and what stands above it take (a quoted header may span several)."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    for _ in range(index + 1):
        next(reader)
    return reader.line_num


def _torn(head: str, delimiter: str, index: int, width: int) -> float:
    """Share of the first rows that have more or fewer cells than the header, where there are enough of them to tell."""
    # The last line of a cut head may be incomplete.
    rows = [row for row in _records(head, delimiter) if row][index + 1 : -1]
    # Empty cells beyond the last header are no cells.
    odd = sum(len(row) < width or any(row[width:]) for row in rows)
    return odd / len(rows) if len(rows) >= ENOUGH_ROWS else 0.0


def _malformed(connection: duckdb.DuckDBPyConnection, name: str, scratch: Path) -> MalformedLines:
    """Lines that DuckDB could not cut into the columns of the header."""
    lines = connection.sql(
        f"SELECT * FROM (SELECT CAST(line AS BIGINT) AS line, replace(lower(CAST(first(error_type) AS VARCHAR)), ' ', '_') AS fault, "
        f"first(csv_line) AS text FROM {identifier(name)} GROUP BY line) WHERE trim(text, {literal(BLANK)}) <> '' ORDER BY line"
    )
    return MalformedLines(on_disk(lines.to_arrow_reader(ROWS_AT_ONCE), scratch / f"{name}-{uuid.uuid4().hex}.arrow"))
