"""How long what was learnt stays, and who is due again when."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from coachline.report.blocks import Block, Heading, Paragraph
from coachline.report.chapter import Desk, Need
from coachline.report.chosen_columns import chosen_columns
from coachline.report.remarks import remarks

CYCLE = Need("training.cycle")
MOST_DATES = 20
BUSINESSES = ("business", "half_life_days", "low", "high", "retrain_after_days", "gain", "verdict", "agents")
DATES = ("retrain_on", "agent_id", "business", "last_trained", "share_left")


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(CYCLE)
    rows, dates = result.polars("cycle"), result.polars("dates")
    found: list[Block] = [Heading(words("report.training.cycle_title"))]
    if not rows.is_empty():
        known = rows.sort(pl.col("half_life_days").is_null(), "half_life_days", "business")
        found.append(chosen_columns(desk, CYCLE.analysis, "cycle", known, BUSINESSES, words("report.training.cycle_table")))
    if not dates.is_empty():
        title = words("report.training.dates_table")
        found.append(
            chosen_columns(desk, CYCLE.analysis, "dates", dates.sort("retrain_on", "agent_id").head(MOST_DATES), DATES, title, dates.height)
        )
    due = result.values.get("cards_due")
    if isinstance(due, int) and due:
        found.append(Paragraph(words("report.training.drill", cards=show.count(due))))
    return [*found, *remarks(desk, result)]
