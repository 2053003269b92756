"""The roster as it was and stands: stretches of the shifts table joined to shifts of people on days.

Rosters are rows per person and day, and so is what is asked for here: what leaves the engine are the stretches of a quarter and of the days to be planned,
of no more people than are planned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl

from coachline.engine import clock
from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.hours import COUNTED

QUARTER_DAYS = 91
APART_S = 5 * 3600
"""A longer pause separates two shifts; a shorter one is a break within one shift, also that of shifts in two halves."""
LONG_LEAVE_S = 14 * 3600
"""Longer stretches of leave cover every day that they touch; shorter ones stand for the shift of the day on which they begin."""
LEAST_BREAK_S = 5 * 60
"""A shorter gap between two stretches is none."""


@dataclass(frozen=True)
class PastShifts:
    """Shifts and what else the table holds.

    Attributes
    ----------
    shifts : polars.DataFrame
        agent_id, shift (number), day (since 1970), starts, ends (minutes from the midnight of that day), counted (minutes of work, training and meetings),
        works (whether any of it is work).
    breaks : polars.DataFrame
        shift, place (from 0 on), starts (minutes from the midnight of the shift's day), minutes; breaks and gaps within shifts.
    trainings : polars.DataFrame
        agent_id, day, starts, ends (minutes).
    leave : polars.DataFrame
        agent_id, day.
    overlapping : int
        Stretches that begin before an earlier one of the same person ended.
    """

    shifts: pl.DataFrame
    breaks: pl.DataFrame
    trainings: pl.DataFrame
    leave: pl.DataFrame
    overlapping: int


def past_shifts(facts: Facts, first: date, days: int) -> PastShifts:
    """Shifts from a quarter before `first` to the end of the horizon.

    Parameters
    ----------
    facts : Facts
    first : date
    days : int
    """
    start = clock.day_number(first)
    table = facts.table("shifts")
    cut = table.filter(table.agent_id.notnull()).select(
        "agent_id", "activity", begins=facts.wall_clock_s("shifts", "starts_at"), ends=facts.wall_clock_s("shifts", "ends_at")
    )
    edges = ((start - QUARTER_DAYS) * clock.DAY_S, (start + days) * clock.DAY_S)
    cut = cut.filter(cut.ends > cut.begins, cut.ends > edges[0], cut.begins < edges[1])
    pieces = collected(facts, cut).sort("agent_id", "begins", "ends")
    return joined(pieces)


def joined(pieces: pl.DataFrame) -> PastShifts:
    """Stretches (agent_id, activity, begins, ends in seconds of the wall clock; sorted by person and time) as shifts.

    Breaks are told from the activity and from gaps. Where stretches overlap, the shift lasts from the first beginning to the last end, and minutes count once.
    """
    leave = pieces.filter(pl.col("activity") == "leave")
    away = (
        leave.with_columns(
            day=pl.col("begins") // clock.DAY_S,
            last=pl.when(pl.col("ends") - pl.col("begins") > LONG_LEAVE_S)
            .then((pl.col("ends") - 1) // clock.DAY_S)
            .otherwise(pl.col("begins") // clock.DAY_S),
        )
        .select("agent_id", day=pl.int_ranges("day", pl.col("last") + 1))
        .explode("day")
        .drop_nulls()
        .unique()
        .sort("agent_id", "day")
    )
    busy = pieces.filter(pl.col("activity") != "leave")
    reached = pl.col("ends").cum_max().shift(1).over("agent_id")
    busy = busy.with_columns(reached=reached).with_columns(
        new=(pl.col("begins") - pl.col("reached") > APART_S).fill_null(True),
        overlaps=(pl.col("begins") < pl.col("reached")).fill_null(False),
    )
    busy = busy.with_columns(shift=pl.col("new").cum_sum().cast(pl.Int64))
    day = (pl.col("begins").min() // clock.DAY_S).over("shift")
    busy = busy.with_columns(day=day).with_columns(midnight=pl.col("day") * clock.DAY_S)
    # What overlaps something earlier counts from where that ended.
    fresh = (pl.col("ends") - pl.max_horizontal("begins", pl.col("reached").fill_null(pl.col("begins")))).clip(lower_bound=0)
    busy = busy.with_columns(counted=pl.when(pl.col("activity").is_in(COUNTED)).then(fresh).otherwise(0))
    shifts = (
        busy.group_by("agent_id", "shift", "day", maintain_order=True)
        .agg(
            starts=(pl.col("begins").min() - pl.col("midnight").first()) // 60,
            ends=(pl.col("ends").max() - pl.col("midnight").first()) // 60,
            counted=pl.col("counted").sum() // 60,
            works=(pl.col("activity") == "work").any(),
        )
        .sort("agent_id", "day", "starts")
    )
    named = busy.filter(pl.col("activity") == "break").select(
        "shift", begins=pl.col("begins") - pl.col("midnight"), ends=pl.col("ends") - pl.col("midnight")
    )
    gaps = busy.filter(~pl.col("new"), pl.col("begins") - pl.col("reached") >= LEAST_BREAK_S).select(
        "shift", begins=pl.col("reached") - pl.col("midnight"), ends=pl.col("begins") - pl.col("midnight")
    )
    breaks = (
        pl.concat([named, gaps])
        .sort("shift", "begins")
        .with_columns(place=pl.int_range(pl.len()).over("shift"))
        .select("shift", "place", starts=pl.col("begins") // 60, minutes=(pl.col("ends") - pl.col("begins")) // 60)
    )
    trainings = busy.filter(pl.col("activity") == "training").select(
        "agent_id",
        day=pl.col("begins") // clock.DAY_S,
        starts=pl.col("begins") % clock.DAY_S // 60,
        ends=pl.col("begins") % clock.DAY_S // 60 + (pl.col("ends") - pl.col("begins")) // 60,
    )
    return PastShifts(shifts, breaks, trainings, away, int(busy["overlaps"].sum()))
