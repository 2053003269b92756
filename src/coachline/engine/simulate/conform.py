"""Simulated columns in the order and types of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from coachline.engine.tables import TABLES

ADDED_BY_IMPORT = frozenset({"source", "loaded_at"})


def conform(name: str, columns: Mapping[str, Any] | pa.Table) -> pa.Table:
    """Fact table `name` from its columns; without those that only an import knows."""
    table = columns if isinstance(columns, pa.Table) else pa.table(dict(columns))
    fields = [f for f in TABLES[name].schema if f.name not in ADDED_BY_IMPORT]
    return table.select([f.name for f in fields]).cast(pa.schema(fields))


def empty(name: str) -> pa.Table:
    """Fact table `name` without rows."""
    return pa.schema([f for f in TABLES[name].schema if f.name not in ADDED_BY_IMPORT]).empty_table()
