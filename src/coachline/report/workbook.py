"""Every table of every result as a sheet of one workbook."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from coachline.engine.result import Result
from coachline.report import columns
from coachline.report.sheet_rows import cut_as, worth_a_row
from coachline.wording import Wording

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""
MOST_CHARACTERS = 32_767
"""Characters that a cell holds."""
MOST_NAME = 31
BATCH = 20_000

FORMATS: Mapping[columns.Kind, str] = {
    "share": "0.0%",
    "points": "+0.00%;-0.00%;0.00%",
    "seconds": "#,##0.0",
    "count": "#,##0",
    "number": "#,##0.###",
    "chance": "0.0000",
    "hours": "#,##0.0",
    "day": "yyyy-mm-dd",
    "instant": "yyyy-mm-dd hh:mm",
}

CODES = {
    "metric": "metric", "dimension": "dimension", "issue": "issue", "severity": "severity", "unit": "report.unit",
    "better": "report.better", "outcome": "outcome", "measure": "measure", "other": "measure", "quadrant": "quadrant", "sure_quadrant": "quadrant",
    "quadrant_adjusted": "quadrant", "verdict": "verdict", "component": "component", "kind": "report.kind",
    "group": "group", "tag": "tag", "value": "tag_value", "stratum": "stratum", "purpose": "purpose", "coefficient": "coefficient",
    "scope": "audit_scope", "weights": "weighting", "item": "whole_sheet",
    "method": "method", "reason": "training_reason", "exam": "exam_state", "proposal": "proposal",
    "in_the_way": "plan_rule", "rule": "plan_rule", "relax_unit": "plan_unit",
    "design": "effect_design", "no_effect_reason": "effect_reason",
    "activity": "activity", "business": "post", "compared": "roster_kind", "roster_rule": "roster_rule",
    "why": "roster_why", "bound_by": "roster_rule", "known_by": "roster_price", "loosen_unit": "roster_unit", "lacking": "roster_lacking", "other_way": "roster_way",
    "model": "forecast_model", "cause": "forecast_cause", "which": "forecast_which", "day_type": "day_type",
    "scenario": "scenario", "against": "scenario", "basis": "patience_basis",
    "line": "item_line", "item_reason": "item_reason", "sign": "exam_sign",
    "plan": "newcomer_plan", "quantity": "newcomer_quantity", "stage": "newcomer_stage", "cost_source": "cost_source", "source": "known_from", "rests_on": "known_from",
}  # fmt: skip
"""Columns that hold codes of ours, and the family that words them."""


def write_workbook(file: Path, results: Sequence[Result], words: Wording, zone: ZoneInfo) -> None:
    """Write one sheet per table.

    Parameters
    ----------
    file : Path
    results : sequence of Result
    words : Wording
        Language of headers and sheet names.
    zone : ZoneInfo
        Instants are written as its wall clock: a workbook knows no zones.

    Notes
    -----
    Rows go to disk as they come (`constant_memory`), so memory does not grow with the tables. Texts are written as
    texts: a name that begins with ``=`` never becomes a formula.
    """
    options = {
        "constant_memory": True,
        "tmpdir": str(file.parent),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(str(file), options)
    writer = _Sheets(book, words, zone)
    for result in results:
        for name, table in result.tables.items():
            kept = worth_a_row(result.provenance.analysis, name, table)
            writer.add(result.provenance.analysis, name, kept, main=name == next(iter(result.tables)), total=table.num_rows)
    if not book.worksheets():
        writer.empty()
    book.close()


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that a workbook accepts: at most 31 characters, no bracket, colon, asterisk, question mark or slash, unique."""
    clean = re.sub(r"[\[\]:*?/\\]", " ", wanted).strip(" '") or "-"
    number, name = 1, clean[:MOST_NAME]
    while name.lower() in taken:
        number += 1
        tail = f" {number}"
        name = clean[: MOST_NAME - len(tail)] + tail
    taken.add(name.lower())
    return name


class _Sheets:
    def __init__(self, book: Workbook, words: Wording, zone: ZoneInfo) -> None:
        self.book = book
        self.words = words
        self.zone = zone
        self.taken: set[str] = {"history"}  # a name that Excel keeps for itself
        self.header = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "bg_color": "#DFE9F5"})
        self.formats = {kind: book.add_format({"num_format": code}) for kind, code in FORMATS.items()}

    def empty(self) -> None:
        self.book.add_worksheet(sheet_name(self.words("report.sheet_empty"), self.taken)).write_string(0, 0, self.words("report.nothing"))

    def add(self, analysis: str, name: str, table: pa.Table, main: bool, total: int) -> None:
        title = self.words(f"analysis.{analysis}.title") if main else self.words(f"report.sheet.{analysis}.{name}")
        sheet = self.book.add_worksheet(sheet_name(title, self.taken))
        kinds = [columns.kind_of(table, column) for column in table.schema.names]
        heads = [columns.heading(self.words, analysis, name, column) for column in table.schema.names]
        for position, (column, kind) in enumerate(zip(table.schema.names, kinds, strict=True)):
            sheet.set_column(position, position, self._width(heads[position], table, column, kind), self.formats.get(kind))
        for position, head in enumerate(heads):
            sheet.write_string(0, position, head, self.header)
        sheet.freeze_panes(1, 0)
        shown = min(table.num_rows, MOST_ROWS)
        if total > shown >= MOST_ROWS:
            shown -= 1  # the last row says what is missing
        for row, values in enumerate(self._rows(table.slice(0, shown)), start=1):
            self._write(sheet, row, table, kinds, values)
        if total > shown:
            note = self.words(f"report.{cut_as(analysis, name)}", shown=f"{shown:,}", total=f"{total:,}", analysis=analysis)
            sheet.write_string(shown + 1, 0, note)
        if table.num_columns:
            sheet.autofilter(0, 0, max(shown, 1), table.num_columns - 1)

    def _rows(self, table: pa.Table) -> Iterator[tuple[Any, ...]]:
        for batch in table.to_batches(max_chunksize=BATCH):
            yield from zip(*(batch.column(i).to_pylist() for i in range(batch.num_columns)), strict=True)

    def _write(self, sheet: Worksheet, row: int, table: pa.Table, kinds: Sequence[columns.Kind], values: Sequence[Any]) -> None:
        names = table.schema.names
        subject = columns.subject(table)
        unit = columns.UNITS[subject].get(values[names.index(subject)], "number") if subject else None
        for position, (column, kind, value) in enumerate(zip(names, kinds, values, strict=True)):
            if value is None or (isinstance(value, float) and not math.isfinite(value)):
                continue
            here = columns.kind_in_row(column, unit) if unit and columns.follows_subject(column) else kind
            self._cell(sheet, row, position, column, here, columns.plain(value))

    def _cell(self, sheet: Worksheet, row: int, position: int, column: str, kind: columns.Kind, value: Any) -> None:
        style: Format | None = self.formats.get(kind)
        if kind == "flag":
            sheet.write_string(row, position, self.words(f"report.flag.{'yes' if value else 'no'}"))
        elif kind == "day":
            sheet.write_datetime(row, position, value, style)
        elif kind == "instant":
            local: datetime = value.astimezone(self.zone).replace(tzinfo=None) if value.tzinfo else value
            sheet.write_datetime(row, position, local, style)
        elif isinstance(value, str):
            text = self.words(f"{CODES[column]}.{value}") if column in CODES and self.words.knows(f"{CODES[column]}.{value}") else value
            sheet.write_string(row, position, text[:MOST_CHARACTERS])
        else:
            sheet.write_number(row, position, value, style)

    def _width(self, head: str, table: pa.Table, column: str, kind: columns.Kind) -> float:
        """Characters that the header and the first rows need; a Chinese character counts double."""
        widest = _wide(head) + 3  # the filter's arrow
        if kind == "text" and pa.types.is_string(table.schema.field(column).type) and table.num_rows:
            texts = pc.unique(table.column(column).slice(0, 2_000)).to_pylist()
            family = CODES.get(column)
            shown = (self.words(f"{family}.{text}") if family and self.words.knows(f"{family}.{text}") else text for text in texts if text)
            widest = max(widest, max((_wide(text) for text in shown), default=0) + 1)
        elif kind in ("day", "instant"):
            widest = max(widest, 12 if kind == "day" else 17)
        return min(max(widest, 9), 60)


def _wide(text: str) -> int:
    return sum(2 if ord(character) > 0x2E7F else 1 for character in text)
