"""Tables other than calls, to be looked at a page at a time: asked of `engine.browsing`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from coachline.engine import browsing
from coachline.engine.browsing import Place
from coachline.engine.facts import Facts
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from coachline.web.base.centre_folder import centre
from coachline.web.base.refusals import NoPermission
from coachline.web.facts.queries.calls import BROWSE, SIZE, as_text
from coachline.web.org.queries import Perspective


@dataclass(frozen=True)
class TablePage:
    """Rows of a page, all rows there are, and where the neighbouring pages begin; empty where there are none."""

    rows: Sequence[dict[str, Any]]
    total: int
    previous: str
    next: str


def may_look(table: str, eyes: Perspective) -> bool:
    """Tables of people are narrowed to those whom one may see; the others show a whole centre, so only those who see it look at them."""
    return table != "calls" and (eyes.people is None or _has_agent(table))


def page(table: str, eyes: Perspective, *, after: str = "", before: str = "") -> TablePage:
    """Rows of `table` by key, from its beginning or from a place that an earlier page named.

    Raises
    ------
    CoachlineError
        ``unknown_table``, ``place_unreadable``.
    NoPermission
    """
    if table not in TABLES or table == "calls":
        raise CoachlineError("unknown_table", name=table, known=", ".join(name for name in TABLES if name != "calls"))
    if not may_look(table, eyes):
        raise NoPermission(BROWSE)
    facts = centre().facts(of=eyes.centre.name if eyes.centre else None)
    place = before or after
    found = browsing.table_page(facts, table, Place.read(place) if place else None, SIZE, agents=eyes.people)
    return TablePage(found.rows.to_pylist(), _total(facts, table, eyes), as_text(found.previous), as_text(found.next))


def _total(facts: Facts, table: str, eyes: Perspective) -> int:
    if eyes.people is None:
        return facts.rows(table)
    rows = facts.table(table)
    return int(facts.collect(rows.filter(rows.agent_id.isin(sorted(eyes.people))).count().as_table()).column(0)[0].as_py())


def _has_agent(table: str) -> bool:
    return any(column.name == "agent_id" for column in TABLES[table].columns)
