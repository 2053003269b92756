"""Answers given in exams, read once: who sat which paper, which items it had, and what each was about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.stats.items.answers import Answers
from coachline.errors import CoachlineError

EXAM_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "exams": ("exam_id", "agent_id", "item", "business", "taken_at", "correct", "points", "max_points")
}
"""Columns on which item analyses depend, for the table of contents."""

LINES = ("business", "capability")
"""The two lines of an item bank: an item with a business asks for knowledge of it, one without asks for a general capability."""

ENOUGH_POINTS = 0.5
"""Share of an item's points from which on an answer that is not marked right or wrong counts as right."""


@dataclass(frozen=True)
class ExamAnswers:
    """Answers of a period.

    Attributes
    ----------
    frame : polars.DataFrame
        One row per answer, sorted by paper, agent and item: exam_id, agent_id, item, business, taken_us, right, earned, worth, and the places
        ``sitting`` and ``number`` (of the item).
    bank : polars.DataFrame
        One row per item in order of ``number``: item, business (null: capability line), line, worth (points).
    left_out : int
        Answers that say neither right nor wrong.
    by_points : int
        Answers judged by their points.
    """

    frame: pl.DataFrame
    bank: pl.DataFrame
    left_out: int
    by_points: int

    @property
    def sittings(self) -> pl.DataFrame:
        """One row per sitting, in order of ``sitting``: exam_id, agent_id, n (items), points_share."""
        rows = self.frame.group_by("sitting").agg(
            pl.col("exam_id", "agent_id").first(),
            n=pl.len(),
            points_share=pl.col("earned").sum() / pl.col("worth").sum(),
        )
        return rows.sort("sitting")

    @property
    def papers(self) -> list[str]:
        """Papers in alphabetical order, which is that of their places."""
        return self.frame["exam_id"].unique().sort().to_list()

    def answers(self) -> Answers:
        """The same for the models."""
        place = {name: k for k, name in enumerate(self.papers)}
        paper = np.array([place[name] for name in self.sittings["exam_id"]], np.int64)
        return Answers(
            self.frame["sitting"].to_numpy().astype(np.int64),
            self.frame["number"].to_numpy().astype(np.int64),
            self.frame["right"].to_numpy().astype(float),
            paper,
            self.bank.height,
        )


def exam_answers(facts: Facts, since: date | None, until: date | None, line: str | None = None) -> ExamAnswers:
    """Read the answers of a period, of one line of the bank or of both.

    Raises
    ------
    CoachlineError
        ``period_backwards``, ``no_answers``.
    """
    period = Period.of(since, until)
    table = facts.table("exams")
    rows = table if period == Period() else period.rows(facts, table, "taken_at")
    rows = rows.select(
        "exam_id",
        "agent_id",
        "item",
        "business",
        "correct",
        points="points",
        max_points="max_points",
        taken_us=facts.epoch_us(rows.taken_at),
    )
    found = pl.DataFrame(facts.collect(rows)).with_columns(pl.col("points", "max_points").fill_nan(None))
    graded = pl.col("points") / pl.when(pl.col("max_points") > 0).then(pl.col("max_points"))
    judged = found.with_columns(right=pl.coalesce(pl.col("correct"), graded >= ENOUGH_POINTS))
    known = judged.filter(pl.col("right").is_not_null())
    bank = _bank(known)
    if line is not None:
        bank = bank.filter(line=line)
    kept = known.join(bank.select("item", bank_worth="worth"), on="item").sort("exam_id", "agent_id", "item")
    if kept.is_empty():
        raise CoachlineError("no_answers", answers=found.height, line=line or "-")
    worth = pl.coalesce(pl.when(pl.col("max_points") > 0).then(pl.col("max_points")), "bank_worth")
    # Points without a maximum say nothing; full marks or none then follow from right or wrong.
    earned = pl.when(pl.col("points").is_not_null() & (pl.col("max_points") > 0)).then(pl.col("points"))
    sitting = pl.struct("exam_id", "agent_id").rank("dense") - 1
    number = pl.col("item").rank("dense") - 1
    frame = kept.with_columns(
        worth=worth, earned=pl.coalesce(earned, worth * pl.col("right").cast(pl.Float64)), sitting=sitting, number=number
    ).drop("points", "max_points", "bank_worth", "correct")
    by_points = int(judged.select((pl.col("correct").is_null() & pl.col("right").is_not_null()).sum()).item())
    used = bank.filter(pl.col("item").is_in(frame["item"].unique().implode())).sort("item")
    return ExamAnswers(frame, used, found.height - known.height, by_points)


def _bank(known: pl.DataFrame) -> pl.DataFrame:
    """Each item with the business that most of its answers name, and its points."""
    counts = known.group_by("item", "business").agg(n=pl.len()).sort("item", "n", "business", descending=[False, True, False])
    about = counts.group_by("item", maintain_order=True).agg(pl.col("business").first())
    worth = known.group_by("item").agg(worth=pl.when(pl.col("max_points") > 0).then(pl.col("max_points")).mean().fill_null(1.0))
    line = pl.when(pl.col("business").is_null()).then(pl.lit("capability")).otherwise(pl.lit("business"))
    return about.join(worth, on="item").with_columns(line=line).sort("item")
