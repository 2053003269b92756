"""Sufficient statistics of capability: all that an estimate needs to know about each agent on each business."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import polars as pl

from coachline.engine.capability.outcomes import OUTCOMES, RATINGS
from coachline.engine.capability.reductions import (
    calls_by_cell,
    exams_by_cell,
    follow_ups_by_cell,
    inspections_by_cell,
    unrecorded,
)
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import recorded
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Basis, Settings
from coachline.engine.result import Note
from coachline.engine.tables import TABLES

KEYS = pl.Schema({"agent_id": pl.String(), "business": pl.String(), "outcome": pl.String()})
MONTH = pl.Schema({"month": pl.Int32()})
FIGURES = pl.Schema(
    {
        "n": pl.Int64(),
        "successes": pl.Int64(),
        "total": pl.Float64(),
        "total_sq": pl.Float64(),
        **{f"rating_{grade}": pl.Int64() for grade in RATINGS},
    }
)

EVIDENCE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "calls": (
        "call_id",
        "arrived_at",
        "direction",
        "outcome",
        "agent_id",
        "business",
        "customer_id",
        "talk_s",
        "wrap_s",
        "resolved",
        "rating",
        "transferred",
        "ticketed",
    ),
    "inspections": ("call_id", "agent_id", "inspected_at", "purpose", "passed"),
    "exams": ("agent_id", "business", "taken_at", "correct"),
}
"""Columns on which the evidence depends, for the table of contents."""

MOST_KEPT = 6
"""Wide frames that are kept per view of the facts: those of two periods. One of a very large centre is some hundred megabytes."""

_known: WeakKeyDictionary[Facts, dict[Hashable, pl.DataFrame]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Evidence:
    """The evidence of a period.

    Attributes
    ----------
    cells : polars.DataFrame
        One row per agent, business, outcome (and month), only where ``n > 0``, sorted by outcome (in the order of `OUTCOMES`), agent, business
        and month. Columns: agent_id, business, outcome; month (if asked for; year * 12 + month - 1 on the centre's wall clock); n; successes
        (shares: how often the outcome's name was true, also where less is better); total and total_sq (rating: sum and sum of squares; time:
        the same of ln seconds); rating_1 ... rating_5 (rating: how often each grade was given). What does not belong to an outcome's kind is null.
    lacking : mapping of str to tuple of str
        Outcomes that were asked for and have no cell, each with the columns that record nothing: bare names for `calls`, ``table.column`` for
        others. Without any such column there was simply no case in the period.
    left_out : mapping of str to (int, int)
        Fact table -> how many of its cases were left out because agent or business is not known, and out of how many.
    """

    cells: pl.DataFrame
    lacking: Mapping[str, tuple[str, ...]]
    left_out: Mapping[str, tuple[int, int]]

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a reader must be told, as codes."""
        notes = [
            Note("outcome_not_recorded", {"outcome": outcome, "column": ", ".join(columns)})
            if columns
            else Note("outcome_without_cases", {"outcome": outcome})
            for outcome, columns in self.lacking.items()
        ]
        shares = {table: {"share": left / total} for table, (left, total) in self.left_out.items() if left}
        if "calls" in shares:
            notes.append(Note("cells_left_out", {"calls": self.left_out["calls"][0], **shares["calls"]}))
        if "inspections" in shares:
            notes.append(Note("inspections_left_out", {"inspections": self.left_out["inspections"][0], **shares["inspections"]}))
        if "exams" in shares:
            notes.append(Note("exams_left_out", {"items": self.left_out["exams"][0], **shares["exams"]}))
        return tuple(notes)


def evidence(facts: Facts, period: Period, settings: Settings, outcomes: Collection[str] | None = None, by_month: bool = False) -> Evidence:
    """Counts and sums per agent, business and outcome, reduced where the data lie.

    Calls are the inbound, answered ones. One pass over them serves all their outcomes and one the repeats; both are kept as long as the view of the
    facts lives, so asking outcome by outcome costs no more than asking for all and takes much less memory where there are millions of cells.

    Parameters
    ----------
    facts : Facts
    period : Period
        Local days. A call counts on the day of its arrival, an inspection on that of its call, an exam on that on which it was taken.
    settings : Settings
        ``repeat_days`` and ``satisfied_from`` are used.
    outcomes : collection of str, optional
        Codes of `OUTCOMES`; without it, all.
    by_month : bool
        Split by calendar month.

    Returns
    -------
    Evidence

    Raises
    ------
    CoachlineError
        ``no_calls_in_period``, if outcomes of calls are asked for.
    """
    wanted = [code for code in OUTCOMES if outcomes is None or code in outcomes]
    found: dict[str, pl.DataFrame] = {}
    lacking: dict[str, tuple[str, ...]] = {}
    left_out: dict[str, tuple[int, int]] = {}
    of_calls = [code for code in wanted if OUTCOMES[code].table == "calls"]
    if of_calls:
        basis = Basis(settings, recorded(facts, period))
        lacking |= {code: missing for code in of_calls if (missing := tuple(c for c in OUTCOMES[code].needs if c not in basis.recorded))}
        calls = _kept(facts, ("calls", period, by_month), lambda: calls_by_cell(facts, period, basis, by_month))
        if calls.is_empty():
            period.require_calls(facts, _calls(facts, period))
        left_out["calls"] = _left_out(calls, "answered")
        placed = _placed(calls)
        found |= {code: _of_calls(placed, code, settings) for code in of_calls if code not in lacking and code != "repeat"}
        if "repeat" in of_calls and "repeat" not in lacking:
            key = ("follow_up", period, by_month, settings.repeat_days)
            found["repeat"] = _share(_kept(facts, key, lambda: follow_ups_by_cell(facts, period, basis, by_month, placed)), "repeat")
    for code, reduction in (("passed", inspections_by_cell), ("correct", exams_by_cell)):
        table = OUTCOMES[code].table
        if code in wanted and facts.has(table):
            cases = reduction(facts, period, by_month)
            left_out[table] = _left_out(cases, f"n_{code}")
            found[code] = _share(_placed(cases), code)
    columns = {**KEYS, **(MONTH if by_month else {}), **FIGURES}
    for code in wanted:
        if code not in lacking and (code not in found or found[code].is_empty()):
            lacking[code] = _missing(facts, code)
    parts = [_completed(found[code], code, columns) for code in wanted if code in found]
    return Evidence(pl.concat([pl.DataFrame(schema=columns), *parts]), lacking, left_out)


def _kept(facts: Facts, key: Hashable, compute: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """The frame under `key`, computed once for a view of the facts as long as it is among the last few that were asked for."""
    kept = _known.setdefault(facts, {})
    kept[key] = kept.pop(key) if key in kept else compute()
    while len(kept) > MOST_KEPT:
        del kept[next(iter(kept))]
    return kept[key]


def _calls(facts: Facts, period: Period) -> int:
    rows = period.rows(facts, facts.table("calls"), "arrived_at")
    return int(facts.collect(rows.aggregate(calls=rows.count()))["calls"][0].as_py())


def _placed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("agent_id").is_not_null(), pl.col("business").is_not_null())


def _left_out(frame: pl.DataFrame, cases: str) -> tuple[int, int]:
    total = int(frame[cases].sum())
    return total - int(_placed(frame)[cases].sum()), total


def _of_calls(calls: pl.DataFrame, code: str, settings: Settings) -> pl.DataFrame:
    if OUTCOMES[code].kind == "time":
        return _nonempty(calls, n=pl.col("n_handle_time"), total=pl.col("ln_s"), total_sq=pl.col("ln_s_sq"))
    if "rating" not in OUTCOMES[code].needs:
        return _share(calls, code)
    grades = {grade: pl.col(f"rating_{grade}") for grade in RATINGS}
    rated = pl.sum_horizontal(grades.values())
    if code == "satisfied":
        return _nonempty(
            calls, n=rated, successes=pl.sum_horizontal(grades[grade] for grade in RATINGS if grade >= settings.satisfied_from)
        )
    total, total_sq = (pl.sum_horizontal(grade**power * count for grade, count in grades.items()) for power in (1, 2))
    return _nonempty(calls, n=rated, total=total, total_sq=total_sq, **{f"rating_{grade}": count for grade, count in grades.items()})


def _share(frame: pl.DataFrame, code: str) -> pl.DataFrame:
    return _nonempty(frame, n=pl.col(f"n_{code}"), successes=pl.col(code))


def _nonempty(frame: pl.DataFrame, **figures: pl.Expr) -> pl.DataFrame:
    keys = [name for name in ("agent_id", "business", "month") if name in frame.columns]
    return frame.select(*keys, **figures).filter(pl.col("n") > 0)


def _completed(part: pl.DataFrame, code: str, columns: Mapping[str, pl.DataType]) -> pl.DataFrame:
    part = part.with_columns(pl.lit(code).alias("outcome"))
    return part.select((pl.col(name) if name in part.columns else pl.lit(None)).cast(kind).alias(name) for name, kind in columns.items())


def _missing(facts: Facts, code: str) -> tuple[str, ...]:
    """The columns that record nothing, where an outcome has no cell."""
    outcome = OUTCOMES[code]
    if outcome.table == "calls":
        return ()
    when = TABLES[outcome.table].when
    needs = (*outcome.needs, when) if when else outcome.needs
    lost = unrecorded(facts, outcome.table, needs) if facts.has(outcome.table) else outcome.needs
    return tuple(f"{outcome.table}.{column}" for column in lost)
