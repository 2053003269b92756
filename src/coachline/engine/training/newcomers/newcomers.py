"""What plans for newcomers would bring: heads, capability, service level and cost, month by month, with intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Check, Findings, Note
from coachline.engine.stats.intervals import HALF
from coachline.engine.training.newcomers import pipeline, records
from coachline.engine.training.newcomers.calibration import Calibration, calibrate, day_of
from coachline.engine.training.newcomers.outcome import COST_SOURCES, Costs, Workforce, costs, service_levels, workforce
from coachline.engine.training.newcomers.pipeline import LICENSED, Settings, State, chance, integrate
from coachline.engine.training.newcomers.plans import AS_NOW, DEFAULT_PLANS, DEFAULT_PRICES, Plan, read_plans
from coachline.engine.training.newcomers.start import settings_of, start_of

Floats = NDArray[np.float64]

ENDS = (0.05, 0.95)
BALANCE = 1e-6
CONVERGED = 1e-3
FIGURES = ("heads", "licensed", "capability", "cost", "service_level", "mentor_load")

NEWCOMERS = pl.Schema(
    {
        "plan": pl.String(),
        "month": pl.Int64(),
        **dict.fromkeys(FIGURES, pl.Float64()),
        **{f"{name}_{end}": pl.Float64() for name in FIGURES for end in ("low", "high")},
    }
)
"""``month`` counts from today, 0; a figure is the median of the draws, ``cost`` that of the month."""

COMPARISON = pl.Schema(
    {
        "plan": pl.String(),
        "measure": pl.String(),
        "value": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "against_now": pl.Float64(),
        "against_now_low": pl.Float64(),
        "against_now_high": pl.Float64(),
        "p_better": pl.Float64(),
        "rests_on": pl.String(),
    }
)
"""``rests_on``: ``prior`` where a plan works through what no records tell; its p_better is then that of an assumption."""
STAGES: Mapping[str, slice] = {
    "classroom": pipeline.CLASS,
    "mentored": pipeline.MENTORED,
    "new": pipeline.NEW,
    "experienced": pipeline.EXPERIENCED,
    "expert": pipeline.EXPERT,
}
BETTER = {
    "heads": 0,
    "licensed": 1,
    "capability": 1,
    "service_level": 1,
    "service_level_mean": 1,
    "mentor_load_peak": -1,
    "left": -1,
    "cost_total": -1,
}
"""Measures of the comparison: 1 where more is better, -1 where less is, 0 where neither."""


def newcomers(
    facts: Facts,
    *,
    plans: Mapping[str, str] = DEFAULT_PLANS,
    months: int = 12,
    draws: int = 200,
    seed: int = 1,
    since: date | None = None,
    until: date | None = None,
    growth: float | None = None,
    answer_within: float = 20.0,
    **prices: float,
) -> Findings:
    """Simulate plans for newcomers with a system-dynamics model that is calibrated from the facts.

    Parameters
    ----------
    facts : Facts
    plans : mapping of name to text
        Clauses as `read_plans` takes them. The present state (``as_now``) is always among them.
    months : int
        How far to look ahead.
    draws : int
        Draws of what is uncertain; the same ones for all plans, so that what they have in common does not blur the differences.
    seed : int
    since, until : date, optional
        Days of the calls that are used.
    growth : float, optional
        Growth of the calls in a year; by default from the facts.
    answer_within : float
        Seconds of the service level.
    **prices : float
        Assumed prices in place of `DEFAULT_PRICES`: a recruit (``cost_recruit``); a month of somebody licensed (``wage``) and of somebody in the classroom
        (``class_wage``); teaching, a month and person (``cost_classroom``); a mentor's allowance for a month (``cost_mentor``); sitting the exam
        (``cost_exam``); a recruit through a school (``cost_school``).

    Returns
    -------
    Findings
        ``newcomers`` (schema `NEWCOMERS`), ``comparison`` (schema `COMPARISON`), ``calibration`` (quantity, value, low, high, unit, source), ``stages`` (plan, month, stage,
        heads, low, high) and ``costs`` (plan, source, cost, low, high).

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_calls_in_period``, ``bad_plan``.
    """
    chosen = read_plans(plans)
    period = Period.of(since, until)
    days = facts.days("calls", "arrived_at")
    if days is None or (period.first or days[0]) > days[1] or (period.last or days[1]) < days[0]:
        period.require_calls(facts, 0)
    assert days is not None
    staff = records.people(facts, day_of(period, days))
    present = float(staff.present.sum())
    found = calibrate(facts, period, staff, np.random.default_rng(seed), draws, answer_within, growth)
    settings = settings_of(found, chosen, present, months)
    path = integrate(start_of(found, staff, settings, chosen), settings, months)
    able = [workforce(state, settings, found) for state in path]
    level = service_levels(able, found, answer_within)
    spent = costs(path, chosen, Costs(**{**DEFAULT_PRICES, **prices}))
    names = [plan.name for plan in chosen]
    return Findings(
        tables={
            "newcomers": _by_month(names, path, able, level, spent).to_arrow(),
            "comparison": _comparison(chosen, path, able, level, spent).to_arrow(),
            "calibration": found.table().to_arrow(),
            "stages": _stages(names, path).to_arrow(),
            "costs": _costs(names, spent).to_arrow(),
        },
        values={
            "plans": len(chosen),
            "people": int(present),
            "hires": float(np.median(found["hires"])),
            "stay_months": float(np.median(found["stay_months"])),
            "resolved_months": float(np.median(found["resolved_months"])),
            "service_level_now": float(found["service_level_now"][0]) if "service_level_now" in found.draws else None,
        },
        checks=(*_checks(found, path, settings, months), *_learning_checks(found)),
        notes=(*found.notes, *_notes(found, staff, present, months)),
    )


def _checks(found: Calibration, path: Sequence[State], settings: Settings, months: int) -> tuple[Check, ...]:
    """Whether nobody got lost on the way, and whether finer steps change anything."""
    end = path[-1]
    came = path[0].heads.sum(axis=0) + end.count("hired") - path[0].count("hired")
    there = end.heads.sum(axis=0) + end.count("left") + end.count("failed")
    lost = float(np.max(np.abs(there - came) / np.maximum(came, 1.0)))
    finer = integrate(path[0], settings, min(months, 1), 2 * pipeline.STEPS)[-1]
    off = float(np.max(np.abs(finer.heads - path[min(months, 1)].heads)) / max(float(np.max(finer.heads)), 1.0))
    return (Check("people_conserved", lost <= BALANCE, lost), Check("steps_fine_enough", off <= CONVERGED, off))


def _learning_checks(found: Calibration) -> tuple[Check, ...]:
    return tuple(
        Check(code, found.sources[quantity] == "facts")
        for code, quantity in (("learning_from_facts", "resolved_gap"), ("leaving_from_facts", "stay_months"))
    )


def _notes(found: Calibration, staff: records.People, present: float, months: int) -> list[Note]:
    notes = [Note("plans_are_assumptions"), Note("prices_are_assumed")]
    undated = int((staff.present & ~np.isfinite(staff.hired)).sum())
    if present and undated == present:
        notes.append(Note("nobody_dated", {"people": undated}))
    elif undated:
        notes.append(Note("hire_date_unknown", {"people": undated}))
    if staff.dated_ahead:
        notes.append(Note("hired_ahead", {"people": staff.dated_ahead}))
    if not present:
        notes.append(Note("nobody_there"))
    else:
        alone = settings_of(found, (Plan(AS_NOW),), present, months)
        people = HALF * float(np.median(chance(start_of(found, staff, alone, (Plan(AS_NOW),)), alone, months)))
        notes.append(Note("chance_of_people", {"people": people, "months": months}))
    if months == 0:
        notes.append(Note("today_only"))
    return notes


def _by_month(
    names: Sequence[str], path: Sequence[State], able: Sequence[Workforce], level: Floats, spent: Mapping[str, Floats]
) -> pl.DataFrame:
    total = np.sum([spent[source] for source in COST_SOURCES], axis=0)
    figures = {
        "heads": np.array([state.heads.sum(axis=0) for state in path]),
        "licensed": np.array([state.heads[LICENSED].sum(axis=0) for state in path]),
        "capability": np.array([each.capability for each in able]),
        "cost": np.diff(total, axis=0, prepend=np.zeros_like(total[:1])),
        "service_level": level,
        "mentor_load": np.array([each.mentor_load for each in able]),
    }
    columns: dict[str, object] = {"plan": np.repeat(names, len(path)), "month": np.tile(np.arange(len(path)), len(names))}
    for name, values in figures.items():
        for column, part in _summary(name, values).items():
            columns[column] = part.T.ravel()
    return pl.DataFrame(columns).select(NEWCOMERS.names()).cast(NEWCOMERS).fill_nan(None)


def _summary(name: str, values: Floats) -> dict[str, Floats]:
    """Median and ends over the draws, which are the axis before the last; NaN where nothing is known."""
    middle, low, high = np.quantile(values, (0.5, *ENDS), axis=-2)
    return {name: middle, f"{name}_low": low, f"{name}_high": high}


def _comparison(
    plans: Sequence[Plan], path: Sequence[State], able: Sequence[Workforce], level: Floats, spent: Mapping[str, Floats]
) -> pl.DataFrame:
    """What each plan comes to at the end, and how that differs from the present state under the same draw."""
    later = slice(1, None) if len(path) > 1 else slice(None)
    measures = {
        "heads": path[-1].heads.sum(axis=0),
        "licensed": path[-1].heads[LICENSED].sum(axis=0),
        "capability": able[-1].capability,
        "service_level": level[-1],
        "service_level_mean": level[later].mean(axis=0),
        "mentor_load_peak": np.max([each.mentor_load for each in able], axis=0),
        "left": path[-1].count("left") + path[-1].count("failed"),
        "cost_total": np.sum([spent[source][-1] for source in COST_SOURCES], axis=0),
    }
    rows = []
    for column, plan in enumerate(plans):
        for measure, values in measures.items():
            own, change = values[:, column], values[:, column] - values[:, 0]
            sure = float("nan") if column == 0 or BETTER[measure] == 0 or np.isnan(change).any() else _p_better(change * BETTER[measure])
            rests_on = "prior" if plan.assumed else "facts"
            rows.append((plan.name, measure, *np.quantile(own, (0.5, *ENDS)), *np.quantile(change, (0.5, *ENDS)), sure, rests_on))
    return pl.DataFrame(rows, schema=COMPARISON, orient="row").fill_nan(None)


def _p_better(gain: Floats) -> float:
    """Share of draws with a gain; no difference counts half."""
    return float(((gain > 0) + 0.5 * (gain == 0)).mean())


def _stages(names: Sequence[str], path: Sequence[State]) -> pl.DataFrame:
    frames = []
    for stage, part in STAGES.items():
        values = np.array([state.heads[part].sum(axis=0) for state in path])
        frames.append(
            pl.DataFrame(
                {
                    "plan": np.repeat(names, len(path)),
                    "month": np.tile(np.arange(len(path)), len(names)),
                    "stage": [stage] * (len(path) * len(names)),
                    **{column: figure.T.ravel() for column, figure in _summary("heads", values).items()},
                }
            )
        )
    return pl.concat(frames).rename({"heads_low": "low", "heads_high": "high"})


def _costs(names: Sequence[str], spent: Mapping[str, Floats]) -> pl.DataFrame:
    rows = []
    for column, name in enumerate(names):
        for source in COST_SOURCES:
            rows.append((name, source, *np.quantile(spent[source][-1][:, column], (0.5, *ENDS))))
    schema = {"plan": pl.String(), "cost_source": pl.String(), "cost": pl.Float64(), "low": pl.Float64(), "high": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")
