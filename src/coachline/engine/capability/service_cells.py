"""Satisfaction, resolution and inspection of every agent on every business and month: what `capability.correlation` rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import polars as pl

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.operations.period import Period

MEASURES = ("satisfaction", "resolution", "inspection")

PAIRS = (("satisfaction", "resolution"), ("satisfaction", "inspection"), ("resolution", "inspection"))

KEYS = ("agent_id", "business", "month")


@dataclass(frozen=True)
class ServiceCells:
    """Sums by agent, business (null where not known) and month (as in `evidence`).

    Attributes
    ----------
    measures : mapping of str to polars.DataFrame
        Measure -> agent_id, business, month, n, total, total_sq (cases, sum of their values and of the squares), n_odd, total_odd (the same of
        the days with odd numbers). Values are 0 or 1; of inspections, see `in_points`. Only what has cases: an unrecorded measure has no row.
    shared : mapping of (str, str) to polars.DataFrame
        Pair of measures -> keys, n, total_one, total_other, total_both: of the calls for which both are known, the sums of the one, of the other, and
        of their product.
    in_points : bool
        Inspections count by their score, 0 to 100; without any score, a passed one counts 100 and a failed one 0.
    answered, without_agent : int
        Answered inbound calls, and those of them of which the agent is not known, which are left out.
    """

    measures: Mapping[str, pl.DataFrame]
    shared: Mapping[tuple[str, str], pl.DataFrame]
    in_points: bool
    answered: int
    without_agent: int


def service_cells(facts: Facts, period: Period, satisfied_from: int) -> ServiceCells:
    """Reduce calls and inspections where they lie.

    Satisfied is an answered inbound call rated `satisfied_from` or more, among those rated; resolved one recorded as such, among those of which
    it is recorded. Inspections are those made to score or of unknown purpose; each counts for the inspected agent, on the business and in the month
    of its call, or in its own month where the call is not known. A call number that several sources use stands for the call of the inspected agent.

    Parameters
    ----------
    facts : Facts
    period : Period
    satisfied_from : int

    Returns
    -------
    ServiceCells

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``.
    """
    calls = _calls(facts, period, satisfied_from)
    if calls.is_empty():
        rows = period.rows(facts, facts.table("calls"), "arrived_at")
        period.require_calls(facts, facts.collect(rows.aggregate(calls=rows.count()))["calls"][0].as_py())
    answered, unknown = int(calls["answered"].sum()), int(calls.filter(pl.col("agent_id").is_null())["answered"].sum())
    calls = calls.filter(pl.col("agent_id").is_not_null())
    share = {"total_sq": "total"}
    measures = {measure: _part(calls, measure, share) for measure in ("satisfaction", "resolution")}
    shared = {PAIRS[0]: _part(calls, "both", {})}
    in_points = True
    if facts.has("inspections"):
        in_points = _any_score(facts)
        inspections = _inspections(facts, period, satisfied_from, in_points)
        measures["inspection"] = _part(inspections, "inspection", {})
        shared |= {(one, "inspection"): _part(inspections, f"{one}_inspection", {}) for one in ("satisfaction", "resolution")}
    return ServiceCells({name: frame for name, frame in measures.items() if frame.height}, shared, in_points, answered, unknown)


def _part(frame: pl.DataFrame, measure: str, copies: Mapping[str, str]) -> pl.DataFrame:
    """The columns ``<measure>.<figure>`` under the names of the figures, where there is a case."""
    part = frame.select(*KEYS, pl.col(f"^{measure}\\..*$").name.map(lambda name: name.removeprefix(f"{measure}.")))
    part = part.with_columns(pl.col(source).alias(name) for name, source in copies.items())
    return part.filter(pl.col("n") > 0).with_columns(pl.exclude(KEYS).cast(pl.Float64))


def _calls(facts: Facts, period: Period, satisfied_from: int) -> pl.DataFrame:
    rows = enriched_calls(facts, period)
    rows = rows.filter(rows.answered).mutate(
        month=clock.month_number(rows.wall_s),
        odd=rows.wall_s // clock.DAY_S % 2 == 1,
        rated=rows.rating.notnull(),
        satisfied=(rows.rating >= satisfied_from).fill_null(False),
        known=rows.resolved.notnull(),
        solved=rows.resolved.fill_null(False),
    )
    counted = {
        "answered": None,
        "satisfaction.n": rows.rated,
        "satisfaction.total": rows.satisfied,
        "satisfaction.n_odd": rows.rated & rows.odd,
        "satisfaction.total_odd": rows.satisfied & rows.odd,
        "resolution.n": rows.known,
        "resolution.total": rows.solved,
        "resolution.n_odd": rows.known & rows.odd,
        "resolution.total_odd": rows.solved & rows.odd,
        "both.n": rows.rated & rows.known,
        "both.total_one": rows.satisfied & rows.known,
        "both.total_other": rows.rated & rows.solved,
        "both.total_both": rows.satisfied & rows.solved,
    }
    # Counts of one cell fit into half the room, and there may be millions of cells.
    return _grouped(facts, rows, {name: rows.count(where=condition).cast("int32") for name, condition in counted.items()})


def _any_score(facts: Facts) -> bool:
    cases = _scored(facts.table("inspections")).select("score").limit(1)
    return bool(facts.collect(cases).num_rows)


def _scored(inspections: ir.Table) -> ir.Table:
    """Inspections that say how good an agent is: calls to coach by are chosen for their faults, audits and calibrations hear a call again."""
    rows = inspections.filter(inspections.agent_id.notnull(), inspections.purpose.isnull() | (inspections.purpose == "score"))
    # A comparison alone may let NaN pass: the statistics of a file, by which engines skip it, do not count NaN.
    return rows.filter(rows.score.between(0, 100), ~rows.score.isnan())


def _inspections(facts: Facts, period: Period, satisfied_from: int, in_points: bool) -> pl.DataFrame:
    table, calls = facts.table("inspections"), facts.table("calls")
    if in_points:
        cases = _scored(table)
        cases = cases.mutate(points=cases.score)
    else:
        cases = table.mutate(score=ibis.ifelse(table.passed, 100.0, 0.0))
        cases = _scored(cases.filter(table.passed.notnull())).mutate(points=ibis._.score)
    cases = cases.select("inspection_id", "points", "inspected_at", inspected="agent_id", number="call_id")
    answered = (calls.direction.isnull() | (calls.direction == "inbound")) & (calls.outcome == "answered")
    calls = calls.select("call_id", "agent_id", "business", "arrived_at", "rating", "resolved", answered=answered)
    rows = cases.left_join(calls, (cases.number == calls.call_id) & (cases.inspected == calls.agent_id))
    found = rows.group_by(["inspection_id", "inspected", "points"]).aggregate(
        calls=rows.call_id.count(),
        first=rows.business.min(),
        last=rows.business.max(),
        moment=ibis.coalesce(rows.arrived_at.min(), rows.inspected_at.min()),
        rating=rows.rating.min(where=rows.answered),
        solved=rows.count(where=rows.answered & rows.resolved),
        known=rows.count(where=rows.answered & rows.resolved.notnull()),
    )
    found = period.rows(facts, found, "moment")
    single = found.calls == 1
    wall_s = clock.wall_clock_seconds(facts.epoch_us(found.moment), facts.offsets("calls", "arrived_at"))
    found = found.mutate(
        agent_id=found.inspected,
        business=(found["first"] == found["last"]).ifelse(found["first"], ibis.null("string")),
        month=clock.month_number(wall_s),
        odd=wall_s // clock.DAY_S % 2 == 1,
        rated=single & found.rating.notnull(),
        satisfied=single & (found.rating >= satisfied_from).fill_null(False),
        known=single & (found.known == 1),
        solved=single & (found.solved == 1),
    )
    figures = {
        "inspection.n": found.count(),
        "inspection.total": found.points.sum(),
        "inspection.total_sq": (found.points * found.points).sum(),
        "inspection.n_odd": found.count(where=found.odd),
        "inspection.total_odd": found.points.sum(where=found.odd),
    }
    for one, known, good in (("satisfaction", found.rated, found.satisfied), ("resolution", found.known, found.solved)):
        figures |= {
            f"{one}_inspection.n": found.count(where=known),
            f"{one}_inspection.total_one": found.count(where=good),
            f"{one}_inspection.total_other": found.points.sum(where=known),
            f"{one}_inspection.total_both": found.points.sum(where=good),
        }
    return _grouped(facts, found, figures)


def _grouped(facts: Facts, rows: ir.Table, figures: Mapping[str, ir.Value]) -> pl.DataFrame:
    frame = pl.from_arrow(facts.collect(rows.group_by(list(KEYS)).aggregate(**figures)))
    assert isinstance(frame, pl.DataFrame)
    # In one order, so that sums of the rows are the same to the last digit on every engine.
    return frame.with_columns(pl.exclude(KEYS).fill_null(0)).sort(KEYS)
