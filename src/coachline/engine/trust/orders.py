"""Impossible orders within a row: the rules of the tables that warn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis
import ibis.expr.types as ir

from coachline.engine.tables import FactTable, Rule
from coachline.engine.tables.kinds import Text
from coachline.engine.trust.issue import Issue
from coachline.engine.trust.profile import Ask, tally


def warnings(table: FactTable) -> tuple[Rule, ...]:
    """Rules that a row may break and still load; what breaks the others never reaches the lake."""
    return tuple(rule for rule in table.rules if rule.severity == "warn")


def asks(table: FactTable, rows: ir.Table) -> dict[Ask, ir.Value]:
    asked: dict[Ask, ir.Value] = {}
    for rule in warnings(table):
        broken = ~rule.holds(rows)
        asked["broken", rule.code] = tally(broken)
        key = _shown_key(table)
        if key is not None:
            asked["first", rule.code] = ibis.ifelse(broken, rows[key], ibis.null("string")).min()
    return asked


def issues(table: FactTable, answers: Mapping[Ask, Any]) -> list[Issue]:
    """The issue carries the rule's code; the example is the number of the first such row."""
    total, found = int(answers["rows", ""]), []
    for rule in warnings(table):
        rows = int(answers["broken", rule.code] or 0)
        if rows:
            example = answers.get(("first", rule.code))
            found.append(Issue(table.name, rule.columns[-1], rule.code, rows, rows / total, "wrong", example, also=rule.columns))
    return found


def _shown_key(table: FactTable) -> str | None:
    """The column by which a row is found again in the source system; never a person."""
    safe = [name for name in table.key if name.endswith("_id") and type(table.column(name).kind) is Text]
    return safe[0] if safe else None
