"""Where group-bys run: DuckDB in this process, or a Spark cluster.

Analyses state what they need in Ibis and get Arrow back; they never learn which of the two answered.
"""

from __future__ import annotations

import os
import socket
import tempfile
import uuid
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


class Compute(ABC):
    """An engine for group-bys over the files of a snapshot."""

    name: str
    connection: Any

    @abstractmethod
    def read(self, table: FactTable, files: Sequence[str]) -> ir.Table:
        """The rows of `files` with exactly the stored columns of `table`; null where an older file lacks one."""

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
    """DuckDB inside this process.

    Parameters
    ----------
    memory : str
        Beyond it DuckDB spills to a temporary folder instead of growing.
    """

    def __init__(self, memory: str = "1GB") -> None:
        import duckdb

        self.name = f"duckdb {duckdb.__version__}"
        self._spill = tempfile.TemporaryDirectory(prefix="coachline-spill-")
        self.connection = ibis.duckdb.connect(memory_limit=memory, temp_directory=self._spill.name)
        self.connection.raw_sql("SET TimeZone = 'UTC'")
        # Progress is told by whoever asked, not by the engine on their terminal.
        self.connection.raw_sql("SET enable_progress_bar = false")

    def read(self, table: FactTable, files: Sequence[str]) -> ir.Table:
        if not files:
            return ibis.memtable(table.schema.empty_table())
        return _with_stored_columns(self.connection.read_parquet(list(files), union_by_name=True), table)

    def epoch_us(self, moment: ir.TimestampValue) -> ir.IntegerValue:
        return _duckdb_epoch_us(moment)

    def pair_hash(self, one: ir.StringValue, other: ir.StringValue) -> ir.IntegerValue:
        return _duckdb_pair_hash(one, other)

    def close(self) -> None:
        self.connection.disconnect()
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
        self.connection = ibis.pyspark.connect(self._session)

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


def _with_stored_columns(rows: ir.Table, table: FactTable) -> ir.Table:
    present = set(rows.columns)
    return rows.select(
        **{field.name: rows[field.name] if field.name in present else ibis.null(dt.dtype(field.type)) for field in table.schema}
    )
