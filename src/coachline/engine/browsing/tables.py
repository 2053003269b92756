"""The rows of any fact table in the order of its key."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import ibis.expr.types as ir
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.browsing.pages import Page, collected, shortened
from coachline.engine.browsing.place import Place, Sorted, beyond, in_order
from coachline.engine.facts import Facts
from coachline.engine.tables import TABLES, FactTable
from coachline.engine.tables.kinds import Instant, Integer
from coachline.errors import CoachlineError


def table_page(facts: Facts, table: str, after: Place | None = None, size: int = 50, *, agents: Collection[str] | None = None) -> Page:
    """A page of fact table `table`, by its key; personal pseudonyms are shortened.

    Parameters
    ----------
    facts : Facts
        As far as the asker may see them.
    table : str
    after : Place, optional
        `Page.next` or `Page.previous` of another page of this table.
    size : int
    agents : collection of str, optional
        The agents whose rows the asker may see, in a table that says of each row whose it is; None is all.

    Raises
    ------
    CoachlineError
        ``unknown_table``, ``place_unreadable``.
    """
    if table not in TABLES:
        raise CoachlineError("unknown_table", name=table, known=", ".join(TABLES))
    declared = TABLES[table]
    if after is not None:
        after.require(*(int if isinstance(declared.column(name).kind, Instant | Integer) else str for name in declared.key))
    rows = facts.table(table)
    order = [Sorted(_sortable(facts, declared, rows, name)) for name in declared.key]
    rows = rows.filter(*(rows[name].notnull() for name in declared.key))
    if agents is not None:
        rows = rows.filter(rows.agent_id.isin(sorted(agents)))
    if after is not None:
        rows = rows.filter(beyond(order, after))
    found = collected(facts, rows.order_by(in_order(order, after is not None and after.backwards)).limit(size + 1), declared)

    def key(page: pa.Table, position: int) -> tuple[int | str, ...]:
        values = (page[name][position].as_py() for name in declared.key)
        return tuple(
            (value - clock.EPOCH_INSTANT) // timedelta(microseconds=1) if isinstance(value, datetime) else value for value in values
        )

    return Page.of(shortened(found, declared), size, after, key)


def _sortable(facts: Facts, table: FactTable, rows: ir.Table, name: str) -> ir.Value:
    """A part of the key in a form that a place can hold."""
    return facts.epoch_us(rows[name]) if isinstance(table.column(name).kind, Instant) else rows[name]
