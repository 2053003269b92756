"""Parquet files. Their typed values become text first, so that one way of reading, checking and rejecting serves all files."""

from __future__ import annotations

from pathlib import Path

import duckdb

from coachline.engine.sources.raw import Layout, RawRows, unique
from coachline.engine.sources.values import identifier, literal
from coachline.errors import CoachlineError


def open_parquet(path: Path, connection: duckdb.DuckDBPyConnection) -> RawRows:
    """The rows of a Parquet file.

    Raises
    ------
    CoachlineError
        ``parquet_damaged``.
    """
    source = f"read_parquet({literal(str(path))})"
    try:
        described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise CoachlineError("parquet_damaged", file=path.name, reason=str(error).splitlines()[0]) from None
    headers, repeated = unique([name for name, *_ in described])
    cells = []
    for i, (name, kind, *_) in enumerate(described):
        nested = kind.startswith(("MAP", "STRUCT")) or kind.endswith("[]")
        text = f"CAST(to_json({identifier(name)}) AS VARCHAR)" if nested else f"CAST({identifier(name)} AS VARCHAR)"
        cells.append(f"{text} AS c{i}")
    return RawRows(headers, f"(SELECT {', '.join(cells)} FROM {source})", 1, Layout("parquet"), duplicates=repeated)
