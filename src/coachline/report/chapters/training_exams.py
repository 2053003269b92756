"""What exams can tell: verdicts with their error, and items that measure nothing."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from coachline.report.blocks import Block, Heading, Paragraph
from coachline.report.chapter import Desk, Need
from coachline.report.chosen_columns import chosen_columns
from coachline.report.remarks import remarks

EXAMS = Need("training.exams")
MOST_ITEMS = 15
BAD = ("negative", "useless", "easy", "hard")
ITEMS = ("item", "business", "persons", "share_correct", "discrimination", "difficulty", "verdict", "item_reason")


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(EXAMS)
    sat, items = result.polars("exams"), result.polars("items")
    verdicts = dict(sat.group_by("verdict").len().iter_rows())
    found: list[Block] = [Heading(words("report.training.exams_title"))]
    counts = {name: show.count(verdicts.get(name, 0)) for name in ("passed", "failed", "too_close")}
    found.append(Paragraph(words("report.training.exams_caption", sat=show.count(sat.height), **counts)))
    bad = items.filter(pl.col("verdict").is_in(BAD))
    if not bad.is_empty():
        title = words("report.training.items_table", bad=show.count(bad.height), items=show.count(items.height))
        found.append(chosen_columns(desk, EXAMS.analysis, "items", bad.head(MOST_ITEMS), ITEMS, title, bad.height))
    return [*found, *remarks(desk, result)]
