"""Breaks inside shifts: each moved within its window to where the calls need its taker least.

The solver saw breaks spread evenly over their windows. Here each is placed in turn, and all a second time when the others are known; as more heads at a post
help ever less, this finds what no single break could better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.plan.objective import answered
from coachline.engine.roster.plan.request import DAY_MINUTES, MEAL_FROM, SLOT_MINUTES, SLOTS_A_DAY, Floats, Ints, Request, ShiftKind
from coachline.engine.roster.solver.problem import Schedule

STEP = 5
STEPS_A_SLOT = SLOT_MINUTES // STEP
DAY_STEPS = DAY_MINUTES // STEP
ROUNDS = 2
TOO_MANY = 1e3
"""What five minutes in which too many are in their break cost, in calls: more than any calls."""
OUT_OF_BOUNDS = 1e4
"""The same of a minute by which a stretch of work is too long or too short: more than any crowd."""

ON_BREAK = -1


@dataclass(frozen=True)
class Stretch:
    """Work at a post, or a break (`ON_BREAK`), in minutes from the midnight of the shift's day."""

    start: int
    end: int
    post: int


@dataclass
class Placed:
    """A shift with its breaks.

    Attributes
    ----------
    person, day, kind : int
    posts : tuple of int
        Post before, between and behind the breaks.
    begins : list of int
        When each break begins.
    """

    person: int
    day: int
    kind: int
    posts: tuple[int, ...]
    begins: list[int]

    def stretches(self, request: Request) -> list[Stretch]:
        """Work and breaks in order."""
        kind, found = request.shifts[self.kind], []
        at = kind.starts
        for post, pause, begins in zip(self.posts, kind.breaks, self.begins, strict=False):
            found += [Stretch(at, begins, post), Stretch(begins, begins + pause.minutes, ON_BREAK)]
            at = begins + pause.minutes
        found.append(Stretch(at, kind.ends, self.posts[-1]))
        return [each for each in found if each.end > each.start]


class Floor:
    """Who is where in steps of five minutes."""

    def __init__(self, request: Request, placed: Sequence[Placed]) -> None:
        self.request = request
        steps = (request.days + 2) * DAY_STEPS
        self.at_post = np.zeros((len(request.posts), steps))
        self.away = np.zeros((len(request.posts), steps))
        for shift in placed:
            self.add(shift, 1.0)
        self.gain = self._gains(int(self.at_post.max(initial=0)) + 2)

    def add(self, shift: Placed, sign: float) -> None:
        """Count a shift in, or out."""
        before = shift.posts[0]
        for each in shift.stretches(self.request):
            span = slice(shift.day * DAY_STEPS + each.start // STEP, shift.day * DAY_STEPS + each.end // STEP)
            if each.post == ON_BREAK:
                self.away[before, span] += sign
            else:
                self.at_post[each.post, span] += sign
                before = each.post

    def heads(self) -> Floats:
        """(slots, posts) people at each post, in the mean over each half-hour."""
        steps = self.at_post[:, : self.request.days * DAY_STEPS]
        return np.asarray(steps.reshape(len(steps), -1, STEPS_A_SLOT).mean(axis=2).T)

    def _gains(self, most: int) -> Floats:
        """(posts, slots, heads) calls answered with 0, 1, … heads; nothing behind the last day."""
        request = self.request
        found = np.zeros((len(request.posts), request.slots + 2 * SLOTS_A_DAY, most + 1))
        for heads in range(1, most + 1):
            share = answered(request, np.full(request.calls.shape, float(heads)))
            found[:, : request.slots, heads] = (request.calls * share).T
        return np.asarray(found)

    def move(self, shift: Placed, number: int) -> None:
        """Place a break of `shift` where it costs least; the shift is not counted meanwhile."""
        kind = self.request.shifts[shift.kind]
        pause = kind.breaks[number]
        low = kind.starts if number == 0 else shift.begins[number - 1] + kind.breaks[number - 1].minutes
        high = kind.ends if number == len(kind.breaks) - 1 else shift.begins[number + 1]
        starts = np.arange(max(pause.earliest, low), min(pause.latest, high - pause.minutes) + 1, STEP)
        if len(starts) < 2:
            return
        first, last = int(starts[0]) // SLOT_MINUTES, -(-int(starts[-1] + pause.minutes) // SLOT_MINUTES)
        edges = np.arange(first, last) * SLOT_MINUTES
        before, after = shift.posts[number], shift.posts[number + 1]
        own_before = _share(edges, np.full_like(starts, low), starts)
        own_after = _share(edges, starts + pause.minutes, np.full_like(starts, high))
        slots = shift.day * SLOTS_A_DAY + np.arange(first, last)
        if before == after:
            value = self._value(before, slots, own_before + own_after)
        else:
            value = self._value(before, slots, own_before) + self._value(after, slots, own_after)
        value = value - OUT_OF_BOUNDS * (self._beyond(starts - low) + self._beyond(high - starts - pause.minutes))
        shift.begins[number] = int(starts[np.argmax(value - TOO_MANY * self._crowded(shift.day, before, starts, pause.minutes))])

    def _value(self, post: int, slots: Ints, own: Floats) -> Floats:
        """(candidates,) calls answered at a post when somebody is there in the share `own` (candidates, slots)."""
        steps = self.at_post[post].reshape(-1, STEPS_A_SLOT)[slots].mean(axis=1)
        heads = np.clip(steps + own, 0.0, self.gain.shape[2] - 1.001)
        whole = heads.astype(np.int64)
        part = heads - whole
        return np.asarray(((1.0 - part) * self.gain[post, slots, whole] + part * self.gain[post, slots, whole + 1]).sum(axis=1))

    def _beyond(self, minutes: Ints) -> Floats:
        """Minutes by which stretches of work are longer or shorter than they may be."""
        limits = self.request.limits
        return np.asarray(
            np.maximum(minutes - 60.0 * limits.longest_stretch_h, 0.0) + np.maximum(60.0 * limits.least_stretch_h - minutes, 0.0)
        )

    def _crowded(self, day: int, post: int, starts: Ints, minutes: int) -> Floats:
        """(candidates,) steps of a break in which more than the allowed share would be away."""
        steps = slice(day * DAY_STEPS + int(starts[0]) // STEP, day * DAY_STEPS + int(starts[-1] + minutes) // STEP)
        away = self.away[post, steps] + 1.0
        most = np.maximum(np.floor(self.request.limits.most_on_break * (away + self.at_post[post, steps]) + 1e-9), 1.0)
        total = np.concatenate([[0.0], np.cumsum(away > most)])
        length = minutes // STEP
        return np.asarray(total[length:] - total[:-length])[: len(starts)]


def _share(edges: Ints, begins: Ints, ends: Ints) -> Floats:
    """(candidates, slots) share of each slot that lies between `begins` and `ends`."""
    covered = np.minimum(ends[:, None], edges + SLOT_MINUTES) - np.maximum(begins[:, None], edges)
    return np.asarray(np.clip(covered, 0, SLOT_MINUTES) / SLOT_MINUTES, float)


def placed_breaks(request: Request, schedule: Schedule, part_shift: Ints) -> tuple[list[Placed], Floats]:
    """Shifts of a schedule with their breaks, and (slots, posts) heads.

    Parameters
    ----------
    request : Request
    schedule : Schedule
    part_shift : (parts,) int array
        See `Cover`.
    """
    shifts = [_unplaced(request, schedule, part_shift, int(person), int(day)) for person, day in np.argwhere(schedule.shift >= 0)]
    _stagger(request, shifts)
    floor = Floor(request, shifts)
    for _ in range(ROUNDS):
        for shift in shifts:
            if shift.begins:
                floor.add(shift, -1.0)
                for number in range(len(shift.begins)):
                    floor.move(shift, number)
                floor.add(shift, 1.0)
    return shifts, floor.heads()


def _stagger(request: Request, shifts: Sequence[Placed]) -> None:
    """Begin with breaks that follow one another, by kind, day and post, as far as the stretches of work between them may be."""
    least, longest = (int(60 * hours) for hours in (request.limits.least_stretch_h, request.limits.longest_stretch_h))
    room = [_room(kind, least, longest) for kind in request.shifts]
    taken: Counter[tuple[int, int, int, int]] = Counter()
    for shift in shifts:
        kind = request.shifts[shift.kind]
        back = kind.starts
        for number, pause in enumerate(kind.breaks):
            beside = (shift.day, shift.kind, shift.posts[number], number)
            places = (pause.latest - pause.earliest) // max(pause.minutes, STEP) + 1
            low, high = room[shift.kind][number]
            wanted = pause.earliest + taken[beside] % places * pause.minutes
            wanted = min(max(wanted, low, back + least), high, back + longest)
            shift.begins[number] = min(max(wanted, pause.earliest), pause.latest) // STEP * STEP
            back = shift.begins[number] + pause.minutes
            taken[beside] += 1


def _room(kind: ShiftKind, least: int, longest: int) -> list[tuple[int, int]]:
    """When each break may begin, so that those behind it can still keep their windows and the stretches of work."""
    found, first, last = [], kind.ends, kind.ends
    for pause in reversed(kind.breaks):
        first, last = max(pause.earliest, first - pause.minutes - longest), min(pause.latest, last - pause.minutes - least)
        found.append((first, last))
    return found[::-1]


def _unplaced(request: Request, schedule: Schedule, part_shift: Ints, person: int, day: int) -> Placed:
    """A shift with breaks at the beginning of their windows; short breaks leave the post as it is."""
    number = int(schedule.shift[person, day])
    of_parts = schedule.post[person, day, part_shift == number].tolist()
    kind, posts, part = request.shifts[number], [int(of_parts[0])], 0
    for pause in kind.breaks:
        part += pause.minutes >= MEAL_FROM
        posts.append(int(of_parts[part]))
    return Placed(person, day, number, tuple(posts), [pause.earliest for pause in kind.breaks])
