"""Did it work? One effect file for every training, with a comparison that survives regression to the mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Check, Findings, Note
from coachline.engine.training.effect_counts import EFFECT_OUTCOMES, Counts, weekly_counts
from coachline.engine.training.effect_files import EFFECT_COLUMNS, EffectFile, Records, effect_files
from coachline.engine.training.effect_measured import Evaluation, Measured, hired_weeks
from coachline.engine.training.effect_pooled import CERTAINTY, method_rows, pooled, pooled_compared
from coachline.engine.training.effect_windows import WindowRule

HALF_LIFE_DAYS, CONFIDENCE = 90.0, 0.95

EFFECT_READS: Mapping[str, tuple[str, ...]] = {
    **EFFECT_COLUMNS,
    "calls": (
        *("call_id", "arrived_at", "direction", "outcome", "agent_id", "business"),
        *("customer_id", "resolved", "rating", "transferred"),
    ),
    "inspections": ("inspection_id", "call_id", "agent_id", "inspected_at", "purpose", "passed"),
    "agents": ("agent_id", "hired_on"),
}

EFFECT = pl.Schema(
    {
        "training": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "n_trained": pl.Int64(),
        "n_control": pl.Int64(),
        "naive": pl.Float64(),
        "effect": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "verdict": pl.String(),
        "wave": pl.Int64(),
        "method": pl.String(),
        "design": pl.String(),
        "no_effect_reason": pl.String(),
        "base_since": pl.Date(),
        "base_until": pl.Date(),
        "after_since": pl.Date(),
        "after_until": pl.Date(),
        "trainings_more": pl.Float64(),
        "placebo": pl.Float64(),
        "placebo_low": pl.Float64(),
        "placebo_high": pl.Float64(),
        "hours": pl.Float64(),
        "cases_after": pl.Int64(),
        "gained_calls": pl.Float64(),
        "hours_per_gained_call": pl.Float64(),
    }
)
"""Effects are points of the share, from 0 to 1, of one training. ``naive`` is after less before of the trained alone, and biased."""

METHODS = pl.Schema(
    {
        "method": pl.String(),
        "business": pl.String(),
        "outcome": pl.String(),
        "trainings": pl.Int64(),
        "n_trained": pl.Int64(),
        "naive": pl.Float64(),
        "effect": pl.Float64(),
        "low": pl.Float64(),
        "high": pl.Float64(),
        "verdict": pl.String(),
        "between_sd": pl.Float64(),
        "hours": pl.Float64(),
        "gained_calls": pl.Float64(),
        "hours_per_gained_call": pl.Float64(),
    }
)
"""Of a method, of a business, or, where neither is named, of all files."""


def effect(
    facts: Facts,
    *,
    outcome: str | None = None,
    window_weeks: int = 6,
    fewest_weeks: int = 2,
    selection_weeks: int = 4,
    lead_weeks: int = 2,
    half_life_days: float = HALF_LIFE_DAYS,
    confidence: float = CONFIDENCE,
    satisfied_from: int = 4,
    repeat_days: int = 7,
) -> Findings:
    """Measure what each training did to the share of calls that end well.

    Parameters
    ----------
    facts : Facts
    outcome : str, optional
        One of `EFFECT_OUTCOMES`; without it, all that are recorded.
    window_weeks : int
        Most weeks compared before and after.
    fewest_weeks : int
        Fewest weeks with data on either side.
    selection_weeks : int
        Weeks by whose results people are chosen; no base lies in them.
    lead_weeks : int
        Weeks from choice to start, where no list says when it was settled.
    half_life_days : float
        Days after which half of what was learnt is left. Only other trainings of the same people are judged by it.
    confidence : float
        Coverage of the intervals, by which verdicts are given.
    satisfied_from, repeat_days : int

    Returns
    -------
    Findings
        Tables ``effect`` (schema `EFFECT`) and ``methods`` (schema `METHODS`: means over all files, per method and per business).
    """
    settings = Settings(satisfied_from=satisfied_from, repeat_days=repeat_days)
    rule = WindowRule(window_weeks, fewest_weeks, selection_weeks, lead_weeks)
    records, counts, measured = measure(facts, settings, rule, confidence, half_life_days / 7, None if outcome is None else (outcome,))
    table = pl.DataFrame([_row(m) for m in measured], schema=EFFECT)
    verdicts = Counter(m.verdict for m in measured)
    fair = [m for m in measured if m.compared is not None]
    return Findings(
        tables={"effect": table.to_arrow(), "methods": pl.DataFrame(method_rows(measured, confidence), schema=METHODS).to_arrow()},
        values={
            "files": len(records.files),
            "measured": len(fair),
            **{name: verdicts[name] for name in ("worked", "no_evidence", "harmed")},
            **_main_figures(measured, confidence),
        },
        checks=tuple(_checks(measured)),
        notes=(*records.notes, *_notes(records, counts, measured, rule)),
    )


def measure(
    facts: Facts, settings: Settings, rule: WindowRule, confidence: float, half_life_weeks: float, outcomes: Sequence[str] | None = None
) -> tuple[Records, Counts, list[Measured]]:
    """All files on all outcomes, in the order of files and then of `EFFECT_OUTCOMES`."""
    records = effect_files(facts)
    counts = weekly_counts(facts, sorted({file.business for file in records.files}), settings)
    hired = hired_weeks(facts)
    wanted = [code for code in counts.outcomes if outcomes is None or code in outcomes]
    found: dict[tuple[EffectFile, str], Measured] = {}
    # Business by business, so that no more than one lies in memory.
    for business in sorted({file.business for file in records.files}):
        here = counts.about(business)
        evaluation = Evaluation(records.attended, hired, here, business, rule, confidence, half_life_weeks)
        panels = {code: here.panel(code) for code in wanted}
        for file in records.files:
            if file.business == business:
                found |= {(file, code): evaluation.measure(file, code, panels[code]) for code in wanted}
    return records, counts, [found[file, code] for file in records.files for code in wanted]


def _row(m: Measured) -> dict[str, object]:
    file, compared, windows, placebo = m.file, m.compared, m.windows, m.placebo
    gained = None if compared is None else m.better * compared.effect * m.cases_after
    base = None if windows is None else windows.before if m.design == "waiting_list" else windows.base
    after = None if windows is None else windows.after
    return {
        "training": file.training,
        "business": file.business,
        "outcome": m.outcome,
        "n_trained": m.treated if compared is None else compared.treated,
        "n_control": m.controls if compared is None else compared.controls,
        "naive": m.naive if np.isfinite(m.naive) else None,
        "effect": None if compared is None else compared.effect,
        "low": None if compared is None else compared.low,
        "high": None if compared is None else compared.high,
        "verdict": m.verdict,
        "wave": file.wave,
        "method": file.method,
        "design": m.design,
        "no_effect_reason": m.reason,
        "base_since": _first_day(base),
        "base_until": _last_day(base),
        "after_since": _first_day(after),
        "after_until": _last_day(after),
        "trainings_more": m.dose if np.isfinite(m.dose) else None,
        "placebo": None if placebo is None else placebo.effect,
        "placebo_low": None if placebo is None else placebo.low,
        "placebo_high": None if placebo is None else placebo.high,
        "hours": file.hours,
        "cases_after": int(m.cases_after),
        "gained_calls": gained,
        "hours_per_gained_call": file.hours / gained if m.verdict == "worked" and gained and file.hours is not None else None,
    }


def _first_day(weeks: range | None) -> date | None:
    return clock.EPOCH + timedelta(weeks.start * 7 - 3) if weeks else None


def _last_day(weeks: range | None) -> date | None:
    return clock.EPOCH + timedelta(weeks.stop * 7 - 4) if weeks else None


def _main_figures(measured: Sequence[Measured], confidence: float) -> dict[str, float | None]:
    """Naive and fair mean of the first outcome that could be measured, beside each other."""
    fair = [m for m in measured if m.compared is not None]
    first = [m for m in fair if m.outcome == fair[0].outcome] if fair else []
    mean = pooled_compared((m.compared for m in first if m.compared is not None), confidence)
    naive = [m.naive for m in first if np.isfinite(m.naive)]
    return {
        "naive": float(np.mean(naive)) if naive else None,
        "effect": None if mean is None else mean.effect,
        "low": None if mean is None else mean.low,
        "high": None if mean is None else mean.high,
    }


def _checks(measured: Sequence[Measured]) -> Iterator[Check]:
    """Where nothing can have happened, nothing must be found."""
    for outcome in dict.fromkeys(m.outcome for m in measured):
        for design, code in (("differences", "made_up_start"), ("waiting_list", "arms_alike_before")):
            mean = pooled_compared((m.placebo for m in measured if m.outcome == outcome and m.design == design and m.placebo), CERTAINTY)
            if mean is not None:
                facts = {"outcome": outcome, "trainings": mean.files, "low": mean.low, "high": mean.high}
                yield Check(f"training_{code}", mean.low <= 0 <= mean.high, mean.effect, facts)
        slopes = [m.slope for m in measured if m.outcome == outcome and m.slope is not None]
        if slopes:
            mean = pooled([s.per_week for s in slopes], [s.se for s in slopes], CERTAINTY)
            facts = {"outcome": outcome, "trainings": mean.files, "low": mean.low, "high": mean.high}
            yield Check("training_trend_before", mean.low <= 0 <= mean.high, mean.effect, facts)


def _notes(records: Records, counts: Counts, measured: Sequence[Measured], rule: WindowRule) -> Iterator[Note]:
    yield Note("before_after_biased")
    if not records.files:
        yield Note("no_effect_files")
    elif not counts.outcomes:
        yield Note("no_calls_on_trained_businesses")
    reasons: Counter[str] = Counter()
    for m in {(m.file.training, m.file.business, m.file.wave): m for m in reversed(measured)}.values():
        if m.reason is not None:
            reasons[m.reason] += 1
    stopped = [
        o for o in EFFECT_OUTCOMES if (of := [m for m in measured if m.outcome == o]) and any(m.reason == "outcome_stopped" for m in of)
    ]
    for reason in sorted(reasons):
        yield Note(f"effect_{reason}", {"trainings": reasons[reason], "weeks": rule.fewest})
    if stopped and "outcome_stopped" not in reasons:
        yield Note("effect_outcome_stopped", {"trainings": sum(m.reason == "outcome_stopped" for m in measured), "weeks": rule.fewest})
