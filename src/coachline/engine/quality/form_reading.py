"""Inspection forms from TOML or JSON files; whatever is wrong is said with the place and what would be accepted."""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from coachline.engine.quality.form import STATES, Band, Condition, Fatal, Form, Item, Kind, NotApplicable, Section, WhenWanted
from coachline.errors import CoachlineError

LARGEST = 10_000_000
"""Bytes; a form is a page."""


def read_form(file: str | Path) -> Form:
    """The form in `file` (``.json``, else TOML).

    Raises
    ------
    CoachlineError
        ``form_file_missing``, ``form_unreadable``, or what `form_of` refuses.
    """
    path = Path(file)
    if not path.is_file():
        raise CoachlineError("form_file_missing", file=str(file))
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"> {LARGEST} bytes")
        text = path.read_bytes().decode("utf-8-sig")
        read = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text.replace("\r\n", "\n"))
    except (OSError, ValueError, RecursionError) as error:
        raise CoachlineError("form_unreadable", file=str(file), reason=str(error)) from None
    return form_of(read)


def form_of(read: Any) -> Form:
    """The form that a table of plain values describes.

    Raises
    ------
    CoachlineError
        ``form_key_missing``, ``form_unknown_key``, ``form_bad_value``, ``form_name_twice``, ``form_weights_partly``, ``form_condition_unknown_line``,
        ``form_condition_unknown_value``, ``form_conditions_circle``, ``form_without_lines``.
    """
    table = _Table("form", read)
    sections = tuple(_section(each) for each in table.tables("sections"))
    form = Form(
        name=table.text("name"),
        version=table.text("version"),
        sections=sections,
        pass_from=table.number("pass_from", 80.0, 0, 100),
        bands=_bands(table),
        not_applicable=table.one_of("not_applicable", get_args(NotApplicable), "left_out"),
        fatal_score=table.number("fatal_score", 0.0, 0, 100),
    )
    table.finish()
    _check(form)
    return form


class _Table:
    """A table of the file; remembers where it stands and what has been read, so that nothing is ignored in silence."""

    def __init__(self, where: str, read: Any) -> None:
        if not isinstance(read, dict):
            raise CoachlineError("form_bad_value", where=where, key="-", given=read, accepted="{ … }")
        self.where, self._read, self._known = where, read, list[str]()

    def get(self, key: str) -> Any:
        self._known.append(key)
        return self._read.get(key)

    def text(self, key: str) -> str:
        given = self.get(key)
        if given is None:
            raise CoachlineError("form_key_missing", where=self.where, key=key)
        if isinstance(given, int | float) and not isinstance(given, bool):
            given = str(given)
        if not isinstance(given, str) or not given.strip():
            raise self.wrong(key, given, "text")
        return given.strip()

    def number(self, key: str, default: float, low: float, high: float) -> float:
        found = self.maybe_number(key, low, high)
        return default if found is None else found

    def maybe_number(self, key: str, low: float, high: float) -> float | None:
        given = self.get(key)
        return None if given is None else self.limited(key, given, low, high)

    def limited(self, key: str, given: Any, low: float, high: float) -> float:
        if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given) or not low <= given <= high:
            raise self.wrong(key, given, f"{low:g} … {high:g}")
        return float(given)

    def flag(self, key: str) -> bool:
        given = self.get(key)
        if given is not None and not isinstance(given, bool):
            raise self.wrong(key, given, "true | false")
        return bool(given)

    def one_of(self, key: str, known: tuple[str, ...], default: Any) -> Any:
        given = self.get(key)
        if given is not None and given not in known:
            raise self.wrong(key, given, " | ".join(known))
        return default if given is None else given

    def texts(self, key: str) -> tuple[str, ...]:
        given = self.get(key)
        listed = [] if given is None else [given] if isinstance(given, str) else given
        if not isinstance(listed, list) or not all(isinstance(text, str) and text.strip() for text in listed):
            raise self.wrong(key, given, '["…", "…"]')
        stripped = tuple(text.strip() for text in listed)
        if len(set(stripped)) < len(stripped):
            raise CoachlineError("form_name_twice", where=self.where, name=next(text for text in stripped if stripped.count(text) > 1))
        return stripped

    def tables(self, key: str) -> Iterator[_Table]:
        given = self.get(key)
        listed = [] if given is None else [given] if isinstance(given, dict) else given
        if not isinstance(listed, list):
            raise self.wrong(key, given, f"[[{key}]]")
        for number, each in enumerate(listed, 1):
            name = each.get("name", number) if isinstance(each, dict) else number
            yield _Table(f"{self.where} / {key} {name}", each)

    def wrong(self, key: str, given: Any, accepted: str) -> CoachlineError:
        return CoachlineError("form_bad_value", where=self.where, key=key, given=given, accepted=accepted)

    def finish(self) -> None:
        for key in self._read:
            if key not in self._known:
                raise CoachlineError("form_unknown_key", where=self.where, key=key, known=", ".join(self._known))


def _section(table: _Table) -> Section:
    section = Section(
        name=table.text("name"),
        items=tuple(_item(each) for each in table.tables("items")),
        weight=table.maybe_number("weight", 0, 1e6),
        fatal=table.flag("fatal"),
    )
    table.finish()
    if section.weight == 0:
        raise table.wrong("weight", 0, "> 0")
    return section


def _item(table: _Table) -> Item:
    kind = table.one_of("kind", get_args(Kind), "points")
    points = table.number("points", 0.0, 0, 1e6)
    item = Item(
        name=table.text("name"),
        points=points,
        kind=kind,
        levels=_levels(table, kind, points),
        choices=table.texts("choices"),
        fatal=table.one_of("fatal", get_args(Fatal), None),
        when=tuple(_condition(each) for each in table.tables("when")),
        comment=table.one_of("comment", get_args(WhenWanted), "never"),
        remedy=table.flag("remedy"),
    )
    table.finish()
    if (kind == "question") != bool(item.choices):
        raise table.wrong("choices", list(item.choices), '["…", "…"]' if kind == "question" else 'kind = "question"')
    if kind == "question" and points:
        raise table.wrong("points", points, "0")
    if kind in ("plus", "minus") and not points:
        raise table.wrong("points", points, "> 0")
    if item.fatal and kind in ("plus", "question"):
        raise table.wrong("fatal", item.fatal, 'kind = "points" | "minus"')
    if set(item.choices) & set(STATES) or set(item.levels) & set(STATES):
        raise table.wrong("choices" if item.choices else "levels", next(iter({*item.choices, *item.levels} & set(STATES))), "…")
    return item


def _levels(table: _Table, kind: Kind, points: float) -> dict[str, float]:
    given = table.get("levels")
    if given is None:
        return {}
    if not isinstance(given, dict) or not given or kind == "question":
        raise table.wrong("levels", given, f"{{ … = {points:g}, … = 0 }}")
    low, high = (-points, 0.0) if kind == "minus" else (0.0, points)
    levels = {name.strip(): table.limited(f"levels.{name}", value, low, high) for name, value in given.items()}
    # Whoever does everything right must be able to get everything, and a mark alone means one of the two ends.
    if not {low, high} <= set(levels.values()):
        raise table.wrong("levels", given, f"{{ … = {high:g}, … = {low:g} }}")
    return levels


def _condition(table: _Table) -> Condition:
    condition = Condition(table.text("item"), table.texts("is"))
    if not condition.any_of:
        raise CoachlineError("form_key_missing", where=table.where, key="is")
    table.finish()
    return condition


def _bands(table: _Table) -> tuple[Band, ...]:
    bands = []
    for each in table.tables("bands"):
        bands.append(Band(each.text("name"), each.number("from", 0.0, 0, 100)))
        each.finish()
    if len({band.low for band in bands}) < len(bands) or len({band.name for band in bands}) < len(bands):
        raise CoachlineError("form_name_twice", where=f"{table.where} / bands", name=", ".join(band.name for band in bands))
    return tuple(sorted(bands, key=lambda band: -band.low))


def _check(form: Form) -> None:
    """What holds between the lines of a form."""
    if not form.items:
        raise CoachlineError("form_without_lines", form=form.name)
    names = [item.name for item in form.items]
    for repeated in (names, [section.name for section in form.sections]):
        for name in repeated:
            if repeated.count(name) > 1:
                raise CoachlineError("form_name_twice", where="form", name=name)
    if len({section.weight is None for section in form.sections if _earns(section)}) > 1:
        without = ", ".join(section.name for section in form.sections if section.weight is None and _earns(section))
        raise CoachlineError("form_weights_partly", sections=without)
    of_name = dict(zip(names, form.items, strict=True))
    for item in form.items:
        for condition in item.when:
            if condition.item not in of_name:
                raise CoachlineError("form_condition_unknown_line", line=item.name, other=condition.item, known=", ".join(names))
            for wanted in condition.any_of:
                if wanted not in (known := _may_be(of_name[condition.item])):
                    raise CoachlineError(
                        "form_condition_unknown_value", line=item.name, other=condition.item, given=wanted, known=", ".join(known)
                    )
    circle = _circle(of_name)
    if circle:
        raise CoachlineError("form_conditions_circle", lines=" → ".join(circle))


def _earns(section: Section) -> bool:
    return any(item.kind == "points" and item.points > 0 for item in section.items)


def _may_be(item: Item) -> tuple[str, ...]:
    """What a condition may ask of an item."""
    return (*item.choices, STATES[2]) if item.kind == "question" else (*STATES, *item.levels)


def _circle(items: Mapping[str, Item]) -> list[str]:
    """Lines of which each is shown only if the one before is; empty if there are none such."""
    left = set(items)
    while True:
        ready = {name for name in left if not any(condition.item in left for condition in items[name].when)}
        if not ready:
            break
        left -= ready
    if not left:
        return []
    path = [min(left)]
    while path.count(path[-1]) < 2:
        path.append(next(condition.item for condition in items[path[-1]].when if condition.item in left))
    return path[path.index(path[-1]) :][::-1]
