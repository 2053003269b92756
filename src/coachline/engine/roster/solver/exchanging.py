"""Two people exchange their shifts of a day: posts stay manned as they are, only by others. What such an exchange costs needs no counting of heads."""

from __future__ import annotations

import time

import numpy as np

from coachline.engine.roster.solver.keeping import in_the_way
from coachline.engine.roster.solver.problem import OFF, Bools, Ints, Problem, Schedule

TRIED = 12
"""Exchanges of a shift that are tried, the cheapest first, until one keeps the rules."""


def exchanged(problem: Problem, schedule: Schedule, until: float, rounds: int = 20) -> Schedule:
    """The roster after all exchanges of two people's shifts on one day that make it cheaper, one after the other.

    Parameters
    ----------
    problem : Problem
    schedule : Schedule
        Is left as it is.
    until : float
        Of `time.monotonic`.
    rounds : int
    """
    found = Schedule(schedule.shift.copy(), schedule.post.copy())
    everybody = np.arange(problem.people)
    exchanges = Exchanges(problem, found)
    for _ in range(rounds):
        done = 0
        for person, day in np.argwhere(found.shift != OFF).tolist():
            if time.monotonic() > until:
                return found
            other, cost = exchanges.best(person, day, everybody)
            if other is not None and cost is not None and cost < -1e-9:
                exchanges.make(person, other, day)
                done += 1
        if not done:
            break
    return found


class Exchanges:
    """Exchanges of two people on one day.

    Parameters
    ----------
    problem : Problem
    schedule : Schedule
        Changes where an exchange is made.
    """

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.problem, self.schedule = problem, schedule
        cover = problem.cover
        # Nothing is known of the day after the last; what lies behind it is worth nothing.
        self._around = np.hstack([problem.shift_before[:, None], schedule.shift, np.full((problem.people, 1), OFF)])
        worth = np.pad(cover.worth, ((0, cover.part_slots.shape[1]), (0, 0)))
        posts = cover.may.shape[1]
        self._worth = np.zeros((problem.people, problem.days, posts))
        self._mans = np.zeros((problem.people, problem.days, posts), np.bool_)
        for person, day, part in np.argwhere(schedule.post >= 0).tolist():
            post, first = int(schedule.post[person, day, part]), day * cover.slots_a_day
            self._worth[person, day, post] += cover.part_slots[part] @ worth[first : first + cover.part_slots.shape[1], post]
            self._mans[person, day, post] = True

    def best(self, person: int, day: int, among: Ints) -> tuple[int | None, float | None]:
        """The cheapest of `among` with whom `person` could exchange, and what that costs; None where nobody."""
        problem, shift = self.problem, self.schedule.shift
        own, cover = int(shift[person, day]), problem.cover
        who = among[(shift[among, day] != OFF) & (among != person) & problem.allowed[among, day, own]]
        theirs = shift[who, day]
        # Nothing is exchanged between two who do the same.
        other = (theirs != own) | (self._mans[who, day] != self._mans[person, day]).any(axis=1)
        could = (
            other
            & problem.allowed[person, day, theirs]
            & self._may(who, self._mans[person, day])
            & ~(self._mans[who, day] & ~cover.may[person]).any(axis=1)
        )
        could &= self._follow(who, day, np.full(len(who), own)) & self._follow(np.full(len(who), person), day, theirs)
        who, theirs = who[could], theirs[could]
        skill = cover.skill[who] - cover.skill[person]
        gained = (skill * (self._worth[person, day] - self._worth[who, day])).sum(axis=1)
        paid = (
            problem.cost[who, day, own]
            - problem.cost[who, day, theirs]
            + problem.cost[person, day, theirs]
            - problem.cost[person, day, own]
        )
        costs = paid - gained
        for n in np.argsort(costs, kind="stable")[:TRIED]:
            if self._keep(person, int(who[n]), day):
                return int(who[n]), float(costs[n])
        return None, None

    def make(self, one: int, other: int, day: int) -> None:
        """Exchange the shifts of two people on a day."""
        forth, back = [one, other], [other, one]
        for array in (self.schedule.shift, self.schedule.post, self._worth, self._mans):
            array[forth, day] = array[back, day]
        self._around[forth, day + 1] = self._around[back, day + 1]

    def _may(self, who: Ints, posts: Bools) -> Bools:
        return np.asarray(self.problem.cover.may[who][:, posts].all(axis=1))

    def _follow(self, who: Ints, day: int, shift: Ints) -> Bools:
        """Whether shifts may follow what each has on the day before, and be followed by what they have after."""
        follows = self.problem.follows
        before, after = self._around[who, day], self._around[who, day + 2]
        return np.asarray(((before == OFF) | follows[before, shift]) & ((after == OFF) | follows[shift, after]))

    def _keep(self, one: int, other: int, day: int) -> bool:
        """Whether both keep all hard rules with each other's shift."""
        for person, from_ in ((one, other), (other, one)):
            row = self.schedule.shift[person].copy()
            row[day] = self.schedule.shift[from_, day]
            if in_the_way(self.problem, person, row) is not None:
                return False
        return True
