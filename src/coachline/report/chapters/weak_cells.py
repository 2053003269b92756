"""Where coaching pays most: the cells that are short of their standard, the costliest first, and how many of them are not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from coachline.engine.capability.outcomes import OUTCOMES, RATINGS
from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.capability import measure
from coachline.report.chapter import MATRIX, Chapter, Desk

MOST_ROWS = 30
"""What a team of trainers can take up; the workbook has the rest."""


def build(desk: Desk) -> Sequence[Block]:
    words = desk.words
    weak = desk.result(MATRIX).polars("weak")
    capability = desk.capability
    alike = words("report.list_separator").join(words(f"outcome.{found.code}") for found in capability.alike)
    blocks: list[Block] = []
    if not capability.judged:
        return [Paragraph(words("report.weak_cells.alike", outcomes=alike))] if alike else []
    if weak.is_empty():
        blocks.append(Paragraph(words("report.weak_cells.none")))
    else:
        blocks += [_sentence(desk, weak), Paragraph(words("report.weak_cells.use"), "look"), _table(desk, weak)]
    return [*blocks, Paragraph(words("report.weak_cells.some_alike", outcomes=alike), "quiet")] if alike else blocks


def _sentence(desk: Desk, weak: pl.DataFrame) -> Paragraph:
    words, show = desk.words, desk.show
    by_outcome = dict(weak.group_by("outcome").len().iter_rows())
    each = words("report.list_separator").join(
        words("report.weak_cells.of_outcome", outcome=words(f"outcome.{code}"), count=show.count(by_outcome[code]))
        for code in OUTCOMES
        if code in by_outcome
    )
    return Paragraph(
        words(
            "report.weak_cells.answer",
            count=show.count(weak.height),
            people=show.count(weak["agent_id"].n_unique()),
            each=each,
            wrong=show.count(expected_wrong(weak)),
            share=show.probability(desk.result(MATRIX).provenance.parameters.get("fdr")),
        )
    )


def expected_wrong(weak: pl.DataFrame) -> float:
    """How many of the listed cells are expected to reach their standard after all."""
    return float((1.0 - weak["p_below"]).sum())


def cost() -> pl.Expr:
    """What a weak cell costs, in calls; a grade lost of the four between worst and best weighs like a call that went wrong altogether."""
    grades = max(RATINGS) - min(RATINGS)
    return pl.when(pl.col("outcome") == "rating").then(pl.col("lost") / grades).otherwise(pl.col("lost"))


def _table(desk: Desk, weak: pl.DataFrame) -> Table:
    words, show = desk.words, desk.show
    intervals = desk.capability.seen.select("agent_id", "business", "outcome", "low", "high")
    listed = (
        weak.with_columns(cost=cost())
        .sort("cost", "agent_id", "business", "outcome", descending=[True, False, False, False])
        .head(MOST_ROWS)
        .join(intervals, on=["agent_id", "business", "outcome"], how="left", maintain_order="left")
    )
    heads = [
        Column(words("column.agent_id"), figure=False, leads="agent"),
        Column(words("column.business"), figure=False, leads="business"),
        Column(words("column.outcome"), figure=False),
        Column(words("report.weak_cells.now")),
        Column(words("report.column.interval")),
        Column(words("column.standard")),
        Column(words("report.weak_cells.cost")),
        Column(words("column.n")),
        Column(words("column.p_below")),
    ]
    caption = words("report.weak_cells.table", shown=listed.height, total=show.count(weak.height))
    return Table.of(caption, heads, [_row(desk, row) for row in listed.iter_rows(named=True)], total=weak.height)


def _row(desk: Desk, row: dict[str, Any]) -> Row:
    words, show = desk.words, desk.show
    unit = measure(row["outcome"], alike=False).unit
    return Row(
        [
            row["agent_id"],
            row["business"],
            words(f"outcome.{row['outcome']}"),
            show.estimate(unit, row["estimate"], row["low"], row["high"]),
            show.interval(unit, row["low"], row["high"]),
            show.estimate(unit, row["standard"]),
            show.number(row["cost"], 0 if row["cost"] >= 10 else 1),
            show.count(row["n"]),
            show.probability(row["p_below"]),
        ]
    )


CHAPTER = Chapter("weak_cells", (MATRIX,), build)
