"""How long what was learnt lasts, and hence when the next round of training is due."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from scipy.special import expit, logit, ndtr

from coachline.engine import clock
from coachline.engine.capability.standards import Targets, target_of, targets
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Check, Findings, Note
from coachline.engine.stats.fading import Courses, Fading, Settled, fit_fading, settle
from coachline.engine.stats.half_lives import days_until, expected_left, interval, p_longer, quantile
from coachline.engine.training.cycle_weeks import Trained, trained_weeks
from coachline.engine.training.drill import drill_table

_FIGURES = {
    "half_life_days": pl.Float64(),
    "low": pl.Float64(),
    "high": pl.Float64(),
    "retrain_after_days": pl.Float64(),
    "verdict": pl.String(),
    "gain": pl.Float64(),
    "p_no_fading": pl.Float64(),
    "agents": pl.Int64(),
    "cases_after": pl.Int64(),
}
CYCLE = pl.Schema({"business": pl.String(), **_FIGURES, "standard": pl.Float64(), "below_standard_after_days": pl.Float64()})
"""``gain``: share of cases that one training adds on the day after. ``verdict``: fades (shown by this business itself), as_usual (its own evidence is thin, and
the figures lean on the other businesses), lasts (more than a year), no_gain, unknown. ``below_standard_after_days``: when the trained are to be expected to fall
below the centre's target again; 0 where not even the day after reaches it, null without a target or where they would reach it untrained."""

METHODS = pl.Schema({"method": pl.String(), **_FIGURES})
DATES = pl.Schema(
    {
        "agent_id": pl.String(),
        "business": pl.String(),
        "last_trained": pl.Date(),
        "share_left": pl.Float64(),
        "retrain_on": pl.Date(),
        "overdue": pl.Boolean(),
    }
)

LASTING_DAYS = 365.0
"""Half-life from which on nobody would plan a next round by it."""

SHOWN = 0.05
"""p-value below which fading is taken as shown."""


def cycle(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    followed: str = "resolved",
    keep: float = 0.5,
    recall: float = 0.9,
    confidence: float = 0.9,
    satisfied_from: int = 4,
) -> Findings:
    """Estimate half-lives of training gains, and say when to train again and what to drill when.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
        Of the calls.
    followed : str
        By which outcome gains are followed: ``resolved`` or ``satisfied``.
    keep : float
        Share of the gain that should not be lost: the next round is due when the gain to be expected falls to it.
    recall : float
        Probability of recall at which an item of the drill is due.
    confidence : float
        Probability that a verdict takes.
    satisfied_from : int
        Lowest rating that counts as satisfied.

    Returns
    -------
    Findings
        ``cycle`` (schema `CYCLE`), ``methods`` (`METHODS`), ``dates`` (`DATES`, per person), ``drill`` (`drill.DRILL`).

    Raises
    ------
    CoachlineError
        ``period_backwards``.
    """
    trained = trained_weeks(facts, Period.of(since, until), followed, satisfied_from)
    drill, today = drill_table(facts, recall)
    notes = list(trained.notes)
    checks: list[Check] = []
    by_business, fit = pl.DataFrame(schema=CYCLE), None
    methods, dates = pl.DataFrame(schema=METHODS), pl.DataFrame(schema=DATES)
    people = (
        trained.cells.group_by("business")
        .agg(agents=pl.col("agent_id").n_unique(), cases_after=pl.col("cases_after").sum())
        .sort("business")
    )
    if trained.courses is None:
        notes.append(Note("nothing_to_follow", {"trainings": facts.rows("trainings"), "outcome": followed}))
        blank = {name: pl.lit(None, kind) for name, kind in CYCLE.items() if name not in ("business", "agents", "cases_after", "verdict")}
        by_business = people.with_columns(verdict=pl.lit("unknown"), **blank).select(CYCLE.names()).cast(CYCLE)
    else:
        base = settle(trained.courses)
        fit = fit_fading(base.trained, base.level_sd)
        by_business = _table(fit, base.trained, trained.businesses, "business", people, keep, confidence)
        by_business = _against_standard(by_business, fit, trained.businesses, targets(facts)[0], followed)
        methods = _methods(trained, base, keep, confidence)
        dates = _dates(trained, fit, by_business)
        notes += _notes(fit, confidence)
        checks.append(Check("gains_fade", fit.p_no_fading < SHOWN, fit.p_no_fading))
        checks.append(Check("gain_seen", _gains(fit) >= confidence, _gains(fit)))
    if drill.is_empty():
        notes.append(Note("nothing_to_drill"))
    return Findings(
        tables={"cycle": by_business.to_arrow(), "methods": methods.to_arrow(), "dates": dates.to_arrow(), "drill": drill.to_arrow()},
        values={
            "half_life_days": None if fit is None or _gains(fit) < confidence else quantile(fit.common, 0.5),
            "trained_cells": trained.cells.height,
            "followed_cells": len(trained.used),
            "overdue": int(dates["overdue"].sum()),
            "cards": drill.height,
            "cards_due": 0 if today is None else drill.filter(pl.col("due") < today.astimezone(facts.zone).date()).height,
        },
        checks=tuple(checks),
        notes=tuple(notes),
    )


def _gains(fit: Fading) -> float:
    """Probability that training gains anything at all."""
    return float(ndtr(fit.common_gain / fit.common_gain_sd))


def _table(fit: Fading, courses: Courses, names: list[str], key: str, people: pl.DataFrame, keep: float, confidence: float) -> pl.DataFrame:
    """Figures of each group, and a row without figures for those that nobody could follow."""
    base = np.bincount(courses.group, courses.usual) / np.bincount(courses.group)
    rows = []
    for place, name in enumerate(names):
        weight = fit.weight[place]
        verdict = _verdict(fit, place, confidence)
        middle, low, high = interval(weight)
        spoken = verdict in ("fades", "as_usual", "lasts")
        rows.append(
            {
                key: name,
                "half_life_days": middle if spoken else None,
                "low": low if spoken else None,
                "high": high if spoken else None,
                "retrain_after_days": days_until(weight, keep) if verdict in ("fades", "as_usual") else None,
                "verdict": verdict,
                "gain": float(expit(base[place] + fit.gain[place]) - expit(base[place])),
                "p_no_fading": float(fit.own_p[place]),
            }
        )
    schema = pl.Schema({key: pl.String(), **_FIGURES})
    figures = pl.DataFrame(rows, schema={name: kind for name, kind in schema.items() if name not in ("agents", "cases_after")})
    return (
        people.join(figures, on=key, how="left")
        .with_columns(pl.col("verdict").fill_null("unknown"))
        .select(schema.names())
        .cast(schema)
        .sort(key)
    )


def _against_standard(table: pl.DataFrame, fit: Fading, businesses: list[str], set_targets: Targets, followed: str) -> pl.DataFrame:
    """Add each business's target, and when the trained fall below it again."""
    rows = []
    for place, business in enumerate(businesses):
        target = target_of(set_targets, business, followed)
        lacking = float(logit(target)) - fit.level[place]
        days = None
        if lacking > 0:
            days = days_until(fit.weight[place], lacking / fit.gain[place]) if fit.gain[place] > lacking else 0.0
        rows.append((business, None if np.isnan(target) else target, days))
    found = pl.DataFrame(
        rows, schema={"business": pl.String(), "standard": pl.Float64(), "below_standard_after_days": pl.Float64()}, orient="row"
    )
    told = pl.when(pl.col("retrain_after_days").is_not_null()).then(pl.col("below_standard_after_days"))
    return table.join(found, on="business", how="left", maintain_order="left").with_columns(below_standard_after_days=told).cast(CYCLE)


def _verdict(fit: Fading, place: int, confidence: float) -> str:
    weight = fit.weight[place]
    if _gains(fit) < confidence:
        return "unknown"
    if ndtr(fit.gain[place] / fit.gain_sd[place]) < confidence:
        return "no_gain"
    if p_longer(weight, LASTING_DAYS) >= confidence:
        return "lasts"
    if fit.own_p[place] < SHOWN and p_longer(weight, LASTING_DAYS) <= 1.0 - confidence:
        return "fades"
    return "as_usual" if fit.p_no_fading < SHOWN else "unknown"


def _methods(trained: Trained, base: Settled, keep: float, confidence: float) -> pl.DataFrame:
    """Half-lives by method; what trainings by other methods add to the same cells is taken out."""
    used = trained.cells[trained.used].explode("methods").rename({"methods": "method"})
    people = used.group_by("method").agg(agents=pl.col("agent_id").n_unique(), cases_after=pl.col("cases_after").sum())
    courses = base.trained.by_kind(base.gains, base.half_life)
    names = [trained.kinds[kind] for kind in np.unique(courses.group)]
    courses = replace(courses, group=np.unique(courses.group, return_inverse=True)[1].reshape(-1))
    return _table(fit_fading(courses, base.level_sd), courses, names, "method", people, keep, confidence)


def _dates(trained: Trained, fit: Fading, by_business: pl.DataFrame) -> pl.DataFrame:
    """Per person and business: what is left of the last training, and when the next is due."""
    after = dict(by_business.select("business", "retrain_after_days").rows())
    weight = {business: fit.weight[place] for place, business in enumerate(trained.businesses)}
    rows = []
    for agent, business, day in trained.cells.select("agent_id", "business", "last_day").rows():
        wait = after.get(business)
        if wait is None:
            continue
        due = _date(day) + timedelta(days=round(wait))
        left = expected_left(weight[business], trained.last_day - day)
        rows.append((agent, business, _date(day), left, due, due <= _date(trained.last_day)))
    return pl.DataFrame(rows, schema=DATES, orient="row").sort("retrain_on", "business", "agent_id")


def _date(day: int) -> date:
    return clock.EPOCH + timedelta(days=int(day))


def _notes(fit: Fading, confidence: float) -> Iterator[Note]:
    if _gains(fit) < confidence:
        yield Note("no_gain_to_fade")
    elif fit.p_no_fading >= SHOWN:
        yield Note("fading_not_shown", {"p": fit.p_no_fading})
