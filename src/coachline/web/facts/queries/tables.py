"""Tables other than calls, to be looked at a page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

from coachline.engine.facts import Facts
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from coachline.web.base.centre_folder import centre
from coachline.web.base.refusals import NoPermission
from coachline.web.org.queries import Perspective

BROWSE = "facts.browse"
SIZE = 50
DEEPEST = 200
"""Pages that can be turned; who looks for more takes a filter or a download of the source."""


@dataclass(frozen=True)
class TablePage:
    """Rows of a page, which page it is, and whether there is another."""

    rows: Sequence[dict[str, Any]]
    number: int
    total: int
    more: bool


def may_look(table: str, eyes: Perspective) -> bool:
    """Tables of people are narrowed to those whom one may see; the others show a whole centre, so only those who see it look at them."""
    return table != "calls" and (eyes.people is None or _has_agent(table))


def page(table: str, eyes: Perspective, number: int = 1) -> TablePage:
    """Rows of `table`, newest first where they have a time, else by key.

    Raises
    ------
    CoachlineError
        ``unknown_table``.
    NoPermission
    """
    if table not in TABLES or table == "calls":
        raise CoachlineError("unknown_table", name=table, known=", ".join(name for name in TABLES if name != "calls"))
    if not may_look(table, eyes):
        raise NoPermission(BROWSE)
    number = min(max(number, 1), DEEPEST)
    facts = centre().facts(of=eyes.centre.name if eyes.centre else None)
    rows = _narrowed(facts, table, eyes)
    declared = TABLES[table]
    first = [rows[declared.when].desc()] if declared.when else []
    order = [*first, *(rows[name].asc() for name in ("source", *declared.key) if name != declared.when)]
    found = facts.collect(rows.order_by(order).limit(SIZE + 1, offset=(number - 1) * SIZE)).to_pylist()
    total = facts.rows(table) if eyes.people is None else int(facts.collect(rows.count().as_table()).column(0)[0].as_py())
    return TablePage(found[:SIZE], number, total, len(found) > SIZE and number < DEEPEST)


def _narrowed(facts: Facts, table: str, eyes: Perspective) -> ir.Table:
    rows = facts.table(table)
    return rows if eyes.people is None else rows.filter(rows.agent_id.isin(sorted(eyes.people) or [""]))


def _has_agent(table: str) -> bool:
    return any(column.name == "agent_id" for column in TABLES[table].columns)
