"""Writes a result to a file that others can read on: csv, xlsx, parquet, json."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report.workbook import write_workbook
from coachline.wording import Wording

SUFFIXES = (".csv", ".xlsx", ".parquet", ".json")
AUTOFIT_ROWS = 5_000
"""A longer sheet keeps the usual widths: measuring every cell takes longer than writing it."""


def write_result(result: Result, target: Path, zone: ZoneInfo, language: str | None = None) -> None:
    """Write the main table (csv, parquet) or everything (xlsx, json) of a result, by the ending of the file's name.

    Raises
    ------
    CoachlineError
        ``output_kind_unknown``, ``cannot_write``.
    """
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        raise CoachlineError("output_kind_unknown", file=str(target), accepted=", ".join(SUFFIXES))
    with _whole(target) as unfinished:
        if suffix == ".csv":
            # The mark lets Excel read Chinese.
            unfinished.write_bytes(b"\xef\xbb\xbf" + as_csv(result.table()).encode())
        elif suffix == ".parquet":
            pq.write_table(result.table(), unfinished)
        elif suffix == ".json":
            unfinished.write_text(as_json(result), encoding="utf-8")
        else:
            write_workbook(unfinished, [result], Wording(language), zone)


def write_table(table: pa.Table, target: Path, zone: ZoneInfo) -> None:
    """Write one table as a workbook of one sheet; its columns' names are the headings, times stand on the centre's wall clock.

    Raises
    ------
    CoachlineError
        ``cannot_write``.
    """
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    wall = [pl.col(c).dt.convert_time_zone(zone.key).dt.replace_time_zone(None) for c, k in frame.schema.items() if _is_instant(k)]
    with (
        _whole(target) as unfinished,
        xlsxwriter.Workbook(unfinished, {"strings_to_formulas": False, "strings_to_urls": False}) as workbook,
    ):
        frame.with_columns(wall).write_excel(workbook, autofit=frame.height < AUTOFIT_ROWS, freeze_panes=(1, 0))


def as_csv(table: pa.Table) -> str:
    """A table as csv with plain values: ISO times, true/false, empty for unknown, texts that no spreadsheet will run."""
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    harmless = [pl.when(pl.col(c).str.contains(r"^[=+\-@\t\r]")).then("'" + pl.col(c)).otherwise(pl.col(c)).alias(c) for c in texts]
    instants = [pl.col(c).dt.strftime("%Y-%m-%dT%H:%M:%S%:z") for c, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    return frame.with_columns(harmless + instants).write_csv()


def as_json(result: Result) -> str:
    """A whole result as JSON; tables as lists of records."""
    source = result.provenance
    content = {
        "values": dict(result.values),
        "tables": {name: table.to_pylist() for name, table in result.tables.items()},
        "checks": [{"code": c.code, "ok": c.ok, "figure": c.figure, "facts": dict(c.facts)} for c in result.checks],
        "notes": [{"code": n.code, "facts": dict(n.facts)} for n in result.notes],
        "provenance": {
            "analysis": source.analysis, "version": source.version, "parameters": dict(source.parameters), "lake": dict(source.lake),
            "engine": source.engine, "when": source.when, "seconds": source.seconds, **({"centre": source.centre} if source.centre else {}),
        },
    }  # fmt: skip
    return json.dumps(_plain(content), ensure_ascii=False, indent=1, allow_nan=False)


def plain_rows(table: pa.Table) -> list[dict[str, Any]]:
    """Rows of a table as JSON can hold them: ISO times, null for what is unknown or no number."""
    rows: list[dict[str, Any]] = _plain(table.to_pylist())
    return rows


def _is_instant(kind: pl.DataType) -> bool:
    return isinstance(kind, pl.Datetime) and kind.time_zone is not None


def _plain(value: Any) -> Any:
    match value:
        case dict():
            return {str(k): _plain(v) for k, v in value.items()}
        case list() | tuple():
            return [_plain(v) for v in value]
        case float() if not math.isfinite(value):
            return None
        case date() | datetime():
            return value.isoformat()
        case _:
            return value


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A file beside `target` that takes its name when it is complete."""
    unfinished = target.with_name(f".{target.name}.part")
    try:
        yield unfinished
        unfinished.replace(target)
    except OSError as error:
        raise CoachlineError("cannot_write", file=str(target), reason=error.strerror or str(error)) from None
    finally:
        unfinished.unlink(missing_ok=True)
