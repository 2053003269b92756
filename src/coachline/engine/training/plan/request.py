"""What a plan is asked for: sessions, people at work, trainers, rooms, load and limits, as plain numbers.

Time is counted in half-hours ("halves") of the centre's wall clock from midnight of the first day; a slot is one half.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HALVES_A_DAY = 48
HALF_S = 1800
OWN_BREAK_FROM = 8
"""Halves from which on a session holds its own break, so that it may lie over that of a shift."""

Required = Literal["usual", "sessions", "places"]


@dataclass(frozen=True)
class Session:
    """One training of one group.

    Attributes
    ----------
    code, group, business, method : str
    businesses : tuple of str
        All that it is about.
    hours : float
    halves : int
        Slots that it takes, rounded up.
    members : tuple of int
        Places in `Request.people`.
    gains : tuple of float
        Calls gained by each member.
    least : int
        Fewer do not make a session.
    in_room : bool
        Whether it needs a room.
    """

    code: str
    group: str
    business: str
    businesses: tuple[str, ...]
    method: str
    hours: float
    halves: int
    members: tuple[int, ...]
    gains: tuple[float, ...]
    least: int
    in_room: bool


@dataclass(frozen=True)
class Room:
    name: str
    seats: int


@dataclass(frozen=True)
class Limits:
    """What the plan must keep to.

    Attributes
    ----------
    opens, closes : float
        Hours of the day between which sessions lie.
    most_away : float
        Share of those at work who may be in training at once in a half-hour of the day's usual load; fewer where the load is higher.
    cool_down_days : float
        From the end of one session of a person to the start of the next.
    hours_cap : float
        Hours a person and month, training included.
    beyond_shift : int
        Halves before or behind a shift that a session may take.
    budget_hours, budget_money : float or None
        Person-hours of those trained; money for these and for the trainers' hours.
    cost_per_hour, trainer_cost_per_hour : float
    load_price : float
        What a call is worth that others must take over, in calls gained.
    required : str
        ``usual``: the best that can be had; ``sessions``: each must be held; ``places``: with everybody.
    """

    opens: float = 8.0
    closes: float = 20.0
    most_away: float = 0.15
    cool_down_days: float = 1.0
    hours_cap: float = 167.0
    beyond_shift: int = 0
    budget_hours: float | None = None
    budget_money: float | None = None
    cost_per_hour: float = 40.0
    trainer_cost_per_hour: float = 80.0
    load_price: float = 0.02
    required: Required = "usual"


@dataclass(frozen=True)
class Request:
    """Everything that decides about a plan.

    Attributes
    ----------
    first : date
        Day of slot 0.
    zone : ZoneInfo
    sessions : tuple of Session
    people : tuple of str
        Members and trainers.
    at_work : (people, slots) bool array
        Whole half-hours on the phones.
    here : (people, slots) bool array
        The same, or in a break of the shift.
    hours_left : (people, months) float array
        What the cap leaves for hours beyond the shifts; NaN where hours are not known.
    month : (slots,) int array
        Which month a slot lies in.
    trainers : tuple of int
        Places in `people`.
    licensed : (trainers, sessions) bool array
    on_floor : (trainers,) bool array
        Whether a trainer takes calls, too, and so is missed there.
    rooms : tuple of Room
    floor : (slots,) float array
        People at work.
    load : (slots,) float array
        Calls expected.
    limits : Limits
    """

    first: date
    zone: ZoneInfo
    sessions: tuple[Session, ...]
    people: tuple[str, ...]
    at_work: Bools
    here: Bools
    hours_left: Floats
    month: Ints
    trainers: tuple[int, ...]
    licensed: Bools
    on_floor: Bools
    rooms: tuple[Room, ...]
    floor: Floats
    load: Floats
    limits: Limits

    @property
    def slots(self) -> int:
        return len(self.floor)

    @cached_property
    def calls_each(self) -> Floats:
        """(slots,) calls per person at work in a half-hour; where nobody is at work and somebody calls, infinite."""
        with np.errstate(divide="ignore", invalid="ignore"):
            each = self.load / self.floor
        return np.where(self.load > 0, each, 0.0)

    @cached_property
    def usual_calls_each(self) -> Floats:
        """(slots,) the same over the opening hours of the day in which the slot lies: all calls by all half-hours of work."""
        hour = np.arange(self.slots) % HALVES_A_DAY / 2.0
        open_ = (hour >= self.limits.opens) & (hour < self.limits.closes)
        day = np.arange(self.slots) // HALVES_A_DAY
        calls, work = (np.bincount(day, np.where(open_, values, 0.0)) for values in (self.load, self.floor))
        return np.asarray(np.divide(calls, work, out=np.zeros_like(calls), where=work > 0)[day])

    @cached_property
    def may_be_away(self) -> Ints:
        """(slots,) how many may be in training at once: the share `most_away` of those at work, less where the load is above the day's usual one.

        One and who teaches may always be away where others stay and the load is not above the usual one, else a small centre could train nobody.
        """
        quiet = np.ones(self.slots)
        loaded = self.calls_each > self.usual_calls_each
        np.divide(self.usual_calls_each, self.calls_each, out=quiet, where=loaded)
        most = np.floor(self.limits.most_away * self.floor * quiet + 1e-9).astype(np.int64)
        most = np.where(~loaded & (self.floor >= 3) & (self.limits.most_away > 0), np.maximum(most, 2), most)
        # Where nobody is at work and nobody calls, nobody is missed: before the first shift, say.
        return np.where((self.floor == 0) & (self.load == 0), len(self.people), most)

    def misses_trainer(self, number: int) -> bool:
        """Whether the floor misses who teaches session `number`; where only some of those who may teach it take calls, it is supposed to."""
        return self._misses_trainer[number]

    @cached_property
    def _misses_trainer(self) -> tuple[bool, ...]:
        return tuple(bool(self.on_floor[self.licensed[:, number]].any()) for number in range(len(self.sessions)))

    @cached_property
    def _load_of_one_away(self) -> dict[int, Floats]:
        total = np.concatenate([[0.0], np.cumsum(np.where(np.isfinite(self.calls_each), self.calls_each, 0.0))])
        found = {}
        for halves in {session.halves for session in self.sessions}:
            found[halves] = np.full(self.slots, np.nan)
            found[halves][: max(self.slots - halves + 1, 0)] = total[halves:] - total[:-halves]
        return found

    def attends(self, person: int, halves: int, beyond: int = 0) -> Bools:
        """(slots,) at which slots a session of `halves` may start for `person` by the shift, `beyond` halves of it before or behind."""
        extra = _beside(self.here[person], beyond)
        if halves >= OWN_BREAK_FROM:
            work = self.at_work[person] | extra
            whole = _run(self.here[person] | extra, halves)
            last = np.zeros_like(work)
            last[: max(self.slots - halves + 1, 0)] = work[halves - 1 :]
            return np.asarray(whole & work & last)
        return _run(self.at_work[person] | extra, halves)

    def beyond(self, person: int, halves: int) -> Ints:
        """(slots,) how many halves of a session lie outside the shift of `person`."""
        outside = np.concatenate([[0], np.cumsum(~self.here[person])])
        found = np.zeros(self.slots, np.int64)
        found[: max(self.slots - halves + 1, 0)] = outside[halves:] - outside[:-halves]
        return found

    def load_of_one_away(self, halves: int) -> Floats:
        """(slots,) calls that others must take over where one person is away for `halves` from a slot on."""
        return self._load_of_one_away[halves]

    def instant(self, slot: int) -> datetime:
        """The moment at which a slot begins, with the centre's zone."""
        day, half = divmod(slot, HALVES_A_DAY)
        when = self.first + timedelta(day)
        return datetime(when.year, when.month, when.day, half // 2, half % 2 * 30, tzinfo=self.zone)


def _run(free: Bools, halves: int) -> Bools:
    """Where `halves` slots in a row are free."""
    taken = np.concatenate([[0], np.cumsum(~free)])
    found = np.zeros(len(free), np.bool_)
    if halves <= len(free):
        found[: len(free) - halves + 1] = taken[halves:] == taken[:-halves]
    return found


def _beside(here: Bools, halves: int) -> Bools:
    """Slots outside a shift that lie at most `halves` before or behind it."""
    near = here.copy()
    for step in range(1, halves + 1):
        near[step:] |= here[:-step]
        near[:-step] |= here[step:]
    return np.asarray(near & ~here)
