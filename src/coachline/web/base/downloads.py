"""Tables to take along: csv that no spreadsheet will run, or a workbook."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from django.http import FileResponse, HttpResponse

from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.outputs import SUFFIXES, as_csv, write_result, write_table
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import short

KINDS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "json": "application/json",
}


def rows_download(headers: Sequence[str], rows: Sequence[Sequence[Any]], name: str, kind: str) -> HttpResponse:
    """Rows under their headers as csv or xlsx."""
    columns = [[row[i] for row in rows] for i in range(len(headers))]
    return table_download(pa.table({header: _column(values) for header, values in zip(headers, columns, strict=True)}), name, kind)


def table_download(table: pa.Table, name: str, kind: str) -> HttpResponse:
    """An Arrow table as csv or xlsx.

    Raises
    ------
    CoachlineError
        ``output_kind_unknown``.
    """
    if kind == "csv":
        return named(HttpResponse(b"\xef\xbb\xbf" + as_csv(table).encode(), content_type=KINDS["csv"]), f"{name}.csv")
    if kind != "xlsx":
        raise CoachlineError("output_kind_unknown", file=f"{name}.{kind}", accepted=".csv, .xlsx")
    with tempfile.TemporaryDirectory(prefix="coachline-download-") as scratch:
        file = Path(scratch) / "table.xlsx"
        write_table(table, file, centre_settings().zone)
        return named(HttpResponse(file.read_bytes(), content_type=KINDS["xlsx"]), f"{name}.xlsx")


def result_download(result: Result, name: str, kind: str) -> HttpResponse:
    """A whole result: its main table as csv or parquet, everything as xlsx or json."""
    if f".{kind}" not in SUFFIXES:
        raise CoachlineError("output_kind_unknown", file=f"{name}.{kind}", accepted=", ".join(SUFFIXES))
    with tempfile.TemporaryDirectory(prefix="coachline-download-") as scratch:
        file = Path(scratch) / f"result.{kind}"
        write_result(result, file, centre_settings().zone, short())
        return named(HttpResponse(file.read_bytes(), content_type=KINDS[kind]), f"{name}.{kind}")


def file_download(file: Path, name: str) -> FileResponse:
    """A file of the centre's folder, as it is."""
    if not file.is_file():
        raise CoachlineError("not_there", what=name)
    response = FileResponse(file.open("rb"), as_attachment=True, filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def named(response: HttpResponse, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _column(values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())
