"""How a fact table is declared: columns with their limits, and rules across columns.

One place per column: its name, kind, label, the headers by which exports call it, whether it may be missing, and the limits
of its values. Reading, checking, storing, reporting and the documentation all read this declaration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir
import pyarrow as pa

from coachline.engine.tables.kinds import Instant, Kind, Text

Severity = Literal["reject", "warn"]


@dataclass(frozen=True)
class Limits:
    """Closed interval of numbers; an open end is None."""

    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Column:
    """One column of a fact table.

    Parameters
    ----------
    name : str
        Name in the contract.
    kind : Kind
        What it holds, with its unit.
    zh, en : str
        Labels; also recognised as headers.
    also : tuple of str
        Further headers seen in exports, any language; spacing, case, brackets and full-width forms do not matter.
    required : bool
        A row without it is rejected.
    limits : Limits, optional
        A value outside is impossible: the row is rejected.
    plausible : Limits, optional
        A value outside is doubtful: the row loads, `facts.quality` lists it.
    parts : tuple of tuple of str
        Headers that together make the column, first to last (a business in three level columns; a date and a time).
    """

    name: str
    kind: Kind
    zh: str
    en: str
    also: tuple[str, ...] = ()
    required: bool = False
    limits: Limits | None = None
    plausible: Limits | None = None
    parts: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class Rule:
    """A relation between columns that a good row keeps.

    `holds` gives the condition as an Ibis expression over the table; null counts as kept, since unknown is not wrong.
    A rule of severity ``reject`` keeps a row out of the lake, one of severity ``warn`` is listed by `facts.quality`.
    """

    code: str
    columns: tuple[str, ...]
    holds: Callable[[ir.Table], ir.Value]
    severity: Severity = "reject"


@dataclass(frozen=True)
class FactTable:
    """A table of the lake."""

    name: str
    zh: str
    en: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rules: tuple[Rule, ...] = ()
    when: str | None = None
    """The column that places a row in time, if any."""

    def __post_init__(self) -> None:
        names = [c.name for c in self.columns]
        assert len(names) == len(set(names)), f"{self.name}: a column is declared twice"
        assert set(self.key) <= set(names) | {"source"}, f"{self.name}: the key names a column that is not declared"

    @property
    def stored(self) -> tuple[Column, ...]:
        """All columns as they stand in the lake: the declared ones and where each row came from."""
        declared = {c.name for c in self.columns}
        return self.columns + tuple(c for c in ORIGIN if c.name not in declared)

    @property
    def schema(self) -> pa.Schema:
        return pa.schema([pa.field(c.name, c.kind.arrow, nullable=True) for c in self.stored])

    def column(self, name: str) -> Column:
        return next(c for c in self.stored if c.name == name)


SOURCE = Column("source", Text(), "数据来源", "Source", also=("来源系统", "feed"), required=True)
ORIGIN = (SOURCE, Column("loaded_at", Instant(), "载入时间", "Loaded at", required=True))
"""The columns that every table carries."""
