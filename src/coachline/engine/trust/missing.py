"""Values that are not there although they should be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ibis.expr.types as ir

from coachline.engine.tables import Column, FactTable
from coachline.engine.trust.issue import Issue
from coachline.engine.trust.profile import Ask, tally

SHARE = 0.001
"""Below it a gap is not worth a line."""

NULL_IS_AN_ANSWER: Mapping[str, tuple[str, ...]] = {
    # Not every customer rates, and a lone missing agent is listed by the rule answered_has_agent.
    "calls": ("rating", "agent_id"),
    "agents": ("left_on", "tags", "seat_level"),
    "inspections": ("customer_problem", "repeat_reason", "remedy", "stratum"),
    "inspection_items": ("comment",),
    "trainings": ("trainer_id",),
    "mystery_calls": ("agent_id",),
    # A closed question has a choice, an open one a text; and some people never answer.
    "survey_answers": ("choice", "text", "answered_at"),
}
"""Columns in which null says something ("has not left") rather than that something is unknown."""

Where = Callable[[ir.Table], ir.BooleanValue]


def _answered(calls: ir.Table) -> ir.BooleanValue:
    return calls.outcome == "answered"


def _inbound(calls: ir.Table) -> ir.BooleanValue:
    return (calls.direction != "outbound").fill_null(True)


def _voice(calls: ir.Table) -> ir.BooleanValue:
    return (calls.channel == "voice").fill_null(True)


def _queued(calls: ir.Table) -> ir.BooleanValue:
    return _inbound(calls) & calls.outcome.isin(("answered", "abandoned"))


EXPECTED_WHERE: Mapping[str, Mapping[str, Where]] = {
    "calls": {
        **dict.fromkeys(("agent_id", "talk_s", "hold_s", "wrap_s", "transferred", "ticketed", "invited", "rating", "business"), _answered),
        **dict.fromkeys(("wait_s", "queue"), _queued),
        "ivr_s": lambda calls: _inbound(calls) & _voice(calls),
        "resolved": lambda calls: _answered(calls) & _inbound(calls),
        "recording": lambda calls: _answered(calls) & _voice(calls),
    }
}
"""Rows in which a column can have a value at all; all rows where not named. A call that nobody answered has no talk time, and
a day with many such calls is not a day with faulty data; who calls out does not queue; a chat is not recorded."""


def expected(table: FactTable, column: str, rows: ir.Table) -> ir.BooleanValue | None:
    """The condition under which `column` should be filled; None for always."""
    where = EXPECTED_WHERE.get(table.name, {}).get(column)
    return None if where is None else where(rows)


def asks(table: FactTable, rows: ir.Table) -> dict[Ask, ir.Value]:
    asked: dict[Ask, ir.Value] = {}
    for column in EXPECTED_WHERE.get(table.name, {}):
        where = expected(table, column, rows)
        asked["expected", column] = tally(where)
        asked["unknown", column] = tally(where & rows[column].isnull())
    return asked


def share(column: Column, answers: Mapping[Ask, Any]) -> tuple[int, int]:
    """Rows in which `column` is missing, and rows in which it should be filled."""
    total = int(answers["rows", ""])
    if ("expected", column.name) in answers:
        return int(answers["unknown", column.name]), int(answers["expected", column.name])
    return total - int(answers["known", column.name]), total


def issues(table: FactTable, answers: Mapping[Ask, Any]) -> list[Issue]:
    found = []
    for column in table.columns:
        unknown, rows = share(column, answers)
        # A column without any value is listed as unused, once.
        if column.name in NULL_IS_AN_ANSWER.get(table.name, ()) or answers["known", column.name] == 0 or not rows:
            continue
        if unknown / rows >= SHARE:
            found.append(Issue(table.name, column.name, "missing", unknown, unknown / rows, "gap"))
    return found
