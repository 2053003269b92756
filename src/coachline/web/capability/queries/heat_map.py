"""The cells of one outcome as the heat map's script reads them."""

from __future__ import annotations

import gzip
from typing import Any

import numpy as np
import polars as pl

from coachline.report.capability import Measure
from coachline.report.capability_map import most_active
from coachline.report.capability_store import SCALE, packed
from coachline.report.chapters.matrix import far
from coachline.report.page import embedded
from coachline.report.paths import by_family
from coachline.report.seriation import by_likeness, main_families
from coachline.web.base.language import words
from coachline.web.capability.queries.sources import Source, bars_of, kept

COLUMNS = ("agent_id", "business", "outcome", "n", "estimate", "low", "high", "standard", "p_below", "verdict", "certainty")

LEVEL = 6
"""Of compression: beyond it, time grows and size hardly shrinks."""

MOST_BY_LIKENESS = 1_500
"""In a larger group people stand by their number: finding their likeness takes the square of their count."""


def heat_map(matrix: Source, measure: Measure) -> bytes:
    """Compressed JSON of the cells with evidence, the standards, and the order in which people and businesses are alike.

    ``agents``, ``businesses``, ``outcomes`` and ``verdicts`` as `coachline.report.capability_store` packs them; ``people`` and ``families``: groups
    as [name, places]; ``reach``: where the colour is full, in steps of the outcome; ``finding``: what the page says of it.
    """
    return kept([matrix], ("heat map", measure.code), lambda: gzip.compress(embedded(_heat_map(matrix, measure)).encode(), LEVEL))


def _heat_map(matrix: Source, measure: Measure) -> dict[str, Any]:
    cells = matrix.rows("matrix").filter((pl.col("outcome") == measure.code) & (pl.col("n") > 0)).select(COLUMNS).collect()
    agents, businesses = sorted(cells["agent_id"].unique()), sorted(cells["business"].unique())
    place = {name: number for number, name in enumerate(agents)}
    column = {name: number for number, name in enumerate(businesses)}
    order = most_active(cells, "business")
    return {
        **packed(cells, [measure], agents, businesses, bars_of(matrix), words()),
        "people": [[name, [place[agent] for agent in members]] for name, members in _people(cells, agents, column, measure)],
        "families": [[name, [column[business] for business in members]] for name, members in by_family(businesses, order)],
        "reach": round(far(cells, measure) * SCALE[measure.unit], 3),
        "finding": finding(matrix, measure),
    }


def _people(cells: pl.DataFrame, agents: list[str], column: dict[str, int], measure: Measure) -> list[tuple[str, list[str]]]:
    """Agents in groups of what they mostly handle, those with like cells beside each other."""
    groups = main_families(cells.select("agent_id", "business", "n"), agents)
    return [(name, _alike(cells, members, column, measure)) for name, members in groups.items()]


def _alike(cells: pl.DataFrame, members: list[str], column: dict[str, int], measure: Measure) -> list[str]:
    if len(members) > MOST_BY_LIKENESS or not measure.sign:
        return members
    row = {agent: number for number, agent in enumerate(members)}
    own = cells.filter(pl.col("agent_id").is_in(members))
    pattern = np.zeros((len(members), len(column)))
    above = (measure.sign * (own["estimate"] - own["standard"]) * own["certainty"]).fill_null(0.0)
    pattern[[row[agent] for agent in own["agent_id"]], [column[business] for business in own["business"]]] = above.to_numpy()
    return by_likeness(members, pattern)


def finding(matrix: Source, measure: Measure) -> str:
    """What the map shows of an outcome, in a sentence."""
    say = words()
    return say("web.capability.matrix.finding", outcome=say(f"outcome.{measure.code}"), **_counted(matrix, measure))


def _counted(matrix: Source, measure: Measure) -> dict[str, int]:
    """How many cells with evidence are strong, meet the standard, are below it, or nobody can say; and in all."""

    def make() -> dict[str, int]:
        rows = matrix.rows("matrix").filter((pl.col("outcome") == measure.code) & (pl.col("n") > 0))
        found = dict(rows.group_by("verdict").agg(pl.len()).collect().iter_rows())
        return {**{code: found.get(code, 0) for code in ("strong", "meets", "below", "unknown")}, "cells": sum(found.values())}

    return kept([matrix], ("counted", measure.code), make)
