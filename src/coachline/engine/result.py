"""What an analysis gives back: figures with the account of how they came about."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import polars as pl
import pyarrow as pa


@dataclass(frozen=True)
class Check:
    """An assumption that was tested: its code, whether it holds, the figure that decided, and further facts."""

    code: str
    ok: bool
    figure: float | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Something the reader must know about a result, as a code with facts."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Provenance:
    """Where a result comes from.

    Attributes
    ----------
    analysis, version : str
        Name in the table of contents and version of its formulas.
    parameters : Mapping[str, Any]
        As used, defaults filled in.
    lake : Mapping[str, int]
        Version of every fact table that was read.
    engine : str
        Where the group-bys ran, e.g. ``duckdb 2.0.0``.
    when : str
        Moment of the run, ISO 8601 in the centre's zone.
    seconds : float
        Wall time.
    centre : str or None
        The centre whose facts alone were read; None for all facts.
    """

    analysis: str
    version: str
    parameters: Mapping[str, Any]
    lake: Mapping[str, int]
    engine: str
    when: str
    seconds: float
    centre: str | None = None


@dataclass(frozen=True)
class Findings:
    """What an analysis itself computes; the run adds the provenance and makes a `Result` of it.

    The first entry of `tables` is the main table.
    """

    tables: Mapping[str, pa.Table]
    values: Mapping[str, float | int | str | None] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True)
class Result:
    """A frozen answer: named figures, tables, tested assumptions, notes and provenance."""

    values: Mapping[str, float | int | str | None]
    tables: Mapping[str, pa.Table]
    checks: tuple[Check, ...]
    notes: tuple[Note, ...]
    provenance: Provenance

    @classmethod
    def of(cls, findings: Findings, provenance: Provenance) -> Result:
        return cls(
            values=MappingProxyType(dict(findings.values)),
            tables=MappingProxyType(dict(findings.tables)),
            checks=findings.checks,
            notes=findings.notes,
            provenance=provenance,
        )

    def table(self, name: str | None = None) -> pa.Table:
        """The table `name`, or the main one.

        Raises
        ------
        KeyError
            No table of that name; the message lists those there are.
        """
        if name is None:
            name = next(iter(self.tables))
        if name not in self.tables:
            raise KeyError(f"{name!r} is not one of {', '.join(self.tables)}")
        return self.tables[name]

    def polars(self, name: str | None = None) -> pl.DataFrame:
        """The same as `table`, as a Polars frame."""
        frame = pl.from_arrow(self.table(name))
        assert isinstance(frame, pl.DataFrame)
        return frame

    def _repr_html_(self) -> str:
        source = self.provenance
        parts = [f"<p><b>{html.escape(source.analysis)}</b> {html.escape(source.version)} · {html.escape(source.when)}</p>"]
        if self.values:
            cells = "".join(f"<tr><th>{html.escape(k)}</th><td>{html.escape(str(v))}</td></tr>" for k, v in self.values.items())
            parts.append(f"<table>{cells}</table>")
        parts += [f"<p>{html.escape(name)}</p>{self.polars(name).head(20)._repr_html_()}" for name in self.tables]
        return "".join(parts)
