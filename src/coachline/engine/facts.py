"""What an analysis is given: the facts of a centre as of one version of the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.compute import Compute
from coachline.engine.tables import TABLES


@dataclass(frozen=True)
class Snapshot:
    """One version of one table: its files and how many rows they hold."""

    version: int
    files: Sequence[str]
    rows: int


class Facts:
    """A consistent view of the lake, on the engine that will do the group-bys.

    Parameters
    ----------
    compute : Compute
    snapshots : Mapping[str, Snapshot]
        Tables that have been loaded; the others read as empty.
    zone : ZoneInfo
        The centre's.
    """

    def __init__(self, compute: Compute, snapshots: Mapping[str, Snapshot], zone: ZoneInfo) -> None:
        self.compute = compute
        self.snapshots = snapshots
        self.zone = zone
        self._tables: dict[str, ir.Table] = {}
        self._ends: dict[tuple[str, str], tuple[datetime, datetime] | None] = {}
        self._offsets: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def has(self, name: str) -> bool:
        """Whether table `name` holds any row."""
        return self.rows(name) > 0

    def rows(self, name: str) -> int:
        return self.snapshots[name].rows if name in self.snapshots else 0

    def table(self, name: str) -> ir.Table:
        """Fact table `name` with all its stored columns; empty where nothing was loaded."""
        if name not in self._tables:
            files = self.snapshots[name].files if name in self.snapshots else ()
            self._tables[name] = self.compute.read(TABLES[name], files)
        return self._tables[name]

    def collect(self, expression: ir.Table) -> pa.Table:
        """Run `expression` where the data lie; only its small outcome comes back."""
        return self.compute.collect(expression)

    @cached_property
    def versions(self) -> dict[str, int]:
        return {name: snapshot.version for name, snapshot in self.snapshots.items()}

    def span(self, name: str, column: str) -> tuple[datetime, datetime] | None:
        """First and last instant of a column, or None where there is none."""
        if (name, column) not in self._ends:
            moment = self.epoch_us(self.table(name)[column])
            [ends] = self.collect(self.table(name).aggregate(first=moment.min(), last=moment.max())).to_pylist()
            known = ends["first"] is not None
            first, last = (datetime.fromtimestamp((ends[k] or 0) / 1e6, tz=UTC) for k in ("first", "last"))
            self._ends[name, column] = (first, last) if known else None
        return self._ends[name, column]

    def days(self, name: str, column: str) -> tuple[date, date] | None:
        """First and last local day of a column, or None where there is none."""
        span = self.span(name, column)
        return None if span is None else (span[0].astimezone(self.zone).date(), span[1].astimezone(self.zone).date())

    def epoch_us(self, moment: ir.Value) -> ir.IntegerValue:
        return self.compute.epoch_us(moment)

    def wall_clock_s(self, name: str, column: str) -> ir.IntegerValue:
        """Column `column` of table `name` as seconds since 1970-01-01 00:00 on the centre's wall clock.

        Day number = ``// 86400``; second of the day = ``% 86400``; 1970-01-01 was a Thursday.
        """
        return clock.wall_clock_seconds(self.epoch_us(self.table(name)[column]), self.offsets(name, column))

    def offsets(self, name: str, column: str) -> list[tuple[int, int]]:
        """The zone's offsets from UTC within a column: (epoch second from which on it holds, seconds), in order."""
        if (name, column) not in self._offsets:
            ends = self.span(name, column)
            self._offsets[name, column] = clock.offsets(self.zone, *ends) if ends else [(0, 0)]
        return self._offsets[name, column]
