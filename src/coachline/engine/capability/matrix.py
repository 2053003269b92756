"""The capability matrix: every agent on every business, with how sure that is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.engine.capability.components import SPREAD, agent_share, components
from coachline.engine.capability.fitted import Capability, capability
from coachline.engine.capability.index import STANDARD, Index, scaled
from coachline.engine.capability.judgement import VERDICTS, Judged, judged
from coachline.engine.capability.outcome_fit import FittedOutcome, Roll
from coachline.engine.capability.standards import Standards, standards, targets
from coachline.engine.capability.telling_apart import Differences, differences
from coachline.engine.capability.weak_cells import WEAK, weak_cells
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Check, Findings, Note
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.errors import CoachlineError

INDEX = "index"

CELLS = pl.Schema(
    {
        "agent_id": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "n": pl.Int64(),
        "successes": pl.Int64(),
        "raw": pl.Float64(),
        "estimate": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "standard": pl.Float64(),
        "p_below": pl.Float64(),
        "verdict": pl.String(),
        "certainty": pl.Float64(),
    }
)

MOST_CELLS = 40_000_000
"""Rows of a table that a machine of 16 GB still holds."""

WEIGHTS: Mapping[str, float] = {"resolved": 4.0, "satisfied": 3.0, "repeat": 1.0, "passed": 1.0, "correct": 1.0}
"""Of the index, unless the centre sets its own."""


def matrix(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    outcome: str | None = None,
    unseen: bool = True,
    margin: float = 0.25,
    confidence: float = 0.9,
    fdr: float = 0.1,
    weights: Mapping[str, float] = WEIGHTS,
    half_life: str = "auto",
    satisfied_from: int = 4,
    repeat_days: int = 7,
) -> Findings:
    """Estimate what each agent achieves on each business.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    outcome : str, optional
        One outcome, or ``index``; without it, all that are recorded and the index.
    unseen : bool
        Whether cells without evidence are listed, too.
    margin : float
        Without a target of the centre, the standard of a business is what is usual there with this share more of what goes wrong.
    confidence : float
        Probability that a verdict takes.
    fdr : float
        Expected share of wrong entries on the list of weak cells.
    weights : mapping of str to float
        Of the outcomes in the index; scaled to a sum of 1 over those that are recorded and tell people apart.
    half_life : str
        Months after which evidence counts half: a number, ``none``, or ``auto`` for what best predicts the last month.
    satisfied_from, repeat_days : int

    Returns
    -------
    Findings
        ``matrix`` (schema `CELLS`; n, successes and raw are as counted, shares 0 to 1, grades 1 to 5, handle time in seconds as geometric mean,
        index in points), ``weak`` (schema `WEAK`), ``spread`` (schema `SPREAD`).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``no_capability_evidence``, ``too_many_cells``.
    """
    settings = Settings(satisfied_from=satisfied_from, repeat_days=repeat_days)
    wanted = None if outcome in (None, INDEX) else [str(outcome)]
    found = capability(facts, Period.of(since, until), settings, half_life, wanted)
    shown = [f for f in found.outcomes if outcome in (None, f.outcome.code)]
    _refuse_too_many(found.roll, len(shown) + 1, unseen)
    set_targets, about_targets = targets(facts)
    tested = {fitted.outcome.code: differences(fitted) for fitted in found.outcomes}
    apart = [f.outcome.code for f in found.outcomes if f.outcome.better != "none" and tested[f.outcome.code].people_differ]
    share = scaled(weights, apart) if outcome in (None, INDEX) else {}
    index = Index.of(len(found.roll.agents), len(found.roll.businesses), share) if share else None

    tables, weak = [], []
    for fitted in found.outcomes:
        bars = standards(fitted, set_targets, margin)
        table = _outcome(fitted, bars, confidence, tested[fitted.outcome.code].people_differ, index)
        if fitted not in shown:
            continue
        seen = table.filter(pl.col("n") > 0)
        tables.append(table if unseen else seen)
        listed = seen if tested[fitted.outcome.code].people_differ else seen.filter(~_own_standard(seen, found.roll, bars))
        if fitted.outcome.better != "none":
            weak.append(weak_cells(listed, fdr, 1.0 if fitted.outcome.better == "up" else -1.0))
    if index is not None:
        table = _indexed(index, found.roll, confidence)
        tables.append(table if unseen else table.filter(pl.col("n") > 0))
    cells = pl.concat([pl.DataFrame(schema=CELLS), *tables])
    return Findings(
        tables={
            "matrix": cells.to_arrow(),
            "weak": pl.concat([pl.DataFrame(schema=WEAK), *weak]).to_arrow(),
            "spread": pl.concat([pl.DataFrame(schema=SPREAD), *(components(f) for f in shown)]).to_arrow(),
        },
        values=_values(found, shown, cells, sum(part.height for part in weak)),
        checks=_checks(shown, tested),
        notes=(*found.notes, *about_targets, *_notes(found, shown, tested, share, weights)),
    )


def _refuse_too_many(roll: Roll, outcomes: int, unseen: bool) -> None:
    cells = len(roll.agents) * len(roll.businesses)
    if unseen and cells * outcomes > MOST_CELLS:
        raise CoachlineError("too_many_cells", agents=len(roll.agents), businesses=len(roll.businesses), most=MOST_CELLS)


def _outcome(fitted: FittedOutcome, bars: Standards, confidence: float, apart: bool, index: Index | None) -> pl.DataFrame:
    """The rows of one outcome, and its part of the index on the way."""
    shape = (len(fitted.roll.agents), len(fitted.roll.businesses))
    n = np.zeros(shape, np.int64)
    n[fitted.design.agent, fitted.design.business] = fitted.n
    into_index = index is not None and fitted.outcome.code in index.weights
    parts, certainty = [], np.empty(shape)
    for found in levels(fitted.fit):
        own = found.block.agents
        parts.append(judged(fitted, found, bars, n[own] > 0, confidence, apart))
        certainty[own] = found.certainty
        if index is not None and into_index:
            index.add(fitted, found)
    if index is not None and into_index:
        index.count(fitted)
    whole = Judged(*(np.concatenate([getattr(part, name) for part in parts]) for name in Judged.__dataclass_fields__))
    raw = np.full(shape, np.nan)
    mean = fitted.total / fitted.n
    raw[fitted.design.agent, fitted.design.business] = np.exp(mean) if fitted.outcome.kind == "time" else mean
    successes: NDArray[np.int64] | None = None
    if fitted.successes is not None:
        successes = np.zeros(shape, np.int64)
        successes[fitted.design.agent, fitted.design.business] = fitted.successes
    return _rows(fitted.roll, fitted.outcome.code, n, successes, raw, whole, bars.standard, certainty)


def _indexed(index: Index, roll: Roll, confidence: float) -> pl.DataFrame:
    prior = sum((10.0 * w) ** 2 for w in index.weights.values())
    certainty = np.clip(1.0 - index.variance / prior, 0.0, 1.0)
    raw = np.full(index.mean.shape, np.nan)
    return _rows(roll, INDEX, index.n, None, raw, index.judged(confidence), np.full(len(roll.businesses), STANDARD), certainty)


def _rows(
    roll: Roll,
    code: str,
    n: NDArray[np.int64],
    successes: NDArray[np.int64] | None,
    raw: Floats,
    found: Judged,
    standard: Floats,
    certainty: Floats,
) -> pl.DataFrame:
    agents, businesses = n.shape
    names = pl.DataFrame({"agent_id": pl.Series(roll.agents, dtype=pl.String)}).join(
        pl.DataFrame({"business": pl.Series(roll.businesses, dtype=pl.String)}), how="cross", maintain_order="left_right"
    )
    figures = {
        "n": n,
        "raw": raw,
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "standard": np.broadcast_to(standard, (agents, businesses)),
        "p_below": found.p_below,
        "certainty": certainty,
    }
    return (
        names.with_columns(
            outcome=pl.lit(code),
            successes=pl.lit(None, pl.Int64) if successes is None else pl.Series(successes.ravel()),
            verdict=pl.Series(found.verdict.ravel()).replace_strict(dict(enumerate(VERDICTS)), return_dtype=pl.String),
            **{name: pl.Series(values.ravel()) for name, values in figures.items()},
        )
        .with_columns(pl.col("raw", "standard", "p_below").fill_nan(None))
        .select(CELLS.names())
        .cast(CELLS)
    )


def _own_standard(cells: pl.DataFrame, roll: Roll, bars: Standards) -> pl.Series:
    own = {business for business, is_own in zip(roll.businesses, bars.own, strict=True) if is_own}
    return cells["business"].is_in(list(own))


def _values(found: Capability, shown: list[FittedOutcome], cells: pl.DataFrame, weak: int) -> dict[str, float | int | str | None]:
    return {
        "agents": len(found.roll.agents),
        "businesses": len(found.roll.businesses),
        "cells": cells.height,
        "seen_cells": cells.filter(pl.col("n") > 0).height,
        "weak_cells": weak,
        "half_life_months": found.memory.half_life,
        **{f"agent_share_{fitted.outcome.code}": agent_share(fitted) for fitted in shown},
    }


def _checks(shown: list[FittedOutcome], tested: Mapping[str, Differences]) -> tuple[Check, ...]:
    checks = []
    for fitted in shown:
        facts, test = {"outcome": fitted.outcome.code}, tested[fitted.outcome.code]
        checks.append(Check("fit_settled", fitted.fit.settled, float(fitted.fit.rounds), facts))
        checks.append(Check("people_differ", test.people_differ, _finite(np.fmin(test.agents, test.cells)), facts))
        checks.append(Check("businesses_differ", test.businesses_differ, _finite(test.businesses), facts))
    return tuple(checks)


def _finite(figure: float) -> float | None:
    return None if np.isnan(figure) else float(figure)


def _notes(
    found: Capability,
    shown: list[FittedOutcome],
    tested: Mapping[str, Differences],
    share: Mapping[str, float],
    weights: Mapping[str, float],
) -> list[Note]:
    notes = []
    alike = [f.outcome.code for f in shown if not tested[f.outcome.code].people_differ]
    if alike:
        notes.append(Note("nothing_to_tell_apart", {"outcomes": ", ".join(alike)}))
    open_ended = [f.outcome.code for f in shown if f.outcome.better == "none"]
    if open_ended:
        notes.append(Note("outcomes_not_judged", {"outcomes": ", ".join(open_ended)}))
    if share:
        notes.append(Note("index_of", {"weights": dict(share)}))
        left = [f.outcome.code for f in found.outcomes if weights.get(f.outcome.code, 0.0) > 0.0 and f.outcome.code not in share]
        if left:
            notes.append(Note("index_without", {"outcomes": ", ".join(left)}))
    if found.memory.half_life is not None:
        notes.append(Note("evidence_ages", {"months": found.memory.half_life}))
    return notes
