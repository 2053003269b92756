"""What a page of a list is, and the form in which its rows are shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

from coachline.engine.browsing.place import Place
from coachline.engine.facts import Facts
from coachline.engine.tables import FactTable
from coachline.engine.tables.kinds import Pseudonym

SHOWN_OF_HASH = 8
"""Characters of a customer's hash: enough to see on a page that two rows are of one customer, too few to look one up."""


@dataclass(frozen=True)
class Page:
    """Some rows of a list.

    Attributes
    ----------
    rows : pyarrow.Table
        In the order of the list.
    next, previous : Place, optional
        Where the list goes on; None at its end and its beginning.
    """

    rows: pa.Table
    next: Place | None
    previous: Place | None

    @property
    def more(self) -> bool:
        return self.next is not None

    @classmethod
    def of(cls, found: pa.Table, size: int, after: Place | None, key: Callable[[pa.Table, int], tuple[int | str, ...]]) -> Page:
        """The page of up to `size` of the rows that were found from `after` on.

        Parameters
        ----------
        found : pyarrow.Table
            In the direction of `after`, one row more than `size` if there are so many.
        size : int
        after : Place, optional
        key : callable
            Key of the row at a position.
        """
        backwards = after is not None and after.backwards
        over = found.num_rows > size
        rows = found.slice(0, size)
        if backwards:
            rows = rows.take(np.arange(rows.num_rows)[::-1])
        if rows.num_rows == 0:
            return cls(rows, None, None)
        first, last = Place(key(rows, 0), backwards=True), Place(key(rows, rows.num_rows - 1))
        return cls(rows, last if over or backwards else None, first if (over if backwards else after is not None) else None)


def shortened(rows: pa.Table, table: FactTable) -> pa.Table:
    """`rows` with no more of each personal pseudonym than tells one customer from another on a page."""
    for column in table.stored:
        if isinstance(column.kind, Pseudonym) and column.name in rows.column_names:
            short = [None if cell is None else cell.partition("_")[2][:SHOWN_OF_HASH] for cell in rows[column.name].to_pylist()]
            rows = rows.set_column(rows.schema.get_field_index(column.name), column.name, pa.array(short, pa.string()))
    return rows


def collected(facts: Facts, rows: ir.Table, table: FactTable) -> pa.Table:
    """Rows of `table` from where they lie, of the same types whichever engine brings them: some leave out the zone of instants."""
    found = facts.collect(rows)
    for place, name in enumerate(found.column_names):
        wanted = table.schema.field(name).type
        if found.schema.field(place).type != wanted and not pa.types.is_map(wanted):
            found = found.set_column(place, name, found[name].cast(wanted))
    return found
