"""The same thing recorded twice under different keys. (Rows with the same key never meet: loading replaces.)"""

from __future__ import annotations

from collections.abc import Mapping

import ibis

from coachline.engine.facts import Facts
from coachline.engine.tables import FactTable
from coachline.engine.trust.issue import Issue

CONTENT: Mapping[str, tuple[str, ...]] = {
    "inspections": ("call_id", "agent_id", "inspector_id", "inspected_at", "purpose"),
    "trainings": ("agent_id", "business", "method", "started_at"),
    "exams": ("agent_id", "item", "taken_at"),
    "mystery_calls": ("centre", "caller", "item", "called_at"),
}
"""Columns that two honest rows do not share. Calls, of which there are millions, are compared with their neighbours instead
(`sequence`)."""


def issues(facts: Facts, table: FactTable) -> list[Issue]:
    """Codes ``duplicates`` (rows beyond the first of each) and, for agents, ``same_name``."""
    if table.name == "agents":
        return _same_name(facts)
    if table.name not in CONTENT:
        return []
    rows = facts.table(table.name)
    content = CONTENT[table.name]
    # A row in which one of them is unknown is not known to equal another.
    known = rows.filter([rows[name].notnull() for name in content])
    copies = known.group_by(list(content)).aggregate(n=known.count(), first=known[table.key[0]].min())
    again = copies.filter(copies.n > 1)
    found = facts.collect(again.aggregate(rows=(again.n - 1).sum(), example=again["first"].min())).to_pylist()[0]
    extra = int(found["rows"] or 0)
    if not extra:
        return []
    share = extra / facts.rows(table.name)
    return [Issue(table.name, table.key[0], "duplicates", extra, share, "wrong", found["example"], whole_row=True)]


def _same_name(facts: Facts) -> list[Issue]:
    """People of one name under several numbers: namesakes, or one person counted twice. The name itself is not given."""
    agents = facts.table("agents")
    named = agents.filter(agents.name.notnull())
    names = named.group_by("name").aggregate(n=named.count(), low=named.agent_id.min(), high=named.agent_id.max())
    twice = names.filter(names.n > 1)
    first = twice.order_by([ibis.desc("n"), "low"]).limit(1)
    total = facts.collect(twice.aggregate(rows=twice.n.sum())).to_pylist()[0]["rows"]
    if not total:
        return []
    pair = facts.collect(first).to_pylist()[0]
    return [
        Issue("agents", "name", "same_name", int(total), int(total) / facts.rows("agents"), "remark", f"{pair['low']} = {pair['high']}")
    ]
