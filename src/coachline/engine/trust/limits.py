"""Values beyond what is possible or plausible, by the limits that the tables declare."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

import ibis.expr.types as ir

from coachline.engine.tables import Column, FactTable
from coachline.engine.tables.kinds import Seconds
from coachline.engine.trust.issue import Issue
from coachline.engine.trust.profile import Ask, shown, tally

NEGATIVE_IS_WRONG = Seconds
"""A duration below 0 cannot be; other values beyond what is plausible are doubtful."""

FROM_ZERO = {("calls", "talk_s")}
"""Columns in which 0 is right for some rows; where it is not, a rule says so (answered_has_talk)."""


def _limits(table: FactTable, column: Column) -> tuple[float | None, float | None]:
    low = max((x.low for x in (column.limits, column.plausible) if x and x.low is not None), default=None)
    high = min((x.high for x in (column.limits, column.plausible) if x and x.high is not None), default=None)
    return (0.0 if (table.name, column.name) in FROM_ZERO else low), high


def asks(table: FactTable, rows: ir.Table) -> dict[Ask, ir.Value]:
    asked: dict[Ask, ir.Value] = {}
    for column in table.columns:
        low, high = _limits(table, column)
        if low is not None:
            asked["below", column.name] = tally(rows[column.name] < low)
        if high is not None:
            asked["above", column.name] = tally(rows[column.name] > high)
    return asked


def issues(table: FactTable, answers: Mapping[Ask, Any], zone: ZoneInfo) -> list[Issue]:
    """Codes ``negative``, ``below_plausible``, ``above_plausible``; the example is the farthest value."""
    total, found = int(answers["rows", ""]), []
    for column in table.columns:
        for side, end in (("below", "low"), ("above", "high")):
            rows = int(answers.get((side, column.name)) or 0)
            if not rows:
                continue
            negative = side == "below" and isinstance(column.kind, NEGATIVE_IS_WRONG)
            code = "negative" if negative else f"{side}_plausible"
            example = shown(column, answers[end, column.name], zone)
            found.append(Issue(table.name, column.name, code, rows, rows / total, "wrong" if negative else "doubt", example))
    return found
