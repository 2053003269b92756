"""Numbers that lead nowhere: agents, calls and businesses that another table should know."""

from __future__ import annotations

from dataclasses import dataclass

from coachline.engine.facts import Facts
from coachline.engine.trust.issue import Issue


@dataclass(frozen=True)
class Reference:
    table: str
    column: str
    target: str
    code: str


REFERENCES = (
    Reference("calls", "agent_id", "agents", "unknown_agent"),
    Reference("calls", "business", "businesses", "unknown_business"),
    Reference("inspections", "agent_id", "agents", "unknown_agent"),
    Reference("inspections", "call_id", "calls", "unknown_call"),
    Reference("inspection_items", "inspection_id", "inspections", "unknown_inspection"),
    Reference("trainings", "agent_id", "agents", "unknown_agent"),
    Reference("trainings", "business", "businesses", "unknown_business"),
    Reference("enrolments", "agent_id", "agents", "unknown_agent"),
    Reference("enrolments", "business", "businesses", "unknown_business"),
    Reference("exams", "agent_id", "agents", "unknown_agent"),
    Reference("exams", "business", "businesses", "unknown_business"),
    Reference("shifts", "agent_id", "agents", "unknown_agent"),
    Reference("wishes", "agent_id", "agents", "unknown_agent"),
    Reference("mystery_calls", "agent_id", "agents", "unknown_agent"),
    Reference("mystery_calls", "business", "businesses", "unknown_business"),
    Reference("transcripts", "call_id", "calls", "unknown_call"),
)
"""A reference is judged only if the table that it points to is loaded."""


def issues(facts: Facts, table: str) -> list[Issue]:
    """The code of each `Reference` that is broken; the example is the first number that is not found."""
    found = []
    for reference in REFERENCES:
        if reference.table == table and facts.has(reference.target):
            found += _broken(facts, reference)
    return found


def _broken(facts: Facts, reference: Reference) -> list[Issue]:
    column = reference.column
    rows = facts.table(reference.table)
    filled = rows.filter(rows[column].notnull())
    used = filled.group_by(column).aggregate(n=filled.count())
    target = facts.table(reference.target).select(column)
    # The target is first cut to what is used, so that the side which has to be remembered is never the millions of calls.
    known = target.semi_join(used, column).distinct()
    lost = used.anti_join(known, column)
    answer = facts.collect(lost.aggregate(rows=lost.n.sum(), example=lost[column].min())).to_pylist()[0]
    count = int(answer["rows"] or 0)
    if not count:
        return []
    return [Issue(reference.table, column, reference.code, count, count / facts.rows(reference.table), "wrong", answer["example"])]
