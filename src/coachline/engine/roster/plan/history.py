"""What the past shifts say of each person: the roster as it stands, and what counts into runs, nights, weekends and hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.roster.plan.kinds import shift_of
from coachline.engine.roster.plan.past_shifts import PastShifts
from coachline.engine.roster.plan.request import DAY_MINUTES, NIGHT_UNTIL, OFF, UNKNOWN, Bools, Ints, ShiftKind

PRESENT_WEEKS = 4
"""Past weeks that stand for the roster of today."""
ROSTERED_SHARE = 0.25
"""Share of the usual number of people at work from which on a day counts as rostered."""


@dataclass(frozen=True)
class History:
    """By person, in the order asked for; see `Request` for what each means.

    Attributes
    ----------
    last_roster : (people, days) int array
    usual : (people, days) int array
        Where the last roster says nothing, what each did on the same weekday of the last weeks that are recorded; the roster of today.
    unlike : int
        Shifts of the last roster that are like no kind.
    unrecorded : int
        Days just before the first one on which nobody has a shift.
    leave : (people, days) bool array
    run_before, shift_before, night_run_before, nights_before, weekends_before : (people,) int array
    counted_minutes : (people, months) int array
    """

    last_roster: Ints
    usual: Ints
    unlike: int
    unrecorded: int
    leave: Bools
    run_before: Ints
    shift_before: Ints
    night_run_before: Ints
    nights_before: Ints
    weekends_before: Ints
    counted_minutes: Ints


def planned_people(past: PastShifts, first: date) -> list[str]:
    """Everybody with work in the four weeks before `first` or after it."""
    since = clock.day_number(first) - 7 * PRESENT_WEEKS
    return sorted(past.shifts.filter(pl.col("works"), pl.col("day") >= since)["agent_id"].unique())


def history(past: PastShifts, people: Sequence[str], kinds: Sequence[ShiftKind], first: date, days: int, months: int) -> History:
    """Read the past of `people`.

    Parameters
    ----------
    past : PastShifts
    people : sequence of str
    kinds : sequence of ShiftKind
    first : date
    days, months : int
        Of the horizon.
    """
    start = clock.day_number(first)
    place = pl.DataFrame(
        {"agent_id": list(people), "person": np.arange(len(people))}, schema={"agent_id": pl.String(), "person": pl.Int64()}
    )
    work = past.shifts.filter(pl.col("works")).join(place, on="agent_id")
    person, day = (work[name].to_numpy().astype(np.int64) for name in ("person", "day"))
    starts, ends = (work[name].to_numpy().astype(np.int64) for name in ("starts", "ends"))
    kind = shift_of(kinds, starts, ends)
    back = int(min(day.min(initial=start), start))
    worked = np.zeros((len(people), start - back + days), np.bool_)
    inside = day < start + days
    worked[person[inside], day[inside] - back] = True
    of_kind = np.full(worked.shape, OFF, np.int64)
    of_kind[person[inside], day[inside] - back] = np.where(kind[inside] < 0, UNKNOWN, kind[inside])
    before, ahead = worked[:, : start - back], worked[:, start - back :]
    last = np.where(_rostered(before, ahead)[None, :], of_kind[:, start - back :], UNKNOWN)
    recorded = np.asarray(before.any(axis=0))[::-1]
    unrecorded = int(recorded.argmax()) if recorded.any() else 0
    usual = np.where(last == UNKNOWN, _as_weeks_before(of_kind[:, : start - back], days, unrecorded), last)
    leave = np.zeros((len(people), days), np.bool_)
    away = past.leave.join(place, on="agent_id").filter(pl.col("day").is_between(start, start + days - 1))
    leave[away["person"].to_numpy().astype(np.int64), away["day"].to_numpy().astype(np.int64) - start] = True
    early = day < start
    night = early & ((starts < NIGHT_UNTIL) | (ends > DAY_MINUTES + 60))
    weekday = np.array([(date.fromordinal(clock.EPOCH.toordinal() + int(d))).weekday() for d in day], np.int64)
    weekend = early & (weekday >= 5)
    weekends = np.unique(np.stack([person[weekend], (day - weekday)[weekend]]), axis=1)[0] if weekend.any() else np.zeros(0, np.int64)
    counted = np.zeros((len(people), months), np.int64)
    own = past.shifts.join(place, on="agent_id").filter(pl.col("day").is_between(clock.day_number(first.replace(day=1)), start - 1))
    np.add.at(counted[:, 0], own["person"].to_numpy().astype(np.int64), own["counted"].to_numpy().astype(np.int64))
    eve = of_kind[:, start - back - 1] if start > back else np.full(len(people), OFF, np.int64)
    shift_before = np.where(eve == UNKNOWN, OFF, eve)
    at_night = np.zeros(before.shape, np.bool_)
    at_night[person[night], day[night] - back] = True
    night_run = np.cumprod(at_night[:, ::-1], axis=1).sum(axis=1)
    of_night = np.append([kind.night for kind in kinds], False)
    return History(
        last_roster=last,
        usual=usual,
        unrecorded=unrecorded,
        unlike=int((ahead & (of_kind[:, start - back :] == UNKNOWN)).sum()),
        leave=leave,
        run_before=_run(before),
        shift_before=shift_before,
        night_run_before=np.where(of_night[shift_before], night_run, 0).astype(np.int64),
        nights_before=np.bincount(person[night], minlength=len(people)),
        weekends_before=np.bincount(weekends, minlength=len(people)),
        counted_minutes=counted,
    )


def _rostered(before: Bools, ahead: Bools) -> Bools:
    """(days,) whether a day of the horizon is rostered: up to the last one on which a good part of the usual number is at work."""
    recent = before[:, -7 * PRESENT_WEEKS :].sum(axis=0)
    usual = float(np.median(recent[recent > 0])) if (recent > 0).any() else 0.0
    full = ahead.sum(axis=0) >= max(ROSTERED_SHARE * usual, 1.0)
    return np.asarray(np.cumsum(full[::-1])[::-1] > 0)


def _as_weeks_before(of_kind: Ints, days: int, unrecorded: int) -> Ints:
    """(people, days) what each did as many whole weeks before as cover the horizon and days without any record; earlier nothing is known."""
    weeks = -(-days // 7) - (-unrecorded // 7)
    window = of_kind[:, -7 * weeks :]
    found = np.full((len(of_kind), 7 * weeks), UNKNOWN, np.int64)
    if window.shape[1]:
        found[:, -window.shape[1] :] = window
    return found[:, :days]


def _run(before: Bools) -> Ints:
    """(people,) days worked, or off as a negative number, in a row up to the last day; 0 where nothing is recorded."""
    if not before.shape[1]:
        return np.zeros(len(before), np.int64)
    back = before[:, ::-1]
    same = np.cumprod(back == back[:, :1], axis=1).sum(axis=1)
    known = before.any(axis=1)
    return np.where(known, np.where(back[:, 0], same, -same), 0).astype(np.int64)


def months_of(first: date, days: int) -> tuple[Ints, Ints]:
    """(days,) which calendar month of the horizon each day lies in, and (months,) the days of each whole month."""
    dates = [first + timedelta(n) for n in range(days)]
    starts = list(dict.fromkeys(day.replace(day=1) for day in dates))
    lengths = [((start + timedelta(31)).replace(day=1) - start).days for start in starts]
    return np.array([starts.index(day.replace(day=1)) for day in dates], np.int64), np.array(lengths, np.int64)
