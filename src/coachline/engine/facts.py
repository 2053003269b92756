"""What an analysis is given: the facts of a centre as of one version of the lake."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

import ibis.expr.types as ir
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.compute import Compute
from coachline.engine.one_centre import OF_ALL, Belonging
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError


@dataclass(frozen=True)
class FileSpan:
    """What is known of a file without opening it: its rows, and the first and last instant in the column that places them in time."""

    file: str
    rows: int
    first: datetime
    last: datetime


@dataclass(frozen=True)
class Snapshot:
    """One version of one table: its files and how many rows they hold.

    Attributes
    ----------
    spans : mapping of file to FileSpan
        For the files of which it is known when their rows are.
    """

    version: int
    files: Sequence[str]
    rows: int
    spans: Mapping[str, FileSpan] = field(default_factory=dict)


class Facts:
    """A consistent view of the lake, on the engine that will do the group-bys.

    Parameters
    ----------
    compute : Compute
    snapshots : Mapping[str, Snapshot]
        Tables that have been loaded; the others read as empty.
    zone : ZoneInfo
        The centre's.
    centre : str, optional
        The centre that is looked at; see `of_centre`, which makes such a view.
    belonging : Belonging, optional
        By which rows of other centres are left out; without it all rows are there.
    """

    def __init__(
        self,
        compute: Compute,
        snapshots: Mapping[str, Snapshot],
        zone: ZoneInfo,
        *,
        centre: str | None = None,
        belonging: Belonging | None = None,
    ) -> None:
        self.compute = compute
        self.snapshots = snapshots
        self.zone = zone
        self.centre = centre
        self._belonging = belonging
        self._belongings: dict[str | None, Belonging] = {}
        self._counts: dict[str, int] = {}
        self._tables: dict[str, ir.Table] = {}
        self._ends: dict[tuple[str, str], tuple[datetime, datetime] | None] = {}
        self._offsets: dict[tuple[str, str], list[tuple[int, int]]] = {}

    def of_centre(self, name: str, *, default: str | None = None) -> Facts:
        """The same facts as far as one centre may see them: its people, its calls and what hangs on them.

        Where there is but one centre these are all facts. Otherwise every table is narrowed by a filter that the engine applies where the data lie; who
        and what belongs to whom is said by `Belonging`, which is shared by the views of all centres. Of a million calls in two centres the daily report
        of one takes 0.9 of the time of the report on all calls, 1.5 of that on the same calls alone; finding out what belongs to whom adds 0.2, once.

        Parameters
        ----------
        name : str
            As the table of agents names it.
        default : str, optional
            Centre of the agents for whom none is recorded. Without it they belong to the only centre there is, and to none where there are several.

        Raises
        ------
        CoachlineError
            ``unknown_centre``, with those that are known.
        """
        belonging = self._belongings.setdefault(default, Belonging(self, default))
        if name not in belonging.centres:
            raise CoachlineError("unknown_centre", centre=name, known=", ".join(belonging.centres) or "-")
        alone = len(belonging.centres) == 1
        return Facts(self.compute, self.snapshots, self.zone, centre=name, belonging=None if alone else belonging)

    @property
    def centres(self) -> tuple[str, ...]:
        """The centres that the table of agents names, in order."""
        return self._belongings.setdefault(None, Belonging(self)).named

    @property
    def calls_of_no_centre(self) -> int:
        """Calls left out of the view of one centre because they can be ascribed to none, so that only the whole group sees them."""
        return 0 if self._belonging is None else self._belonging.calls_of_no_centre

    def has(self, name: str) -> bool:
        """Whether table `name` holds any row."""
        return self.rows(name) > 0

    def rows(self, name: str) -> int:
        """How many rows table `name` holds; of one centre among several they are counted when first asked for."""
        if name not in self.snapshots or self._belonging is None or name in OF_ALL:
            return self.snapshots[name].rows if name in self.snapshots else 0
        if name not in self._counts:
            self._counts[name] = int(self.collect(self.table(name).count().as_table()).column(0)[0].as_py())
        return self._counts[name]

    def table(self, name: str) -> ir.Table:
        """Fact table `name` with all its stored columns; empty where nothing was loaded."""
        if name not in self._tables:
            if self._belonging is not None:
                assert self.centre is not None
                self._tables[name] = self._belonging.rows(name, self.centre)
            else:
                files = self.snapshots[name].files if name in self.snapshots else ()
                self._tables[name] = self.compute.read(TABLES[name], files)
        return self._tables[name]

    def between(self, name: str, first: datetime | None, last: datetime | None) -> ir.Table:
        """The rows of table `name` from `first` on and before `last`; files that cannot hold any are not opened.

        Parameters
        ----------
        name : str
            A table whose rows are placed in time.
        first, last : datetime, optional
            With their zone; None is open.
        """
        when = TABLES[name].when
        assert when is not None, name
        rows = self._part(name, first, last)
        bounds = [] if first is None else [rows[when] >= first]
        bounds += [] if last is None else [rows[when] < last]
        return rows.filter(*bounds) if bounds else rows

    def _part(self, name: str, first: datetime | None, last: datetime | None) -> ir.Table:
        if name not in self.snapshots:
            return self.table(name)
        snapshot = self.snapshots[name]
        spans = {file: snapshot.spans.get(file) for file in snapshot.files}
        files = [
            file
            for file, span in spans.items()
            if span is None or ((last is None or span.first < last) and (first is None or span.last >= first))
        ]
        if len(files) == len(snapshot.files):
            return self.table(name)
        part = self.compute.read_part(TABLES[name], files) if files else self.compute.read_part(TABLES[name], snapshot.files[:1]).limit(0)
        if self._belonging is None:
            return part
        assert self.centre is not None
        return self._belonging.rows(name, self.centre, part)

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
