"""Where group-bys run: DuckDB in this process, or a Spark cluster.

Analyses state what they need in Ibis and get Arrow back; they never learn which of the two answered.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import uuid
import weakref
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import pyarrow as pa

from coachline.engine.tables import FactTable
from coachline.errors import CoachlineError

_MICROSECONDS = ((dt.timestamp,), dt.int64)
_duckdb_epoch_us = ibis.udf.scalar.builtin(lambda moment: ..., name="epoch_us", signature=_MICROSECONDS)
_spark_epoch_us = ibis.udf.scalar.builtin(lambda moment: ..., name="unix_micros", signature=_MICROSECONDS)
_PAIR = (dt.string, dt.string)
_duckdb_pair_hash = ibis.udf.scalar.builtin(lambda one, other: ..., name="hash", signature=(_PAIR, dt.uint64))
_spark_pair_hash = ibis.udf.scalar.builtin(lambda one, other: ..., name="xxhash64", signature=(_PAIR, dt.int64))


CONNECT_PORT = 15002
"""Spark Connect's own default."""

MOST_PARTS = 100
"""Files that are named in one query; of more than these, a view is made."""


class Compute(ABC):
    """An engine for group-bys over the files of a snapshot. Threads may share it and the tables that it has read."""

    name: str

    @property
    @abstractmethod
    def connection(self) -> Any:
        """The Ibis backend for the thread that asks."""

    @abstractmethod
    def read(self, table: FactTable, files: Sequence[str]) -> ir.Table:
        """The rows of `files` with exactly the stored columns of `table`; null where an older file lacks one."""

    def read_part(self, table: FactTable, files: Sequence[str]) -> ir.Table:
        """The same for a few of the files of a table, for one question: nothing of it stays behind."""
        return self.read(table, files)

    @abstractmethod
    def epoch_us(self, moment: ir.TimestampValue) -> ir.IntegerValue:
        """Microseconds since 1970-01-01 UTC."""

    @abstractmethod
    def pair_hash(self, one: ir.StringValue, other: ir.StringValue) -> ir.IntegerValue:
        """64 bits that stand for a pair of texts within one query; sorting by them costs a fraction of sorting texts.

        Among n pairs, some two share their bits with a chance of about n^2 / 2^65: one in a million for six million pairs.
        """

    def collect(self, expression: ir.Table) -> pa.Table:
        """Run `expression` and bring its (small) outcome here."""
        return self.connection.to_pyarrow(expression)

    def close(self) -> None:
        """Give back what the engine holds."""


class DuckDBCompute(Compute):
    """DuckDB inside this process: one database, with a connection of its own for each thread, since a connection answers one question at a time.

    Memory, caches and the threads that do the work are those of the database, so many askers share them.

    Parameters
    ----------
    memory : str
        Beyond it DuckDB spills to a temporary folder instead of growing.
    """

    def __init__(self, memory: str = "1GB") -> None:
        import duckdb

        self.name = f"duckdb {duckdb.__version__}"
        self._spill = tempfile.TemporaryDirectory(prefix="coachline-spill-")
        self._of_thread = threading.local()
        self._others: weakref.WeakSet[Any] = weakref.WeakSet()
        self._columns: dict[str, frozenset[str]] = {}
        self._first = ibis.duckdb.connect(memory_limit=memory, temp_directory=self._spill.name)
        self._of_thread.connection = self._set_up(self._first)

    @property
    def connection(self) -> Any:
        own = getattr(self._of_thread, "connection", None)
        if own is None:
            own = self._of_thread.connection = self._set_up(ibis.duckdb.from_connection(self._first.con.cursor()))
            self._others.add(own)
        return own

    def read(self, table: FactTable, files: Sequence[str]) -> ir.Table:
        if not files:
            return ibis.memtable(table.schema.empty_table())
        # A view of the database, not of the connection: what one thread has read, all can ask about.
        view = f"coachline_{table.name}_{uuid.uuid4().hex}"
        self.connection.raw_sql(f"CREATE VIEW {view} AS SELECT * FROM {_parquet(files)}")
        return _with_stored_columns(self.connection.table(view), table)

    def read_part(self, table: FactTable, files: Sequence[str]) -> ir.Table:
        if not files or len(files) > MOST_PARTS:
            return self.read(table, files)
        present = frozenset[str]().union(*(self._columns_of(file) for file in files))
        columns = {name: kind for name, kind in ibis.schema(table.schema).items() if name in present}
        query = f"SELECT {', '.join(_quoted(name) for name in columns)} FROM {_parquet(files)}"
        return _with_stored_columns(self.connection.sql(query, schema=columns), table)

    def _columns_of(self, file: str) -> frozenset[str]:
        """The columns of a file; asked once, for no file of a lake ever changes."""
        if file not in self._columns:
            described = self.connection.con.execute(f"DESCRIBE SELECT * FROM {_parquet([file])}").fetchall()
            self._columns[file] = frozenset(name for name, *_ in described)
        return self._columns[file]

    @staticmethod
    def _set_up(connection: Any) -> Any:
        connection.raw_sql("SET TimeZone = 'UTC'")
        # Progress is told by whoever asked, not by the engine on their terminal.
        connection.raw_sql("SET enable_progress_bar = false")
        return connection

    def epoch_us(self, moment: ir.TimestampValue) -> ir.IntegerValue:
        return _duckdb_epoch_us(moment)

    def pair_hash(self, one: ir.StringValue, other: ir.StringValue) -> ir.IntegerValue:
        return _duckdb_pair_hash(one, other)

    def close(self) -> None:
        for connection in (*self._others, self._first):
            connection.disconnect()
        self._spill.cleanup()


class SparkCompute(Compute):
    """A Spark cluster, by Spark Connect (``SPARK_REMOTE`` or `remote`) or by its master.

    The workers must reach the lake under the same path.
    """

    def __init__(self, master: str | None = None, remote: str | None = None) -> None:
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            raise CoachlineError("spark_missing") from None
        remote = remote or os.environ.get("SPARK_REMOTE")
        builder = SparkSession.builder.appName("coachline").config("spark.sql.session.timeZone", "UTC")
        if remote:
            _require_answer(remote)
            builder = builder.remote(remote)
        elif master:
            builder = builder.master(master).config("spark.ui.enabled", "false")
        else:
            raise CoachlineError("spark_without_cluster")
        try:
            self._session = builder.getOrCreate()
        except ImportError:
            raise CoachlineError("spark_missing") from None
        except Exception as error:
            # Java that is absent, a host that does not answer: Spark has many exceptions for it and no common one.
            where, reason = remote or master, (str(error).splitlines() or [""])[0]
            raise CoachlineError("spark_unreachable", where=where, reason=reason) from None
        self.name = f"spark {self._session.version}"
        self._connection = ibis.pyspark.connect(self._session)

    @property
    def connection(self) -> Any:
        return self._connection

    def read(self, table: FactTable, files: Sequence[str]) -> ir.Table:
        if not files:
            return ibis.memtable(table.schema.empty_table())
        view = f"coachline_{table.name}_{uuid.uuid4().hex}"
        self._session.read.option("mergeSchema", "true").parquet(*files).createOrReplaceTempView(view)
        return _with_stored_columns(self.connection.table(view), table)

    def epoch_us(self, moment: ir.TimestampValue) -> ir.IntegerValue:
        return _spark_epoch_us(moment)

    def pair_hash(self, one: ir.StringValue, other: ir.StringValue) -> ir.IntegerValue:
        return _spark_pair_hash(one, other)

    def close(self) -> None:
        self._session.stop()


def _require_answer(remote: str) -> None:
    """Knock at a Spark Connect address, since Spark itself goes on trying for many minutes."""
    address = urlsplit(remote)
    if address.scheme != "sc":
        return
    try:
        socket.create_connection((address.hostname or "", address.port or CONNECT_PORT), timeout=10).close()
    except OSError as error:
        raise CoachlineError("spark_unreachable", where=remote, reason=error.strerror or str(error)) from None


def _parquet(files: Sequence[str]) -> str:
    """DuckDB's relation of the rows of `files`, which need not all have the same columns."""
    names = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"read_parquet([{names}], union_by_name = true)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _with_stored_columns(rows: ir.Table, table: FactTable) -> ir.Table:
    if rows.columns == tuple(table.schema.names):
        return rows
    present = set(rows.columns)
    return rows.select(
        **{field.name: rows[field.name] if field.name in present else ibis.null(dt.dtype(field.type)) for field in table.schema}
    )
