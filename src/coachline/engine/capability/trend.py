"""How capability moves from month to month, and when a change is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import polars as pl
from scipy.special import ndtr

from coachline.engine.capability.evidence import evidence
from coachline.engine.capability.fitted import capability
from coachline.engine.capability.judgement import HALF
from coachline.engine.capability.mix import mix, on_mix
from coachline.engine.capability.outcome_fit import FittedOutcome, coded, likelihood_of
from coachline.engine.capability.standards import standards, worse
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Findings, Note
from coachline.engine.stats.hierarchical.design import Floats, Ints
from coachline.engine.stats.hierarchical.likelihood import Likelihood, Ratings, Times
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.engine.stats.hierarchical.walk import Wandering, smoothed, wandering

TREND = pl.Schema(
    {
        "agent_id": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "period": pl.String(),
        "n": pl.Int64(),
        "estimate": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
    }
)

CHANGES = pl.Schema(
    {
        "agent_id": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "first": pl.String(),
        "last": pl.String(),
        "change": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "p_change": pl.Float64(),
        "verdict": pl.String(),
    }
)

DRIFT_GAIN = 1.92
"""Log-likelihood by which wandering must beat standing still: half the 95 % point of chi-square with one degree of freedom."""


@dataclass(frozen=True)
class _Series:
    """Series of one kind, by month: what was observed of their levels, and where they start from.

    Attributes
    ----------
    agent, business : (series,) int arrays or None
        Places in the roll; None where the series is over all of them.
    n, observed, variance : (series, months) arrays
        Cases; level and its noise variance, infinite where nothing was seen.
    prior_mean, prior_variance : (series,) float arrays
    centre : (series,) float array
        The level at which a value stands for the whole time; values of months are read relative to it.
    """

    agent: Ints | None
    business: Ints | None
    n: Ints
    observed: Floats
    variance: Floats
    prior_mean: Floats
    prior_variance: Floats
    centre: Floats


def trend(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    outcome: str | None = None,
    cells: bool = False,
    confidence: float = 0.95,
    margin: float = 0.25,
    satisfied_from: int = 4,
    repeat_days: int = 7,
) -> Findings:
    """Follow the centre, every agent and every business over the months.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    outcome : str, optional
        One outcome; without it, all.
    cells : bool
        Whether single agents on single businesses are followed, too.
    confidence : float
        Probability that the direction of a change takes to be called real.
    margin : float
        A change of surely less than this share of what goes wrong is called steady.
    satisfied_from, repeat_days : int

    Returns
    -------
    Findings
        ``trend``, schema `TREND`: period is the month; agent_id null means all agents, business null all businesses. Agents are shown on the
        centre's mix, businesses for an agent drawn at random. ``changes``, schema `CHANGES`: from the first to the last month of each series
        in the outcome's unit, for handle time seconds; verdict is rising, falling, steady or unknown, up and down as the figure goes. ``drift``: outcome, kind, step and noise (standard deviations a month
        on the model's scale), gain (log-likelihood over standing still), drifts.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``no_capability_evidence``.
    """
    settings, period = Settings(satisfied_from=satisfied_from, repeat_days=repeat_days), Period.of(since, until)
    wanted = None if outcome is None else [outcome]
    found = capability(facts, period, settings, "none", wanted)
    monthly = evidence(facts, period, settings, wanted, by_month=True).cells
    first, last = int(monthly["month"].min()), int(monthly["month"].max())  # type: ignore[arg-type]
    months = [f"{month // 12:04d}-{month % 12 + 1:02d}" for month in range(first, last + 1)]
    trends, changes, drifts = [], [], []
    for fitted in found.outcomes:
        rows = coded(monthly.filter(pl.col("outcome") == fitted.outcome.code), found.roll).with_columns(t=pl.col("month") - first)
        for kind, series in _all_series(fitted, rows, len(months), cells):
            moving = wandering(series.observed, series.variance, series.prior_mean, series.prior_variance)
            drifting = moving.gain > DRIFT_GAIN
            drifts.append((fitted.outcome.code, kind, moving.step, moving.noise, moving.gain, drifting))
            shown, changed = _read(fitted, kind, series, moving, months, confidence, margin, drifting)
            trends.append(shown)
            changes.append(changed)
    drift = pl.DataFrame(drifts, schema=["outcome", "kind", "step", "noise", "gain", "drifts"], orient="row")
    changed = pl.concat([pl.DataFrame(schema=CHANGES), *changes])
    return Findings(
        tables={
            "trend": pl.concat([pl.DataFrame(schema=TREND), *trends]).to_arrow(),
            "changes": changed.to_arrow(),
            "drift": drift.to_arrow(),
        },
        values={"months": len(months), "real_changes": changed.filter(pl.col("verdict").is_in(["rising", "falling"])).height},
        notes=(*found.notes, *([Note("one_month_only")] if len(months) == 1 else [])),
    )


def _all_series(fitted: FittedOutcome, rows: pl.DataFrame, months: int, cells: bool) -> list[tuple[str, _Series]]:
    """The series of an outcome: the centre, agents, businesses, and cells if asked for."""
    fit, roll = fitted.fit, fitted.roll
    agent, business, t = (rows[name].to_numpy() for name in ("agent", "b", "t"))
    shape = (len(roll.agents), len(roll.businesses))
    level, structure, unsure = (np.empty(shape) for _ in range(3))
    general = fit.effects.team[fitted.design.team] + fit.effects.agent + fit.leaning.mean
    for found in levels(fit):
        level[found.block.agents], structure[found.block.agents] = found.mean, found.structure
        unsure[found.block.agents] = found.structure_variance + fit.spread.cell
    likelihood = _of_months(fitted, rows)
    n = rows["n"].to_numpy()
    slope, curvature = likelihood.score(level[agent, business])
    spread = fit.spread

    def summed(place: Ints, series: int) -> tuple[Ints, Floats, Floats]:
        """Cases, and one scoring step from the whole time's level with its variance, by series and month."""
        at = place * months + t
        counts, pulls, information = (np.bincount(at, part, series * months).reshape(series, months) for part in (n, slope, curvature))
        seen = information > 0.0
        step = np.divide(pulls, information, out=np.zeros_like(information), where=seen)
        return counts.astype(np.int64), step, np.divide(1.0, information, out=np.full_like(information, np.inf), where=seen)

    def one(place: Ints, centre: Floats, prior: Floats, variance: Floats, agents: Ints | None, businesses: Ints | None) -> _Series:
        counts, step, noise = summed(place, len(centre))
        return _Series(agents, businesses, counts, step + centre[:, None], noise, prior, variance, centre)

    nothing, whole = np.zeros(1), np.zeros(len(agent), np.int64)
    own = fit.effects.business + fit.offset
    named = np.unique(agent), np.unique(business)
    index = [np.searchsorted(names, place) for names, place in zip(named, (agent, business), strict=True)]
    found_series = [
        ("centre", one(whole, nothing, nothing, np.ones(1), None, None)),
        (
            "agent",
            one(
                index[0], general[named[0]], fit.leaning.mean[named[0]], np.full(len(named[0]), spread.team + spread.agent), named[0], None
            ),
        ),
        (
            "business",
            one(index[1], own[named[1]], np.full(len(named[1]), own.mean()), np.full(len(named[1]), spread.business_side), None, named[1]),
        ),
    ]
    if cells:
        keys, place = np.unique(agent * shape[1] + business, return_inverse=True)
        a, b = keys // shape[1], keys % shape[1]
        found_series.append(("cell", one(place, level[a, b], structure[a, b], unsure[a, b], a, b)))
    return found_series


def _of_months(fitted: FittedOutcome, rows: pl.DataFrame) -> Likelihood:
    """The likelihood of cells by month, with the parameters of the fit."""
    likelihood, known = likelihood_of(fitted.outcome, rows), fitted.likelihood
    if isinstance(likelihood, Times) and isinstance(known, Times):
        return replace(likelihood, within=known.within)
    if isinstance(likelihood, Ratings) and isinstance(known, Ratings):
        return replace(likelihood, thresholds=known.thresholds)
    return likelihood


def _read(
    fitted: FittedOutcome,
    kind: str,
    series: _Series,
    moving: Wandering,
    months: Sequence[str],
    confidence: float,
    margin: float,
    drifting: bool,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Levels as values: the series' value of the whole time, moved along the scale of the model."""
    found = smoothed(series.observed, series.variance, series.prior_mean, series.prior_variance, moving)
    likelihood = fitted.likelihood
    base = _base(fitted, kind, series)
    # Information-weighted, the months average to the whole time's level, at which the value is known from the fit.
    weight = np.where(np.isfinite(series.variance), 1.0 / series.variance, 0.0)
    average = (weight * found.mean).sum(axis=1) / weight.sum(axis=1)
    level = base[:, None] + found.mean - average[:, None]
    sd = np.sqrt(found.variance)
    estimate, low, high = (likelihood.value(level + side * HALF * sd) for side in (0.0, -1.0, 1.0))

    roll, size = fitted.roll, len(base)
    agents = [None] * size if series.agent is None else [roll.agents[k] for k in series.agent]
    businesses = [None] * size if series.business is None else [roll.businesses[k] for k in series.business]
    names = pl.DataFrame(
        {"agent_id": agents, "business": businesses, "outcome": [fitted.outcome.code] * size}, schema=dict(list(TREND.items())[:3])
    )
    shown = names.join(pl.DataFrame({"period": list(months)}), how="cross", maintain_order="left_right").with_columns(
        n=pl.Series(series.n.ravel()),
        estimate=pl.Series(estimate.ravel()),
        low=pl.Series(low.ravel()),
        high=pl.Series(high.ravel()),
    )
    deviation = np.sqrt(found.change_variance)
    p_up = np.where(deviation > 0.0, ndtr(found.change / np.maximum(deviation, 1e-300)), 0.5)
    start = level[:, 0]
    change, change_low, change_high = (
        likelihood.value(start + found.change + side * HALF * deviation) - likelihood.value(start) for side in (0.0, -1.0, 1.0)
    )
    p_change = np.maximum(p_up, 1.0 - p_up)
    verdict = np.full(size, "unknown", dtype=object)
    if drifting:
        verdict[p_change >= confidence] = np.where(p_up > 0.5, "rising", "falling")[p_change >= confidence]
    bound = _tolerated(fitted, likelihood.value(start), margin)
    small = (verdict == "unknown") & (np.maximum(np.abs(change_low), np.abs(change_high)) <= bound)
    verdict[small] = "steady"
    changed = names.with_columns(
        first=pl.lit(months[0]),
        last=pl.lit(months[-1]),
        change=pl.Series(change),
        low=pl.Series(change_low),
        high=pl.Series(change_high),
        p_change=pl.Series(p_change),
        verdict=pl.Series(verdict.tolist(), dtype=pl.String),
    )
    return shown.cast(TREND), changed.cast(CHANGES)


def _tolerated(fitted: FittedOutcome, value: Floats, margin: float) -> Floats:
    """The change that counts as none: a share of what goes wrong, or of the time."""
    return margin * value if fitted.outcome.better == "none" else np.abs(worse(fitted.outcome, value, 1.0 + margin) - value)


def _base(fitted: FittedOutcome, kind: str, series: _Series) -> Floats:
    """The level at which each series' value over the whole time is read."""
    likelihood = fitted.likelihood
    if kind == "cell":
        return series.centre
    if kind == "agent":
        assert series.agent is not None
        return on_mix(fitted).level[series.agent]
    typical = standards(fitted, {}, 0.0).typical
    if kind == "business":
        assert series.business is not None
        return likelihood.level(typical[series.business])
    return likelihood.level(np.array([float(mix(fitted) @ typical)]))
