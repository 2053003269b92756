"""Rows of facts as people read them: labels of columns, words for codes, marks for what was ticked; no customer anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import pyarrow as pa
from django.urls import reverse

from coachline.engine.tables import TABLES, Column
from coachline.engine.tables.kinds import Choice, Instant, Pseudonym, Scale, Seconds
from coachline.report.terms import Terms
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures

FLAGS = ("transferred", "ticketed", "resolved", "invited")
UNSHOWN = frozenset({"customer_id", "recording", "loaded_at", "respondent"})
"""Who called, where their voice lies, when we loaded it, and who answered a survey in confidence."""


def choices(column: str) -> list[tuple[str, str]]:
    """Values of a choice or scale of calls, with their words."""
    kind = TABLES["calls"].column(column).kind
    assert isinstance(kind, Choice | Scale)
    return [(str(code), _named(code, names)) for code, names in kind.words]


def worded(column: Column, value: Any) -> str:
    """A value as text."""
    if value is None:
        return ""
    say, show = words(), figures()
    if isinstance(value, bool):
        return say("web.base.yes" if value else "web.base.no")
    if isinstance(column.kind, Choice):
        return next((_named(code, names) for code, names in column.kind.words if code == value), str(value))
    if isinstance(value, datetime):
        return show.instant(value)
    if isinstance(value, date):
        return show.day(value)
    if isinstance(column.kind, Seconds):
        return show.seconds(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list):
        return "; ".join(f"{key} = {entry}" for key, entry in value)
    return str(value)


def listed(rows: Iterable[Mapping[str, Any]], names: Mapping[str, str]) -> list[dict[str, Any]]:
    """Rows of calls for a list: outcome in words, marks, the agent's name, the address of the call."""
    say = words()
    terms = Terms(say)
    outcome = TABLES["calls"].column("outcome")
    found = []
    for row in rows:
        marks = [terms.column("calls", name).removeprefix("是否") for name in ("transferred", "ticketed", "resolved") if row.get(name)]
        if row.get("recorded"):
            marks.append(say("web.facts.calls.recorded"))
        found.append(
            {
                **row,
                "outcome_name": worded(outcome, row.get("outcome")),
                "agent_name": names.get(row.get("agent_id") or "", ""),
                "marks": marks,
                "address": f"{address(row['source'], row['call_id'])}?at={int(row['arrived_at'].timestamp())}",
            }
        )
    return found


def address(source: str, call_id: str) -> str:
    """Where one call is shown; numbers of some systems hold strokes, which would otherwise part the address."""
    return reverse("facts:call", args=[part.replace("%", "%25").replace("/", "%2F") for part in (source, call_id)])


def part(given: str) -> str:
    """A part of such an address as it was."""
    return given.replace("%2F", "/").replace("%25", "%")


def details(table: str, row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Everything that may be shown of a row, under its labels; what is not known is left out."""
    say = words()
    terms = Terms(say)
    found = [
        (terms.column(table, column.name), text)
        for column in TABLES[table].stored
        if shown(column) and (text := worded(column, row.get(column.name)))
    ]
    if "recorded" in row:
        found.append((terms.column("calls", "recording"), say("web.base.yes" if row["recorded"] else "web.base.no")))
    return found


def shown(column: Column) -> bool:
    return column.name not in UNSHOWN and not isinstance(column.kind, Pseudonym)


def headed(table: pa.Table) -> pa.Table:
    """A table of calls under the labels of its columns, without what is not shown."""
    say = words()
    terms = Terms(say)
    kept = [name for name in table.column_names if name not in UNSHOWN]
    labels = [say("web.facts.calls.recorded") if name == "recorded" else terms.column("calls", name) for name in kept]
    return table.select(kept).rename_columns(labels)


def is_figure(column: Column) -> bool:
    """Whether values stand to the right."""
    return not isinstance(column.kind, Instant) and (pa.types.is_floating(column.kind.arrow) or pa.types.is_integer(column.kind.arrow))


def _named(code: Any, names: tuple[str, ...]) -> str:
    if isinstance(code, int):
        return f"{code} {names[0] if words().language == 'zh' else names[-1]}"
    return names[0] if words().language == "zh" else str(code).replace("_", " ")
