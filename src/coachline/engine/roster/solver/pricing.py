"""Rosters of single people at given prices of heads, with the posts that are best in each shift."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.solver.cheapest_roster import cheapest_roster
from coachline.engine.roster.solver.kinds_in_row import Kinds, longest_row
from coachline.engine.roster.solver.problem import OFF, Bools, Floats, Ints, Problem

LITTLE = 0.08
"""Mean share by which shifts may be rounded up."""


@dataclass(frozen=True)
class Roster:
    """One person's roster.

    Attributes
    ----------
    person : int
    shift : (days,) int array
    post : (days, parts) int array
        -1 where the part is not worked.
    own_cost : float
        Of the person alone: shifts, days off and skill; without the heads.
    cells : int array
        Cells (slot times posts plus post) to which the roster adds heads; each once.
    heads : float array
    """

    person: int
    shift: Ints
    post: Ints
    own_cost: float
    cells: Ints
    heads: Floats

    @property
    def key(self) -> tuple[int, bytes, bytes]:
        return self.person, self.shift.tobytes(), self.post.tobytes()


@dataclass(frozen=True)
class Hours:
    """Minutes in a unit: shifts rounded up, so that whoever keeps the most in units keeps it in minutes.

    Attributes
    ----------
    units : (shifts,) int array
    least, most : (people, periods) int array
    """

    units: Ints
    least: Ints
    most: Ints

    @classmethod
    def of(cls, problem: Problem, unit: int) -> Hours:
        return cls(-(-problem.minutes // unit), -(-problem.least_minutes // unit), problem.most_minutes // unit)


def rough_unit(minutes: Ints) -> int:
    """The greatest of a few parts of the longest shift by which all shifts are rounded up by little; their greatest common divisor where there is none."""
    longest, divisor = int(minutes.max(initial=1)), int(np.gcd.reduce(minutes)) or 1
    for part in range(1, 5):
        unit = -(-longest // part)
        if unit > divisor and ((-(-minutes // unit) * unit) / minutes - 1.0).mean() <= LITTLE:
            return unit
    return divisor


class Pricing:
    """Cheapest rosters at prices.

    Parameters
    ----------
    problem : Problem
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        cover = problem.cover
        self.slots, self.posts = cover.worth.shape
        self.parts = len(cover.part_shift)
        window = cover.part_slots.shape[1]
        # Cover of a part on each day: what lies behind the horizon is dropped by padding.
        self._within = np.arange(problem.days)[:, None] * cover.slots_a_day + np.arange(window)[None, :]
        self._padded = int(self._within.max()) + 1
        self.worth_of_parts = self._of_parts(cover.worth)
        self._barred = np.where(cover.may, 0.0, np.inf)
        self._exact = Hours.of(problem, int(np.gcd.reduce(problem.minutes)) or 1)
        self._rough = Hours.of(problem, rough_unit(problem.minutes))
        # Rows that nobody's days allow anyway need not be counted.
        longest = problem.days + int(problem.night_run_before.max(initial=0)) if problem.night.any() else 0
        self._kinds = Kinds.of(problem, None)
        self._limited_kinds = {limit: Kinds.of(problem, limit) for limit in set(problem.longest_nights.tolist()) if limit < longest}
        # Classes that can never be full are not looked at.
        most_there = problem.counted.any(axis=2).sum(axis=1)
        self._limited = [np.flatnonzero(problem.most[p] < most_there) for p in range(problem.people)]
        # What was full in a person's last roster is counted in the next one from the start, the rest when it is found to be too much.
        self._weekends_counted, self._nights_counted = (np.zeros(problem.people, np.bool_) for _ in range(2))
        self._counted: list[list[int]] = [[] for _ in range(problem.people)]
        self._pool = ThreadPoolExecutor(2)

    def _of_parts(self, by_cell: Floats) -> Floats:
        """(days, parts, posts) sums over the slots of each part."""
        padded = np.zeros((max(self._padded, self.slots), self.posts))
        padded[: self.slots] = by_cell
        return np.asarray(np.einsum("jt,dtb->djb", self.problem.cover.part_slots, padded[self._within], optimize=True))

    def slots_of(self, day: int, part: int) -> list[tuple[int, float]]:
        """The slots that a part of a day's shift covers, within the horizon, and their shares."""
        share = self.problem.cover.part_slots[part]
        return [(int(self._within[day, t]), float(share[t])) for t in np.flatnonzero(share) if self._within[day, t] < self.slots]

    def values(self, prices: Floats, people: Ints) -> tuple[Floats, Ints]:
        """What each shift costs at prices.

        Parameters
        ----------
        prices : (slots, posts) float array
            Of a head.
        people : int array

        Returns
        -------
        value : (people, days, shifts) float array
            Infinite where not allowed.
        post : (people, days, parts) int array
            The best post of each part.
        """
        problem, cover = self.problem, self.problem.cover
        of_head = self._of_parts(prices)
        value = np.where(problem.allowed[people], problem.cost[people], np.inf)
        if self.posts == 1:
            best = of_head[None, :, :, 0] - cover.skill[people, 0][:, None, None] * self.worth_of_parts[None, :, :, 0]
            post = np.zeros(best.shape, np.int64)
            best = best + self._barred[people, 0][:, None, None]
        else:
            each = (
                of_head[None] - cover.skill[people][:, None, None, :] * self.worth_of_parts[None] + self._barred[people][:, None, None, :]
            )
            post = each.argmin(axis=3)
            best = np.take_along_axis(each, post[..., None], 3)[..., 0]
        for j, s in enumerate(cover.part_shift):
            value[:, :, s] += best[:, :, j]
        return value, post

    def cheapest(
        self,
        prices: Floats,
        people: Iterable[int],
        allowed: Bools | None = None,
        off: Bools | None = None,
        *,
        rough: bool = False,
    ) -> list[tuple[float, Roster | None]]:
        """The cheapest roster of each person, with its cost at the prices.

        Parameters
        ----------
        prices : (slots, posts) float array
        people : iterable of int
        allowed : (people asked, days, shifts) bool array, optional
            Further limits, as while a roster is being fixed bit by bit.
        off : (people asked, days) bool array, optional
        rough : bool
            Reckon hours in great units, rounded up: the rosters keep the rules, and are found in a small part of the time, but there may be cheaper ones.

        Returns
        -------
        list of (float, Roster or None)
            Infinite and None where the rules leave none.
        """
        asked = np.fromiter(people, np.int64)
        value, post = self.values(prices, asked)
        if allowed is not None:
            value = np.where(allowed, value, np.inf)
        off_value = np.where(self.problem.may_be_off[asked], self.problem.off_cost[asked], np.inf)
        if off is not None:
            off_value = np.where(off, off_value, np.inf)

        def one(n: int) -> tuple[float, Roster | None]:
            cost, shift = self._one(int(asked[n]), value[n], off_value[n], self._rough if rough else self._exact)
            return (cost, None) if shift is None else (cost, self.roster(int(asked[n]), shift, post[n]))

        return list(self._pool.map(one, range(len(asked))))

    def _one(self, person: int, value: Floats, off_value: Floats, hours: Hours) -> tuple[float, Ints | None]:
        problem = self.problem
        most_nights, nights_before = int(problem.longest_nights[person]), int(problem.night_run_before[person])
        limited_kinds = self._limited_kinds.get(most_nights)
        counted = list(self._counted[person])
        no_weekend = np.full_like(problem.weekend, -1)
        while True:
            weekends = bool(self._weekends_counted[person])
            kinds = limited_kinds if limited_kinds and self._nights_counted[person] else self._kinds
            of_kind = np.ascontiguousarray(value[:, kinds.shift])
            masks = np.zeros(of_kind.shape, np.int64)
            for bit, k in enumerate(counted):
                masks |= problem.counted[k][:, kinds.shift].astype(np.int64) << bit
            cost, kind = cheapest_roster(
                of_kind, off_value, hours.units[kinds.shift], kinds.group_of, kinds.group_start, kinds.group_members,
                problem.weekend if weekends else no_weekend, problem.period, hours.least[person], hours.most[person], int(problem.longest_run[person]),
                int(problem.shortest_run[person]), int(problem.shortest_rest[person]), int(problem.most_weekends[person]) if weekends else 0, masks, problem.most[person, counted],
                int(problem.run_before[person]), kinds.before(int(problem.shift_before[person]), nights_before), kinds.follows,
            )  # fmt: skip
            shift = np.where(kind == OFF, OFF, kinds.shift[kind])
            worked = np.flatnonzero(shift != OFF)
            if hours is not self._exact and (cost == np.inf or self._too_few(person, shift, worked)):
                hours = self._exact
                continue
            if cost == np.inf:
                return cost, None
            row = longest_row((problem.night[shift] & (shift != OFF)).tolist(), nights_before) if limited_kinds else 0
            if row > most_nights and not self._nights_counted[person]:
                self._nights_counted[person] = True
                continue
            number = problem.counted[:, worked, shift[worked]].sum(axis=1)
            weekend = problem.weekend[worked]
            used = len(np.unique(weekend[weekend >= 0]))
            if used > problem.most_weekends[person]:
                self._weekends_counted[person] = True
                continue
            over = [int(k) for k in self._limited[person] if number[k] > problem.most[person, k]]
            if not over:
                self._weekends_counted[person] = used == problem.most_weekends[person]
                self._nights_counted[person] = row == most_nights
                self._counted[person] = [k for k in counted if number[k] == problem.most[person, k]]
                return cost, shift
            counted.append(max(over, key=lambda k: number[k] - problem.most[person, k]))

    def _too_few(self, person: int, shift: Ints, worked: Ints) -> bool:
        """Whether hours that were rounded up hold the least but true ones do not."""
        problem = self.problem
        least = problem.least_minutes[person]
        minutes = np.bincount(problem.period[worked], problem.minutes[shift[worked]], minlength=len(least))
        return bool((minutes < least).any())

    def roster(self, person: int, shift: Ints, post: Ints) -> Roster:
        """A roster with what it costs by itself and the heads that it adds.

        Parameters
        ----------
        person : int
        shift : (days,) int array
        post : (days, parts) int array
            Posts of the parts that are worked; of others they do not count.
        """
        problem, cover = self.problem, self.problem.cover
        worked = shift != OFF
        days = np.flatnonzero(worked)
        own = float(problem.cost[person, days, shift[days]].sum() + problem.off_cost[person, ~worked].sum())
        day, part = np.nonzero(cover.part_shift[None, :] == np.where(worked, shift, -2)[:, None])
        manned = post[day, part]
        own -= float((cover.skill[person, manned] * self.worth_of_parts[day, part, manned]).sum())
        kept = np.full(post.shape, -1, np.int64)
        kept[day, part] = manned
        share = cover.part_slots[part]
        at, slot = np.nonzero(share)
        where = self._within[day[at], slot]
        inside = where < self.slots
        cells = (where * self.posts + manned[at])[inside]
        cells, place = np.unique(cells, return_inverse=True)
        heads: Floats = np.bincount(place, share[at, slot][inside], minlength=len(cells)).astype(np.float64)
        return Roster(person, shift.astype(np.int64), kept, own, cells, heads)
