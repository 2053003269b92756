"""`facts.quality`: everything in the loaded facts that a reader of their figures should know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Note
from coachline.engine.tables import TABLES, FactTable
from coachline.engine.trust import (
    attendance,
    duplicates,
    heaping,
    labels,
    level_changes,
    limits,
    missing,
    orders,
    profile,
    references,
    sameness,
    sequence,
    unused,
)
from coachline.engine.trust.issue import Issue, Reader, as_table
from coachline.engine.trust.profile import Ask
from coachline.errors import CoachlineError

NAME = "facts.quality"


def quality(facts: Facts, *, table: str | None = None, readers: Mapping[str, Reader] | None = None) -> Findings:
    """Faults of the loaded tables, with the results they harm, and a profile of every column.

    Parameters
    ----------
    facts : Facts
    table : str, optional
        Only this table (references from it to others included).
    readers : mapping of name to Reader, optional
        The analyses that a fault can harm, by what they read; this one, which is there to find faults, does not count.

    Returns
    -------
    Findings
        ``issues``: table, column, issue, rows, share, example, severity, harms; gravest first.
        ``columns``: table, column, rows, missing, missing_share, distinct, low, median, high.
        Values: ``issues``, ``high``, ``medium``, ``low``, and ``rows.<table>``.

    Raises
    ------
    CoachlineError
        ``no_facts``: nothing, or not this table, has been loaded.
    """
    chosen = [declared for name, declared in TABLES.items() if facts.has(name) and table in (None, name)]
    if not chosen:
        raise CoachlineError("no_facts", analysis=NAME, tables=table or ", ".join(TABLES))
    found: list[Issue] = []
    profiles: list[tuple[FactTable, Mapping[Ask, Any]]] = []
    series: list[level_changes.Series] = []
    for declared in chosen:
        answers = _answers(facts, declared)
        profiles.append((declared, answers))
        found += _within(facts, declared, answers)
        if declared.when is not None:
            daily = level_changes.daily(facts, declared)
            series += level_changes.series_of(declared, daily)
            found += level_changes.lost_days(declared, daily)
    found += level_changes.issues(series)
    issues = as_table(found, {name: reader for name, reader in (readers or {}).items() if name != NAME})
    severities = issues["severity"].to_pylist()
    return Findings(
        tables={"issues": issues, "columns": profile.as_table(profiles, facts.zone)},
        values={
            "issues": issues.num_rows,
            **{severity: severities.count(severity) for severity in ("high", "medium", "low")},
            **{f"rows.{declared.name}": facts.rows(declared.name) for declared in chosen},
        },
        notes=(
            Note("quality_approximate"),
            Note("quality_false_alarms", {"level": level_changes.FALSE_ALARMS, "series": len(series)}),
        ),
    )


def _answers(facts: Facts, table: FactTable) -> dict[Ask, Any]:
    """All figures of single columns and rows, from one pass over the table."""
    rows = facts.table(table.name)
    asked = {
        **profile.asks(facts, table, rows),
        **missing.asks(table, rows),
        **limits.asks(table, rows),
        **orders.asks(table, rows),
        **heaping.asks(table, rows),
    }
    return profile.answer(facts, rows, asked)


def _within(facts: Facts, table: FactTable, answers: Mapping[Ask, Any]) -> list[Issue]:
    distinct = {name: int(count) for (what, name), count in answers.items() if what == "distinct"}
    found = [
        *missing.issues(table, answers),
        *limits.issues(table, answers, facts.zone),
        *orders.issues(table, answers),
        *heaping.issues(table, answers),
        *unused.issues(table, answers),
        *duplicates.issues(facts, table),
        *labels.issues(facts, table, distinct),
        *references.issues(facts, table.name),
    ]
    if table.name == "calls":
        found += [*sequence.issues(facts), *attendance.issues(facts), *sameness.issues(facts)]
    return found
