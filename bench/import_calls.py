"""Import of a csv of calls, checked and loaded, beside DuckDB's own ``read_csv`` to Parquet of the same file."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import coachline
from bench import sample
from bench.measure import Line, in_turns, side_by_side

GOAL = 4.0


def measure(rows: int, repetitions: int) -> list[Line]:
    file = sample.export(rows, "csv")
    with tempfile.TemporaryDirectory(dir=sample.DATA) as scratch:

        def ours() -> int:
            folder = Path(scratch) / "centre"
            shutil.rmtree(folder, ignore_errors=True)
            with coachline.Centre.create(folder) as centre:
                load = centre.import_file(file)
            assert load.rejected == 0
            return load.accepted

        def theirs() -> int:
            with sample.quiet_duckdb() as connection:
                counted = connection.execute(
                    f"COPY (SELECT * FROM read_csv('{file}')) TO '{scratch}/calls.parquet' (FORMAT parquet)"
                ).fetchone()
            assert counted is not None
            return int(counted[0])

        (imported, copied), counts = in_turns([ours, theirs], repetitions)
    assert counts == [rows, rows], counts
    ours_was = (f"import of {rows:,} calls from csv", imported)
    theirs_was = (f"DuckDB read_csv to Parquet, {rows:,} calls", copied)
    return side_by_side(ours_was, theirs_was, "import", GOAL)
