"""Rows and lines that could not be taken, kept in a file and mapped into memory where they are looked at: there may be as many as the file has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc

ROWS_AT_ONCE = 10_000

LONG_RUN = 1 << 20
"""Bytes of malformed lines from which on they may fill a buffer of a reader."""
LONGEST_KEPT = 9_990
"""DuckDB keeps about so many characters of a malformed line."""


def on_disk(rows: pa.RecordBatchReader, file: Path, change: Callable[[pa.RecordBatch], pa.RecordBatch] = lambda batch: batch) -> pa.Table:
    """The rows, each batch as `change` makes it, as a table that lies in `file`.

    The file may be deleted as soon as this returns: the system frees it when nobody looks at the table any more.
    """
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        for batch in rows:
            writer.write_batch(change(batch))
    return pa.ipc.open_file(pa.memory_map(str(file))).read_all()


@dataclass(frozen=True)
class MalformedLine:
    """A line that does not have the form of a row."""

    line: int
    fault: str
    text: str


class MalformedLines(Sequence[MalformedLine]):
    """Lines that do not have the form of a row, in the order of the file.

    Parameters
    ----------
    lines : pyarrow.Table
        ``line``, ``fault``, ``text``.
    """

    def __init__(self, lines: pa.Table) -> None:
        self._lines = lines

    @classmethod
    def none(cls) -> MalformedLines:
        return cls(pa.table({"line": pa.array([], pa.int64()), "fault": pa.array([], pa.string()), "text": pa.array([], pa.string())}))

    def __len__(self) -> int:
        return int(self._lines.num_rows)

    @overload
    def __getitem__(self, place: int) -> MalformedLine: ...
    @overload
    def __getitem__(self, place: slice) -> list[MalformedLine]: ...
    def __getitem__(self, place: int | slice) -> MalformedLine | list[MalformedLine]:
        if isinstance(place, slice):
            return [self[i] for i in range(*place.indices(len(self)))]
        if not -len(self) <= place < len(self):
            raise IndexError(place)
        [found] = self._lines.slice(place % len(self), 1).to_pylist()
        return MalformedLine(**found)

    def __iter__(self) -> Iterator[MalformedLine]:
        for batch in self._lines.to_batches(ROWS_AT_ONCE):
            for line in batch.to_pylist():
                yield MalformedLine(**line)

    @property
    def may_fill_a_buffer(self) -> bool:
        """Whether there are so many that lines behind them may have been left out; see `RawRows.alone`."""
        lengths = pc.binary_length(self._lines["text"])
        return len(self) > 0 and (pc.sum(lengths).as_py() >= LONG_RUN or pc.max(lengths).as_py() >= LONGEST_KEPT)

    def and_those_of(self, other: MalformedLines) -> MalformedLines:
        """These lines, and those that `other` has besides."""
        more = other._lines.filter(pc.invert(pc.is_in(other._lines["line"], self._lines["line"].combine_chunks())))
        return MalformedLines(pa.concat_tables([self._lines, more]).sort_by("line")) if more.num_rows else self

    def any(self, fault: str) -> bool:
        """Whether any line has this fault."""
        return bool(pc.any(pc.equal(self._lines["fault"], fault)).as_py())
