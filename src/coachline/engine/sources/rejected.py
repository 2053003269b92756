"""Rows and lines that could not be taken, kept in a file and mapped into memory where they are looked at: there may be as many as the file has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc

from coachline.engine.sources.raw import MalformedLine

ROWS_AT_ONCE = 10_000


def on_disk(rows: pa.RecordBatchReader, file: Path, change: Callable[[pa.RecordBatch], pa.RecordBatch] = lambda batch: batch) -> pa.Table:
    """The rows, each batch as `change` makes it, as a table that lies in `file`.

    The file may be deleted as soon as this returns: the system frees it when nobody looks at the table any more.
    """
    with pa.OSFile(str(file), "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
        for batch in rows:
            writer.write_batch(change(batch))
    return pa.ipc.open_file(pa.memory_map(str(file))).read_all()


class MalformedLines(Sequence[MalformedLine]):
    """Lines that do not have the form of a row, in the order of the file.

    Parameters
    ----------
    lines : pyarrow.Table
        ``line``, ``fault``, ``text``.
    """

    def __init__(self, lines: pa.Table) -> None:
        self._lines = lines

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

    def any(self, fault: str) -> bool:
        """Whether any line has this fault."""
        return bool(pc.any(pc.equal(self._lines["fault"], fault)).as_py())
