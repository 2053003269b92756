"""How capability moves from month to month, and when a change is real."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.engine.capability.against_centre import slope, variance_against_centre
from coachline.engine.capability.evidence import evidence
from coachline.engine.capability.fitted import capability
from coachline.engine.capability.mix import on_mix
from coachline.engine.capability.monthly import Series, all_series
from coachline.engine.capability.outcome_fit import FittedOutcome, coded
from coachline.engine.capability.outcomes import RATINGS
from coachline.engine.capability.standards import standards, worse
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Findings, Note
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.walk import Wandering
from coachline.engine.stats.intervals import HALF

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
        A change of surely less than this share of what goes wrong is called steady, if the series' own records could have shown more.
    satisfied_from, repeat_days : int

    Returns
    -------
    Findings
        ``trend``, schema `TREND`: period is the month; agent_id null means all agents, business null all businesses. Agents are shown on the
        centre's mix, businesses for an agent drawn at random, the centre as counted. ``changes``, schema `CHANGES`: from the first to the last month of each series
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
    kinds = ("centre", "agent", "business", *(["cell"] if cells else []))
    trends, changes, drifts = [], [], []
    for fitted in found.outcomes:
        rows = coded(monthly.filter(pl.col("outcome") == fitted.outcome.code), found.roll).with_columns(t=pl.col("month") - first)
        for kind, series in all_series(fitted, rows, len(months), kinds).items():
            moving = series.wandering()
            drifts.append((fitted.outcome.code, kind, moving.step, moving.noise, moving.gain, moving.drifts))
            shown, changed = _read(fitted, kind, series, moving, months, confidence, margin)
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


def _read(
    fitted: FittedOutcome, kind: str, series: Series, moving: Wandering, months: Sequence[str], confidence: float, margin: float
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Levels as values: the series' value of the whole time, moved along the scale of the model."""
    found, likelihood = series.averaged(moving), fitted.likelihood
    # Information-weighted, the months average to the whole time's level, at which the value is known from the fit.
    base, base_variance = _base(fitted, kind, series)
    level = base[:, None] + found.deviation
    sd = np.sqrt(found.deviation_variance + base_variance[:, None])
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
    deviation, start = np.sqrt(found.change_variance), level[:, 0]
    change, change_low, change_high = (
        likelihood.value(start + found.change + side * HALF * deviation) - likelihood.value(start) for side in (0.0, -1.0, 1.0)
    )
    p_change = np.maximum(found.p_up, 1.0 - found.p_up)
    verdict = np.full(size, "unknown", dtype=object)
    if moving.drifts:
        verdict[p_change >= confidence] = np.where(found.p_up > 0.5, "rising", "falling")[p_change >= confidence]
    bound = _tolerated(fitted, likelihood.value(start), margin)
    small = np.maximum(np.abs(change_low), np.abs(change_high)) <= bound
    verdict[(verdict == "unknown") & small & _could_show(fitted, series, moving, start, bound)] = "steady"
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


def _could_show(fitted: FittedOutcome, series: Series, moving: Wandering, start: Floats, bound: Floats) -> NDArray[np.bool_]:
    """Whether a series' own records of the earlier and the later months could tell a change of `bound` from none.

    How far levels wander is told by all series together, so one with hardly a record would stand still on the word of the others.
    """
    known = np.where(np.isfinite(series.variance), 1.0 / (series.variance + moving.noise**2), 0.0)
    half = known.shape[1] // 2
    with np.errstate(divide="ignore"):
        unsure = np.sqrt(1.0 / known[:, :half].sum(axis=1) + 1.0 / known[:, half:].sum(axis=1))
    return np.asarray(HALF * unsure * slope(fitted.likelihood, start) <= bound)


def _tolerated(fitted: FittedOutcome, value: Floats, margin: float) -> Floats:
    """The change that counts as none: a share of what goes wrong, or of the time."""
    return margin * value if fitted.outcome.better == "none" else np.abs(worse(fitted.outcome, value, 1.0 + margin) - value)


def _base(fitted: FittedOutcome, kind: str, series: Series) -> tuple[Floats, Floats]:
    """The level at which each series' value over the whole time is read, and how unsure that is."""
    likelihood = fitted.likelihood
    if kind == "cell":
        own = np.where(np.isfinite(series.variance), 1.0 / series.variance, 0.0).sum(axis=1)
        return series.centre, 1.0 / (own + 1.0 / series.prior_variance)
    if kind == "agent":
        assert series.agent is not None
        average = on_mix(fitted)
        return average.level[series.agent], average.level_sd[series.agent] ** 2
    level, variance = _as_counted(fitted)
    if kind == "business":
        assert series.business is not None
        typical = standards(fitted, {}, 0.0).typical
        return likelihood.level(typical[series.business]), variance_against_centre(fitted, typical)[series.business] + variance
    return np.array([level]), np.array([variance])


def _as_counted(fitted: FittedOutcome) -> tuple[float, float]:
    """The centre's own level over the whole time, and its sampling variance."""
    n, total, square = float(fitted.n.sum()), float(fitted.total.sum()), float(fitted.total_sq.sum())
    if fitted.outcome.kind == "time":
        return total / n, max(square / n - (total / n) ** 2, fitted.fit.spread.within) / n
    # Half a case at either end, since no level has the value at which all is perfect.
    ends = (float(min(RATINGS)), float(max(RATINGS))) if fitted.outcome.kind == "rating" else (0.0, 1.0)
    n, total, square = n + 1.0, total + sum(ends) / 2, square + (ends[0] ** 2 + ends[1] ** 2) / 2
    level = fitted.likelihood.level(np.array([total / n]))
    return float(level[0]), float((square / n - (total / n) ** 2) / n / slope(fitted.likelihood, level)[0] ** 2)
