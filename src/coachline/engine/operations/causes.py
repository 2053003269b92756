"""Where the movement of a figure came from, and which days were out of line."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.operations.decomposition import contributions
from coachline.engine.operations.enriched import recorded
from coachline.engine.operations.metrics import METRICS, Metric, available, lacking
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import STATISTICS, Basis, Settings
from coachline.engine.operations.sums import sums
from coachline.engine.operations.unusual_days import FEWEST_WEEKDAYS, Judged, judge
from coachline.engine.result import Findings, Note
from coachline.errors import CoachlineError

WEEKS_BEFORE = 4

DIMENSIONS = ("business", "team", "queue", "hour", "weekday")

NEGLIGIBLE = 1e-12
"""A change this small beside the figure is rounding: shares of it mean nothing."""


def causes(
    facts: Facts,
    *,
    metric: str | None = None,
    since: date | None = None,
    until: date | None = None,
    against_since: date | None = None,
    against_until: date | None = None,
    answer_within: float = 20,
    repeat_days: int = 7,
    satisfied_from: int = 4,
    alpha: float = 0.05,
) -> Findings:
    """How much each business, team, queue, hour (and weekday) contributed to the change of a figure between two periods.

    The parts of one dimension add up to the whole change: a quotient by `decomposition.contributions` into mix and rate, a count by the difference
    of its daily averages.

    Parameters
    ----------
    facts : Facts
    metric : str, optional
        One metric; the default is all quotients and ``offered``.
    since, until : date, optional
        The period looked at; the default is the last day with calls.
    against_since, against_until : date, optional
        The period it is compared with; the default is the same weekdays in the four weeks before.
    answer_within, repeat_days, satisfied_from
        As in `daily`.
    alpha : float
        Chance of any false alarm among all metrics of a quiet day, for the table of unusual days.

    Returns
    -------
    Findings
        Table ``causes``: date (last day of the period), metric, dimension, member (null: not known), change (in units of the metric; counts per
        day), share_of_change (null when the whole did not move), mix, rate (null for counts), value_before, value_after (the member's own), n_before,
        n_after (its denominators; a count's own sums). Table ``changes``: metric, value_before, value_after, change, n_before, n_after of the
        whole. Table ``unusual``: date, metric, value, expected, low, high, p, p_adjusted, unusual, for all days up to `until`.

    Raises
    ------
    CoachlineError
        ``unknown_metric``, ``metric_not_available``, ``period_backwards``, ``no_calls_in_period``, ``no_calls_to_compare``.
    """
    looked_at, against = _periods(facts, since, until, against_since, against_until)
    after_days, before_days = list(looked_at.days), list(against.days)
    if against_since is None and against_until is None:
        weekdays = {day % 7 for day in after_days}
        before_days = [day for day in before_days if day % 7 in weekdays]
    both = looked_at.hull(against)
    settings = Settings(answer_within, repeat_days, satisfied_from)
    basis = Basis(settings, recorded(facts, both))
    metrics = _metrics(metric, basis.recorded)

    whole = sums(facts, both, ["day"], metrics, basis)
    n_days = _Pair(*(int(whole["day"].is_in(days).sum()) for days in (before_days, after_days)))
    looked_at.require_calls(facts, n_days.after)
    if not n_days.before:
        raise CoachlineError("no_calls_to_compare", since=against.first, until=against.last)

    changes, notes = [], []
    for one in metrics:
        change = _change(one, _aligned(whole.with_columns(member=pl.lit("")), before_days, after_days), n_days)
        if change is None:
            notes.append(Note("metric_without_comparison", {"metric": one.code}))
        else:
            changes.append((one, change))
    moved = [one for one, _ in changes]
    parts = []
    for dimension in DIMENSIONS:
        if dimension == "weekday" and len(after_days) <= 7:
            continue
        frame = whole if dimension == "weekday" else sums(facts, both, ["day", dimension], moved, basis)
        pair = _aligned(frame.with_columns(member=_MEMBERS.get(dimension, pl.col(dimension))), before_days, after_days)
        if pair.after["member"].null_count() == pair.after.height:
            notes.append(Note("dimension_not_recorded", {"dimension": dimension}))
            continue
        blind = _abandoned_unplaced(pair)
        if blind:
            notes.append(Note("abandoned_without_member", {"dimension": dimension}))
        for one, change in changes:
            if not (blind and "abandoned" in str(one.statistics)) and set(one.statistics) <= set(frame.columns):
                parts.append(_part(one, dimension, pair, n_days, change).select(pl.lit(looked_at.last).alias("date"), pl.all()))

    unusual = _unusual(facts, looked_at, settings, alpha)
    tested = unusual.filter(pl.col("unusual").is_not_null())
    if tested.is_empty():
        notes.append(Note("not_enough_history", {"weeks": FEWEST_WEEKDAYS}))
    whole_rows = [{"metric": one.code, **change._asdict()} for one, change in changes]
    return Findings(
        tables={
            "causes": pl.concat([pl.DataFrame(schema=_CAUSES), *(part.cast(_CAUSES) for part in parts)]).to_arrow().cast(_arrow(_CAUSES)),
            "changes": pl.DataFrame(whole_rows, schema=_CHANGES).to_arrow().cast(_arrow(_CHANGES)),
            "unusual": unusual.cast(_UNUSUAL).to_arrow().cast(_arrow(_UNUSUAL)),
        },
        values={
            "since": str(looked_at.first),
            "until": str(looked_at.last),
            "against_since": str(against.first),
            "against_until": str(against.last),
            "days_before": n_days.before,
            "days_after": n_days.after,
            "alpha": alpha,
            "days_tested": tested["date"].n_unique(),
            "days_unusual": tested.filter("unusual")["date"].n_unique(),
        },
        notes=tuple(notes),
    )


class _Pair(NamedTuple):
    """The same thing before and after."""

    before: Any
    after: Any


class _Change(NamedTuple):
    value_before: float
    value_after: float
    change: float
    n_before: float
    n_after: float


def _periods(
    facts: Facts, since: date | None, until: date | None, against_since: date | None, against_until: date | None
) -> tuple[Period, Period]:
    known = facts.days("calls", "arrived_at")
    if known is None:
        raise CoachlineError("no_calls_in_period", since="-", until="-", first="-", last="-")
    until = until or known[1]
    since = since or until
    looked_at = Period.of(since, until)
    against_until = against_until or since - timedelta(1)
    against_since = against_since or min(since - timedelta(7 * WEEKS_BEFORE), against_until)
    return looked_at, Period.of(against_since, against_until)


def _metrics(code: str | None, columns: frozenset[str]) -> list[Metric]:
    able = available(columns)
    if code is None:
        return [metric for metric in able if metric.denominator or metric.code == "offered"]
    if code not in METRICS:
        raise CoachlineError("unknown_metric", metric=code, known=", ".join(METRICS))
    if METRICS[code] not in able:
        raise CoachlineError("metric_not_available", metric=code, columns=", ".join(lacking(columns)[code]))
    return [METRICS[code]]


def _aligned(frame: pl.DataFrame, before_days: Sequence[int], after_days: Sequence[int]) -> _Pair:
    """Sums by ``member`` before and after, row by row the same members; a member of one period only has zeros in the other."""
    codes = [name for name in frame.columns if name in STATISTICS]
    before, after = (
        frame.filter(pl.col("day").is_in(days)).group_by("member").agg(pl.col(codes).sum()) for days in (before_days, after_days)
    )
    members = pl.concat([before.select("member"), after.select("member")]).unique().sort("member", nulls_last=True)
    return _Pair(
        *(members.join(side, on="member", how="left", nulls_equal=True, maintain_order="left").fill_null(0) for side in (before, after))
    )


def _change(metric: Metric, pair: _Pair, n_days: _Pair) -> _Change | None:
    """The movement of the whole; None where one side has no case."""
    (top_before, bottom_before), (top_after, bottom_after) = (metric.amounts(side) for side in pair)
    if not metric.denominator:
        before, after = top_before.sum() / n_days.before, top_after.sum() / n_days.after
        return _Change(before, after, after - before, top_before.sum(), top_after.sum())
    n_before, n_after = bottom_before.sum(), bottom_after.sum()
    if n_before <= 0 or n_after <= 0:
        return None
    before, after = top_before.sum() / n_before, top_after.sum() / n_after
    return _Change(before, after, after - before, n_before, n_after)


def _part(metric: Metric, dimension: str, pair: _Pair, n_days: _Pair, whole: _Change) -> pl.DataFrame:
    (top_before, n_before), (top_after, n_after) = (metric.amounts(side) for side in pair)
    if metric.denominator:
        mix, rate = contributions(top_before, n_before, top_after, n_after)
        values = [np.divide(top, n, out=np.full(len(n), np.nan), where=n > 0) for top, n in ((top_before, n_before), (top_after, n_after))]
        change = mix + rate
    else:
        values = [top_before / n_days.before, top_after / n_days.after]
        n_before, n_after = top_before, top_after
        change = values[1] - values[0]
        mix = rate = np.full(len(change), np.nan)
    still = abs(whole.change) <= NEGLIGIBLE * max(abs(whole.value_before), abs(whole.value_after))
    shares = np.full(len(change), np.nan) if still else change / whole.change
    rows = pl.DataFrame(
        {
            "metric": [metric.code] * len(change),
            "dimension": [dimension] * len(change),
            "member": pair.after["member"].cast(pl.String),
            "change": change,
            "share_of_change": shares,
            "mix": mix,
            "rate": rate,
            "value_before": values[0],
            "value_after": values[1],
            "n_before": n_before,
            "n_after": n_after,
        }
    )
    # The largest contributions first; members without a case on either side have none.
    return (
        rows.filter((pl.col("n_before") > 0) | (pl.col("n_after") > 0))
        .with_columns(pl.col(pl.Float64).fill_nan(None))
        .sort(pl.col("change").abs(), descending=True)
    )


def _abandoned_unplaced(pair: _Pair) -> bool:
    """Whether most abandoned calls have no member: a call gets its team, and often its business, only by being answered."""
    sides = [side for side in pair if "abandoned" in side.columns]
    total = sum(side["abandoned"].sum() for side in sides)
    unknown = sum(side.filter(pl.col("member").is_null())["abandoned"].sum() for side in sides)
    return bool(unknown > total / 2)


def _unusual(facts: Facts, looked_at: Period, settings: Settings, alpha: float) -> pl.DataFrame:
    """Every metric of every day up to the end of the period, judged against the same weekdays before."""
    known = facts.days("calls", "arrived_at")
    # The open period is the one that `daily` asks for, so its sums are there already in a report.
    period = Period(None, None if known is None or looked_at.last is None or looked_at.last >= known[1] else looked_at.last)
    basis = Basis(settings, recorded(facts, period))
    metrics = available(basis.recorded)
    frame = sums(facts, period, ["day"], metrics, basis)
    days = frame["day"].to_numpy()
    tops, bottoms = (np.column_stack(side) for side in zip(*(metric.amounts(frame) for metric in metrics), strict=True))
    judged = judge(days, tops, bottoms, [metric.unit for metric in metrics], alpha)
    shape = judged.value.shape
    rows = pl.DataFrame(
        {
            "date": pl.Series(np.repeat(days, shape[1])).cast(pl.Int32).cast(pl.Date),
            "metric": [metric.code for metric in metrics] * shape[0],
            **{name: column.ravel() for name, column in judged._asdict().items()},
        }
    )
    rows = rows.with_columns(pl.col(pl.Float64).fill_nan(None)).filter(pl.col("value").is_not_null())
    return rows.with_columns(unusual=pl.col("p_adjusted") <= alpha)


_MEMBERS = {
    "hour": pl.col("hour").cast(pl.String).str.zfill(2),
    # ISO: Monday is 1; 1970-01-01 was a Thursday.
    "weekday": ((pl.col("day") + 3) % 7 + 1).cast(pl.String),
}
_CHANGES = pl.Schema({"metric": pl.String(), **dict.fromkeys(_Change._fields, pl.Float64())})
_CAUSES = pl.Schema(
    {
        "date": pl.Date(),
        **dict.fromkeys(("metric", "dimension", "member"), pl.String()),
        **dict.fromkeys(("change", "share_of_change", "mix", "rate", "value_before", "value_after", "n_before", "n_after"), pl.Float64()),
    }
)
_UNUSUAL = pl.Schema({"date": pl.Date(), "metric": pl.String(), **dict.fromkeys(Judged._fields, pl.Float64()), "unusual": pl.Boolean()})


def _arrow(schema: pl.Schema) -> pa.Schema:
    kinds = {pl.Date(): pa.date32(), pl.String(): pa.string(), pl.Float64(): pa.float64(), pl.Boolean(): pa.bool_()}
    return pa.schema([(name, kinds[kind]) for name, kind in schema.items()])
