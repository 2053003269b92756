"""From fact tables to one wide row per agent and business: the only passes that capability makes over the facts."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import polars as pl
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.capability.outcomes import RATINGS
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.operations.follow_up import follow_up
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import STATISTICS, Basis
from coachline.engine.quality.inspected import inspected_calls, random_part

CELL = ("agent_id", "business")

_SHARES = ("resolved", "transferred", "ticketed")
"""Outcomes of a call that stand in a column of their own."""


def calls_by_cell(facts: Facts, period: Period, basis: Basis, by_month: bool) -> pl.DataFrame:
    """What single answered inbound calls say, in one pass.

    Returns
    -------
    polars.DataFrame
        Sorted by agent_id, business (null where not known) and month. ``answered``; of what is recorded: ``n_<outcome>`` and ``<outcome>`` of the
        shares, ``rating_1`` ... ``rating_5``, ``n_handle_time``, ``ln_s`` and ``ln_s_sq`` (sums of ln seconds of handling and of its square).
    """
    rows = enriched_calls(facts, period)
    rows = rows.filter(rows.answered)
    figures: dict[str, ir.Value] = {"answered": rows.count()}
    for code in _SHARES:
        if code in basis.recorded:
            figures |= {f"n_{code}": STATISTICS[f"{code}_known"].over(rows, basis), code: STATISTICS[code].over(rows, basis)}
    if "rating" in basis.recorded:
        figures |= {f"rating_{grade}": rows.count(where=rows.rating == grade) for grade in RATINGS}
    # Counts of one cell fit into half the room, and there may be millions of cells.
    figures = {name: value.cast("int32") for name, value in figures.items()}
    if "talk_s" in basis.recorded:
        ln_s = _ln_handle(rows, basis)
        figures |= {"n_handle_time": ln_s.count().cast("int32"), "ln_s": ln_s.sum(), "ln_s_sq": (ln_s * ln_s).sum()}
    return _summed(facts, rows, rows.wall_s, by_month, figures)


def follow_ups_by_cell(facts: Facts, period: Period, basis: Basis, by_month: bool, cells: pl.DataFrame) -> pl.DataFrame:
    """After how many calls the same customer called again on the same business.

    Parameters
    ----------
    cells : polars.DataFrame
        As `calls_by_cell` gives it for the same period.

    Returns
    -------
    polars.DataFrame
        agent_id, business, month, ``n_repeat`` (calls that could be followed), ``repeat``; only where both agent and business are known.
    """
    agents, businesses = (cells[column].drop_nulls().unique().sort() for column in CELL)
    numbers = [
        ibis.memtable(
            pa.table({f"{column}_of": names.to_arrow().cast(pa.string()), f"{column}_number": pa.array(range(len(names)), pa.int64())})
        )
        for column, names in zip(CELL, (agents, businesses), strict=True)
    ]

    def numbered(calls: ir.Table) -> ir.Table:
        # The sort carries one number instead of two texts. It orders as the texts do, so that calls at the same moment fall alike on every engine.
        for column, known in zip(CELL, numbers, strict=True):
            calls = calls.left_join(known, calls[column] == known[f"{column}_of"])
        return calls.mutate(cell=(calls.agent_id_number * len(businesses) + calls.business_number).fill_null(-1))

    rows = follow_up(facts, period, basis.settings.repeat_days, ["cell"], numbered)
    rows = rows.filter(rows.cell >= 0)
    followed = rows.followed
    figures = {"n_repeat": rows.count(where=followed).cast("int32"), "repeat": rows.count(where=followed & rows.repeated).cast("int32")}
    summed = _collected(facts, _grouped(rows, ["cell"], rows.wall_s, by_month, figures))
    named = summed.with_columns(
        agent_id=agents.gather(summed["cell"] // max(len(businesses), 1)),
        business=businesses.gather(summed["cell"] % max(len(businesses), 1)),
    )
    return _sorted(named.drop("cell"), by_month)


def inspections_by_cell(facts: Facts, period: Period, by_month: bool) -> pl.DataFrame:
    """How many inspections were passed.

    Counted are those made to score, or whose purpose is not recorded: calls to coach by are chosen because something is wrong with them, audits
    and calibrations look at the same call again. The agent is the inspected one, the business that of the call, the moment that of the call, or
    of the inspection where the call is not known.

    Returns
    -------
    polars.DataFrame
        agent_id, business (null where not known), month, ``n_passed``, ``passed``.
    """
    inspections = facts.table("inspections")
    scores = inspections.filter(inspections.passed.notnull(), random_part(inspections))
    found = period.rows(facts, inspected_calls(facts, scores, ["passed"]), "moment")
    wall_s = clock.wall_clock_seconds(facts.epoch_us(found.moment), facts.offsets("calls", "arrived_at"))
    figures = {"n_passed": found.count().cast("int32"), "passed": found.count(where=found.passed).cast("int32")}
    return _summed(facts, found, wall_s, by_month, figures)


def exams_by_cell(facts: Facts, period: Period, by_month: bool) -> pl.DataFrame:
    """How many exam items were answered correctly.

    Returns
    -------
    polars.DataFrame
        agent_id, business (null where not known), month, ``n_correct``, ``correct``.
    """
    exams = facts.table("exams")
    rows = period.rows(facts, exams.mutate(wall_s=facts.wall_clock_s("exams", "taken_at")), "taken_at")
    rows = rows.filter(rows.correct.notnull())
    figures = {"n_correct": rows.count().cast("int32"), "correct": rows.count(where=rows.correct).cast("int32")}
    return _summed(facts, rows, rows.wall_s, by_month, figures)


def unrecorded(facts: Facts, table: str, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `columns` in which `table` records nothing at all."""
    rows = facts.table(table)
    [counts] = facts.collect(rows.aggregate(**{column: rows[column].count() for column in columns})).to_pylist()
    return tuple(column for column in columns if not counts[column])


def _ln_handle(rows: ir.Table, basis: Basis) -> ir.NumericValue:
    """The logarithm of what `aht` counts as handling; null where it is not known or nothing, since engines differ over the logarithm of 0."""
    amount = STATISTICS["handle_s"].amount
    assert amount is not None
    handle_s = amount(rows, basis)
    return ((handle_s > 0) & ~handle_s.isnan() & ~handle_s.isinf()).ifelse(handle_s, ibis.null("float64")).ln()


def _summed(facts: Facts, rows: ir.Table, wall_s: ir.IntegerValue, by_month: bool, figures: dict[str, ir.Value]) -> pl.DataFrame:
    return _sorted(_collected(facts, _grouped(rows, list(CELL), wall_s, by_month, figures)), by_month)


def _grouped(rows: ir.Table, by: list[str], wall_s: ir.IntegerValue, by_month: bool, figures: dict[str, ir.Value]) -> ir.Table:
    months = {"month": clock.month_number(wall_s)} if by_month else {}
    return rows.group_by([*by, *(value.name(name) for name, value in months.items())]).aggregate(**figures)


def _collected(facts: Facts, expression: ir.Table) -> pl.DataFrame:
    frame = pl.from_arrow(facts.collect(expression))
    assert isinstance(frame, pl.DataFrame)
    return frame


def _sorted(frame: pl.DataFrame, by_month: bool) -> pl.DataFrame:
    keys = [*CELL, "month"] if by_month else [*CELL]
    return frame.select(*keys, pl.exclude(keys)).sort(keys)
