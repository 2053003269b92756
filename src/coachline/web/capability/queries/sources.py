"""Stored results as a reader may see them, of which a page reads no more than it shows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache as for_ever
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeVar

import polars as pl
from django.core.cache import cache

from coachline.engine.result import Result
from coachline.report.capability import Measure, measures
from coachline.report.capability_store import bars
from coachline.stored import StoredTables, load_result
from coachline.web.base.language import short
from coachline.web.org.queries import Perspective
from coachline.web.runs.models import Run
from coachline.web.runs.queries import latest

MATRIX = "capability.matrix"

KEPT_S = 7 * 24 * 3600
ACCOUNTS_KEPT = 64
"""Results whose account, a few kilobytes without tables, a server's process remembers."""

Made = TypeVar("Made")


@dataclass(frozen=True)
class Source:
    """A stored result, and whose rows of it may be seen.

    Parameters
    ----------
    run : Run
    people : frozenset of str or None
        Agents, by agent_id; None for everybody.
    """

    run: Run
    people: frozenset[str] | None

    @property
    def account(self) -> Result:
        """The result with its values and notes; tables are read by `rows`."""
        return _account(self.run.folder)

    @property
    def as_of(self) -> datetime:
        return datetime.fromisoformat(self.account.provenance.when)

    @property
    def marks(self) -> str:
        """What was made of this result for these people, in this language, is good for as long as these marks are the same."""
        whom = "*" if self.people is None else hashlib.sha256("\n".join(sorted(self.people)).encode()).hexdigest()
        return f"{self.run.pk}:{whom}:{short()}:{_version()}"

    def everybody(self, table: str) -> pl.LazyFrame:
        """A table with the rows of all: for what nobody can be recognised in, such as bands."""
        tables = self.account.tables
        assert isinstance(tables, StoredTables)
        return tables.scan(table)

    def rows(self, table: str) -> pl.LazyFrame:
        """The rows about those who may be seen, and those about nobody in particular."""
        found = self.everybody(table)
        if self.people is None or "agent_id" not in found.collect_schema():
            return found
        return found.filter(pl.col("agent_id").is_null() | pl.col("agent_id").is_in(sorted(self.people)))

    def part(self, **tables: pl.DataFrame) -> Result:
        """The result with these rows instead of its tables."""
        return replace(self.account, tables={name: frame.to_arrow() for name, frame in tables.items()})


def source(name: str, eyes: Perspective) -> Source | None:
    """The newest result of an analysis over everything that was loaded; None where there is none."""
    run = latest(name, {}, eyes.centre)
    if run is None and name == MATRIX:
        # A centre too large for all of its cells is calculated without those that were never seen.
        run = latest(name, {"unseen": False}, eyes.centre)
    if run is None or not run.folder.exists():
        return None
    return Source(run, eyes.people)


@for_ever
def _version() -> str:
    """Of the program: another one may draw otherwise."""
    return version("coachline")


@lru_cache(ACCOUNTS_KEPT)
def _account(folder: Path) -> Result:
    return load_result(folder)


def measures_of(matrix: Source) -> list[Measure]:
    """What is measured: the index first, then the outcomes that are recorded."""
    return _measures(matrix.run.folder)


@lru_cache(ACCOUNTS_KEPT)
def _measures(folder: Path) -> list[Measure]:
    account = _account(folder)
    assert isinstance(account.tables, StoredTables)
    seen = account.tables.scan("matrix").filter(pl.col("n") > 0)
    return measures(account, seen.select(pl.col("outcome").unique()).collect()["outcome"])


@lru_cache(8)
def _bars(folder: Path) -> pl.DataFrame:
    account = _account(folder)
    assert isinstance(account.tables, StoredTables)
    columns = ("business", "outcome", "n", "estimate", "standard")
    return bars(account.tables.scan("matrix").select(columns).collect())


def bars_of(matrix: Source) -> pl.DataFrame:
    """What every business is compared with: standard, and the band of all colleagues, also of those who may not be seen."""
    return _bars(matrix.run.folder)


def chosen(known: list[Measure], wanted: str) -> Measure | None:
    """The measure that the address asks for, else the first that tells people apart, else the first; None where there is none."""
    asked = next((found for found in known if found.code == wanted), None)
    return asked or next((found for found in known if found.judged), None) or next(iter(known), None)


def kept(sources: Iterable[Source], parts: tuple[Any, ...], make: Callable[[], Made]) -> Made:
    """What `make` gives for these results and `parts`, made once."""
    text = repr(([found.marks for found in sources], parts))
    key = "capability:" + hashlib.sha256(text.encode()).hexdigest()
    found: Made | None = cache.get(key)
    if found is None:
        found = make()
        cache.set(key, found, KEPT_S)
    return found
