"""How severe each inspector is, with the differences between the people and calls that they heard taken out."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from scipy.special import ndtr

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.scored import NOBODY, Scored, scored
from coachline.engine.result import Check, Findings, Note
from coachline.engine.stats.crossed_reml import MixedFit, Rows, fit_reml
from coachline.engine.stats.intervals import HALF
from coachline.errors import CoachlineError

SEVERITY = pl.Schema(
    {
        "inspector_id": pl.String(),
        "n": pl.Int64(),
        "severity": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "raw": pl.Float64(),
        "agents": pl.Int64(),
        "scored_twice": pl.Int64(),
        "certainty": pl.Float64(),
        "verdict": pl.String(),
    }
)
"""``severity``: points that the inspector gives less than the average inspector would, for the same call. ``raw``: what plain means would say."""

MONTHS = pl.Schema(
    {
        "inspector_id": pl.String(),
        "month": pl.String(),
        "n": pl.Int64(),
        "severity": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)

TOLD_APART = 0.5
"""Share of an inspector's prior variance that the design must be able to remove, teams left free, for severity to be told from skill."""


def severity(
    facts: Facts, *, since: date | None = None, until: date | None = None, margin: float = 1.0, confidence: float = 0.9
) -> Findings:
    """Estimate each inspector's severity from all scored inspections.

    The score is a sum: the agent (in a team), the call, the inspector, and what is left. Calls heard by two inspectors tell their severity apart
    directly, agents heard by several indirectly.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    margin : float
        Points that matter: an inspector is stricter or milder when surely that far from the average one.
    confidence : float
        Probability that a verdict takes.

    Returns
    -------
    Findings
        ``severity`` (schema `SEVERITY`; verdict is stricter, milder, usual or unknown), ``months`` (schema `MONTHS`), ``spread`` (component, sd,
        share: of the variance of scores).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_scores``, ``one_inspector``.
    """
    data = scored(facts, Period.of(since, until))
    inspectors, place = data.coded("inspector_id")
    if len(inspectors) < 2:
        raise CoachlineError("one_inspector", inspections=data.frame.height)
    rows = data.rows("inspector_id", "team")
    fit = fit_reml(rows)
    table = _table(data, fit, inspectors, margin, confidence)
    apart = _told_apart(rows, fit)
    notes = []
    if not apart:
        notes.append(Note("severity_not_told_from_skill", {"share": _own_team_share(data)}))
    if NOBODY in inspectors:
        notes.append(Note("inspector_not_recorded", {"inspections": int((place == inspectors.index(NOBODY)).sum())}))
    if data.left_out:
        notes.append(Note("inspections_without_score", {"inspections": data.left_out}))
    total = sum(fit.variances.values())
    return Findings(
        tables={"severity": table.to_arrow(), "months": _months(data, rows, inspectors).to_arrow(), "spread": spread(fit).to_arrow()},
        values={
            "inspections": data.frame.height,
            "inspectors": len(inspectors),
            "calls_scored_twice": _scored_twice(data).height,
            "severity_sd": float(np.sqrt(fit.variances["inspector_id"])),
            "inspector_share": fit.variances["inspector_id"] / total if total > 0 else None,
        },
        checks=(Check("severity_settled", fit.settled), Check("severity_told_from_skill", apart, _certainty(rows, fit))),
        notes=tuple(notes),
    )


def spread(fit: MixedFit) -> pl.DataFrame:
    """Variance components of scores: component (agent, call, inspector, team, rest), sd in points, share."""
    names = {"group": "agent", "within": "call", "inspector_id": "inspector", "team": "team", "residual": "rest"}
    total = max(sum(fit.variances.values()), 1e-300)
    rows = [(names[name], float(np.sqrt(v)), v / total) for name, v in fit.variances.items()]
    return pl.DataFrame(rows, schema={"component": pl.String(), "sd": pl.Float64(), "share": pl.Float64()}, orient="row")


def _table(data: Scored, fit: MixedFit, inspectors: list[str], margin: float, confidence: float) -> pl.DataFrame:
    effect = fit.contrasts("inspector_id")
    mean, sd = -effect.mean, np.sqrt(effect.variance)
    stricter, milder = ndtr((mean - margin) / sd), ndtr((-mean - margin) / sd)
    verdict = np.full(len(mean), "unknown", dtype=object)
    verdict[1.0 - stricter - milder >= confidence] = "usual"
    verdict[stricter >= confidence] = "stricter"
    verdict[milder >= confidence] = "milder"
    twice = _scored_twice(data)
    counts = data.frame.group_by("inspector_id").agg(
        n=pl.len(),
        raw=data.frame["score"].mean() - pl.col("score").mean(),
        agents=pl.col("agent_id").n_unique(),
        scored_twice=pl.col("call").is_in(twice["call"].implode()).sum(),
    )
    figures = pl.DataFrame(
        {
            "inspector_id": inspectors,
            "severity": mean,
            "low": mean - HALF * sd,
            "high": mean + HALF * sd,
            "certainty": np.clip(1.0 - effect.variance / (fit.variances["inspector_id"] * (1.0 - 1.0 / len(mean))), 0.0, 1.0),
            "verdict": verdict.tolist(),
        }
    )
    return figures.join(counts, on="inspector_id").select(SEVERITY.names()).cast(SEVERITY).sort("inspector_id")


def _scored_twice(data: Scored) -> pl.DataFrame:
    """Calls that several inspectors scored."""
    return data.frame.group_by("call").agg(n=pl.col("inspector_id").n_unique()).filter(pl.col("n") > 1)


def _told_apart(rows: Rows, fit: MixedFit) -> bool:
    return _certainty(rows, fit) >= TOLD_APART


def _certainty(rows: Rows, fit: MixedFit) -> float:
    """Share of the inspectors' variance that the design could remove if teams differed as much as inspectors do.

    The estimated variance of teams does not help here: where each inspector hears one team only, data cannot say which of the two differs.
    """
    variances = dict(fit.variances)
    variances["inspector_id"] = variances["team"] = max(variances["inspector_id"] + variances["team"], variances["residual"] / 100)
    left = fit_reml(rows, variances).contrasts("inspector_id").variance
    return float(np.clip(1.0 - left.mean() / (variances["inspector_id"] * (1.0 - 1.0 / len(left))), 0.0, 1.0))


def _own_team_share(data: Scored) -> float:
    """Share of the scores that inspectors give to the team that they hear most."""
    counts = data.frame.group_by("inspector_id", "team").agg(n=pl.len())
    return float(counts.group_by("inspector_id").agg(pl.col("n").max())["n"].sum() / data.frame.height)


def _months(data: Scored, rows: Rows, inspectors: list[str]) -> pl.DataFrame:
    """Severity month by month, where there are several months: the lasting part plus what the month adds."""
    months = data.frame["month"].drop_nulls().unique().sort()
    if len(months) < 2:
        return pl.DataFrame(schema=MONTHS)
    kept = data.frame.with_columns(month=pl.col("month").fill_null(strategy="forward").fill_null(strategy="backward"))
    pairs = kept["inspector_id"] + "\n" + kept["month"].cast(pl.String)
    names, codes = np.unique(pairs.to_numpy().astype(str), return_inverse=True)
    owner = np.array([inspectors.index(name.split("\n")[0]) for name in names])
    fit = fit_reml(Rows(rows.value, rows.group, {**rows.crossed, "month": codes.astype(np.int64)}, rows.within, rows.fixed))
    found = fit.nested_contrasts("inspector_id", owner, "month")
    mean, sd = found.mean, np.sqrt(found.variance)
    month = [int(name.split("\n")[1]) for name in names]
    return (
        pl.DataFrame(
            {
                "inspector_id": [inspectors[k] for k in owner],
                "month": [f"{m // 12:04d}-{m % 12 + 1:02d}" for m in month],
                "n": np.bincount(codes),
                "severity": -mean,
                "low": -mean - HALF * sd,
                "high": -mean + HALF * sd,
            }
        )
        .cast(MONTHS)
        .sort("inspector_id", "month")
    )
