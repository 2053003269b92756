"""Agents' scores with the inspectors' severity taken out, beside the raw ones; nobody is ranked below the middle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from coachline.report.blocks import Block, Column, Row, Table
from coachline.report.chapter import Desk, Need
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span

SCORES = Need("quality.scores")

MOST_DRAWN = 20
"""Those whose fair score differs most from the raw one; the table has more, the workbook all."""


def answer(desk: Desk) -> str | None:
    """For how many agents the raw rank is not even in the range of ranks of the fair score."""
    result = desk.maybe(SCORES)
    if result is None:
        return None
    words, show = desk.words, desk.show
    rows = _rows(result.polars())
    wide = (rows["rank_high"] - rows["rank_low"] + 1).median()
    if rows.height < 2 or not isinstance(wide, float):
        return None
    facts = {"agents": show.count(rows.height), "places": show.count(wide)}
    if rows["raw_rank"].null_count():
        return words("report.inspection.answer_places", **facts)
    moved = int(rows["moved"].sum())
    return words("report.inspection.answer_moved" if moved else "report.inspection.answer_unmoved", moved=show.count(moved), **facts)


def _rows(scores: pl.DataFrame) -> pl.DataFrame:
    """Scores with the rank of the raw one and whether it lies outside the fair range; null where some agents have no raw score."""
    rank = pl.col("estimate").rank("min", descending=True).cast(pl.Int64)
    rows = scores.with_columns(raw_rank=rank if not scores["estimate"].null_count() else pl.lit(None, pl.Int64))
    return rows.with_columns(moved=~pl.col("raw_rank").is_between("rank_low", "rank_high").fill_null(True))


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    rows = _rows(desk.result(SCORES).polars())
    apart = (pl.col("fair_estimate") - pl.col("estimate")).abs()
    drawn = rows.sort(apart, "agent_id", descending=[True, False], nulls_last=True).head(MOST_DRAWN)
    marks = [_estimate(desk, row, rows.height) for row in drawn.iter_rows(named=True)]
    low, high = span(marks, least=10.0)
    scale = Scale(low, high, (show.number(low, 0), show.number(high, 0)))
    heads = Heads(
        words("column.agent_id"),
        words("report.inspection.fair"),
        words("report.inspection.against_raw"),
        words("report.inspection.random_n"),
        words("report.inspection.fair_key"),
        words("report.inspection.raw_key"),
    )
    caption = words("report.inspection.fair_caption")
    if drawn.height < rows.height:
        caption += words("report.inspection.fair_cut", shown=show.count(drawn.height), total=show.count(rows.height))
    title = words("report.inspection.fair_title")
    return [estimates(desk, title, marks, scale, heads, _table(desk, rows, title), caption=caption)]


def _estimate(desk: Desk, row: dict[str, Any], agents: int) -> Estimate:
    words, show = desk.words, desk.show
    fair = [row[name] for name in ("fair_estimate", "fair_low", "fair_high")]
    said = words("report.inspection.no_raw")
    if row["estimate"] is not None:
        said = words(
            "report.inspection.raw",
            raw=show.estimate("rating", row["estimate"], row["low"], row["high"]),
            change=show.signed(row["fair_estimate"] - row["estimate"]),
        )
    return Estimate(
        name=row["agent_id"],
        place=(fair[0], fair[1], fair[2]),
        written=words("report.tip.with_interval", value=show.estimate("rating", *fair), **_ends(desk, fair)),
        said=said,
        aside=_rank(desk, row, agents),
        n=row["n"],
        beside=row["estimate"],
        look=row["moved"],
        agent=True,
    )


def _ends(desk: Desk, place: Sequence[float]) -> dict[str, str]:
    return {name: desk.show.estimate("rating", end, place[1], place[2]) for name, end in zip(("low", "high"), place[1:], strict=True)}


def _rank(desk: Desk, row: dict[str, Any], agents: int) -> str:
    """The range of ranks of somebody who is surely in the better half; of others none."""
    first, last = row["rank_low"], row["rank_high"]
    if last > math.ceil(agents / 2):
        return ""
    code = "report.tip.rank" if first < last else "report.tip.rank_one"
    return desk.words(code, first=first, last=last, total=agents)


def _table(desk: Desk, rows: pl.DataFrame, title: str) -> Table:
    words, show = desk.words, desk.show
    heads = [
        Column(words("column.agent_id"), figure=False, leads="agent"),
        Column(words("report.inspection.random_n")),
        Column(words("report.inspection.raw_score")),
        Column(words("report.column.interval")),
        Column(words("report.inspection.fair_score")),
        Column(words("report.column.interval")),
        Column(words("report.inspection.rank"), figure=False),
        *(Column(words(f"column.{name}")) for name in ("inspectors", "defect_rate")),
        Column(words("report.column.interval")),
    ]
    cells = [
        Row(
            [
                row["agent_id"],
                show.count(row["n"]),
                show.estimate("rating", row["estimate"], row["low"], row["high"]),
                show.unknown if row["low"] is None else show.interval("rating", row["low"], row["high"]),
                show.estimate("rating", row["fair_estimate"], row["fair_low"], row["fair_high"]),
                show.interval("rating", row["fair_low"], row["fair_high"]),
                _rank(desk, row, rows.height),
                show.count(row["inspectors"]),
                show.estimate("share", row["defect_rate"], row["defect_low"], row["defect_high"]),
                show.unknown if row["defect_low"] is None else show.interval("share", row["defect_low"], row["defect_high"]),
            ],
            mark=row["moved"],
        )
        for row in rows.sort("agent_id").iter_rows(named=True)
    ]
    return Table.of(title, heads, cells)
