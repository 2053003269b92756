"""The capability matrix as chapters show it: which outcomes, in which order, and what of a large centre fits on a page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import polars as pl

from coachline.engine.capability.matrix import INDEX
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.result import Result
from coachline.report.capability_map import Map, map_of, most_active

Unit = Literal["share", "rating", "time", "index"]

COLUMNS = ("agent_id", "business", "outcome", "n", "estimate", "low", "high", "standard", "p_below", "verdict", "certainty")

MOST_CELLS = 300_000
"""Seen cells, over all outcomes, that a page carries: eight megabytes, which an old office computer still opens."""


@dataclass(frozen=True)
class Measure:
    """An outcome, or the index, as it is shown.

    Attributes
    ----------
    code : str
    unit : str
        ``share``, ``rating``, ``time`` or ``index``.
    sign : int
        1 where more is better, -1 where less is, 0 where neither is.
    alike : bool
        People cannot be told apart by it: nobody is named.
    """

    code: str
    unit: Unit
    sign: int
    alike: bool

    @property
    def judged(self) -> bool:
        return self.sign != 0 and not self.alike


class Capability:
    """The result of `capability.matrix`, read once for all chapters.

    Parameters
    ----------
    matrix : Result
    """

    def __init__(self, matrix: Result) -> None:
        self.cells = matrix.polars("matrix").select(COLUMNS)
        self.seen = self.cells.filter(pl.col("n") > 0)
        self.measures = measures(matrix, self.seen["outcome"].unique())

    @property
    def judged(self) -> list[Measure]:
        """Measures by which somebody can be told from somebody else, the index first."""
        return [found for found in self.measures if found.judged]

    @property
    def alike(self) -> list[Measure]:
        """Measures with a better direction by which people cannot be told apart."""
        return [found for found in self.measures if found.sign and found.alike]

    @cached_property
    def calls(self) -> pl.DataFrame:
        """Evidence of each seen cell as agent_id, business and n: that of the outcome which is recorded most often there."""
        counted = self.seen.filter(pl.col("outcome") != INDEX)
        return counted.group_by("agent_id", "business").agg(pl.col("n").max())

    @cached_property
    def agents(self) -> list[str]:
        """Agents with a page of their own, by their number: all, or those with most calls that fit."""
        cells = dict(self.seen.group_by("agent_id").len().iter_rows())
        kept: list[str] = []
        room = MOST_CELLS
        for agent in most_active(self.calls, "agent_id"):
            room -= cells[agent]
            if room < 0 and kept:
                break
            kept.append(agent)
        return sorted(kept)

    @cached_property
    def businesses(self) -> list[str]:
        """Every business with evidence, in the order of the paths."""
        return sorted(self.calls["business"].unique())

    @cached_property
    def map(self) -> Map:
        """Whom and what the heat map shows."""
        first = self.judged[0] if self.judged else None
        cells = self.of(first) if first else self.seen.clear()
        return map_of(self.calls, cells, first.sign if first else 1)

    def of(self, measure: Measure) -> pl.DataFrame:
        """Seen cells of a measure."""
        return self.seen.filter(pl.col("outcome") == measure.code)

    def on_map(self, measure: Measure) -> pl.DataFrame:
        """Seen cells of a measure that the heat map shows."""
        return self.of(measure).filter(pl.col("agent_id").is_in(self.map.agents) & pl.col("business").is_in(self.map.businesses))


def measures(matrix: Result, present: Iterable[str]) -> list[Measure]:
    """The measures of the outcomes `present`, the index first; `matrix` says by which of them people cannot be told apart."""
    notes = [note.facts["outcomes"] for note in matrix.notes if note.code == "nothing_to_tell_apart"]
    alike = {code for outcomes in notes for code in str(outcomes).split(", ")}
    there = set(present)
    return [measure(code, code in alike) for code in (INDEX, *OUTCOMES) if code in there]


def measure(code: str, alike: bool) -> Measure:
    """The measure of an outcome's code, or of the index."""
    if code == INDEX:
        return Measure(code, "index", 1, alike)
    outcome = OUTCOMES[code]
    return Measure(code, outcome.kind, {"up": 1, "down": -1, "none": 0}[outcome.better], alike)
