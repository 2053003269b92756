"""Results of the capability analyses with figures written down by hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
import pyarrow as pa

from coachline.engine.analyses import ANALYSES
from coachline.engine.capability.agents import AGENTS
from coachline.engine.capability.businesses import BUSINESSES
from coachline.engine.capability.matrix import CELLS
from coachline.engine.capability.trend import CHANGES, TREND
from coachline.engine.capability.weak_cells import WEAK
from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Note, Provenance, Result
from coachline.report.chapter import Desk
from coachline.wording import Wording
from tests.report.conftest import ZONE

DIFFERENT: Mapping[str, Any] = {
    "outcome": "resolved", "n": 40, "successes": None, "raw": 0.8, "estimate": 0.8, "low": 0.7, "high": 0.9, "standard": 0.75,
    "p_below": 0.2, "verdict": "unknown", "certainty": 0.6,
}  # fmt: skip
"""A cell, unless a test says otherwise."""


def cell(agent_id: str, business: str, **figures: Any) -> dict[str, Any]:
    return {"agent_id": agent_id, "business": business, **DIFFERENT, **figures}


def matrix(rows: Sequence[Mapping[str, Any]], alike: Collection[str] = (), weak: Sequence[Mapping[str, Any]] = ()) -> Result:
    """``capability.matrix`` with these cells; by outcomes in `alike` people cannot be told apart."""
    tables = {"matrix": filled(rows, CELLS), "weak": filled(weak, WEAK)}
    return result("capability.matrix", tables, (Note("nothing_to_tell_apart", {"outcomes": ", ".join(alike)}),) if alike else ())


def weak(agent_id: str, business: str, **figures: Any) -> dict[str, Any]:
    told = {
        "outcome": "resolved",
        "n": 40,
        "estimate": 0.6,
        "standard": 0.75,
        "gap": 0.15,
        "p_below": 0.96,
        "wrong_so_far": 0.04,
        "lost": 6.0,
    }
    return {"agent_id": agent_id, "business": business, **told, **figures}


def agents(rows: Sequence[Mapping[str, Any]]) -> Result:
    told = {
        "outcome": "resolved",
        "n": 40,
        "estimate": 0.8,
        "low": 0.7,
        "high": 0.9,
        "observed": 0.82,
        "expected": 0.79,
        "verdict": "meets",
    }
    return result("capability.agents", {"agents": filled([{**told, **row} for row in rows], AGENTS)})


def businesses(rows: Sequence[Mapping[str, Any]]) -> Result:
    told = {"outcome": "resolved", "n": 40, "agents": 2, "estimate": 0.8, "low": 0.7, "high": 0.9, "observed": 0.82, "verdict": "usual"}
    return result("capability.businesses", {"businesses": filled([{**told, **row} for row in rows], BUSINESSES)})


def trend(points: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]] = ()) -> Result:
    told = {"outcome": "resolved", "n": 40, "estimate": 0.8, "low": 0.7, "high": 0.9}
    moved = {"outcome": "resolved", "first": "2026-01", "last": "2026-02", "change": 0.0, "low": -0.01, "high": 0.01, "p_change": 0.5}
    return result(
        "capability.trend",
        {
            "trend": filled([{**told, **point} for point in points], TREND),
            "changes": filled([{**moved, "verdict": "steady", **change} for change in changes], CHANGES),
        },
    )


def filled(rows: Sequence[Mapping[str, Any]], schema: Mapping[str, Any]) -> pa.Table:
    """Rows as a table with all columns of a polars schema; what a row does not say is null."""
    return pl.DataFrame([[row.get(name) for name in schema] for row in rows], schema=dict(schema), orient="row").to_arrow()


def result(analysis: str, tables: Mapping[str, pa.Table], notes: tuple[Note, ...] = ()) -> Result:
    source = Provenance(analysis, "1", {"fdr": 0.1}, {}, "duckdb", "2026-03-01T08:00:00+08:00", 0.1)
    return Result.of(Findings(tables=tables, notes=notes), source)


def desk_over(centre: Facts, *results: Result, language: str = "zh") -> Desk:
    """A desk on which these results lie; asking for another one fails."""
    known = {one.provenance.analysis: one for one in results}
    assert set(known) <= set(ANALYSES)

    def run(name: str, **_: Any) -> Result:
        return known[name]

    return Desk(run, centre, Wording(language), None, None, datetime(2026, 3, 2, tzinfo=ZONE))
