"""Businesses: how hard each is, whoever handles it."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from scipy.special import ndtr

from coachline.engine.capability.against_centre import variance_against_centre
from coachline.engine.capability.fitted import capability
from coachline.engine.capability.mix import mix
from coachline.engine.capability.outcome_fit import FittedOutcome
from coachline.engine.capability.standards import worse
from coachline.engine.capability.telling_apart import differences
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Check, Findings, Note
from coachline.engine.stats.hierarchical.likelihood import expected
from coachline.engine.stats.intervals import HALF

BUSINESSES = pl.Schema(
    {
        "business": pl.String(),
        "outcome": pl.String(),
        "n": pl.Int64(),
        "agents": pl.Int64(),
        "estimate": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "observed": pl.Float64(),
        "verdict": pl.String(),
    }
)


def businesses(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    margin: float = 0.25,
    confidence: float = 0.9,
    half_life: str = "auto",
    satisfied_from: int = 4,
    repeat_days: int = 7,
) -> Findings:
    """Estimate the difficulty of every business: what an agent drawn at random reaches on it.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    margin : float
        A business is harder when what goes wrong there is surely this share more than over all calls, easier when surely that much less.
    confidence, half_life, satisfied_from, repeat_days
        As in `capability.matrix`.

    Returns
    -------
    Findings
        ``businesses``, schema `BUSINESSES`; verdict is harder, usual, easier or unknown (always unknown where neither more nor less is better).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``no_capability_evidence``.
    """
    settings = Settings(satisfied_from=satisfied_from, repeat_days=repeat_days)
    found = capability(facts, Period.of(since, until), settings, half_life)
    tested = {fitted.outcome.code: differences(fitted) for fitted in found.outcomes}
    alike = [code for code, test in tested.items() if not test.businesses_differ]
    tables = [_rows(fitted, margin, confidence, tested[fitted.outcome.code].businesses_differ) for fitted in found.outcomes]
    return Findings(
        tables={"businesses": pl.concat(tables).to_arrow()},
        values={"businesses": len(found.roll.businesses)},
        checks=tuple(
            Check("businesses_differ", test.businesses_differ, test.businesses, {"outcome": code})
            for code, test in tested.items()
            if not np.isnan(test.businesses)
        ),
        notes=(*found.notes, *([Note("businesses_alike", {"outcomes": ", ".join(alike)})] if alike else [])),
    )


def _rows(fitted: FittedOutcome, margin: float, confidence: float, apart: bool) -> pl.DataFrame:
    fit, likelihood, outcome = fitted.fit, fitted.likelihood, fitted.outcome
    size = fitted.design.businesses
    level, variance = fit.effects.business + fit.offset, np.diag(fit.system.covariance)[:size]
    between = np.full(size, fit.spread.agent_side)
    estimate = expected(likelihood, level, variance + between)
    low, high = (expected(likelihood, level + side * HALF * np.sqrt(variance), between) for side in (-1.0, 1.0))
    calls = fitted.design.by_business(fitted.n.astype(float))
    with np.errstate(invalid="ignore"):
        observed = fitted.design.by_business(fitted.total) / calls
    verdict = np.full(size, "unknown", dtype=object)
    if outcome.better != "none" and apart:
        sign = 1.0 if outcome.better == "up" else -1.0
        centre = np.array([float(mix(fitted) @ estimate)])
        # Values are compared on the scale of the levels on which the interval is Gaussian: that of the typical agent.
        shift = level - likelihood.level(estimate)
        bars = [likelihood.level(worse(outcome, centre, factor)) + shift for factor in (1.0 + margin, 1.0 / (1.0 + margin))]
        # The bars move with the centre's level, so only the difference from it is in doubt.
        unsure = np.sqrt(np.maximum(variance_against_centre(fitted, estimate), 1e-300))
        p_harder, p_easier = ndtr(sign * (bars[0] - level) / unsure), ndtr(sign * (level - bars[1]) / unsure)
        verdict[(p_harder <= 1 - confidence) & (p_easier <= 1 - confidence)] = "usual"
        verdict[p_harder >= confidence] = "harder"
        verdict[p_easier >= confidence] = "easier"
    frame = pl.DataFrame(
        {
            "business": pl.Series(fitted.roll.businesses, dtype=pl.String),
            "outcome": pl.Series([outcome.code] * size, dtype=pl.String),
            "n": calls,
            "agents": np.bincount(fitted.design.business, minlength=size),
            "estimate": estimate,
            "low": low,
            "high": high,
            "observed": np.exp(observed) if outcome.kind == "time" else observed,
            "verdict": pl.Series(verdict.tolist(), dtype=pl.String),
        }
    )
    return frame.with_columns(pl.col("observed").fill_nan(None)).cast(BUSINESSES).sort("business")
