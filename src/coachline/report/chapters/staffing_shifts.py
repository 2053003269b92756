"""The present shifts against the need: when there are surely too few people at the phones, and when surely too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from coachline.report.blocks import Block, Heading
from coachline.report.chapter import Desk, NothingToShow
from coachline.report.chapters.staffing_forecast import ahead
from coachline.report.chapters.staffing_need import DAYS_A_WEEK, STAFFING
from coachline.report.week_heat import Floats, heat_of_week, mean_week, slot_name, used_slots

LEAST = 0.5
"""People in the mean below which a difference is none worth a word."""


@dataclass(frozen=True)
class Gap:
    """Present people against the need.

    Attributes
    ----------
    week : (7, 48) float array
        Mean people missing (below 0) or to spare (above 0) by weekday and half-hour; NaN where nothing is known.
    short_h, over_h : float
        People hours a week.
    """

    week: Floats
    short_h: float
    over_h: float


def _gap(desk: Desk) -> Gap:
    """Too few are those below what would do if all could take all; too many, those above what teams of their own for each business would take."""
    result = desk.result(ahead(desk, STAFFING, "first"))
    slots = result.polars("slots")
    if slots["present"].null_count() == slots.height:
        raise NothingToShow("report.staffing.no_shifts")
    difference = (pl.col("present") - pl.col("agents_together")).clip(upper_bound=0) + (pl.col("present") - pl.col("agents")).clip(
        lower_bound=0
    )
    slots = slots.with_columns(difference=difference)
    weeks = float(str(result.values["days"])) / DAYS_A_WEEK
    short, over = (float(slots["difference"].clip(*ends).sum()) / 2 / weeks for ends in ((None, 0), (0, None)))
    return Gap(mean_week(slots, "difference", desk.facts.zone), -short, over)


def answer(desk: Desk) -> str | None:
    """Hours missing and to spare in a week, and where most."""
    try:
        gap = _gap(desk)
    except NothingToShow:
        return None
    words, show = desk.words, desk.show
    lowest, highest = (np.unravel_index(int(place), gap.week.shape) for place in (np.nanargmin(gap.week), np.nanargmax(gap.week)))
    said = [words("report.staffing.answer_shifts", short=show.count(gap.short_h), over=show.count(gap.over_h))]
    for place, code in ((lowest, "most_short"), (highest, "most_over")):
        people = float(gap.week[place])
        if (people <= -LEAST) if code == "most_short" else (people >= LEAST):
            said.append(
                words(
                    f"report.staffing.{code}",
                    weekday=show.weekday(int(place[0])),
                    slot=slot_name(int(place[1])),
                    people=show.number(abs(people)),
                )
            )
    return words("report.sentences").join(said)


def blocks(desk: Desk) -> Sequence[Block]:
    words = desk.words
    gap = _gap(desk)
    need = mean_week(desk.result(ahead(desk, STAFFING, "first")).polars("slots"), "agents", desk.facts.zone)
    picture = heat_of_week(
        desk,
        used_slots(gap.week, need),
        gap.week,
        unit="count_change",
        title=words("report.staffing.shifts_week"),
        caption=words("report.staffing.shifts_caption"),
        pivot=0.0,
    )
    return [Heading(words("report.staffing.shifts_title")), picture]
