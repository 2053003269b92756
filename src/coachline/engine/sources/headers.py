"""Recognises the headers of an export: which column of which fact table each one is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from coachline.engine.sources.mapping import Mapping, Recipe
from coachline.engine.tables import TABLES, Column, FactTable
from coachline.engine.tables.kinds import Path, Seconds
from coachline.errors import CoachlineError

UNITS = {
    "s": "s", "秒": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "ms": "ms", "毫秒": "ms", "millisecond": "ms", "milliseconds": "ms",
    "min": "min", "分": "min", "分钟": "min", "minute": "min", "minutes": "min", "mins": "min",
    "h": "h", "小时": "h", "时": "h", "hour": "h", "hours": "h",
}  # fmt: skip

BRACKETED = re.compile(r"[(\[【〔<{]([^)\]】〕>}]*)[)\]】〕>}]\s*$")


def normalised(header: str) -> str:
    """`header` without what differs between systems: width, case, spaces, brackets, punctuation."""
    text = unicodedata.normalize("NFKC", header).lower()
    return "".join(c for c in text if c.isalnum() or c == "+")


def unit_of(header: str) -> tuple[str, str | None]:
    """A header without the unit in its closing brackets, and that unit: ``通话时长(毫秒)`` -> (``通话时长``, ``ms``)."""
    text = unicodedata.normalize("NFKC", header).strip()
    found = BRACKETED.search(text)
    if found is None:
        return text, None
    return text[: found.start()], UNITS.get(found.group(1).strip().lower())


@cache
def _names(table: str) -> dict[str, tuple[str, int]]:
    """Normalised header -> (column, how far down its list of names it stands)."""
    names: dict[str, tuple[str, int]] = {}
    for column in TABLES[table].stored:
        for place, name in enumerate((column.name, column.zh, column.en, *column.also)):
            key = normalised(name)
            if key not in names or place < names[key][1]:
                names[key] = (column.name, place)
    return names


@dataclass(frozen=True)
class Recognition:
    """What was made of the headers of a file, for one table."""

    table: FactTable
    recipes: dict[str, Recipe]
    unknown: tuple[str, ...]
    """Headers that belong to no column."""

    @property
    def missing(self) -> tuple[str, ...]:
        """Required columns that no header supplies."""
        return tuple(c.name for c in self.table.columns if c.required and c.name not in self.recipes and c.name != "source")


def recognise(headers: Sequence[str], table: FactTable) -> Recognition:
    """Give each header of a file its column in `table`, by the names that the declaration lists.

    Where two headers name the same column, the one that stands earlier in the column's list wins and the other stays
    unknown. A column may also be spread over several headers (date and time; three levels of business).
    """
    names = _names(table.name)
    best: dict[str, tuple[int, str, str | None]] = {}
    for header in headers:
        plain, unit = unit_of(header)
        found = names.get(normalised(header)) or names.get(normalised(plain))
        if found is None or (found[0] in best and best[found[0]][0] <= found[1]):
            continue
        best[found[0]] = (found[1], header, unit)
    recipes = {}
    for column in table.stored:
        if column.name == "loaded_at":
            continue
        spread = _spread(column, headers)
        if len(spread) > 1 or (spread and column.name not in best):
            recipes[column.name] = Recipe(columns=spread, join="/" if isinstance(column.kind, Path) else " ")
        elif column.name in best:
            _, header, unit = best[column.name]
            recipes[column.name] = Recipe(columns=(header,), unit=unit if isinstance(column.kind, Seconds) else None)
    used = {header for recipe in recipes.values() for header in recipe.columns}
    return Recognition(table, recipes, tuple(h for h in headers if h and h not in used))


def _spread(column: Column, headers: Sequence[str]) -> tuple[str, ...]:
    """The headers over which `column` is spread: all parts of an instant, those there are of a path."""
    found = []
    by_name = {normalised(h): h for h in reversed(headers)}
    for part in column.parts:
        header = next((by_name[normalised(name)] for name in part if normalised(name) in by_name), None)
        if header is not None and header not in found:
            found.append(header)
    complete = len(found) == len(column.parts) or isinstance(column.kind, Path)
    return tuple(found) if complete else ()


def guess_table(headers: Sequence[str], file: str) -> Recognition:
    """The table that the headers fit best.

    Raises
    ------
    CoachlineError
        ``table_unknown`` if no table's key is among the headers.
    """

    def fit(recognition: Recognition) -> tuple[int, int, int]:
        keys = [k for k in recognition.table.key if k != "source"]
        has_key = all(k in recognition.recipes for k in keys)
        return (int(has_key), -len(recognition.missing), len(recognition.recipes))

    candidates = sorted((recognise(headers, table) for table in TABLES.values()), key=fit, reverse=True)
    if not fit(candidates[0])[0]:
        raise CoachlineError("table_unknown", file=file, headers=", ".join(h for h in headers[:12] if h), tables=", ".join(TABLES))
    return candidates[0]


def complete(mapping: Mapping | None, headers: Sequence[str], table: str | None, file: str) -> tuple[Mapping, Recognition]:
    """The map to use: what the user wrote, filled up by what is recognised among the headers that it leaves free.

    Raises
    ------
    CoachlineError
        ``unknown_table``, ``map_names_unknown_header``, ``table_unknown``.
    """
    wanted = table or (mapping.table if mapping else None)
    if wanted is not None and wanted not in TABLES:
        raise CoachlineError("unknown_table", name=wanted, known=", ".join(TABLES))
    given = mapping or Mapping()
    for name, recipe in given.columns.items():
        for header in (*recipe.columns, *recipe.only_if):
            if header not in headers:
                raise CoachlineError("map_names_unknown_header", column=name, header=header, headers=", ".join(h for h in headers if h))
    taken = {header for recipe in given.columns.values() for header in recipe.columns} | set(given.ignore)
    free = [h for h in headers if h not in taken]
    recognition = recognise(free, TABLES[wanted]) if wanted else guess_table(free, file)
    undeclared = [name for name in given.columns if name not in {c.name for c in recognition.table.columns} | {"source"}]
    if undeclared:
        columns = ", ".join(c.name for c in recognition.table.columns)
        raise CoachlineError("map_names_unknown_column", column=undeclared[0], table=recognition.table.name, columns=columns)
    recipes = {name: recipe for name, recipe in recognition.recipes.items() if name not in given.columns} | dict(given.columns)
    settled = given.with_columns(recognition.table.name, recipes)
    return settled, Recognition(recognition.table, recipes, recognition.unknown)
