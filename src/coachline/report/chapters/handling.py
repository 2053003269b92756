"""Handle time and occupancy: for planning, not as a target."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Paragraph
from coachline.report.chapter import DAILY, PASSPORTS, Chapter, Desk, NothingToShow
from coachline.report.pictures import trend


def build(desk: Desk) -> Sequence[Block]:
    metrics = desk.metrics
    times = metrics.several("aht", "aht_with_hold")
    occupancy = metrics.several("occupancy")
    if not times and not occupancy:
        raise NothingToShow("report.why.no_talk")
    blocks: list[Block] = [Paragraph(desk.words("report.handling.no_target"), "look")]
    return blocks + [trend(desk, [series]) for series in (*times, *occupancy)]


CHAPTER = Chapter("handling", (DAILY, PASSPORTS), build)
