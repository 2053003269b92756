"""People who work on the same day exchange their shifts: posts stay manned as they are, only by others, so that no heads need be counted.

As everybody goes on working on the same days, of the rules only rest, hours, and numbers of shifts of a kind can be broken. Who best does what on a day is
then an assignment problem, solved by the method of Jonker and Volgenant (1987), *Computing* 38, 325-340, in SciPy.
"""

from __future__ import annotations

import time

import numpy as np

from coachline.engine.roster.solver.problem import OFF, Bools, Floats, Ints, Problem, Schedule


def exchanged(problem: Problem, schedule: Schedule, until: float, rounds: int = 20) -> Schedule:
    """The roster after each day's shifts have been given to those of the day who fit them best, until no day gains.

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
    exchanges = Exchanges(problem, found)
    for _ in range(rounds):
        gains = 0.0
        for day in range(problem.days):
            if time.monotonic() > until:
                return found
            gains += exchanges.assign(day)
        if gains <= 1e-9:
            break
    return found


class Exchanges:
    """Exchanges of shifts within each day.

    Parameters
    ----------
    problem : Problem
    schedule : Schedule
        Changes where shifts are exchanged; must keep the rules.
    """

    def __init__(self, problem: Problem, schedule: Schedule) -> None:
        self.problem, self.schedule = problem, schedule
        cover, shift = problem.cover, schedule.shift
        # Nothing is known of the day after the last; what lies behind it is worth nothing.
        self._around = np.hstack([problem.shift_before[:, None], shift, np.full((problem.people, 1), OFF)])
        worth = np.pad(cover.worth, ((0, cover.part_slots.shape[1]), (0, 0)))
        self._worth = np.zeros((problem.people, problem.days, cover.may.shape[1]))
        self._mans = np.zeros(self._worth.shape, np.bool_)
        for person, day, part in np.argwhere(schedule.post >= 0).tolist():
            post, first = int(schedule.post[person, day, part]), day * cover.slots_a_day
            self._worth[person, day, post] += cover.part_slots[part] @ worth[first : first + cover.part_slots.shape[1], post]
            self._mans[person, day, post] = True
        self._minutes = np.zeros(problem.most_minutes.shape, np.int64)
        np.add.at(self._minutes.T, problem.period, np.where(shift == OFF, 0, problem.minutes[shift]).T)
        days = np.arange(problem.days)
        of_kind = np.where(shift == OFF, False, problem.counted[:, days, shift])
        self._numbers = of_kind.sum(axis=2).T

    def best(self, person: int, day: int, among: Ints) -> tuple[int | None, float | None]:
        """The cheapest of `among` with whom `person` could exchange, and what that costs; None where nobody."""
        shift = self.schedule.shift
        who = among[(shift[among, day] != OFF) & (among != person)]
        # Nothing is exchanged between two who do the same.
        other = (shift[who, day] != shift[person, day]) | (self._mans[who, day] != self._mans[person, day]).any(axis=1)
        who, one = who[other], np.array([person])
        who = who[self._could(who, day, one)[:, 0] & self._could(one, day, who)[0]]
        if not len(who):
            return None, None
        costs = self._costs(who, day, one)[:, 0] + self._costs(one, day, who)[0] - self._own(who, day) - self._own(one, day)
        cheapest = int(costs.argmin())
        return int(who[cheapest]), float(costs[cheapest])

    def assign(self, day: int) -> float:
        """Give the shifts of a day to those of the day who fit them best; what is gained."""
        from scipy.optimize import linear_sum_assignment  # takes a while to load

        who = np.flatnonzero(self.schedule.shift[:, day] != OFF)
        if len(who) < 2:
            return 0.0
        costs = np.where(self._could(who, day, who), self._costs(who, day, who), np.inf)
        now = self._own(who, day)
        np.fill_diagonal(costs, now)
        rows, columns = linear_sum_assignment(costs)
        gain = float(now.sum() - costs[rows, columns].sum())
        if gain <= 1e-9:
            return 0.0
        self.give(who[rows], day, who[columns])
        return gain

    def give(self, who: Ints, day: int, of: Ints) -> None:
        """Each of `who` gets what the one of `of` at the same place has; both are the same people."""
        shift, problem = self.schedule.shift, self.problem
        before, after, period = shift[who, day], shift[of, day], problem.period[day]
        self._minutes[who, period] += problem.minutes[after] - problem.minutes[before]
        counted = problem.counted[:, day].astype(np.int64)
        self._numbers[who] += (counted[:, after] - counted[:, before]).T
        for array in (shift, self.schedule.post, self._worth, self._mans):
            array[who, day] = array[of, day]
        self._around[who, day + 1] = after

    def _nights_beside(self, who: Ints, day: int) -> Ints:
        """(who,) nights in a row up to the day before and from the day after on."""
        night = np.where(self._around[who] == OFF, False, self.problem.night[self._around[who]])
        eve = np.maximum(self.problem.night_run_before[who] - 1, 0)
        back, ahead = night[:, : day + 1][:, ::-1], night[:, day + 2 :]
        before, after = (np.logical_and.accumulate(part, axis=1).sum(axis=1) for part in (back, ahead))
        return np.asarray(before + after + np.where(before == day + 1, eve, 0))

    def _costs(self, who: Ints, day: int, of: Ints) -> Floats:
        """(who, of) cost of the first with the shift and posts of the second."""
        problem = self.problem
        own = problem.cost[who[:, None], day, self.schedule.shift[of, day]]
        return np.asarray(own - problem.cover.skill[who] @ self._worth[of, day].T)

    def _own(self, who: Ints, day: int) -> Floats:
        """(who,) cost of each with what they have."""
        problem = self.problem
        skill = (problem.cover.skill[who] * self._worth[who, day]).sum(axis=1)
        return np.asarray(problem.cost[who, day, self.schedule.shift[who, day]] - skill)

    def _could(self, who: Ints, day: int, of: Ints) -> Bools:
        """(who, of) whether the first keeps all rules with the shift and posts of the second."""
        problem, now = self.problem, self.schedule.shift[who, day]
        shift = self.schedule.shift[of, day]
        before, after, period = self._around[who, day][:, None], self._around[who, day + 2][:, None], problem.period[day]
        could = problem.allowed[who[:, None], day, shift]
        could &= (before == OFF) | problem.follows[before, shift]
        could &= (after == OFF) | problem.follows[shift[None, :], after]
        could &= ~problem.night[shift] | (self._nights_beside(who, day) < problem.longest_nights[who])[:, None]
        minutes = (self._minutes[who, period] - problem.minutes[now])[:, None] + problem.minutes[shift]
        could &= (minutes <= problem.most_minutes[who, period][:, None]) & (minutes >= problem.least_minutes[who, period][:, None])
        for kind, counted in enumerate(problem.counted[:, day].astype(np.int64)):
            number = (self._numbers[who, kind] - counted[now])[:, None] + counted[shift]
            could &= number <= problem.most[who, kind][:, None]
        barred = (~problem.cover.may[who]).astype(np.int64) @ self._mans[of, day].T.astype(np.int64)
        return np.asarray(could & (barred == 0))
