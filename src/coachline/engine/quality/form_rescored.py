"""A table of inspection items scored by a form, all sheets at once; the same figures as `form.score` gives sheet by sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from coachline.engine.quality.form import FAILED, KEPT, NEAR, NOT_APPLICABLE, Form, Item, Section

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

SCORED = pl.Schema(
    {"inspection_id": pl.String(), "score": pl.Float64(), "passed": pl.Boolean(), "fatal": pl.Boolean(), "band": pl.String()}
)
OUTSIDE = pl.Schema({"inspection_id": pl.String(), "item": pl.String(), "issue": pl.String(), "stored": pl.String()})
"""``issue``: ``unknown_line``, ``points_outside`` or ``unknown_choice``; ``stored``: what the table says there."""


@dataclass(frozen=True)
class Rescored:
    """Sheets by a form.

    Attributes
    ----------
    sheets : polars.DataFrame
        Schema `SCORED`, one row per inspection, sorted. Without a score where nothing applies or an answer is outside the form.
    outside : polars.DataFrame
        Schema `OUTSIDE`, answers that the form does not allow.
    """

    sheets: pl.DataFrame
    outside: pl.DataFrame


def rescored(form: Form, items: pl.DataFrame) -> Rescored:
    """Score every sheet of `items` by `form`.

    Parameters
    ----------
    form : Form
    items : polars.DataFrame
        As ``inspection_items``: inspection_id, item, points, failed, comment. Without points and mark a line does not apply; a line without a row
        is not answered; the answer to a question is its comment. Answers to lines that are not shown are ignored.

    Returns
    -------
    Rescored
    """
    rows = items.select("inspection_id", "item", "points", "failed", "comment").drop_nulls(["inspection_id", "item"])
    rows = rows.unique(["inspection_id", "item"], keep="last", maintain_order=True)
    sheets = rows.select("inspection_id").unique().sort("inspection_id").with_row_index("sheet")
    rows = rows.join(sheets, on="inspection_id")
    known = {item.name for item in form.items}
    strange = rows.filter(~pl.col("item").is_in(known)).select("inspection_id", "item", issue=pl.lit("unknown_line"), stored="comment")
    columns = {name[0]: part for name, part in rows.filter(pl.col("item").is_in(known)).partition_by("item", as_dict=True).items()}
    lines: dict[str, _Line] = {}
    parts = [strange.with_columns(stored=pl.lit(None, pl.String()))]
    names = sheets["inspection_id"]
    of_item = {item.name: item for item in form.items}
    for item in form.in_order():
        shown = np.ones(len(names), bool)
        for condition in item.when:
            other = lines[condition.item]
            shown &= np.logical_or.reduce([other.has(of_item[condition.item], wanted) for wanted in condition.any_of])
        lines[item.name] = _line(item, columns.get(item.name), len(names), shown)
        parts.append(_outside(item, lines[item.name], columns.get(item.name), names))
    outside = pl.concat([part.select(list(OUTSIDE)).cast(OUTSIDE) for part in parts]).sort("inspection_id", "item")
    spoilt = sheets["inspection_id"].is_in(outside["inspection_id"].unique().implode()).to_numpy()
    score, fatal = _total(form, lines, len(names))
    score = np.where(spoilt, np.nan, score)
    told = np.isfinite(score)
    figures = pl.DataFrame({"inspection_id": names, "score": score}).with_columns(score=pl.col("score").fill_nan(None))
    band = pl.lit(None, pl.String())
    for each in reversed(form.bands):
        band = pl.when(pl.col("score") >= each.low - NEAR).then(pl.lit(each.name)).otherwise(band)
    found = figures.with_columns(
        passed=pl.when(pl.Series(told)).then(pl.Series((score >= form.pass_from - NEAR) & ~fatal)),
        fatal=pl.when(~pl.Series(spoilt)).then(pl.Series(fatal)),
        band=band,
    )
    return Rescored(found.select(list(SCORED)).cast(SCORED), outside)


@dataclass(frozen=True)
class _Line:
    """One line of all sheets: its points (NaN: does not apply), whether it is shown and answered at all, failed, lost altogether, outside the form."""

    points: Floats
    answered: Flags
    failed: Flags
    lost: Flags
    outside: Flags
    choice: npt.NDArray[np.int64]
    """Of a question: place of the choice made among those there are, -1 without one."""

    def has(self, item: Item, wanted: str) -> Flags:
        if item.kind == "question":
            return np.asarray(self.answered & (self.choice == (-1 if wanted == NOT_APPLICABLE else item.choices.index(wanted))))
        applies = self.answered & np.isfinite(self.points)
        if wanted == NOT_APPLICABLE:
            return np.asarray(self.answered & ~applies)
        if wanted in (FAILED, KEPT):
            return np.asarray(applies & (self.failed == (wanted == FAILED)))
        return np.asarray(applies & (np.abs(self.points - item.levels[wanted]) < NEAR))


def _line(item: Item, rows: pl.DataFrame | None, count: int, shown: Flags) -> _Line:
    none = np.zeros(count, bool)
    empty, choice = np.full(count, np.nan), np.full(count, -1, np.int64)
    if rows is None:
        return _Line(empty, none, none, none, none, choice)
    place = rows["sheet"].to_numpy()
    answered = none.copy()
    answered[place] = True
    answered &= shown
    if item.kind == "question":
        places = {name: number for number, name in enumerate(item.choices)}
        choice[place] = rows["comment"].replace_strict(places, default=len(places), return_dtype=pl.Int64()).to_numpy()
        choice[place[rows["comment"].is_null().to_numpy()]] = -1
        return _Line(empty, answered, none, none, answered & (choice == len(places)), choice)
    points, marked = empty.copy(), np.full(count, -1, np.int8)
    given = none.copy()
    points[place] = rows["points"].fill_null(0.0).to_numpy()
    given[place] = rows["points"].is_not_null().to_numpy()
    marked[place] = rows["failed"].cast(pl.Int8).fill_null(-1).to_numpy()
    by_mark = np.where((marked == 1) | (item.kind == "plus"), item.lowest, item.highest)
    points = np.where(given, points, np.where(marked >= 0, by_mark, np.nan))
    applies = answered & (given | (marked >= 0))
    with np.errstate(invalid="ignore"):
        inside = (points >= item.lowest - NEAR) & (points <= item.highest + NEAR)
        if item.levels:
            inside &= np.min([np.abs(points - level) for level in item.levels.values()], axis=0) < NEAR
    outside = applies & ~inside
    points = np.where(applies & inside, points, np.nan)
    with np.errstate(invalid="ignore"):
        if item.kind == "plus":
            failed = lost = none
        elif item.points == 0:
            failed = lost = applies & inside & (marked == 1)
            points = np.where(applies & inside, 0.0, np.nan)
        else:
            failed, lost = points < item.highest - NEAR, points <= item.lowest + NEAR
    return _Line(points, answered, np.asarray(failed), np.asarray(lost), outside, choice)


def _outside(item: Item, line: _Line, rows: pl.DataFrame | None, names: pl.Series) -> pl.DataFrame:
    if rows is None or not line.outside.any():
        return pl.DataFrame(schema=OUTSIDE)
    stored = pl.col("comment") if item.kind == "question" else pl.col("points").cast(pl.String())
    wrong = pl.DataFrame({"inspection_id": names.filter(pl.Series(line.outside))})
    issue = "unknown_choice" if item.kind == "question" else "points_outside"
    return wrong.join(rows, on="inspection_id").select("inspection_id", "item", issue=pl.lit(issue), stored=stored)


def _total(form: Form, lines: Mapping[str, _Line], count: int) -> tuple[Floats, Flags]:
    """Score (NaN where nothing applies) and whether there is a fatal error."""
    weighted, weights, extra = np.zeros(count), np.zeros(count), np.zeros(count)
    fatal, extra_applies = np.zeros(count, bool), np.zeros(count, bool)
    for section in form.sections:
        share, weight = _of_section(form, section, lines, count)
        told = np.isfinite(share)
        weighted += np.where(told, share * weight, 0.0)
        weights += np.where(told, weight, 0.0)
        for item in section.items:
            line = lines[item.name]
            if item.kind in ("plus", "minus"):
                extra += np.nan_to_num(line.points, nan=0.0)
                extra_applies |= np.isfinite(line.points)
            if section.fatal or item.fatal == "form":
                fatal |= line.lost
    with np.errstate(invalid="ignore", divide="ignore"):
        base = np.where(weights > 0, weighted / weights, 100.0 if form.deducts_only else np.nan)
    if form.deducts_only:
        base = np.where(extra_applies, base, np.nan)
    total = np.clip(base + extra, 0.0, 100.0)
    # A fatal error tells the score even where nothing with points applies.
    total = np.where(fatal, np.fmin(total, form.fatal_score), total)
    return total, fatal


def _of_section(form: Form, section: Section, lines: Mapping[str, _Line], count: int) -> tuple[Floats, Floats]:
    had, most, lost = np.zeros(count), np.zeros(count), np.zeros(count, bool)
    for item in section.items:
        line = lines[item.name]
        if item.fatal == "section":
            lost |= line.lost
        if item.kind != "points":
            continue
        applies = np.isfinite(line.points)
        had += np.where(applies, line.points, 0.0)
        most += np.where(applies, item.points, 0.0)
        if form.not_applicable == "full":
            absent = np.where(line.answered & ~applies, item.points, 0.0)
            had, most = had + absent, most + absent
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(most > 0, np.where(lost, 0.0, 100.0 * had / most), np.nan)
    return share, most if section.weight is None else np.full(count, section.weight)
