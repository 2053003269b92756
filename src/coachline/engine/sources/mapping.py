"""The map file: how the columns of a fact table are made from those of an export, editable by hand."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping as AnyMapping
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from coachline.errors import CoachlineError

WHOLE_FILE = ("table", "source", "encoding", "delimiter", "sheet", "header_row")
"""Entries of a map that are about the whole file."""


@dataclass(frozen=True)
class Recipe:
    """How one column is made.

    Attributes
    ----------
    columns : tuple of str
        Headers of the export; several are joined by `join`, unknown ones left out.
    constant : str, optional
        The same text in every row, instead of `columns`.
    values : mapping
        Words of the export -> words that Coachline knows.
    null : tuple of str
        Further words that mean "unknown".
    format : str, optional
        How a time is written, in the letters of strptime (``%y%m%d %H:%M:%S``).
    unit : str, optional
        Unit of a duration: s, ms, min or h.
    only_if : mapping
        Header -> values under which the column counts; elsewhere it is unknown.
    hash : bool
        Store a keyed hash instead of the text.
    """

    columns: tuple[str, ...] = ()
    constant: str | None = None
    join: str = " "
    values: AnyMapping[str, str] = field(default_factory=dict)
    null: tuple[str, ...] = ()
    format: str | None = None
    unit: str | None = None
    only_if: AnyMapping[str, tuple[str, ...]] = field(default_factory=dict)
    hash: bool = False

    def as_dict(self) -> dict[str, Any]:
        """The entry of a map file for this recipe; what is left out is as usual."""
        stated: dict[str, Any] = {"columns": list(self.columns)} if self.constant is None else {"constant": self.constant}
        if self.join != Recipe.join:
            stated["join"] = self.join
        for key in ("format", "unit", "hash"):
            if getattr(self, key):
                stated[key] = getattr(self, key)
        for key, words in (
            ("null", list(self.null)),
            ("values", dict(self.values)),
            ("only_if", {k: list(v) for k, v in self.only_if.items()}),
        ):
            if words:
                stated[key] = words
        return stated


@dataclass(frozen=True)
class Mapping:
    """A whole map file. What it leaves open is recognised from the file."""

    table: str | None = None
    source: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    """Number of the header row, counted from 1."""
    ignore: tuple[str, ...] = ()
    columns: AnyMapping[str, Recipe] = field(default_factory=dict)

    def with_columns(self, table: str, recipes: AnyMapping[str, Recipe]) -> Mapping:
        return replace(self, table=table, columns=dict(recipes))

    def with_source(self, source: str) -> Mapping:
        return replace(self, source=source)

    @classmethod
    def of(cls, given: Mapping | Path | str | AnyMapping[str, Any] | None) -> Mapping | None:
        """A map from a file, a dictionary of the same shape, or nothing.

        Raises
        ------
        CoachlineError
            ``map_unreadable`` with the place of the mistake, ``map_bad_entry``.
        """
        if given is None or isinstance(given, Mapping):
            return given
        if isinstance(given, str | Path):
            try:
                given = tomllib.loads(Path(given).read_text(encoding="utf-8-sig"))
            except OSError as error:
                raise CoachlineError("cannot_open", file=str(given), reason=error.strerror or str(error)) from None
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                raise CoachlineError("map_unreadable", file=str(given), reason=str(error)) from None
        given = _entries("map", given)
        _only(given, {f.name for f in fields(cls)}, "")
        recipes = {name: _recipe(name, entry) for name, entry in _entries("columns", given.get("columns", {})).items()}
        plain = {key: value for key, value in given.items() if key not in ("columns", "ignore")}
        for key, value in plain.items():
            _plain(key, value)
        return cls(**plain, ignore=_texts("ignore", given.get("ignore", ())), columns=recipes)

    def as_dict(self) -> dict[str, Any]:
        """The map as plain values that JSON and TOML know; `of` makes the same map of them again."""
        stated = {key: value for key in WHOLE_FILE if (value := getattr(self, key)) is not None}
        if self.ignore:
            stated["ignore"] = list(self.ignore)
        return stated | {"columns": {name: recipe.as_dict() for name, recipe in self.columns.items()}}


def _plain(key: str, value: Any) -> None:
    """Check an entry that is about the whole file."""
    if key == "header_row":
        good, accepted = isinstance(value, int) and not isinstance(value, bool) and value >= 1, "1, 2, 3 …"
    elif key == "delimiter":
        good, accepted = isinstance(value, str) and len(value) == 1 and value not in '\r\n"', '"," "\\t" ";" "|"'
    else:
        good, accepted = isinstance(value, str), '"…"'
    if not good:
        raise CoachlineError("map_bad_entry", entry=key, value=value, accepted=accepted)


def _entries(entry: str, value: Any) -> AnyMapping[str, Any]:
    if not isinstance(value, AnyMapping):
        raise CoachlineError("map_bad_entry", entry=entry, value=value, accepted='{ "…" = "…" }')
    return value


def _only(entry: AnyMapping[str, Any], known: set[str], where: str) -> None:
    for key in entry:
        if key not in known:
            raise CoachlineError("map_bad_entry", entry=f"{where}{key}", value=entry[key], accepted=", ".join(sorted(known)))


def _texts(entry: str, value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return (value,)
    if not isinstance(value, Sequence) or not all(isinstance(v, str | int | float) for v in value):
        raise CoachlineError("map_bad_entry", entry=entry, value=value, accepted='["…", "…"]')
    return tuple(str(v) for v in value)


def _recipe(name: str, entry: Any) -> Recipe:
    if isinstance(entry, Recipe):
        return entry
    if isinstance(entry, str):
        return Recipe(columns=(entry,))
    if not isinstance(entry, AnyMapping):
        raise CoachlineError("map_bad_entry", entry=f"columns.{name}", value=entry, accepted='"…" | { column = "…" } | { constant = "…" }')
    entry = dict(entry)
    where = f"columns.{name}."
    headers = _texts(where + "column", entry.pop("column", ())) + _texts(where + "columns", entry.pop("columns", ()))
    _only(entry, {f.name for f in fields(Recipe)}, where)
    if entry.get("format") is not None and not isinstance(entry["format"], str):
        raise CoachlineError("map_bad_entry", entry=where + "format", value=entry["format"], accepted='"%Y-%m-%d %H:%M:%S"')
    recipe = Recipe(
        columns=headers,
        constant=None if entry.get("constant") is None else str(entry["constant"]),
        join=str(entry.get("join", Recipe.join)),
        values={str(k): str(v) for k, v in _entries(where + "values", entry.get("values", {})).items()},
        null=_texts(where + "null", entry.get("null", ())),
        format=entry.get("format") or None,
        unit=entry.get("unit") or None,
        only_if={
            header: _texts(where + "only_if", words) for header, words in _entries(where + "only_if", entry.get("only_if", {})).items()
        },
        hash=bool(entry.get("hash", False)),
    )
    if recipe.unit not in (None, "s", "ms", "min", "h"):
        raise CoachlineError("map_bad_entry", entry=where + "unit", value=recipe.unit, accepted="s | ms | min | h")
    if bool(recipe.columns) == (recipe.constant is not None):
        raise CoachlineError("map_bad_entry", entry=f"columns.{name}", value=entry, accepted='column = "…" | constant = "…"')
    return recipe


def draft(mapping: Mapping, unused: Sequence[str], free: Sequence[str], comments: AnyMapping[str, str]) -> str:
    """A map file to edit by hand.

    Parameters
    ----------
    mapping : Mapping
        What was recognised.
    unused : sequence of str
        Headers that belong to no column yet.
    free : sequence of str
        Columns that nothing supplies yet.
    comments : mapping
        Sentences in the reader's language: ``head``, ``unused``, ``free``, and per column its label.
    """
    lines = [f"# {line}" for line in comments["head"].splitlines()]
    lines += [f"table = {_quoted(mapping.table or '')}"]
    for key in ("source", "encoding", "delimiter", "sheet"):
        value = getattr(mapping, key)
        lines.append(f"{key} = {_quoted(value)}" if value else f"# {key} = ")
    lines.append(f"header_row = {mapping.header_row}" if mapping.header_row else "# header_row = ")
    if mapping.ignore:
        lines.append(f"ignore = {_list(mapping.ignore)}")
    lines += ["", "[columns]"]
    lines += [f"{name} = {as_toml(recipe)}  # {comments.get(name, name)}" for name, recipe in mapping.columns.items()]
    lines += ["", f"# {comments['free']}", *(f'# {name} = ""  # {comments.get(name, name)}' for name in free)]
    lines += ["", f"# {comments['unused']}", *(f"#   {_quoted(header)}" for header in unused)]
    return "\n".join(lines) + "\n"


def as_toml(recipe: Recipe) -> str:
    """One entry of a map file."""
    if recipe == Recipe(columns=recipe.columns) and len(recipe.columns) == 1:
        return _quoted(recipe.columns[0])
    parts = []
    if recipe.constant is not None:
        parts.append(f"constant = {_quoted(recipe.constant)}")
    elif len(recipe.columns) == 1:
        parts.append(f"column = {_quoted(recipe.columns[0])}")
        if recipe.join != Recipe.join:
            parts.append(f"join = {_quoted(recipe.join)}")
    else:
        parts.append(f"columns = {_list(recipe.columns)}, join = {_quoted(recipe.join)}")
    if recipe.format:
        parts.append(f"format = {_quoted(recipe.format)}")
    if recipe.unit:
        parts.append(f"unit = {_quoted(recipe.unit)}")
    if recipe.null:
        parts.append(f"null = {_list(recipe.null)}")
    if recipe.values:
        parts.append(f"values = {_table({k: _quoted(v) for k, v in recipe.values.items()})}")
    if recipe.only_if:
        parts.append(f"only_if = {_table({k: _list(v) for k, v in recipe.only_if.items()})}")
    if recipe.hash:
        parts.append("hash = true")
    return "{ " + ", ".join(parts) + " }"


def _quoted(text: str) -> str:
    # A TOML basic string is a JSON string, but for the escapes of control characters, which are the same where both have them.
    return json.dumps(text, ensure_ascii=False)


def _list(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(_quoted, texts)) + "]"


def _table(entries: AnyMapping[str, str]) -> str:
    return "{ " + ", ".join(f"{_quoted(k)} = {v}" for k, v in entries.items()) + " }"
