"""Holds staged rows against each other and against the lake: which are new, changed, known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import ibis
import pyarrow as pa

from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Snapshot
from coachline.engine.sources.staging import Staged, sql_type
from coachline.engine.sources.values import identifier
from coachline.engine.tables import FactTable

FAULTS = pa.schema([("row", pa.int64()), ("fault", pa.string())])
# Arrow's own way to an empty table goes through pandas, whose import takes longer than many a load.
NO_FAULTS = pa.Table.from_batches([], FAULTS)


@dataclass(frozen=True)
class Comparison:
    """How a file stands to the lake.

    Attributes
    ----------
    new, changed, unchanged : int
    other_events : int
        Changed rows in which both the time and the person differ.
    faults : pyarrow.Table
        ``row`` and ``fault`` of rows that fell out here.
    query : str
        SQL of the rows to write, complete and in the order of the schema; `NOW` stands for the time of loading.
    """

    NOW: ClassVar[str] = "$now"

    new: int
    changed: int
    unchanged: int
    other_events: int
    faults: pa.Table
    query: str


def compare(staged: Staged, snapshot: Snapshot | None, compute: DuckDBCompute, only_updates: tuple[str, ...]) -> Comparison:
    """Compare the good rows of ``staged`` with the lake.

    Parameters
    ----------
    only_updates : tuple of str
        Required columns that the file lacks: a row whose key is not in the lake is then a fault.
    """
    table, connection = staged.table, compute.connection
    keys = [identifier(k) for k in table.key]
    repeated, superseded = _within_file(staged, compute)
    good = staged.rows - staged.bad - repeated - superseded.num_rows
    if snapshot is None or snapshot.rows == 0:
        return Comparison(good, 0, repeated, 0, superseded, f"SELECT {_columns(table, staged, None)} FROM fresh s")
    old = ibis.to_sql(compute.read(table, snapshot.files), dialect="duckdb")
    connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW old AS {old}")
    compared = [identifier(c) for c in staged.present if c not in (*table.key, "source", "loaded_at")]
    changed = " OR ".join(f"s.{c} IS DISTINCT FROM o.{c}" for c in compared) or "FALSE"
    other = " AND ".join(f"s.{identifier(c)} IS DISTINCT FROM o.{identifier(c)}" for c in _event_columns(table, staged)) or "FALSE"
    connection.raw_sql(
        f"CREATE OR REPLACE TEMP TABLE met AS SELECT s.row, ({changed}) AS changed, ({other}) AS other "
        f"FROM fresh s JOIN old o USING ({', '.join(keys)})"
    )
    met, different, others = connection.raw_sql(
        "SELECT count(*), count(*) FILTER (WHERE changed), count(*) FILTER (WHERE changed AND other) FROM met"
    ).fetchall()[0]
    new = good - met
    faults = superseded
    if only_updates and new:
        unknown = connection.con.sql("SELECT row FROM fresh WHERE row NOT IN (SELECT row FROM met)").to_arrow_table()
        faults = pa.concat_tables([faults, _faults(unknown["row"], f"missing:{only_updates[0]}")])
        new = 0
    if different == 0:
        query = f"SELECT {_columns(table, staged, None)} FROM fresh s WHERE s.row NOT IN (SELECT row FROM met)"
    else:
        kept = "m.changed" if only_updates else "(m.row IS NULL OR m.changed)"
        query = (
            f"SELECT {_columns(table, staged, 'o')} FROM fresh s LEFT JOIN met m USING (row) "
            f"LEFT JOIN (SELECT * FROM old SEMI JOIN fresh USING ({', '.join(keys)})) o USING ({', '.join(keys)}) WHERE {kept}"
        )
    return Comparison(new, different, repeated + met - different, others, faults, query)


def _within_file(staged: Staged, compute: DuckDBCompute) -> tuple[int, pa.Table]:
    """Make ``fresh``, in which every key stands once: of rows with the same key, the last.

    Returns
    -------
    int, pyarrow.Table
        How many earlier rows said the same, and those that said something else, as faults: nothing is dropped in silence.
    """
    connection = compute.connection
    # What is the same in every row tells none apart.
    varying = [k for k in staged.table.key if staged.recipes[k].constant is None]
    keys = ", ".join(identifier(k) for k in varying or staged.table.key)
    good = "(SELECT rowid AS row, * FROM staged WHERE NOT bad)"
    connection.raw_sql(
        f"CREATE OR REPLACE TEMP TABLE several AS SELECT {keys}, max(rowid) AS last FROM staged WHERE NOT bad GROUP BY {keys} HAVING count(*) > 1"
    )
    if not connection.raw_sql("SELECT count(*) FROM several").fetchall()[0][0]:
        connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM {good}")
        return 0, NO_FAULTS
    differs = " OR ".join(f"s.{identifier(c)} IS DISTINCT FROM l.{identifier(c)}" for c in staged.present)
    connection.raw_sql(
        f"CREATE OR REPLACE TEMP TABLE earlier AS SELECT s.row, ({differs}) AS differs FROM {good} s JOIN several v USING ({keys}) "
        "JOIN staged l ON l.rowid = v.last WHERE s.row < v.last"
    )
    connection.raw_sql(f"CREATE OR REPLACE TEMP VIEW fresh AS SELECT * FROM {good} ANTI JOIN earlier USING (row)")
    repeated = connection.raw_sql("SELECT count(*) FROM earlier WHERE NOT differs").fetchall()[0][0]
    superseded = connection.con.sql("SELECT row FROM earlier WHERE differs").to_arrow_table()
    return repeated, _faults(superseded["row"], "superseded")


def _columns(table: FactTable, staged: Staged, old: str | None) -> str:
    """All columns of the schema: those that the file supplies, the others from the row in the lake (`old`) or unknown."""
    chosen = []
    for name in table.schema.names:
        column = identifier(name)
        if name == "loaded_at":
            chosen.append(f"{Comparison.NOW} AS {column}")
        elif name in staged.present:
            chosen.append(f"s.{column} AS {column}")
        else:
            chosen.append(f"o.{column} AS {column}" if old else f"CAST(NULL AS {sql_type(table.column(name))}) AS {column}")
    return ", ".join(chosen)


def _event_columns(table: FactTable, staged: Staged) -> list[str]:
    """What tells one event from another: its time and its person. Without both in the file, nothing can be said."""
    wanted = [c for c in (table.when, "agent_id") if c is not None and c not in table.key]
    return wanted if len(wanted) == 2 and set(wanted) <= set(staged.present) else []


def _faults(rows: pa.ChunkedArray, fault: str) -> pa.Table:
    return pa.table([rows.cast(pa.int64()), pa.array([fault] * len(rows), pa.string())], schema=FAULTS)
