"""Who is rostered when: weekly rotating shifts with staggered breaks, team meetings, leave and booked trainings."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
import pyarrow as pa

from coachline.engine.simulate.holidays import DayKind, kind_of
from coachline.engine.simulate.instants import instants
from coachline.engine.simulate.people import People
from coachline.engine.simulate.size import CentreSize

HOUR = 3600
DAY_S = 24 * HOUR


class Shift(IntEnum):
    """The shift of an agent on a day."""

    OFF = 0
    EARLY = 1
    DAY = 2
    LATE = 3
    NIGHT = 4


STARTS = np.array([0, 8, 9, 13.5, 22]) * HOUR
ENDS = np.array([0, 16, 17.5, 22, 32]) * HOUR
BREAKS = np.array([[0, 0, 0], [11, 11.75, 12.5], [11.5, 12.25, 13], [16, 16.75, 20.5], [25, 27, 29]]) * HOUR
"""Start of the break by shift and by relay, so that not everybody eats at once. All in seconds of the day."""
BREAK_S = np.array([0, 0.75, 0.75, 0.75, 2]) * HOUR
MEETING_S = 0.5 * HOUR
TRAINING_STARTS = 14 * HOUR
"""A time at which every day shift is at work."""

DAY_SHIFT_SHARES = (0.38, 0.30, 0.32)
OFF_WEIGHTS = np.array([0.5, 0.7, 0.7, 0.7, 0.8, 1.7, 2.1])
"""How much each weekday, Monday first, is wished for as a day off."""
HOLIDAY_OFF, HOLIDAY_WEEKEND_OFF, WORKED_WEEKEND_ON, LEAVE = 0.4, 0.15, 0.5, 0.02

ACTIVITIES = ("work", "break", "training", "meeting", "leave")


@dataclass(frozen=True)
class Pieces:
    """Stretches of one activity each: agent number, start and end in seconds from the midnight of their day, activity number."""

    agent: np.ndarray
    start: np.ndarray
    end: np.ndarray
    activity: np.ndarray

    def only(self, keep: np.ndarray) -> Pieces:
        """The pieces of a mask or an index."""
        return Pieces(self.agent[keep], self.start[keep], self.end[keep], self.activity[keep])

    @classmethod
    def joined(cls, parts: list[Pieces]) -> Pieces:
        """All pieces of `parts`."""
        return cls(
            np.concatenate([p.agent for p in parts]),
            np.concatenate([p.start for p in parts]),
            np.concatenate([p.end for p in parts]),
            np.concatenate([p.activity for p in parts]),
        )


@dataclass(frozen=True)
class Roster:
    """Shifts by day and agent, and the trainings booked into them."""

    size: CentreSize
    shift: np.ndarray
    """(D + 1, A) `Shift`; the last row, -1, is the eve of the first day, of which only the night counts."""
    leave: np.ndarray
    """(D + 1, A) rostered, but away."""
    relay: np.ndarray
    """(A,) relay of the break."""
    meets: np.ndarray
    """(D + 1, A) shift begins with the team meeting."""
    bookings: dict[int, list[tuple[int, float]]] = field(default_factory=dict)
    """Day -> (agent, hours) of trainings at `TRAINING_STARTS`."""

    @classmethod
    def draw(cls, size: CentreSize, people: People, night_staff: int, rng: np.random.Generator) -> Roster:
        """Draw the whole roster.

        Parameters
        ----------
        size : CentreSize
        people : People
        night_staff : int
            People wanted in every night; 0 where the centre closes.
        rng : numpy.random.Generator

        Returns
        -------
        Roster
        """
        agents = people.count
        shift = np.zeros((size.days + 1, agents), np.int8)
        first_weekday = size.start.weekday()
        for monday in range(-first_weekday, size.days, 7):
            week = _week(agents, night_staff, rng)
            inside = slice(max(monday, 0), min(monday + 7, size.days))
            shift[inside] = week[inside.start - monday : inside.stop - monday]
        eve = _week(agents, night_staff, rng)[6]
        shift[-1] = np.where(eve == Shift.NIGHT, eve, Shift.OFF)
        # Day numbers of the rows: -1 stands last.
        days = np.append(np.arange(size.days), -1)
        kinds = np.array([kind_of(size.day(int(d))) for d in days])
        on_day = (shift > Shift.OFF) & (shift < Shift.NIGHT)
        chance = rng.random(shift.shape)
        weekday = (first_weekday + days) % 7
        off = np.where(kinds == DayKind.HOLIDAY, np.where(weekday < 5, HOLIDAY_OFF, HOLIDAY_WEEKEND_OFF), 0.0)
        shift[on_day & (chance < off[:, None])] = Shift.OFF
        called_in = (shift == Shift.OFF) & ((kinds == DayKind.WORKED_WEEKEND) & (days >= 0))[:, None] & (chance < WORKED_WEEKEND_ON)
        shift[called_in] = Shift.DAY
        # A night ends at eight in the morning: nobody goes on to a day shift from it.
        for day in range(size.days):
            shift[day, (shift[day - 1] == Shift.NIGHT) & (shift[day] != Shift.NIGHT)] = Shift.OFF
        present = np.array([people.present(int(d)) for d in days])
        shift[~present] = Shift.OFF
        leave = (shift != Shift.OFF) & (rng.random(shift.shape) < LEAVE)
        meets = (weekday[:, None] == people.team[None, :] % 5) & (kinds == DayKind.WORKDAY)[:, None] & (shift < Shift.NIGHT)
        return cls(size, shift, leave, rng.integers(3, size=agents), meets & ~leave)

    def by_day(self, day: int) -> np.ndarray:
        """(A,) who works a day shift on `day`."""
        shift = self.shift[day]
        return np.asarray((shift > Shift.OFF) & (shift < Shift.NIGHT) & ~self.leave[day])

    def book(self, day: int, agent: int, hours: float) -> None:
        """Take `agent`, who must be on a day shift, out of the calls for a training."""
        self.bookings.setdefault(day, []).append((agent, hours))

    def booked(self, day: int) -> set[int]:
        """Agents who already have a training on `day`."""
        return {agent for agent, _ in self.bookings.get(day, ())}

    def pieces(self, day: int) -> Pieces:
        """What everybody rostered on `day` does, in order of agents."""
        agent = np.flatnonzero(self.shift[day])
        kind, away, meets = self.shift[day, agent], self.leave[day, agent], self.meets[day, agent]
        start, end = STARTS[kind], ENDS[kind]
        pause = BREAKS[kind, self.relay[agent]]
        pause_end = pause + BREAK_S[kind]
        opening = start + np.where(meets, MEETING_S, 0.0)
        here = np.flatnonzero(~away)
        gone = np.flatnonzero(away)
        parts = [
            _pieces(agent[here], opening[here], pause[here], "work"),
            _pieces(agent[here], pause[here], pause_end[here], "break"),
            _pieces(agent[here], pause_end[here], end[here], "work"),
            _pieces(agent[meets], start[meets], opening[meets], "meeting"),
            _pieces(agent[gone], start[gone], end[gone], "leave"),
        ]
        if day in self.bookings:
            parts = _with_trainings(Pieces.joined(parts), self.bookings[day])
        whole = Pieces.joined(parts)
        return whole.only(np.lexsort((whole.start, whole.agent)))

    def table(self, agent_ids: np.ndarray) -> pa.Table:
        """The fact table of shifts."""
        numbers = range(-1, self.size.days)
        days = [self.pieces(d) for d in numbers]
        whole = Pieces.joined(days)
        midnight = np.repeat(np.array(numbers) * DAY_S, [len(p.agent) for p in days])
        return pa.table(
            {
                "agent_id": pa.array(agent_ids[whole.agent]),
                "starts_at": instants(self.size.start, midnight + whole.start),
                "ends_at": instants(self.size.start, midnight + whole.end),
                "activity": pa.array(ACTIVITIES).take(pa.array(whole.activity)),
            }
        )


def _week(agents: int, night_staff: int, rng: np.random.Generator) -> np.ndarray:
    """(7, A) shifts of a week: one kind of shift each, two days off."""
    kind = rng.choice(np.array([Shift.EARLY, Shift.DAY, Shift.LATE]), agents, p=DAY_SHIFT_SHARES)
    nights = min(-(-night_staff * 7 // 5), agents // 3)
    by_night = rng.permutation(agents)[:nights]
    kind[by_night] = Shift.NIGHT
    wish = np.log(np.where(kind == Shift.NIGHT, 1.0, OFF_WEIGHTS[:, None])) + rng.gumbel(size=(7, agents))
    # Nights are covered evenly over the week, not by wishes.
    wish[:, by_night] = -((np.arange(7)[:, None] - 3 * np.arange(nights)[None, :]) % 7)
    off = np.argsort(-wish, axis=0, kind="stable")[:2]
    week = np.tile(kind, (7, 1)).astype(np.int8)
    np.put_along_axis(week, off, np.int8(Shift.OFF), axis=0)
    return week


def _pieces(agent: np.ndarray, start: np.ndarray, end: np.ndarray, activity: str) -> Pieces:
    return Pieces(agent, start, end, np.full(len(agent), ACTIVITIES.index(activity), np.int8))


def _with_trainings(whole: Pieces, booked: list[tuple[int, float]]) -> list[Pieces]:
    """Cut the trainings out of the stretches of work that hold them."""
    hours = np.zeros(int(whole.agent.max(initial=0)) + 1 + max(a for a, _ in booked))
    for agent, length in booked:
        hours[agent] = length
    until = TRAINING_STARTS + hours[whole.agent] * HOUR
    work = whole.activity == ACTIVITIES.index("work")
    cut = work & (until > TRAINING_STARTS) & (whole.start <= TRAINING_STARTS) & (whole.end >= until)
    agent, begin = whole.agent[cut], np.full(int(cut.sum()), float(TRAINING_STARTS))
    parts = [
        whole.only(~cut),
        _pieces(agent, whole.start[cut], begin, "work"),
        _pieces(agent, begin, until[cut], "training"),
        _pieces(agent, until[cut], whole.end[cut], "work"),
    ]
    return [p.only(p.end > p.start) for p in parts]
