"""Agents as a whole: what each would reach on the centre's mix of businesses, and the range of ranks that this leaves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from scipy.special import ndtr

from coachline.engine.capability.fitted import capability
from coachline.engine.capability.index import POINTS, STANDARD, STRONG, USUAL, scaled
from coachline.engine.capability.judgement import VERDICTS, verdicts
from coachline.engine.capability.matrix import INDEX, WEIGHTS
from coachline.engine.capability.mix import OnMix, mix, on_mix
from coachline.engine.capability.outcome_fit import FittedOutcome, Roll
from coachline.engine.capability.standards import standards, worse
from coachline.engine.capability.telling_apart import differences
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Check, Findings, Note
from coachline.engine.stats.hierarchical.design import Floats, Ints
from coachline.engine.stats.intervals import HALF
from coachline.engine.stats.ranks import rank_ranges

AGENTS = pl.Schema(
    {
        "agent_id": pl.String(),
        "outcome": pl.String(),
        "n": pl.Int64(),
        "estimate": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "observed": pl.Float64(),
        "expected": pl.Float64(),
        "standard": pl.Float64(),
        "p_below": pl.Float64(),
        "verdict": pl.String(),
        "rank_low": pl.Int64(),
        "rank_high": pl.Int64(),
    }
)


def agents(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    margin: float = 0.25,
    confidence: float = 0.9,
    weights: Mapping[str, float] = WEIGHTS,
    half_life: str = "auto",
    satisfied_from: int = 4,
    repeat_days: int = 7,
) -> Findings:
    """Estimate every agent as a whole, with the difficulty of their work taken out.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    margin, confidence, weights, half_life, satisfied_from, repeat_days
        As in `capability.matrix`. The standard is what the centre reaches on its mix, less the margin.

    Returns
    -------
    Findings
        ``agents``, schema `AGENTS`: estimate with 90 % interval on the centre's mix of businesses; observed is what was counted on the agent's own
        calls, expected what all colleagues together reach on the same businesses; standard is the same for all, null where nothing is judged; ranks
        (1 is best) as a 90 % range. One row per agent with evidence and outcome, and the index.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``no_capability_evidence``.
    """
    settings = Settings(satisfied_from=satisfied_from, repeat_days=repeat_days)
    found = capability(facts, Period.of(since, until), settings, half_life)
    tested = {fitted.outcome.code: differences(fitted) for fitted in found.outcomes}
    averaged = {fitted.outcome.code: on_mix(fitted) for fitted in found.outcomes}
    apart = [f.outcome.code for f in found.outcomes if f.outcome.better != "none" and tested[f.outcome.code].people_differ]
    tables = [
        _rows(fitted, averaged[fitted.outcome.code], margin, confidence, tested[fitted.outcome.code].people_differ)
        for fitted in found.outcomes
    ]
    alike = [code for code, test in tested.items() if not test.people_differ]
    share = scaled(weights, apart)
    if share:
        tables.append(_index([f for f in found.outcomes if f.outcome.code in share], averaged, share, found.roll, confidence))
    return Findings(
        tables={"agents": pl.concat(tables).to_arrow()},
        values={"agents": len(found.roll.agents)},
        checks=tuple(
            Check("people_differ", test.people_differ, float(np.fmin(test.agents, test.cells)), {"outcome": code})
            for code, test in tested.items()
            if not np.isnan(np.fmin(test.agents, test.cells))
        ),
        notes=(*found.notes, *([Note("nothing_to_tell_apart", {"outcomes": ", ".join(alike)})] if alike else [])),
    )


def _rows(fitted: FittedOutcome, average: OnMix, margin: float, confidence: float, apart: bool) -> pl.DataFrame:
    likelihood, outcome = fitted.likelihood, fitted.outcome
    low, high = average.interval(likelihood)
    bars = standards(fitted, {}, margin)
    centre = float(mix(fitted) @ bars.typical)
    n = np.bincount(fitted.design.agent, fitted.n, len(fitted.roll.agents)).astype(np.int64)
    missing = np.full(len(n), np.nan)
    standard, p_below, verdict = np.nan, missing, np.zeros(len(n), np.int8)
    ranks: tuple[Floats, Floats] = (missing, missing)
    if outcome.better != "none":
        sign = 1.0 if outcome.better == "up" else -1.0
        ends = [worse(outcome, np.array([centre]), factor) for factor in (1.0 + margin, 1.0 / (1.0 + margin))]
        standard = float(ends[0][0])
        bar, strong = (likelihood.level(end) for end in ends)
        p_below = ndtr(sign * (bar - average.level) / average.level_sd)
        p_strong = ndtr(sign * (average.level - strong) / average.level_sd)
        verdict = verdicts(p_below, p_strong, np.ones(1, bool), n > 0, confidence, apart)
        ranks = _ranked(sign * average.level, average.level_sd, n > 0)
    observed, peers = _observed(fitted)
    return _table(fitted.roll, outcome.code, n, average.value, low, high, observed, peers, standard, p_below, verdict, ranks)


def _observed(fitted: FittedOutcome) -> tuple[Floats, Floats]:
    """What was counted on the agents' own calls, and what colleagues reach on the same businesses, each call of a business counting alike."""
    design, n = fitted.design, fitted.n.astype(float)
    calls = np.maximum(np.bincount(design.agent, n, design.agents), 1e-300)
    per_business = design.by_business(fitted.total) / np.maximum(design.by_business(n), 1e-300)
    means = [np.bincount(design.agent, part, design.agents) / calls for part in (fitted.total, n * per_business[design.business])]
    observed, peers = (np.exp(m) if fitted.outcome.kind == "time" else m for m in means)
    return observed, peers


def _ranked(level: Floats, deviation: Floats, counted: np.ndarray) -> tuple[Floats, Floats]:
    """Ranges of ranks among those counted; NaN for others."""
    low, high = np.full(len(level), np.nan), np.full(len(level), np.nan)
    if counted.any():
        low[counted], high[counted] = rank_ranges(level[counted], deviation[counted])
    return low, high


def _index(
    fits: list[FittedOutcome], averaged: Mapping[str, OnMix], share: Mapping[str, float], roll: Roll, confidence: float
) -> pl.DataFrame:
    """The index of each agent: the deviations on the centre's mix, standardised as in the matrix."""
    mean, variance, n = np.full(len(roll.agents), USUAL), np.zeros(len(roll.agents)), np.zeros(len(roll.agents), np.int64)
    for fitted in fits:
        code, average = fitted.outcome.code, averaged[fitted.outcome.code]
        weight = POINTS * share[code] / np.sqrt(fitted.fit.spread.agent_side) * (1.0 if fitted.outcome.better == "up" else -1.0)
        mean += weight * average.deviation
        variance += (weight * average.deviation_sd) ** 2
        n += np.bincount(fitted.design.agent, fitted.n, len(roll.agents)).astype(np.int64)
    sd = np.sqrt(variance)
    p_below, p_strong = ndtr((STANDARD - mean) / sd), ndtr((mean - STRONG) / sd)
    verdict = verdicts(p_below, p_strong, np.ones(1, bool), n > 0, confidence, True)
    missing = np.full(len(mean), np.nan)
    ranks = _ranked(mean, sd, n > 0)
    return _table(roll, INDEX, n, mean, mean - HALF * sd, mean + HALF * sd, missing, missing, STANDARD, p_below, verdict, ranks)


def _table(
    roll: Roll,
    code: str,
    n: Ints,
    estimate: Floats,
    low: Floats,
    high: Floats,
    observed: Floats,
    peers: Floats,
    standard: float,
    p_below: Floats,
    verdict: np.ndarray,
    ranks: tuple[Floats, Floats],
) -> pl.DataFrame:
    frame = pl.DataFrame(
        {
            "agent_id": pl.Series(roll.agents, dtype=pl.String),
            "outcome": pl.Series([code] * len(n), dtype=pl.String),
            "n": n,
            "estimate": estimate,
            "low": low,
            "high": high,
            "observed": observed,
            "expected": peers,
            "standard": np.full(len(n), standard),
            "p_below": p_below,
            "verdict": pl.Series(verdict).replace_strict(dict(enumerate(VERDICTS)), return_dtype=pl.String),
            "rank_low": ranks[0],
            "rank_high": ranks[1],
        }
    )
    filled = frame.with_columns(pl.col("observed", "expected", "standard", "p_below", "rank_low", "rank_high").fill_nan(None))
    return filled.filter(pl.col("n") > 0).cast(AGENTS).sort("agent_id")
