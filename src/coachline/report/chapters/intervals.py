"""When the calls come, and when they are answered in time: weekday x half-hour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coachline.report.blocks import Block, Paragraph
from coachline.report.chapter import DAILY, Chapter, Desk, Need, NothingToShow
from coachline.report.week_heat import MINUTES, SLOTS, heat_of_week, slot_name

NEED = Need("operations.intervals", {"minutes": MINUTES, "by": "none"})


@dataclass(frozen=True)
class Week:
    """Sums by weekday (7 rows, Monday first) and slot of the day, over the whole period."""

    offered: np.ndarray
    in_time: np.ndarray
    weighed: np.ndarray
    """Offered calls of the intervals whose service level is known: the weights of `in_time`."""
    days: np.ndarray
    """How often each weekday occurs, shape (7,)."""


def build(desk: Desk) -> Sequence[Block]:
    week = _week(desk)
    used = np.flatnonzero(week.offered.sum(axis=0))
    if not used.size:
        raise NothingToShow("report.why.no_days")
    slots = np.arange(used[0], used[-1] + 1)
    words, show = desk.words, desk.show
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(week.days[:, None] > 0, week.offered / np.maximum(week.days, 1)[:, None], np.nan)
        level = np.where(week.weighed > 0, week.in_time / week.weighed, np.nan)
    peak = np.unravel_index(np.nanargmax(np.where(np.isnan(mean), -1, mean)), mean.shape)
    busiest = words(
        "report.intervals.peak", weekday=show.weekday(int(peak[0])), slot=slot_name(int(peak[1])), calls=show.count(float(mean[peak]))
    )
    volume = heat_of_week(desk, slots, mean, unit="count", title=words("report.intervals.volume"), caption=busiest)
    blocks: list[Block] = [volume]
    if np.isfinite(level).any():
        whole = float(week.in_time.sum() / week.weighed.sum())
        blocks.append(
            heat_of_week(
                desk,
                slots,
                level,
                unit="share",
                title=words("report.intervals.level"),
                caption=words("report.intervals.level_caption", whole=show.share(whole, float(week.weighed.sum()))),
                n=week.weighed,
                pivot=whole,
            )
        )
    unplaced = desk.result(NEED).values.get("unplaced")
    if isinstance(unplaced, int | float) and unplaced:
        blocks.append(Paragraph(words("report.intervals.unplaced", count=show.count(unplaced)), "quiet"))
    return blocks


def _week(desk: Desk) -> Week:
    table = desk.result(NEED).table()
    moments = [moment.astimezone(desk.facts.zone) for moment in table.column("starts_at").to_pylist()]
    weekday = np.array([m.weekday() for m in moments], dtype=np.int64)
    slot = np.array([(m.hour * 60 + m.minute) // MINUTES for m in moments], dtype=np.int64)
    offered = _numbers(table.column("offered"))
    level = _numbers(table.column("service_level"))
    known = np.isfinite(level) & (offered > 0)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(weekday * SLOTS + slot, weights=values, minlength=7 * SLOTS).reshape(7, SLOTS)

    ends = desk.result(DAILY).values
    days = np.zeros(7)
    if ends.get("first_day") is not None:
        dates = np.arange(np.datetime64(str(ends["first_day"])), np.datetime64(str(ends["last_day"])) + 1)
        days = np.bincount((dates.astype("datetime64[D]").astype(np.int64) + 3) % 7, minlength=7).astype(float)
    return Week(
        total(np.nan_to_num(offered)),
        total(np.where(known, np.nan_to_num(level) * offered, 0.0)),
        total(np.where(known, offered, 0.0)),
        days,
    )


def _numbers(column: object) -> np.ndarray:
    values: np.ndarray = column.cast("float64").to_numpy(zero_copy_only=False)  # type: ignore[attr-defined]
    return values


CHAPTER = Chapter("intervals", (NEED, DAILY), build)
