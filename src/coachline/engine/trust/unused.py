"""Columns from which no analysis can learn anything: empty, always the same, or free text where a few words are expected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coachline.engine.tables import FactTable
from coachline.engine.tables.kinds import Flag, Pseudonym, Scale, Seconds
from coachline.engine.trust.issue import Issue
from coachline.engine.trust.profile import Ask

FEWEST = 50
"""Values below which neither sameness nor variety says anything."""

VARIED = (Flag, Scale, Seconds, Pseudonym)
"""Kinds that differ from row to row in any real centre; one queue, one team or one channel may well be all there is."""

CATEGORIES = ("business", "queue", "team", "centre", "role", "form", "form_version", "stratum")
"""Texts of which there should be few."""

MAY_BE_EMPTY = ("left_on", "tags", "answered_at", "repeat_reason")
"""Columns without any value in a centre in which all is well."""


def issues(table: FactTable, answers: Mapping[Ask, Any]) -> list[Issue]:
    """Codes ``empty_column``, ``constant_column`` and ``free_text`` (more than half of the texts differ)."""
    total, found = int(answers["rows", ""]), []
    for column in table.columns:
        known = int(answers["known", column.name])
        if total and not known:
            if column.name not in MAY_BE_EMPTY:
                found.append(Issue(table.name, column.name, "empty_column", total, 1.0, "remark"))
            continue
        if known < FEWEST:
            continue
        if isinstance(column.kind, VARIED) and answers["low", column.name] == answers["high", column.name]:
            example = None if isinstance(column.kind, Pseudonym) else f"{float(answers['low', column.name]):g}"
            found.append(Issue(table.name, column.name, "constant_column", known, known / total, "remark", example))
        if column.name in CATEGORIES and (column.name,) != table.key and answers["distinct", column.name] > known / 2:
            found.append(
                Issue(table.name, column.name, "free_text", known, known / total, "doubt", str(int(answers["distinct", column.name])))
            )
    return found
