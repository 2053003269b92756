"""Excel workbooks: xlsx, xlsm, xlsb, xls, ods."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from coachline.engine.sources.header_row import LOOK, find_header_row
from coachline.engine.sources.mapping import Mapping
from coachline.engine.sources.raw import Layout, RawRows, unique
from coachline.errors import CoachlineError

ROWS_AT_ONCE = 20_000
LARGEST = 4 << 30
"""More than this, unpacked, is refused: no export of a call system is that large in one workbook."""
SUSPICIOUS = 200 << 20
SUSPICIOUS_RATIO = 100
"""Real workbooks shrink about tenfold."""


def open_workbook(path: Path, mapping: Mapping | None) -> tuple[RawRows, pa.Table]:
    """The rows of the sheet that the map names, else of the first one that holds any, with all sheets of the same header.

    Formula cells count with the value that Excel stored.

    Returns
    -------
    RawRows, pyarrow.Table
        The relation of the former is the name ``workbook_rows`` under which the latter must be registered.

    Raises
    ------
    CoachlineError
        ``zip_bomb``, ``workbook_damaged``, ``workbook_protected``, ``no_such_sheet``, ``no_rows``.
    """
    refuse_bomb(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            return _read(book, path, mapping)
    except CalamineError as error:
        code = "workbook_protected" if "password" in str(error).lower() else "workbook_damaged"
        raise CoachlineError(code, file=path.name, reason=str(error).splitlines()[0]) from None


def _read(book: CalamineWorkbook, path: Path, mapping: Mapping | None) -> tuple[RawRows, pa.Table]:
    names = book.sheet_names
    if mapping and mapping.sheet:
        if mapping.sheet not in names:
            raise CoachlineError("no_such_sheet", sheet=mapping.sheet, sheets=", ".join(names))
        names = [mapping.sheet]
    header: list[str] | None = None
    layout = Layout("workbook", sheets=book.sheet_names)
    first_row, batches, skipped = 0, [], []
    for name in names:
        sheet = book.get_sheet_by_name(name)
        # Without rows, calamine reports no start.
        above = 0 if sheet.start is None else sheet.start[0]
        top = [[_text(c) or "" for c in row] for row in islice(sheet.iter_rows(), LOOK)]
        if not any(any(row) for row in top):
            continue
        index = mapping.header_row - 1 - above if mapping and mapping.header_row else find_header_row(top)
        if not 0 <= index < len(top):
            raise CoachlineError("header_row_beyond_end", row=index + above + 1, file=path.name)
        cells = [c.strip() for c in top[index]]
        if header is None:
            header, first_row = cells, above + index + 2
            layout = replace(layout, sheet=name, header_row=above + index + 1)
        elif cells != header:
            skipped.append(name)
            continue
        batches += list(_batches(sheet, index + 1, len(header)))
    if header is None:
        raise CoachlineError("no_rows", file=path.name)
    headers, repeated = unique(header)
    schema = pa.schema([(f"c{i}", pa.string()) for i in range(len(headers))])
    rows = RawRows(headers, "workbook_rows", first_row, layout, skipped_sheets=skipped, duplicates=repeated)
    return rows, pa.Table.from_batches(batches, schema)


def _batches(sheet: CalamineSheet, skip: int, width: int) -> Iterator[pa.RecordBatch]:
    rows = islice(sheet.iter_rows(), skip, None)
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        columns = [[_text(row[i]) if i < len(row) else None for row in chunk] for i in range(width)]
        yield pa.record_batch([pa.array(c, pa.string()) for c in columns], [f"c{i}" for i in range(width)])


def _text(cell: Any) -> str | None:
    """A cell as text that `values` reads; whole numbers without the point that Excel gives them."""
    match cell:
        case "" | None:
            return None
        case bool():
            return "true" if cell else "false"
        case float():
            return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
        case datetime():
            # A date cell is a midnight to Excel; as a date it can be joined with a time from another column.
            return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ")
        case timedelta():
            seconds = round(cell.total_seconds())
            return f"{seconds // 3600}:{seconds % 3600 // 60:02}:{seconds % 60:02}"
        case time() | date():
            return cell.isoformat()
        case _:
            return str(cell)


def refuse_bomb(path: Path) -> None:
    """Refuse a workbook that unpacks to far more than an export can be.

    Raises
    ------
    CoachlineError
        ``zip_bomb``, ``workbook_damaged``.
    """
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            members: Sequence[zipfile.ZipInfo] = archive.infolist()
    except zipfile.BadZipFile as error:
        raise CoachlineError("workbook_damaged", file=path.name, reason=str(error)) from None
    unpacked, packed = sum(m.file_size for m in members), max(1, sum(m.compress_size for m in members))
    if unpacked > LARGEST or (unpacked > SUSPICIOUS and unpacked > SUSPICIOUS_RATIO * packed):
        raise CoachlineError("zip_bomb", file=path.name, megabytes=unpacked >> 20)
