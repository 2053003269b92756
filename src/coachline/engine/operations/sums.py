"""One function for all sums: which statistics, by which dimensions, over which period."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary

import ibis.expr.types as ir
import polars as pl

from coachline.engine.clock import DAY_S
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import TIME, dimensions, enriched_calls
from coachline.engine.operations.follow_up import follow_up
from coachline.engine.operations.metrics import Metric
from coachline.engine.operations.period import Period
from coachline.engine.operations.rostered import ROSTER_DIMENSIONS, rostered_sums
from coachline.engine.operations.statistics import STATISTICS, Basis, Origin

ALWAYS = ("contacts", "ivr_only", "ignored", "answered", "abandoned")
"""Statistics that every answer needs to say what it is about and what it leaves out."""

_Key = tuple[Period, tuple[str, ...], tuple[str, ...], Basis, int, bool]
_known: WeakKeyDictionary[Facts, dict[_Key, pl.DataFrame]] = WeakKeyDictionary()


def sums(
    facts: Facts,
    period: Period,
    by: Sequence[str],
    metrics: Sequence[Metric],
    basis: Basis,
    *,
    slot_s: int = DAY_S,
    placeable: bool = False,
) -> pl.DataFrame:
    """The statistics behind `metrics`, summed by `by`: one pass over the calls, one over the follow-up, one over the shifts.

    A view of the lake never changes, so the sums of one view are kept as long as it lives: a report asks for the same days several times.

    Parameters
    ----------
    facts : Facts
    period : Period
    by : sequence of str
        ``day``, ``hour``, ``slot``, or columns (``team`` is the agent's). Without any, one row.
    metrics : sequence of Metric
        Must be available on `basis`. Those over rostered time are left out when `by` goes beyond day and team.
    basis : Basis
    slot_s : int
        Seconds of an interval, for ``slot``.
    placeable : bool
        Leave out calls whose recorded times contradict each other (``ivr_s < 0``).

    Returns
    -------
    polars.DataFrame
        The columns of `by` (null is a member like any other), then one column per statistic, without nulls; sorted by `by`.
    """
    wanted = tuple(dict.fromkeys([*ALWAYS, *(code for metric in metrics for code in metric.statistics)]))
    key = (period, tuple(by), wanted, basis, slot_s, placeable)
    kept = _known.setdefault(facts, {})
    if key not in kept:
        kept[key] = _computed(facts, period, list(by), wanted, basis, slot_s, placeable)
    return kept[key]


def _computed(
    facts: Facts, period: Period, by: list[str], wanted: Sequence[str], basis: Basis, slot_s: int, placeable: bool
) -> pl.DataFrame:
    def of(origin: Origin) -> list[str]:
        return [code for code in wanted if STATISTICS[code].origin == origin]

    calls = enriched_calls(facts, period, team="team" in by)
    if placeable:
        calls = calls.filter(calls.ivr_s.isnull() | (calls.ivr_s >= 0))
    joined = _grouped(facts, calls, by, of("calls"), basis, slot_s)
    days = joined.select("day").unique() if "day" in by else None
    if of("follow_up"):
        followed = follow_up(facts, period, basis.settings.repeat_days, by)
        joined = _beside(joined, _grouped(facts, followed, by, of("follow_up"), basis, slot_s), by)
    if of("roster") and set(by) <= ROSTER_DIMENSIONS:
        joined = _beside(joined, _frame(facts, rostered_sums(facts, period, by, basis)), by)
    if days is not None:
        # A roster reaches into days that have no calls yet.
        joined = joined.join(days, on="day", how="semi")
    joined = joined.with_columns(pl.exclude(by).fill_null(0)) if by else joined.fill_null(0)
    return joined.sort(by) if by else joined


def _beside(left: pl.DataFrame, right: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    return left.join(right, on=by, how="full", coalesce=True, nulls_equal=True) if by else left.hstack(right)


def _grouped(facts: Facts, rows: ir.Table, by: list[str], codes: list[str], basis: Basis, slot_s: int) -> pl.DataFrame:
    keys = dimensions(facts, rows, by, rows.wall_s, slot_s)
    # The groups are named apart from the columns, so that grouping by a column does not shadow it.
    rows = rows.mutate(**{f"by_{name}": value for name, value in keys.items()})
    totals = {code: STATISTICS[code].over(rows, basis) for code in codes}
    grouped = rows.group_by([f"by_{name}" for name in by]).aggregate(**totals) if by else rows.aggregate(**totals)
    return _frame(facts, grouped.rename({name: f"by_{name}" for name in by}))


def _frame(facts: Facts, expression: ir.Table) -> pl.DataFrame:
    frame = pl.from_arrow(facts.collect(expression))
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(pl.col(name).cast(pl.Int64) for name in TIME if name in frame.columns)
