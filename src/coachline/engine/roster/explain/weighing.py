"""What one shift of one person is worth, all others staying: without it, by somebody else, or at another time of the day."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.plan.objective import cover
from coachline.engine.roster.plan.request import OFF, Bools, Floats, Ints, Request
from coachline.engine.roster.solver.exchanging import Exchanges
from coachline.engine.roster.solver.keeping import in_the_way
from coachline.engine.roster.solver.problem import Cover, Problem, Schedule

TRIED = 12
"""Alternatives that are tried, the cheapest first, until one keeps the rules."""


def without_must(request: Request, may: Bools) -> Cover:
    """What shifts do for the posts, without a price on posts that must be manned: calls alone."""
    nothing = np.zeros_like(request.calls)
    return cover(request, may, nothing, nothing)


@dataclass(frozen=True)
class Weighed:
    """A shift of a person, against what else could be.

    Attributes
    ----------
    calls : float
        Calls that are resolved fewer when they stay at home and nobody comes instead.
    gain : float
        By how much the roster costs more then, prices of rules included.
    bound_by : str or None
        The rule that a day off would break; None where they could stay at home.
    other_person : int or None
        The cheapest who could come instead at the same posts, or exchange shifts or posts of the day, with all rules kept by both.
    other_way : str or None
        ``comes`` or ``exchanges``.
    other_person_cost : float or None
        By how much the roster costs more then.
    other_shift : int or None
        The cheapest other shift of the same day.
    other_shift_cost : float or None
    """

    calls: float
    gain: float
    bound_by: str | None
    other_person: int | None
    other_way: str | None
    other_person_cost: float | None
    other_shift: int | None
    other_shift_cost: float | None


class Cells:
    """What heads at posts cost, day by day in windows that may reach beyond the last day: there a head neither costs nor gains."""

    def __init__(self, cover: Cover) -> None:
        self.length, self.a_day = cover.part_slots.shape[1], cover.slots_a_day
        beyond = ((0, self.length), (0, 0))
        self.worth = np.pad(cover.worth, beyond)
        self._steps = np.pad(cover.steps, (*beyond, (0, 0)))
        self._begins = np.pad(np.cumsum(cover.widths, axis=2) - cover.widths, (*beyond, (0, 0)))
        self._widths = np.pad(cover.widths, (*beyond, (0, 0)))

    def window(self, day: int) -> slice:
        """Slots from the midnight of `day` on."""
        return slice(day * self.a_day, day * self.a_day + self.length)

    def cost(self, span: slice, heads: Floats) -> Floats:
        """(..., slots, posts) cost of the heads in a window."""
        filled = np.minimum(np.maximum(heads[..., None] - self._begins[span], 0.0), self._widths[span])
        return np.asarray(np.einsum("tbk,...tbk->...tb", self._steps[span], filled))


class Scales:
    """Weighs the shifts of a roster.

    Parameters
    ----------
    problem : Problem
    schedule : Schedule
    calls : Cover
        As of `without_must`.
    """

    def __init__(self, problem: Problem, schedule: Schedule, calls: Cover) -> None:
        self.problem, self.schedule = problem, schedule
        self.cells, self.calls = Cells(problem.cover), Cells(calls)
        edge = np.full((problem.people, 1), OFF)
        self.around = np.hstack([problem.shift_before[:, None], schedule.shift, edge])
        """Shifts with the day before the first and the one after the last, of which nothing is known."""
        self.minutes = np.zeros(problem.most_minutes.shape, np.int64)
        np.add.at(self.minutes.T, problem.period, np.where(schedule.shift == OFF, 0, problem.minutes[schedule.shift]).T)
        self.heads = np.zeros_like(self.cells.worth)
        for person, day in np.argwhere(schedule.shift != OFF).tolist():
            part, post = self._manned(person, day)
            np.add.at(self.heads[self.cells.window(day)].T, post, problem.cover.part_slots[part])

        self.exchanges = Exchanges(problem, schedule)

    def _manned(self, person: int, day: int) -> tuple[Ints, Ints]:
        """Parts of a day's shift, and the post in each."""
        part = np.flatnonzero(self.problem.cover.part_shift == self.schedule.shift[person, day])
        return part, self.schedule.post[person, day, part]

    def weigh(self, person: int, day: int, among: Ints) -> Weighed:
        """Weigh the shift of `person` on `day`.

        Parameters
        ----------
        person, day : int
        among : int array
            People who may be named in place of `person`.
        """
        problem, cover = self.problem, self.problem.cover
        shift, span = int(self.schedule.shift[person, day]), self.cells.window(day)
        part, post = self._manned(person, day)
        left = self.heads[span].copy()
        np.subtract.at(left.T, post, cover.part_slots[part])
        left = np.maximum(left, 0.0)
        without = self.cells.cost(span, left)
        lost, calls = (float((cells.cost(span, left) - cells.cost(span, self.heads[span])).sum()) for cells in (self.cells, self.calls))
        by_part = np.array([float(cover.part_slots[p] @ self.cells.worth[span, b]) for p, b in zip(part, post, strict=True)])
        skill = float(cover.skill[person, post] @ by_part)
        own = float(problem.cost[person, day, shift] - problem.off_cost[person, day])
        bound_by = self._without(person, day, OFF)
        ways = {"exchanges": self.exchanges.best(person, day, among)}
        if bound_by is None:
            ways["comes"] = self._instead(day, shift, among, post, by_part, own - skill)
        costs = {way: cost for way, (_, cost) in ways.items() if cost is not None}
        way = min(costs, key=lambda each: costs[each]) if costs else None
        who, cost = ways[way] if way else (None, None)
        other, other_cost = self._other_shift(person, day, span, left, without)
        gain = lost + skill - own
        return Weighed(calls + skill, gain, bound_by, who, way, cost, other, None if other_cost is None else gain + other_cost)

    def _without(self, person: int, day: int, instead: int) -> str | None:
        row = self.schedule.shift[person].copy()
        row[day] = instead
        return in_the_way(self.problem, person, row)

    def _instead(self, day: int, shift: int, among: Ints, post: Ints, by_part: Floats, own: float) -> tuple[int | None, float | None]:
        problem = self.problem
        free = among[(self.schedule.shift[among, day] == OFF) & problem.allowed[among, day, shift]]
        free = free[problem.cover.may[free][:, post].all(axis=1)]
        # What most often stands in the way is asked of all at once: hours, and rest to the days before and after.
        period = problem.period[day]
        free = free[self.minutes[free, period] + problem.minutes[shift] <= problem.most_minutes[free, period]]
        before, after = self.around[free, day], self.around[free, day + 2]
        free = free[((before == OFF) | problem.follows[before, shift]) & ((after == OFF) | problem.follows[shift, after])]
        costs = problem.cost[free, day, shift] - problem.off_cost[free, day] - problem.cover.skill[free][:, post] @ by_part - own
        for n in np.argsort(costs, kind="stable")[:TRIED]:
            if self._without(int(free[n]), day, shift) is None:
                return int(free[n]), float(costs[n])
        return None, None

    def _other_shift(self, person: int, day: int, span: slice, left: Floats, without: Floats) -> tuple[int | None, float | None]:
        """The cheapest other shift, and what it adds to the cost of staying at home."""
        problem, cover = self.problem, self.problem.cover
        posts = np.flatnonzero(cover.may[person])
        before, after = self.around[person, day], self.around[person, day + 2]
        could = problem.allowed[person, day] & ((before == OFF) | problem.follows[before]) & ((after == OFF) | problem.follows[:, after])
        could[self.schedule.shift[person, day]] = False
        part = np.flatnonzero(could[cover.part_shift])
        if not len(part) or not len(posts):
            return None, None
        share = cover.part_slots[part][:, :, None]
        worth = (share * self.cells.worth[span]).sum(axis=1)
        more = (self.cells.cost(span, left + share) - without).sum(axis=1) - cover.skill[person] * worth
        costs = problem.cost[person, day] - problem.off_cost[person, day]
        np.add.at(costs, cover.part_shift[part], more[:, posts].min(axis=1))
        for shift in sorted(np.flatnonzero(could).tolist(), key=lambda each: float(costs[each])):
            if self._without(person, day, shift) is None:
                return shift, float(costs[shift])
        return None, None
