"""The list of calls, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc

from coachline.engine import clock
from coachline.engine.browsing.filters import CallFilters
from coachline.engine.browsing.pages import Page, collected, shortened
from coachline.engine.browsing.place import Place, Sorted, beyond, in_order
from coachline.engine.browsing.repeats import repeated
from coachline.engine.browsing.stretches import Stretch, stretches
from coachline.engine.facts import Facts
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError

CALLS = TABLES["calls"]

SHOWN = tuple(name for name in CALLS.schema.names if name not in ("recording", "loaded_at"))
"""Columns of a page; ``recorded`` stands in the place of the name of the recording."""

READ = pa.schema([CALLS.schema.field(name) for name in (*SHOWN, "recording")])

SIZES = (30_000, 600_000)
"""Calls that are looked at before all others are: with the last days on top, most pages are full after the first of these."""

SIZES_OF_REPEATS = (30_000, 300_000, 2_000_000)
"""Repeats cost more to look for: each call is held against those of a week before."""

NAMED = 1_000
"""Of more rows than that, naming each of them by its key costs more than reading all their columns at once."""

COUNTED_REPEATS = 600_000
"""Among so many calls, the newest, repeats are counted."""

LATEST_US = 4_102_444_800_000_000
"""The year 2100, in microseconds since 1970."""


@dataclass(frozen=True)
class Count:
    """How many calls there are.

    Attributes
    ----------
    number : int
    exact : bool
        Otherwise there are more than `number`, or at least as many.
    """

    number: int
    exact: bool


def calls_page(facts: Facts, filters: CallFilters, after: Place | None = None, size: int = 50) -> Page:
    """A page of the calls that `filters` mean: by arrival, the newest first, then by source and number.

    Parameters
    ----------
    facts : Facts
        As far as the asker may see them; to single agents they are narrowed by the filters.
    filters : CallFilters
    after : Place, optional
        `Page.next` or `Page.previous` of another page.
    size : int

    Returns
    -------
    Page
        Its rows have the columns `SHOWN` and ``recorded``; customers are shortened hashes.

    Raises
    ------
    CoachlineError
        ``place_unreadable``.

    Notes
    -----
    A call without time, source or number, which no import lets in, has no place in the list.
    """
    if after is not None:
        after.require(int, str, str)
        if not 0 <= int(after.key[0]) <= LATEST_US:
            raise CoachlineError("place_unreadable")
    nothing = filters.impossible or "calls" not in facts.snapshots
    found = READ.empty_table() if nothing else _Search(facts, filters, after).rows(size + 1)
    return Page.of(shown(found), size, after, _key)


def calls_count(facts: Facts, filters: CallFilters, at_most: int = 100_000) -> Count:
    """How many calls `filters` mean; of more than `at_most` only that there are more.

    Which calls are repeats is looked at among the newest only; where there are older ones, there may be more.
    """
    if filters.impossible or "calls" not in facts.snapshots:
        return Count(0, exact=True)
    first, last = filters.instants(facts.zone)
    whole = True
    if filters.repeat is not None:
        ways = list(stretches(list(facts.snapshots["calls"].spans.values()), first, last, (COUNTED_REPEATS,), upwards=False))
        whole = len(ways) == 1
        first, last = ways[0]
    calls = _meant(facts, filters, (first, last))
    counted = facts.collect(calls.select("source").limit(at_most + 1).count().as_table())
    number = int(counted.column(0)[0].as_py())
    return Count(min(number, at_most), exact=whole and number <= at_most)


def shown(found: pa.Table) -> pa.Table:
    """Rows as a page has them."""
    rows = shortened(found.select(SHOWN), CALLS)
    return rows.append_column("recorded", pc.is_valid(found["recording"]))


def _meant(facts: Facts, filters: CallFilters, stretch: Stretch) -> ir.Table:
    """The calls that `filters` mean within a stretch of time."""
    calls = facts.between("calls", *stretch)
    calls = calls.filter(calls.arrived_at.notnull(), *filters.conditions(calls))
    if filters.repeat is None:
        return calls
    repeats = repeated(facts, calls, *stretch)
    return repeats if filters.repeat else calls.anti_join(repeats.select("source", "call_id"), ["source", "call_id"])


class _Search:
    """The way through the calls from one place on."""

    def __init__(self, facts: Facts, filters: CallFilters, after: Place | None) -> None:
        self.facts, self.filters, self.after = facts, filters, after
        self.backwards = after is not None and after.backwards

    def rows(self, wanted: int) -> pa.Table:
        """The first `wanted` calls in the columns `READ`."""
        parts: list[pa.Table] = []
        for stretch in self._stretches():
            first = self._first(stretch, wanted - sum(part.num_rows for part in parts))
            if not parts or wanted > NAMED:
                part = self._read(first)
            else:
                # Among many calls only those columns are read at first that tell which ones are meant.
                part = self._rows_of(self.facts.collect(first.select("arrived_at", "source", "call_id")))
            parts.append(part)
            if sum(part.num_rows for part in parts) >= wanted:
                break
        return pa.concat_tables(parts)

    def _first(self, stretch: Stretch, wanted: int) -> ir.Table:
        """The first `wanted` calls within a stretch."""
        calls = _meant(self.facts, self.filters, stretch)
        order = [Sorted(self.facts.epoch_us(calls.arrived_at), descending=True), Sorted(calls.source), Sorted(calls.call_id)]
        if self.after is not None:
            calls = calls.filter(beyond(order, self.after))
        return calls.order_by(in_order(order, self.backwards)).limit(wanted)

    def _stretches(self) -> Iterator[Stretch]:
        """The stretches of time to look through, one after the other."""
        first, last = self.filters.instants(self.facts.zone)
        if self.after is not None:
            here = clock.EPOCH_INSTANT + timedelta(seconds=int(self.after.key[0]) // 1_000_000)
            if self.backwards:
                first = here if first is None else max(first, here)
            else:
                here += timedelta(seconds=1)
                last = here if last is None else min(last, here)
        if self.filters.call_id is not None:
            # Its number finds a call wherever it is.
            sizes: tuple[int, ...] = ()
        else:
            sizes = SIZES if self.filters.repeat is None else SIZES_OF_REPEATS
        return stretches(list(self.facts.snapshots["calls"].spans.values()), first, last, sizes, self.backwards)

    def _rows_of(self, keys: pa.Table) -> pa.Table:
        """The calls with these keys, in their order."""
        if keys.num_rows == 0:
            return READ.empty_table()
        moments = keys["arrived_at"].to_pylist()
        calls = self.facts.between("calls", _second(min(moments)), _second(max(moments)) + timedelta(seconds=1))
        found = self._read(calls.filter(calls.call_id.isin(keys["call_id"].to_pylist()), *self.filters.conditions(calls)))
        places = {key: place for place, key in enumerate(_pairs(found))}
        return found.take([places[key] for key in _pairs(keys)])

    def _read(self, calls: ir.Table) -> pa.Table:
        return collected(self.facts, calls.select(*READ.names), CALLS).cast(READ)


def _key(rows: pa.Table, position: int) -> tuple[int, str, str]:
    moment = rows["arrived_at"][position].as_py()
    return (moment - clock.EPOCH_INSTANT) // timedelta(microseconds=1), rows["source"][position].as_py(), rows["call_id"][position].as_py()


def _pairs(rows: pa.Table) -> Iterator[tuple[str, str]]:
    return zip(rows["source"].to_pylist(), rows["call_id"].to_pylist(), strict=True)


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)
