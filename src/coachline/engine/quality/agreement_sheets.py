"""Sheets of calls that several inspectors heard: what they gave, item by item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import ibis
import ibis.expr.types as ir
import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.quality.inspected import SCORING, has_score
from coachline.engine.stats.agreement import Ratings
from coachline.errors import CoachlineError

AGREEMENT_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "inspections": (
        "inspection_id",
        "call_id",
        "agent_id",
        "inspector_id",
        "inspected_at",
        "form",
        "form_version",
        "purpose",
        "score",
        "passed",
    ),
    "inspection_items": ("inspection_id", "item", "points", "max_points", "failed"),
}
"""Columns that it reads, for the table of contents."""

HEARING = ("call_id", "agent_id", "form")
"""What makes two sheets sheets of the same: the call, whose part in it, and by which form."""

YES_NO = np.array([0.0, 1.0])

SCORE_STEP = 0.1
"""Scores are compared to this many points, so that they stay countable."""


@dataclass(frozen=True)
class Sheets:
    """What several inspectors gave for the same calls.

    Attributes
    ----------
    frame : polars.DataFrame
        One row per sheet: inspection_id, inspector_id, rater (number of the inspector), unit (number of the call, both from 0), month (text, null where unknown), form, form_version
        (null where the sheets of a call have different ones), score, passed (1, 0 or null).
    marks : polars.DataFrame
        One row per sheet and item: unit, rater, inspection_id, inspector_id, item, failed (1 or 0).
    heard_twice : int
        Sheets left out because the same inspector had heard the call before.
    ambiguous : int
        Calls left out because several sources use their number for calls of this agent.
    """

    frame: pl.DataFrame
    marks: pl.DataFrame
    heard_twice: int
    ambiguous: int

    @property
    def units(self) -> int:
        return int(self.frame["unit"].n_unique())

    @cached_property
    def items(self) -> list[str]:
        return sorted(self.marks["item"].unique())

    def where(self, kept: pl.Expr) -> Sheets:
        """Only the sheets of calls that fulfil `kept`; calls keep their numbers."""
        frame = self.frame.filter(kept)
        return Sheets(frame, self.marks.join(frame.select("inspection_id"), on="inspection_id", how="semi"), 0, 0)

    def of_score(self) -> Ratings:
        return _ratings(self.frame.filter(pl.col("score").is_not_null()), "score", None)

    def of_passed(self) -> Ratings:
        return _ratings(self.frame.filter(pl.col("passed").is_not_null()), "passed", YES_NO)

    def of_items(self) -> dict[str, Ratings]:
        parts = self.marks.partition_by("item", as_dict=True)
        return {item: _ratings(parts[item,], "failed", YES_NO) for item in self.items}


def _ratings(rows: pl.DataFrame, column: str, categories: np.ndarray | None) -> Ratings:
    """Only calls that two inspectors rated: those of one tell nothing of agreement."""
    return Ratings.of(rows["unit"].to_numpy(), rows["rater"].to_numpy(), rows[column].to_numpy().astype(float), categories).paired


def double_scored(facts: Facts, period: Period, purposes: tuple[str, ...]) -> Sheets:
    """The sheets of all calls that two or more inspectors heard in a period.

    Raises
    ------
    CoachlineError
        ``no_call_heard_by_two``.
    """
    inspections = facts.table("inspections")
    month = clock.month_number(facts.wall_clock_s("inspections", "inspected_at"))
    rows = inspections.mutate(
        month=month,
        moment_us=facts.epoch_us(inspections.inspected_at),
        score=has_score(inspections).ifelse(inspections.score, ibis.null("float64")),
    )
    rows = rows.filter(rows.purpose.fill_null(SCORING).isin(purposes))
    if period != Period():
        rows = period.rows(facts, rows, "inspected_at")
    named = rows.filter(rows.call_id.notnull(), rows.agent_id.notnull(), rows.inspector_id.notnull())
    # A sheet that does not name its form is by the form that the others of the call name.
    of_call = named.form.max().over(group_by=[named.call_id, named.agent_id])
    named = named.mutate(form=ibis.coalesce(named.form, of_call, ibis.literal("")))
    heard = named.group_by(list(HEARING)).aggregate(inspectors=named.inspector_id.nunique())
    several = heard.filter(heard.inspectors >= 2)
    sheets = named.semi_join(several, list(HEARING))
    frame = _frame(
        facts,
        sheets.select(*HEARING, "inspection_id", "inspector_id", "moment_us", "month", "form_version", "score", "passed"),
    )
    ambiguous = _frame(facts, _several_calls(facts, several))
    lost = ambiguous.select("call_id", "agent_id").unique()
    frame = frame.join(lost, on=["call_id", "agent_id"], how="anti")
    if frame.is_empty():
        [counted] = facts.collect(rows.aggregate(inspections=rows.count(), calls=rows.call_id.nunique())).to_pylist()
        raise CoachlineError("no_call_heard_by_two", purposes=", ".join(purposes), **counted)
    first = frame.sort("moment_us", "inspection_id", nulls_last=True).unique([*HEARING, "inspector_id"], keep="first", maintain_order=True)
    kept = first.sort(*HEARING, "inspector_id").with_columns(unit=pl.struct(HEARING).rank("dense").cast(pl.Int64) - 1)
    kept = kept.with_columns(
        month=pl.col("month").min().over("unit"),
        form_version=pl.when(pl.col("form_version").drop_nulls().n_unique().over("unit") == 1).then(
            pl.col("form_version").max().over("unit")
        ),
        form=pl.when(pl.col("form") != "").then(pl.col("form")),
        score=(pl.col("score") / SCORE_STEP).round() * SCORE_STEP,
        passed=pl.col("passed").cast(pl.Float64),
        rater=pl.col("inspector_id").rank("dense").cast(pl.Int64) - 1,
    )
    names = [month_name(number) for number in kept["month"]]
    kept = kept.with_columns(pl.Series("month", names, pl.String))
    marks = _marks(facts, sheets).join(kept.select("inspection_id", "inspector_id", "rater", "unit"), on="inspection_id")
    columns = ("inspection_id", "inspector_id", "rater", "unit", "month", "form", "form_version", "score", "passed")
    return Sheets(kept.select(columns), marks.sort("unit", "rater", "item"), frame.height - kept.height, lost.height)


def month_name(number: int | None) -> str | None:
    """``2026-03`` for the number that `clock.month_number` gives."""
    return None if number is None else f"{number // 12:04}-{number % 12 + 1:02}"


def _several_calls(facts: Facts, heard: ir.Table) -> ir.Table:
    """Numbers under which an agent has calls in several sources: two sheets of such a number may be about two calls."""
    calls = facts.table("calls").select("call_id", "agent_id")
    calls = calls.semi_join(heard, ["call_id", "agent_id"])
    counted = calls.group_by(["call_id", "agent_id"]).aggregate(calls=calls.count())
    return counted.filter(counted.calls > 1)


def _marks(facts: Facts, sheets: ir.Table) -> pl.DataFrame:
    """An item is failed as recorded, else when it has less than all its points."""
    items = facts.table("inspection_items").semi_join(sheets, "inspection_id")
    numbers = ~items.points.isnan() & ~items.max_points.isnan()
    failed = ibis.coalesce(items.failed, numbers.ifelse(items.points < items.max_points, ibis.null("boolean")))
    items = items.select("inspection_id", "item", failed=failed)
    items = items.filter(items.failed.notnull(), items.item.notnull())
    return _frame(facts, items).with_columns(pl.col("failed").cast(pl.Float64))


def _frame(facts: Facts, expression: ir.Table) -> pl.DataFrame:
    frame = pl.from_arrow(facts.collect(expression))
    assert isinstance(frame, pl.DataFrame)
    return frame
