"""Kinds of shifts: learnt from how people were rostered, or named by the centre."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from coachline.engine.result import Note
from coachline.engine.roster.plan.past_shifts import PastShifts
from coachline.engine.roster.plan.request import DAY_MINUTES, Break, ShiftKind
from coachline.errors import CoachlineError

KINDS_COVER = 0.99
"""Share of the past shifts that the kinds learnt must cover."""
MOST_KINDS = 10
LEAST_OF_KIND = 0.005
"""A pattern that fewer than this share of the shifts have was an exception."""
NEAR_MINUTES = 45
"""Shifts whose start and end both lie this near to those of a more frequent kind are of that kind."""
GRID = 15
"""Minutes to which starts and ends of past shifts are rounded; breaks to `BREAK_GRID`."""
BREAK_GRID = 5
SHORTEST_MINUTES = 120
"""Shorter stretches are no shift of their own: somebody came in for a training."""
EDGE = 0.05
"""Share of the past breaks that may lie before the window of a break, and behind it."""

_TIME = r"(\d{1,2})[:：](\d{2})"
_SPAN = re.compile(rf"^\s*{_TIME}\s*[-–—~至]\s*{_TIME}\s*(.*)$", re.DOTALL)
_BREAK = re.compile(
    rf"^(?:break|休息|用餐|休)\s*(?:(\d+)\s*(?:min|分钟|分)?\s*(?:in|于|在|\s)\s*)?{_TIME}\s*[-–—~至]\s*{_TIME}\s*(.*)$", re.DOTALL
)


def learnt_kinds(past: PastShifts, first_day: int, last_day: int) -> tuple[tuple[ShiftKind, ...], float]:
    """The usual kinds of the shifts that began on days `first_day` to `last_day` (since 1970).

    The most frequent pair of start and end stands for all that lie near it, then the most frequent of the rest, until `KINDS_COVER` of the shifts are
    covered or there are `MOST_KINDS`. Breaks are as many as most shifts of the kind have; each lasts as long as its median and may move within where 90 % of
    them began.

    Returns
    -------
    kinds : tuple of ShiftKind
        By start; none where there were no shifts.
    covered : float
        Share of the shifts that they cover.
    """
    shifts = past.shifts.filter(
        pl.col("works"), pl.col("day").is_between(first_day, last_day), pl.col("ends") - pl.col("starts") >= SHORTEST_MINUTES,
        pl.col("ends") - pl.col("starts") <= DAY_MINUTES,
    ).with_columns(pl.col("starts", "ends").map_batches(lambda s: (s / GRID).round() * GRID, return_dtype=pl.Float64).cast(pl.Int64))  # fmt: skip
    if shifts.is_empty():
        return (), 0.0
    patterns = shifts.group_by("starts", "ends").len().sort("len", "starts", "ends", descending=[True, False, False])
    left = dict(zip(zip(patterns["starts"].to_list(), patterns["ends"].to_list(), strict=True), patterns["len"].to_list(), strict=True))
    total, covered = sum(left.values()), 0
    kinds: list[ShiftKind] = []
    while left and len(kinds) < MOST_KINDS and covered < KINDS_COVER * total:
        start, end = next(iter(left))
        near = [key for key in left if abs(key[0] - start) <= NEAR_MINUTES and abs(key[1] - end) <= NEAR_MINUTES]
        of_kind = sum(left.pop(key) for key in near)
        if of_kind < LEAST_OF_KIND * total:
            continue
        covered += of_kind
        own = shifts.join(pl.DataFrame(near, schema=["starts", "ends"], orient="row"), on=["starts", "ends"], how="semi")
        kinds.append(ShiftKind.of(code_of(start, end), start, end, _usual_breaks(past, own, start, end)))
    return tuple(sorted(kinds, key=lambda kind: (kind.starts, kind.ends))), covered / total


def _usual_breaks(past: PastShifts, shifts: pl.DataFrame, start: int, end: int) -> tuple[Break, ...]:
    breaks = past.breaks.join(shifts.select("shift"), on="shift", how="semi")
    counts = shifts.select("shift").join(breaks.group_by("shift").len(), on="shift", how="left")["len"].fill_null(0)
    usual = int(counts.mode().sort()[0])
    found, reached = [], start
    for place in range(usual):
        own = breaks.filter(pl.col("place") == place)
        minutes = max(round(float(np.median(own["minutes"].to_numpy())) / BREAK_GRID) * BREAK_GRID, BREAK_GRID)
        early, late = np.quantile(own["starts"].to_numpy(), [EDGE, 1.0 - EDGE], method="inverted_cdf")
        earliest = max(int(early) // BREAK_GRID * BREAK_GRID, reached)
        latest = min(max(int(late) // BREAK_GRID * BREAK_GRID, earliest), end - minutes)
        if latest < earliest:
            break
        found.append(Break(minutes, earliest, latest))
        reached = latest + minutes
    return tuple(found)


def code_of(start: int, end: int) -> str:
    """``08:00-16:30``."""
    return f"{clock_time(start)}-{clock_time(end)}"


def clock_time(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


def named_kinds(given: Mapping[str, str]) -> tuple[ShiftKind, ...]:
    """Kinds as a centre writes them.

    ``08:00-16:30 break 12:00-12:30`` has a break at a fixed time; ``22:00-06:00 break 60 in 01:00-04:00`` one of an hour that lies within a window. An end
    at or before the start is on the next day, and so is a break before the start.

    Raises
    ------
    CoachlineError
        ``bad_shift_kind``, with the entry that cannot be read.
    """
    return tuple(_named(name, rule) for name, rule in given.items())


def _named(name: str, rule: str) -> ShiftKind:
    refused = CoachlineError("bad_shift_kind", kind=name, given=rule)
    span = _SPAN.match(rule)
    if span is None:
        raise refused
    start, end = _minutes(span.groups()[:2], refused), _minutes(span.groups()[2:4], refused)
    end += DAY_MINUTES if end <= start else 0
    rest = span.group(5).strip(" ,，")
    breaks: list[Break] = []
    while rest:
        found = _BREAK.match(rest)
        if found is None:
            raise refused
        opens, closes = _minutes(found.groups()[1:3], refused), _minutes(found.groups()[3:5], refused)
        opens += DAY_MINUTES if opens < start else 0
        closes += DAY_MINUTES if closes <= opens else 0
        minutes = int(found.group(1)) if found.group(1) else closes - opens
        after = breaks[-1].latest + breaks[-1].minutes if breaks else start
        if not 0 < minutes <= closes - opens or opens < after or closes > end:
            raise refused
        breaks.append(Break(minutes, opens, closes - minutes))
        rest = found.group(6).strip(" ,，")
    return ShiftKind.of(name, start, end, tuple(breaks))


def _minutes(parts: Sequence[str], refused: CoachlineError) -> int:
    hour, minute = (int(part) for part in parts)
    if hour > 24 or minute > 59 or hour * 60 + minute > DAY_MINUTES:
        raise refused
    return hour * 60 + minute


def shift_of(kinds: Sequence[ShiftKind], starts: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """(n,) the kind nearest to each past shift, -1 where none lies within two hours of start and end together."""
    if not kinds or not len(starts):
        return np.full(len(starts), -1)
    far = np.abs(np.array([k.starts for k in kinds])[None, :] - starts[:, None]) + np.abs(
        np.array([k.ends for k in kinds])[None, :] - ends[:, None]
    )
    return np.where(far.min(axis=1) <= 120, far.argmin(axis=1), -1)


def notes_on(covered: float, kinds: Sequence[ShiftKind]) -> tuple[Note, ...]:
    """What must be said of kinds that were learnt."""
    if not kinds or covered >= KINDS_COVER:
        return ()
    return (Note("shift_kinds_cover", {"share": covered, "kinds": len(kinds)}),)
