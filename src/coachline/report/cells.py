"""Any table of any result as cells that people read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from coachline.report import columns
from coachline.report.blocks import OurWord
from coachline.report.figures import Figures
from coachline.report.issues import names
from coachline.report.terms import Terms
from coachline.report.workbook import CODES
from coachline.wording import Wording

WORDS_OF_KIND = frozenset({"text", "flag", "day", "instant"})
"""Kinds that stand to the left."""


@dataclass(frozen=True)
class Cell:
    text: str
    figure: bool


def figure_columns(table: pa.Table) -> list[bool]:
    """Whether each column holds figures, which stand to the right."""
    return [columns.kind_of(table, name) not in WORDS_OF_KIND for name in table.schema.names]


def written(table: pa.Table, words: Wording, zone: ZoneInfo) -> list[list[Cell]]:
    """Every row of `table`: figures by their kind and unit, codes in words, instants on the wall clock of `zone`."""
    show, terms = Figures(words, zone), Terms(words)
    heads = table.schema.names
    kinds = [columns.kind_of(table, name) for name in heads]
    subject = columns.subject(table)
    rows = []
    for row in table.to_pylist():
        unit = columns.UNITS[subject].get(row[subject], "number") if subject else None
        here = [columns.kind_in_row(n, unit) if unit and columns.follows_subject(n) else k for n, k in zip(heads, kinds, strict=True)]
        row = {n: _named(value, n, row, terms) for n, value in row.items()}
        rows.append([Cell(_text(row[n], k, n, words, show), k not in WORDS_OF_KIND) for n, k in zip(heads, here, strict=True)])
    return rows


def _named(value: Any, column: str, row: Mapping[str, Any], terms: Terms) -> Any:
    """Tables, columns and analyses by their names, everything else as it is."""
    if value is None:
        return None
    match column:
        case "table":
            return terms.table(value)
        case "column" if "table" in row:
            return terms.column(row["table"], value)
        case "harms":
            return terms.analyses(names(value))
        case "needs":
            return terms.columns(names(columns.plain(value)))
    return value


def _text(value: Any, kind: columns.Kind, column: str, words: Wording, show: Figures) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, str):
        # A column of that name may hold figures elsewhere: a passport's numerator is the name of one.
        kind = "text"
    match kind:
        case "share":
            return show.share(value)
        case "points":
            return show.points(value, 2)
        case "seconds":
            return show.seconds(value)
        case "count":
            return show.count(value)
        case "chance":
            return show.chance(value)
        case "hours":
            return show.number(value)
        case "number":
            return show.number(value, 2 if abs(value) < 100 else 1) if value % 1 else show.count(value)
        case "day":
            return show.day(value)
        case "instant":
            return show.instant(value)
        case "flag":
            return words(f"report.flag.{'yes' if value else 'no'}")
        case _:
            plain = columns.plain(value)
            code = f"{CODES[column]}.{plain}" if column in CODES else ""
            return OurWord(words(code)) if code and words.knows(code) else str(plain)
