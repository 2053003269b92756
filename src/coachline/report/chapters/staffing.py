"""Staffing: what is going to come, whom it takes, how the present shifts meet that, and what another roster of the same people would change."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block
from coachline.report.chapter import Chapter, Desk, NothingToShow
from coachline.report.chapters import staffing_forecast, staffing_need, staffing_roster, staffing_shifts
from coachline.report.parts import Answers, Parts, joined

PARTS: Parts = {
    "forecast": staffing_forecast.blocks,
    "need": staffing_need.blocks,
    "shifts": staffing_shifts.blocks,
    "roster": staffing_roster.blocks,
}
"""In reading order; ``report.staffing.part_<code>`` names each where it is left out."""

ANSWERS: Answers = (staffing_forecast.answer, staffing_need.answer, staffing_shifts.answer, staffing_roster.answer)


def build(desk: Desk) -> Sequence[Block]:
    blocks = joined(desk, "staffing", PARTS, ANSWERS)
    if not blocks:
        raise NothingToShow("report.staffing.nothing")
    return blocks


CHAPTER = Chapter("staffing", (), build)
