"""The form by which a map is mended: what it shows, and what it sends as entries of a map file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from coachline.engine.tables import TABLES
from coachline.web.facts.queries.uploads import word_choices

ENCODINGS = ("utf-8", "gb18030", "big5", "utf-16")
UNITS = ("s", "ms", "min", "h")
UNKNOWN = "\u2205"
"""What a word is turned into that means "not known"."""
PLACES = {"path": 4, "instant": 2, "day": 1}
"""How many headers a column may be put together from; others are made from one."""
IN_WORDS = ("choice", "scale", "flag")


@dataclass(frozen=True)
class Word:
    """A word of the export, and what it is turned into; empty where that is open."""

    text: str
    meaning: str
    readable: bool


@dataclass(frozen=True)
class Row:
    """A column of the table in the form.

    Attributes
    ----------
    column : mapping
        As in the preview.
    headers : sequence of str
        Chosen headers, one for each select box; empty where none is chosen.
    order : int
        0 problems, 1 required, 2 supplied, 3 not in the file.
    """

    column: Mapping[str, Any]
    headers: Sequence[str]
    constant: str
    format: str
    unit: str
    words: Sequence[Word]
    choices: Sequence[tuple[str, str]]
    order: int

    @property
    def takes_format(self) -> bool:
        return self.column["kind"] in ("instant", "day")

    @property
    def takes_unit(self) -> bool:
        return bool(self.column["kind"] == "seconds")

    @property
    def more(self) -> bool:
        """Whether something beyond headers is set, so that it should be seen."""
        return bool(self.constant or self.format or self.words or (self.unit and self.unit != "s"))


def rows(preview: Mapping[str, Any]) -> list[Row]:
    """The columns of the table: problems first, then required ones, then what the file supplies."""
    found = [_row(preview, column) for column in preview.get("columns", ()) if column["name"] != "loaded_at"]
    return sorted(found, key=lambda row: row.order)


GROUPS = ("wrong", "required", "supplied", "rest")


@dataclass(frozen=True)
class Group:
    """Columns of like urgency."""

    code: str
    rows: Sequence[Row]


def groups(preview: Mapping[str, Any]) -> list[Group]:
    """The same under their headings."""
    found = rows(preview)
    parts = [Group(code, [row for row in found if row.order == order]) for order, code in enumerate(GROUPS)]
    return [part for part in parts if part.rows]


def entries(given: QueryDict, preview: Mapping[str, Any], mapping: Mapping[str, Any]) -> dict[str, Any]:
    """The map that a form asks for. What is as it was recognised is left open, so that the map says only what somebody has decided.

    Parameters
    ----------
    preview, mapping : mapping
        As the form was drawn from.
    """
    whole = _whole_file(given, preview, mapping)
    if given.get("table", "") != (preview.get("table") or "") or _laid_out_anew(whole, mapping):
        # The columns that were shown belong to another table, or to other headers.
        return {**whole, "columns": {}}
    headers = [entry["header"] for entry in preview["headers"] if entry["header"]]
    columns, used = {}, set[str]()
    for column in preview["columns"]:
        name = column["name"]
        if f"h:{name}" not in given:
            if column["given"] and column["recipe"]:
                columns[name] = column["recipe"]
            continue
        recipe = _recipe(given, column, headers)
        used |= set(recipe.get("columns", ())) if recipe else set()
        if recipe is not None and (column["given"] or not _same(recipe, column["recipe"])):
            columns[name] = recipe
    before = {header for column in preview["columns"] if column["recipe"] for header in column["recipe"].get("columns", ())}
    ignored = [h for h in headers if h not in used and (h in before or h in mapping.get("ignore", ()))]
    return {**whole, **({"ignore": ignored} if ignored else {}), "columns": columns}


def _row(preview: Mapping[str, Any], column: Mapping[str, Any]) -> Row:
    recipe = column["recipe"] or {}
    chosen = list(recipe.get("columns", ()))
    places = max(PLACES.get(column["kind"], 1), len(chosen))
    wrong = bool(column["faults"]) or (column["required"] and not recipe and column["name"] != "source")
    return Row(
        column=column,
        headers=(chosen + [""] * places)[: min(places, len(chosen) + 1)],
        constant=recipe.get("constant") or "",
        format=recipe.get("format") or "",
        unit=recipe.get("unit") or "",
        words=_words(column, recipe),
        choices=word_choices(preview["table"], column["name"]) if column["kind"] in IN_WORDS else (),
        order=0 if wrong else 1 if column["required"] and recipe else 2 if recipe else 3,
    )


def _words(column: Mapping[str, Any], recipe: Mapping[str, Any]) -> list[Word]:
    """Words that were given a meaning, and those for which one is wanted."""
    if column["kind"] not in IN_WORDS:
        return []
    known = {word: Word(word, meaning, True) for word, meaning in recipe.get("values", {}).items()}
    known |= {word: Word(word, UNKNOWN, True) for word in recipe.get("null", ())}
    for fault in column["faults"]:
        if fault["code"].startswith("unreadable:"):
            known |= {word: Word(word, "", False) for word in fault["examples"] if word not in known}
    return list(known.values())


def _whole_file(given: QueryDict, preview: Mapping[str, Any], mapping: Mapping[str, Any]) -> dict[str, Any]:
    whole = {key: value for key in ("delimiter",) if (value := mapping.get(key))}
    for key in ("encoding", "sheet", "source"):
        if text := given.get(key, "").strip():
            whole[key] = text
    row = given.get("header_row", "").strip()
    if (
        row.isascii()
        and row.isdigit()
        and int(row)
        and (mapping.get("header_row") or int(row) != (preview.get("layout") or {}).get("header_row"))
    ):
        whole["header_row"] = int(row)
    table = given.get("table", "")
    if table and (mapping.get("table") or table != (preview.get("table") or "")):
        whole["table"] = table
    return whole


def _laid_out_anew(whole: Mapping[str, Any], mapping: Mapping[str, Any]) -> bool:
    return any(whole.get(key) != mapping.get(key) for key in ("encoding", "sheet", "header_row"))


def _recipe(given: QueryDict, column: Mapping[str, Any], headers: Sequence[str]) -> dict[str, Any] | None:
    name, kind = column["name"], column["kind"]
    before = dict(column["recipe"] or {})
    chosen = list(dict.fromkeys(h for h in given.getlist(f"h:{name}") if h in headers))
    constant = given.get(f"const:{name}", "").strip()
    if not chosen and not constant:
        return None
    recipe: dict[str, Any] = {"columns": chosen} if chosen else {"constant": constant}
    if chosen:
        join = before.get("join") or ("/" if kind == "path" and len(chosen) > 1 else " ")
        recipe |= {"join": join} if join != " " else {}
        recipe |= {key: before[key] for key in ("only_if", "hash") if before.get(key)}
    if text := given.get(f"format:{name}", "").strip():
        recipe["format"] = text
    if (unit := given.get(f"unit:{name}", "")) in UNITS and (unit != "s" or before.get("unit")):
        recipe["unit"] = unit
    pairs = list(zip(given.getlist(f"word:{name}"), given.getlist(f"mean:{name}"), strict=False))
    values = {word: meaning for word, meaning in pairs if meaning and meaning != UNKNOWN}
    if values:
        recipe["values"] = values
    null = [word for word, meaning in pairs if meaning == UNKNOWN]
    if kind not in IN_WORDS:
        null = list(before.get("null", ()))
        recipe |= {"values": before["values"]} if before.get("values") else {}
    if null:
        recipe["null"] = null
    return recipe


def _same(recipe: Mapping[str, Any], recognised: Mapping[str, Any] | None) -> bool:
    return recognised is not None and dict(recipe) == {key: value for key, value in recognised.items() if value not in (None, (), [], {})}


def tables(preview: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Tables to choose from, the one that fits best first, each with how many headers it knows."""
    fits = {candidate["table"]: candidate["used"] for candidate in preview.get("candidates", ())}
    return [*fits.items(), *((name, 0) for name in TABLES if name not in fits)]
