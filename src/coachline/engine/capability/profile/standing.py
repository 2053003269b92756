"""How agents stand on the businesses that they handle: estimates and verdicts of `capability.matrix`, strengths and what needs work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from coachline.engine.capability.matrix import CELLS, INDEX, matrix
from coachline.engine.capability.outcomes import OUTCOMES
from coachline.engine.facts import Facts
from coachline.engine.result import Check, Note
from coachline.errors import CoachlineError

CELL = ("agent_id", "business")


@dataclass(frozen=True)
class Standing:
    """Verdicts on cells.

    Attributes
    ----------
    cells : polars.DataFrame
        agent_id, business, outcome (the one that stands for the business, and the index), n, estimate, low, high, verdict.
    strong : polars.DataFrame
        agent_id, business: strong by one of the two, and below the standard by neither.
    weak : polars.DataFrame
        agent_id, business: below the standard by one of them.
    judged : bool
        Whether there is evidence to judge anybody by.
    notes, checks : tuples
        What the matrix says of its evidence.
    """

    cells: pl.DataFrame
    strong: pl.DataFrame
    weak: pl.DataFrame
    judged: bool
    notes: tuple[Note, ...]
    checks: tuple[Check, ...]


def standing(facts: Facts, handled: pl.DataFrame, weights: Mapping[str, float], given: Mapping[str, Any]) -> Standing:
    """Judge agents on the businesses that they handle.

    Parameters
    ----------
    facts : Facts
    handled : polars.DataFrame
        agent_id, business.
    weights : mapping of str to float
        Of the outcomes in the index.
    given : mapping
        Further parameters of `matrix`.
    """
    try:
        found = matrix(facts, unseen=False, weights=weights, **given)
    except CoachlineError as error:
        if error.code != "no_capability_evidence":
            raise
        return _of(pl.DataFrame(schema=CELLS), False, (Note("no_skill_estimates", {"columns": error.facts["columns"]}),), ())
    every = pl.from_arrow(found.tables["matrix"])
    assert isinstance(every, pl.DataFrame)
    outcome = representative(set(every["outcome"].unique()), weights)
    shown = every.filter(pl.col("outcome").is_in([outcome, INDEX])).join(handled, on=CELL, how="semi")
    checks = tuple(check for check in found.checks if check.facts.get("outcome") == outcome)
    return _of(shown, True, found.notes, checks)


def representative(recorded: set[str], weights: Mapping[str, float]) -> str | None:
    """The outcome that stands for a business: resolution; else the first of the index that is recorded; else any that can be judged."""
    judged = (code for code, outcome in OUTCOMES.items() if outcome.better != "none")
    weighed = (code for code, weight in weights.items() if weight > 0)
    return next((code for code in ("resolved", *weighed, *judged) if code in recorded), None)


def _of(cells: pl.DataFrame, judged: bool, notes: tuple[Note, ...], checks: tuple[Check, ...]) -> Standing:
    kept = cells.select(*CELL, "outcome", "n", "estimate", "low", "high", "verdict")
    weak = kept.filter(pl.col("verdict") == "below").select(CELL).unique()
    strong = kept.filter(pl.col("verdict") == "strong").select(CELL).unique().join(weak, on=CELL, how="anti")
    return Standing(kept, strong.sort(CELL), weak.sort(CELL), judged, notes, checks)
