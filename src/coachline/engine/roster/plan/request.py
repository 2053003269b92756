"""What a roster is asked for: people, posts, kinds of shifts, demand, skills and limits, as plain numbers.

Days are counted from the first day; minutes from the midnight of a shift's day on the centre's wall clock; slots are half-hours, those of all days in a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from coachline.engine import clock

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SLOT_MINUTES = 30
SLOTS_A_DAY = 48
DAY_MINUTES = 1440

OFF = -1
"""A day without a shift, in `last_roster` and `shift_before`; the same code as the solver's."""
UNKNOWN = -2
"""A day of which the last roster says nothing."""

NIGHT_UNTIL = 6 * 60
"""A shift that works between midnight and this hour, on the day after its start, or begins before it, is a night."""


MEAL_FROM = 20
"""Minutes from which on a break parts the work of a shift in two; whoever comes back from a shorter one goes on with the same business."""


@dataclass(frozen=True)
class Break:
    """A break of a kind of shift.

    Attributes
    ----------
    minutes : int
    earliest, latest : int
        Minutes from midnight between which it begins.
    """

    minutes: int
    earliest: int
    latest: int


@dataclass(frozen=True)
class ShiftKind:
    """One usual shift.

    Attributes
    ----------
    code : str
    starts, ends : int
        Minutes from midnight of its day; the end may lie beyond 1440.
    parts : tuple of (int, int)
        Stretches of work, between which the meal breaks lie when they are taken in the middle of their window; whoever works it mans one post in each.
    breaks : tuple of Break
        All of them, in order; short ones lie inside a part.
    """

    code: str
    starts: int
    ends: int
    parts: tuple[tuple[int, int], ...]
    breaks: tuple[Break, ...] = ()

    @classmethod
    def of(cls, code: str, starts: int, ends: int, breaks: tuple[Break, ...] = ()) -> ShiftKind:
        """A kind whose parts follow from its breaks."""
        edges, at = [], starts
        for meal in breaks:
            if meal.minutes >= MEAL_FROM:
                begins = (meal.earliest + meal.latest) // 2
                edges.append((at, begins))
                at = begins + meal.minutes
        return cls(code, starts, ends, (*edges, (at, ends)), breaks)

    @property
    def minutes(self) -> int:
        """What counts against the hours: the work without breaks."""
        short = sum(pause.minutes for pause in self.breaks if pause.minutes < MEAL_FROM)
        return sum(end - start for start, end in self.parts) - short

    @property
    def night(self) -> bool:
        """Whether it works in the small hours."""
        return self.starts < NIGHT_UNTIL or self.ends > DAY_MINUTES + 60


@dataclass(frozen=True)
class Limits:
    """All numbers of the rules; each is a parameter of the analysis, by the same name.

    Attributes
    ----------
    cap_h : float
        Hours a calendar month at most, training included.
    later_share : float
        Of a month that goes on behind the horizon, the share of the hours that its later days would get if all days got alike which is kept for them.
    least_h : float
        Hours a full calendar month at least; in proportion to the days of it that are planned and on which somebody is not on leave.
    rest_h : float
        Hours between two shifts.
    after_night_h : float
        Hours between a night and a shift that is none.
    longest_nights : int
        Nights in a row at most.
    longest_run, shortest_run : int
        Days worked in a row, at most and at least.
    shortest_rest : int
        Days off in a row, at least.
    most_nights, most_weekends : int
        In four weeks; in proportion over other horizons, rounded up.
    most_in_quarter : float
        Nights and weekends of somebody over the quarter as multiples of the mean of those who had any, beyond which no further ones are given.
    most_busy : float
        Busy shifts (evenings, and where calls per head are densest) of anybody, the strong ones too, as multiples of the fair share.
    least_stretch_h, longest_stretch_h : float
        Hours of work before, between and behind breaks, at least and at most.
    most_on_break : float
        Share of those at a post who may be in a break at once; one always may.
    least_heads : int
        Heads at each post in each slot with calls within the opening hours that must be there.
    must_price : float
        What a missing one of those costs, in resolved calls per half-hour.
    wish_price : float
        What a kept wish of strength 1 is worth, in resolved calls.
    stability_price : float
        What a day that differs from the last roster costs, in resolved calls.
    night_price, weekend_price : float
        What one more night or weekend costs, in resolved calls, for each that somebody has had more than the mean of the quarter.
    pair_price : float
        What a shift shared by mentor and apprentice in quiet hours is worth, in resolved calls.
    """

    cap_h: float = 167.0
    later_share: float = 1.0
    least_h: float = 120.0
    rest_h: float = 11.0
    after_night_h: float = 24.0
    longest_nights: int = 4
    longest_run: int = 6
    shortest_run: int = 1
    shortest_rest: int = 1
    most_nights: int = 8
    most_weekends: int = 3
    most_in_quarter: float = 2.0
    most_busy: float = 1.5
    least_stretch_h: float = 0.0
    longest_stretch_h: float = 24.0
    most_on_break: float = 0.34
    least_heads: int = 1
    must_price: float = 20.0
    wish_price: float = 2.0
    stability_price: float = 0.5
    night_price: float = 1.0
    weekend_price: float = 1.0
    pair_price: float = 1.0


@dataclass(frozen=True)
class Request:
    """Everything that decides about a roster.

    Attributes
    ----------
    first : date
        Day 0.
    days : int
    zone : ZoneInfo
    people, posts : tuple of str
    shifts : tuple of ShiftKind
    skill, skill_sd : (people, posts) float array
        Share of the calls of a post that somebody is expected to resolve, and how sure that is.
    licensed : (people, posts) bool array
    calls, need, handle_s : (slots, posts) float array
        Calls expected in each half-hour; heads wanted on the roster (more than at the phones, see `shrinkage`); seconds per call.
    patience_s : (posts,) float array
        Mean patience of callers, infinite where none is known to have hung up.
    leave : (people, days) bool array
        Away all day: on leave, or not employed on that day.
    training_minutes : (people, days) int array
        Training already fixed; it counts against the hours whether it lies inside the shift or not.
    possible : (people, days, shifts) bool array
        Shifts that training leaves possible; leave is not in it, so that each can be told apart.
    month : (days,) int array
        Place of the day's calendar month among those of the horizon.
    month_days : (months,) int array
        Days of each of these months.
    counted_minutes : (people, months) int array
        Minutes that count against the hours, in these months before the first day.
    weekend : (days,) int array
        Number of the weekend in which a day lies, -1 on other days; by weekdays alone.
    wish_shift : (people, days, shifts) float array
        Strength of the wish for a shift; negative is against it.
    wish_off : (people, days) float array
        Strength of the wish to be off.
    last_roster : (people, days) int array
        Shift of the roster as it stands, `OFF` or `UNKNOWN`.
    fixed : (people, days) bool array
        Days on which the last roster must stay: those before a re-plan.
    run_before : (people,) int array
        Days worked (positive) or off (negative) just before the first day, 0 where unknown.
    shift_before : (people,) int array
        Shift on the day before the first, or `OFF`.
    night_run_before : (people,) int array
        Nights in a row up to that one; 0 where it is none.
    nights_before, weekends_before : (people,) int array
        Over the quarter (91 days) before the first day.
    pairs : tuple of (int, int)
        Mentor and apprentice, places in `people`.
    limits : Limits
    first_pass : (people, days) int array, optional
        A roster of the same days towards whose mentors their apprentices are drawn; without it, the last roster.
    shrinkage : float
        Share of rostered time that is spent away from the phones, unplanned.
    pooled : bool
        Whether people take calls of other posts, too, when they are free.
    """

    first: date
    days: int
    zone: ZoneInfo
    people: tuple[str, ...]
    posts: tuple[str, ...]
    shifts: tuple[ShiftKind, ...]
    skill: Floats
    skill_sd: Floats
    licensed: Bools
    calls: Floats
    need: Floats
    handle_s: Floats
    patience_s: Floats
    leave: Bools
    training_minutes: Ints
    possible: Bools
    month: Ints
    month_days: Ints
    counted_minutes: Ints
    weekend: Ints
    wish_shift: Floats
    wish_off: Floats
    last_roster: Ints
    fixed: Bools
    run_before: Ints
    shift_before: Ints
    night_run_before: Ints
    nights_before: Ints
    weekends_before: Ints
    pairs: tuple[tuple[int, int], ...]
    limits: Limits
    first_pass: Ints | None = None
    shrinkage: float = 0.0
    pooled: bool = False

    @property
    def slots(self) -> int:
        return self.days * SLOTS_A_DAY

    @cached_property
    def nights(self) -> Bools:
        """(shifts,) which kinds are nights."""
        return np.array([kind.night for kind in self.shifts], np.bool_)

    @cached_property
    def minutes(self) -> Ints:
        """(shifts,) what each counts against the hours."""
        return np.array([kind.minutes for kind in self.shifts], np.int64)

    def day(self, number: int) -> date:
        """The date of day `number`."""
        return self.first + timedelta(number)

    def instant(self, day: int, minute: int) -> datetime:
        """The moment of a minute of a day's shift, on the wall clock of the centre; after a clock change wall-clock times stay."""
        return clock.instant_of(datetime.combine(self.day(day), time()) + timedelta(minutes=minute), self.zone)


def weekends(first: date, days: int) -> Ints:
    """(days,) number of the weekend (Saturday and Sunday) in which each day lies, -1 on other days."""
    weekday = (first.weekday() + np.arange(days)) % 7
    week = (first.weekday() + np.arange(days)) // 7
    return np.where(weekday >= 5, week, -1).astype(np.int64)
