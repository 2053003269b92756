"""Correlation of service quality: satisfaction against resolution against inspection, agent by agent (R33)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from coachline.engine.capability import quadrants as q
from coachline.engine.capability.agent_measures import AgentMeasures
from coachline.engine.capability.evidence import evidence
from coachline.engine.capability.prediction import NEXT, prediction
from coachline.engine.capability.reliability import FEWEST_AGENTS, Estimate, Relation, halves_agree, relation
from coachline.engine.capability.service_cells import MEASURES, PAIRS, ServiceCells, service_cells
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Check, Findings, Note

NEEDED = {"satisfaction": "rating", "resolution": "resolved", "inspection": "inspections.score"}
"""Measure -> the column in which it is recorded."""

CORRELATION_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "calls": ("call_id", "arrived_at", "direction", "outcome", "agent_id", "business", "customer_id", "resolved", "rating"),
    "inspections": ("inspection_id", "call_id", "agent_id", "inspected_at", "purpose", "score", "passed"),
}
"""Columns that it reads, for the table of contents."""

SHARES = ("satisfaction", "resolution")

CASES = ("rated", "resolved_known", "inspections")
"""Columns that say on how many cases each measure rests."""

POLITE_UNSOLVED = "satisfied_unresolved"

STANDARD_ERRORS = 3.0
"""Farther than this many standard errors below the reliability by counting, that by halves contradicts it."""


def correlation(
    facts: Facts,
    *,
    since: date | None = None,
    until: date | None = None,
    satisfied_from: int = 4,
    repeat_days: int = 7,
    mean: str = "agents",
    at_least: int = 1,
    confidence: float = 0.9,
) -> Findings:
    """Which agents satisfy without resolving, how satisfaction, resolution and inspection hang together, and which of them foretells repeats.

    Parameters
    ----------
    facts : Facts
    since, until : date, optional
    satisfied_from : int
        Lowest rating that counts as satisfied.
    repeat_days : int
        Days within which a further call of the same customer on the same business is a repeat.
    mean : str
        ``agents``: the means are those of the agents' shares, every agent alike; ``calls``: of all their calls.
    at_least : int
        A measure of an agent with fewer cases counts as unknown.
    confidence : float
        From this probability on an agent surely stands in the quadrant.

    Returns
    -------
    Findings
        Table ``agents``, one row per agent: agent_id; satisfaction and resolution (shares), inspection (mean score in points, else share passed in
        percent); quadrant (``both_above``, ``satisfied_unresolved``, ``resolved_unsatisfied``, ``both_below``, ``at_mean``, ``unknown``);
        quadrant_probability (that the true shares lie in it), sure_quadrant (the same code, or ``not_enough_evidence``); satisfaction_low,
        satisfaction_high, resolution_low, resolution_high (90 % intervals of the true shares); satisfaction_adjusted, resolution_adjusted,
        inspection_adjusted and quadrant_adjusted (mix of businesses taken out); rated, resolved_known, inspections (cases).

        Table ``correlation``, one row per pair of measures, raw and adjusted: measure, other, adjusted, agents, pearson, pearson_low, pearson_high,
        spearman, reliability, reliability_other, halves, halves_other (reliability from odd against even days), correlation, low, high (of
        the true values), verdict (``together``, ``opposed``, ``unclear``, ``not_enough_evidence``).

        Table ``prediction``, one row per measure, adjusted: measure, agents, months (pairs of consecutive ones), pairs (agents in these), pearson,
        reliability, reliability_next, correlation, low, high, slope, slope_low, slope_high (change of next month's repeat share per unit
        of the measure), out_of_sample_r2, verdict (``fewer_repeats``, ``more_repeats``, ``unclear``, ``not_enough_evidence``).

    Raises
    ------
    CoachlineError
        ``period_backwards`` or ``no_calls_in_period``.
    """
    period = Period.of(since, until)
    cells = service_cells(facts, period, satisfied_from)
    repeats = _repeats(facts, period, Settings(repeat_days=repeat_days, satisfied_from=satisfied_from))
    measures = AgentMeasures({**cells.measures, **({NEXT: repeats} if repeats.height else {})}, cells.shared)
    agents, values = _agents(measures, mean, at_least, confidence)
    pairs, checks = _pairs(measures)
    predictions, notes = _predictions(measures)
    best = _best(predictions)
    return Findings(
        tables={
            "agents": _table(_AGENTS, agents).filter(pc.field(CASES[0]) + pc.field(CASES[1]) + pc.field(CASES[2]) > 0),
            "correlation": _table(_CORRELATION, _columns(pairs, _CORRELATION)),
            "prediction": _table(_PREDICTION, _columns(predictions, _PREDICTION)),
        },
        values={**values, "inspection_unit": "points" if cells.in_points else "percent", "best_predictor": best},
        checks=tuple(checks),
        notes=(*_notes(cells, measures, pairs), *notes),
    )


def _repeats(facts: Facts, period: Period, settings: Settings) -> pl.DataFrame:
    """Cells of calls that could be followed, in the form of `ServiceCells.measures`."""
    found = evidence(facts, period, settings, outcomes=("repeat",), by_month=True).cells
    sums = {"n": "n", "total": "successes", "total_sq": "successes"}
    return found.select(
        "agent_id",
        "business",
        "month",
        *(pl.col(source).cast(pl.Float64).alias(name) for name, source in sums.items()),
        *(pl.lit(0.0).alias(name) for name in ("n_odd", "total_odd")),
    )


class _Standing(NamedTuple):
    """Where the agents stand on one share: the mean, and (agents,) value, side of the mean, chance to be truly above it, and interval.

    ``fair`` and ``fair_side`` are value and side with the mix of businesses taken out.
    """

    mean: float
    value: np.ndarray
    side: np.ndarray
    above: np.ndarray
    low: np.ndarray
    high: np.ndarray
    fair: np.ndarray
    fair_side: np.ndarray


def _standing(measures: AgentMeasures, measure: str, enough: np.ndarray, counted: np.ndarray, by: str) -> _Standing:
    """`enough`: agents with enough cases; `counted`: those of them who make the mean."""
    raw, fair = (measures.of(measure, adjusted).value for adjusted in (False, measures.has_mix))
    n, successes = measures.of(measure, False).n, measures.successes(measure)
    mean = q.mean_share(n[counted], successes[counted], by)
    weight = n[counted] if by == "calls" else np.ones(int(counted.sum()))
    fair_mean = float(np.average(fair[counted], weights=weight)) if counted.any() else np.nan
    known = q.prior(n[counted], successes[counted])
    columns = [raw, q.side(raw, mean), q.chance_above(n, successes, known), *q.interval(n, successes, known), fair, q.side(fair, fair_mean)]
    return _Standing(mean, *(np.where(enough, column, np.nan) for column in columns))


def _agents(
    measures: AgentMeasures, mean: str, at_least: int, confidence: float
) -> tuple[dict[str, Any], dict[str, float | int | str | None]]:
    """Columns of the table of agents, and the figures of the whole."""
    raw = {measure: measures.of(measure, False) for measure in MEASURES}
    enough = {measure: one.n >= max(at_least, 1) for measure, one in raw.items()}
    # Agents of whom only one share is known stand in no quadrant and shift no mean, unless the other is not recorded at all.
    both = enough["satisfaction"] & enough["resolution"]
    counted = {measure: both if both.any() else enough[measure] for measure in SHARES}
    shares = {measure: _standing(measures, measure, enough[measure], counted[measure], mean) for measure in SHARES}
    satisfaction, resolution = shares.values()
    inspection, fair_inspection = (
        np.where(enough["inspection"], measures.of("inspection", adjusted).value, np.nan) for adjusted in (False, measures.has_mix)
    )
    quadrant = q.quadrants(satisfaction.side, resolution.side)
    inside = np.isin(quadrant, list(q.QUADRANTS.values()))
    within = [np.where(one.side > 0, one.above, 1 - one.above) for one in shares.values()]
    probability = np.where(inside, within[0] * within[1], np.nan)
    surely = [q.NOT_SURE if unsure else code for code, unsure in zip(quadrant, inside & ~(probability >= confidence), strict=True)]
    columns = {
        "agent_id": measures.agents.to_list(),
        **{measure: one.value for measure, one in shares.items()},
        "inspection": inspection,
        "quadrant": quadrant,
        "quadrant_probability": probability,
        "sure_quadrant": surely,
        **{f"{measure}_{end}": getattr(one, end) for measure, one in shares.items() for end in ("low", "high")},
        # Shares beyond what a share can be would only puzzle.
        **{f"{measure}_adjusted": np.clip(one.fair, 0, 1) for measure, one in shares.items()},
        "inspection_adjusted": fair_inspection,
        "quadrant_adjusted": q.quadrants(satisfaction.fair_side, resolution.fair_side),
        **{name: one.n.astype(np.int64) for name, one in zip(CASES, raw.values(), strict=True)},
    }
    compared = int(counted["satisfaction"].sum())
    above = int((satisfaction.side[counted["satisfaction"]] > 0).sum())
    unresolved = quadrant.count(POLITE_UNSOLVED)
    inspected = inspection[np.isfinite(inspection)]
    return columns, {
        "agents": compared,
        "mean_satisfaction": _known(satisfaction.mean),
        "above_mean_satisfaction": above if compared else None,
        "share_above": above / compared if compared else None,
        "mean_resolution": _known(resolution.mean),
        "above_satisfaction_below_resolution": unresolved if both.any() else None,
        "share_of_above": unresolved / above if both.any() and above else None,
        "surely_satisfied_unresolved": surely.count(POLITE_UNSOLVED) if both.any() else None,
        "mean_inspection": float(inspected.mean()) if len(inspected) else None,
    }


def _pairs(measures: AgentMeasures) -> tuple[list[dict[str, Any]], list[Check]]:
    rows = []
    halves = {(m, fair): halves_agree(*measures.halves(m, fair)) for m in MEASURES if measures.knows(m) for fair in (False, True)}
    for one, other in PAIRS:
        if not measures.knows(one, other):
            continue
        for fair in (False, True) if measures.has_mix else (False,):
            found = relation(measures.of(one, fair), measures.of(other, fair), measures.noise(one, other, fair))
            rows.append(
                {
                    "measure": one,
                    "other": other,
                    "adjusted": fair,
                    "spearman": found.spearman,
                    "reliability_other": found.reliability_other,
                    "halves": halves[one, fair],
                    "halves_other": halves[other, fair],
                    **_common(found),
                    "verdict": _verdict(found, "together", "opposed"),
                }
            )
    return rows, list(_checks(measures, {m: halves[m, False] for m in MEASURES if measures.knows(m)}))


def _checks(measures: AgentMeasures, halves: Mapping[str, float]) -> Iterator[Check]:
    """Whether chance is as large as counting says. Calls of a day that hang together make it larger; odd and even days then agree less."""
    for measure, by_halves in halves.items():
        one = measures.of(measure, False)
        by_counting = relation(one, one).reliability
        agents = int(np.isfinite(one.noise).sum())
        if np.isfinite(by_halves) and np.isfinite(by_counting):
            r = by_halves / (2 - by_halves)
            error = 2 / (1 + r) ** 2 * (1 - r**2) / np.sqrt(agents - 1)
            facts = {"measure": measure, "counting": float(by_counting), "halves": float(by_halves)}
            yield Check(
                "cases_do_not_hang_together",
                bool(by_halves >= by_counting - STANDARD_ERRORS * error),
                float(by_halves - by_counting),
                facts,
            )


def _predictions(measures: AgentMeasures) -> tuple[list[dict[str, Any]], list[Note]]:
    if not measures.knows(NEXT):
        return [], [Note("repeats_not_known")]
    rows, months = [], 0
    for measure in (*MEASURES, NEXT):
        if not measures.knows(measure):
            continue
        found = prediction(measures, measure)
        months = max(months, found.months)
        if found.months:
            slope = {f"slope{end}": value for end, value in zip(("", "_low", "_high"), found.relation.slope, strict=True)}
            rows.append(
                {
                    "measure": measure,
                    "months": found.months,
                    "pairs": found.pairs,
                    "reliability_next": found.relation.reliability_other,
                    **_common(found.relation),
                    **slope,
                    "out_of_sample_r2": found.out_of_sample,
                    "verdict": _verdict(found.relation, "more_repeats", "fewer_repeats"),
                }
            )
    if not months:
        return [], [Note("prediction_needs_two_months")]
    return rows, [Note("prediction_not_tried_out")] if months < 2 else []


def _common(found: Relation) -> dict[str, Any]:
    return {
        "agents": found.agents,
        "pearson": found.pearson.value,
        "pearson_low": found.pearson.low,
        "pearson_high": found.pearson.high,
        "reliability": found.reliability,
        "correlation": found.correlation.value,
        "low": found.correlation.low,
        "high": found.correlation.high,
    }


def _verdict(found: Relation, up: str, down: str) -> str:
    bounds: Estimate = found.correlation
    if not found.says_something or np.isnan(bounds.value):
        return q.NOT_SURE
    return up if bounds.low > 0 else down if bounds.high < 0 else "unclear"


def _best(predictions: Sequence[Mapping[str, Any]]) -> str | None:
    """The measure that foretells repeats best, among those that surely do; the repeats themselves do not count."""
    sure = [row for row in predictions if row["verdict"] in ("fewer_repeats", "more_repeats") and row["measure"] != NEXT]

    def merit(row: Mapping[str, Any]) -> float:
        tried = row["out_of_sample_r2"]
        return float(tried if np.isfinite(tried) else row["pearson"] ** 2)

    return max(sure, key=merit)["measure"] if sure else None


def _notes(cells: ServiceCells, measures: AgentMeasures, pairs: Sequence[Mapping[str, Any]]) -> Iterator[Note]:
    for measure in MEASURES:
        if not measures.knows(measure):
            yield Note("measure_not_recorded", {"measure": measure, "column": NEEDED[measure]})
            continue
        values = measures.of(measure, False).value
        if np.isfinite(values).sum() > 1 and np.nanmax(values) - np.nanmin(values) <= q.ROUNDING * np.nanmax(values):
            yield Note("agents_all_equal", {"measure": measure})
    if measures.knows("inspection") and not cells.in_points:
        yield Note("inspection_by_passes")
    if cells.without_agent:
        yield Note("calls_without_agent", {"calls": cells.without_agent, "share": cells.without_agent / cells.answered})
    if measures.knows("satisfaction") and not measures.has_mix:
        yield Note("no_mix_to_adjust")
    if any(row["agents"] < FEWEST_AGENTS for row in pairs):
        yield Note("few_agents_to_relate", {"fewest": FEWEST_AGENTS})


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _columns(rows: Sequence[Mapping[str, Any]], schema: pl.Schema) -> dict[str, Any]:
    return {name: [row[name] for row in rows] for name in schema}


def _table(schema: pl.Schema, columns: Mapping[str, Any]) -> pa.Table:
    frame = pl.DataFrame({name: pl.Series(name, columns[name]).cast(kind) for name, kind in schema.items()})
    unknown = pl.col(pl.Float64)
    frame = frame.with_columns(pl.when(unknown.is_finite()).then(unknown))
    return frame.to_arrow().cast(pa.schema([(name, _ARROW[kind]) for name, kind in schema.items()]))


_ARROW = {pl.String(): pa.string(), pl.Float64(): pa.float64(), pl.Int64(): pa.int64(), pl.Boolean(): pa.bool_()}
_TEXT, _NUMBER, _COUNT = pl.String(), pl.Float64(), pl.Int64()
_AGENTS = pl.Schema(
    {
        "agent_id": _TEXT,
        **dict.fromkeys(MEASURES, _NUMBER),
        "quadrant": _TEXT,
        "quadrant_probability": _NUMBER,
        "sure_quadrant": _TEXT,
        **{f"{measure}_{end}": _NUMBER for measure in SHARES for end in ("low", "high")},
        **{f"{measure}_adjusted": _NUMBER for measure in MEASURES},
        "quadrant_adjusted": _TEXT,
        **dict.fromkeys(CASES, _COUNT),
    }
)
_PEARSON = dict.fromkeys(("pearson", "pearson_low", "pearson_high"), _NUMBER)
_CORRELATION = pl.Schema(
    {
        **dict.fromkeys(("measure", "other"), _TEXT),
        "adjusted": pl.Boolean(),
        "agents": _COUNT,
        **_PEARSON,
        **dict.fromkeys(("spearman", "reliability", "reliability_other", "halves", "halves_other", "correlation", "low", "high"), _NUMBER),
        "verdict": _TEXT,
    }
)
_PREDICTION = pl.Schema(
    {
        "measure": _TEXT,
        **dict.fromkeys(("agents", "months", "pairs"), _COUNT),
        **_PEARSON,
        **dict.fromkeys(("reliability", "reliability_next", "correlation", "low", "high", "slope", "slope_low", "slope_high"), _NUMBER),
        "out_of_sample_r2": _NUMBER,
        "verdict": _TEXT,
    }
)
