"""The present shifts against the need: when there are surely too few people at the phones, and when surely too many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from coachline.report.blocks import Block, Heading
from coachline.report.chapter import Desk, NothingToShow
from coachline.report.chapters.staffing_forecast import ahead
from coachline.report.chapters.staffing_need import DAYS_A_WEEK, STAFFING
from coachline.report.week_heat import SLOTS, Floats, heat_of_week, mean_week, slot_name, used_slots

LEAST = 0.5
"""People in the mean below which a difference is none worth a word."""


@dataclass(frozen=True)
class Gap:
    """Present people against the need.

    Attributes
    ----------
    week : (7, 48) float array
        Mean people missing (below 0) or to spare (above 0) by weekday and half-hour; NaN where nothing is known.
    need : (7, 48) float array
        Mean people that teams of their own for each business would take.
    short_h, over_h : float
        People hours in a week.
    """

    week: Floats
    need: Floats
    short_h: float
    over_h: float


def gap_of(slots: pl.DataFrame, zone: ZoneInfo) -> Gap:
    """People ``present`` against the need.

    Too few are those below ``agents_together``, which would do if all could take all; too many, those above ``agents``, which teams of their own for each
    business would take. Between the two it hangs on who can take what.

    Parameters
    ----------
    slots : polars.DataFrame
        A row per half-hour of whole days: starts_at and these columns.
    zone : ZoneInfo
    """
    below = (pl.col("present") - pl.col("agents_together")).clip(upper_bound=0)
    above = (pl.col("present") - pl.col("agents")).clip(lower_bound=0)
    slots = slots.with_columns(gap=below + above)
    weeks = max(slots.height / (DAYS_A_WEEK * SLOTS), 1e-9)
    short, over = (float(slots["gap"].clip(*ends).sum()) / 2 / weeks for ends in ((None, 0), (0, None)))
    return Gap(mean_week(slots, "gap", zone), mean_week(slots, "agents", zone), -short, over)


def _gap(desk: Desk) -> Gap:
    slots = desk.result(ahead(desk, STAFFING)).polars("slots")
    if slots["present"].null_count() == slots.height:
        raise NothingToShow("report.staffing.no_shifts")
    return gap_of(slots, desk.facts.zone)


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
    picture = heat_of_week(
        desk,
        used_slots(gap.week, gap.need),
        gap.week,
        unit="count_change",
        title=words("report.staffing.shifts_week"),
        caption=words("report.staffing.shifts_caption"),
        pivot=0.0,
    )
    return [Heading(words("report.staffing.shifts_title")), picture]
