"""Recognises the headers of an export: which column of which fact table each one is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
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

    @property
    def has_key(self) -> bool:
        """Whether the headers tell one row from another."""
        return all(name in self.recipes for name in self.table.key if name != "source")


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
            levels = len(spread) > 1 and isinstance(column.kind, Path)
            recipes[column.name] = Recipe(columns=spread, join="/" if levels else " ")
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


def candidates(headers: Sequence[str], given: Mapping | None = None) -> list[Recognition]:
    """All tables with what was made of the headers for each, the one that they fit best first.

    Parameters
    ----------
    headers : sequence of str
    given : Mapping, optional
        What a map says of some columns: a table that has all of these goes before one that lacks any.
    """
    said = given or Mapping()

    def fit(recognition: Recognition) -> tuple[int, int, int, int]:
        lacking = len(_undeclared(said, recognition.table))
        return (-lacking, int(recognition.has_key), -len(recognition.missing), len(recognition.recipes))

    return sorted((_filled_up(said, headers, table) for table in TABLES.values()), key=fit, reverse=True)


def complete(mapping: Mapping | None, headers: Sequence[str], table: str | None, file: str) -> tuple[Mapping, Recognition]:
    """The map to use: what the user wrote, filled up by what is recognised among the headers that it leaves free.

    Raises
    ------
    CoachlineError
        ``unknown_table``, ``map_names_unknown_header``, ``map_names_unknown_column``, ``table_unknown`` if no table's key is among the headers.
    """
    wanted = table or (mapping.table if mapping else None)
    if wanted is not None and wanted not in TABLES:
        raise CoachlineError("unknown_table", name=wanted, known=", ".join(TABLES))
    given = mapping or Mapping()
    for name, recipe in given.columns.items():
        for header in (*recipe.columns, *recipe.only_if):
            if header not in headers:
                raise CoachlineError("map_names_unknown_header", column=name, header=header, headers=", ".join(h for h in headers if h))
    recognition = _filled_up(given, headers, TABLES[wanted]) if wanted else candidates(headers, given)[0]
    if not wanted and not recognition.has_key:
        raise CoachlineError("table_unknown", file=file, headers=", ".join(h for h in headers[:12] if h), tables=", ".join(TABLES))
    for name in _undeclared(given, recognition.table):
        columns = ", ".join(c.name for c in recognition.table.columns)
        raise CoachlineError("map_names_unknown_column", column=name, table=recognition.table.name, columns=columns)
    return given.with_columns(recognition.table.name, recognition.recipes), recognition


def _filled_up(given: Mapping, headers: Sequence[str], table: FactTable) -> Recognition:
    """What a map says of the columns of `table`, and what is recognised among the headers that it leaves free."""
    taken = {header for recipe in given.columns.values() for header in recipe.columns} | set(given.ignore)
    free = [h for h in headers if h not in taken]
    said = {name: recipe for name, recipe in given.columns.items() if name not in _undeclared(given, table)}
    recipes = {name: recipe for name, recipe in recognise(free, table).recipes.items() if name not in said} | said
    used = {header for recipe in recipes.values() for header in recipe.columns}
    return Recognition(table, recipes, tuple(h for h in free if h and h not in used))


def _undeclared(given: Mapping, table: FactTable) -> list[str]:
    """Columns of a map that `table` does not have."""
    declared = {column.name for column in table.columns} | {"source"}
    return [name for name in given.columns if name not in declared]


def ambiguous(given: Mapping | None, settled: Mapping, repeated: Collection[str]) -> list[CoachlineError]:
    """An error for each header that occurs more than once and was taken although no map says which of them is meant."""
    said = given.columns if given else {}
    taken = {header for name, recipe in settled.columns.items() if name not in said for header in recipe.columns}
    return [CoachlineError("duplicate_header", header=header, second=f"{header} (2)") for header in sorted(taken & set(repeated))]
