"""Durations that pile up on round numbers: rounded by somebody, or typed instead of measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ibis.expr.types as ir

from coachline.engine.tables import FactTable
from coachline.engine.tables.kinds import Seconds
from coachline.engine.trust.issue import Issue
from coachline.engine.trust.profile import Ask, tally

STEPS = (60, 10)
"""Seconds; measured times hit a multiple of 60 in 1.7 % and one of 10 in 10 % of cases."""

SHARE = 0.6
FEWEST = 100


def asks(table: FactTable, rows: ir.Table) -> dict[Ask, ir.Value]:
    asked: dict[Ask, ir.Value] = {}
    for column in table.columns:
        if isinstance(column.kind, Seconds):
            positive = rows[column.name] > 0
            asked["positive", column.name] = tally(positive)
            for step in STEPS:
                # Whole seconds: a remainder of floating numbers costs five times as much.
                asked[f"multiple_of_{step}", column.name] = tally(positive & (rows[column.name].cast("int64") % step == 0))
    return asked


def issues(table: FactTable, answers: Mapping[Ask, Any]) -> list[Issue]:
    """Code ``rounded``: more than 60 % of the positive values are multiples of 60 s (else of 10 s); the share is of these values."""
    found = []
    for column in table.columns:
        positive = int(answers.get(("positive", column.name)) or 0)
        if positive < FEWEST:
            continue
        for step in STEPS:
            rows = int(answers[f"multiple_of_{step}", column.name])
            if rows > SHARE * positive:
                found.append(Issue(table.name, column.name, "rounded", rows, rows / positive, "doubt", f"{step} s"))
                break
    return found
