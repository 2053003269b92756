"""The search where column generation solves what is freed.

Where the bound of a part shows that nothing better is in it, it is left at once; so most steps are short. Now and then one choice is made among all
rosters that any step has made, as far as they can be in a better whole. While nothing gains, most of the time goes into dives for a great part or all of
the roster: each goes another way and ends as soon as its bound shows that it cannot gain, so that there are many.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.choosing import choose
from coachline.engine.roster.solver.costs import rosters_cost
from coachline.engine.roster.solver.diving import dive
from coachline.engine.roster.solver.master import Relaxed
from coachline.engine.roster.solver.neighbourhoods import Freed
from coachline.engine.roster.solver.pricing import Roster
from coachline.engine.roster.solver.relaxation import Relaxation
from coachline.engine.roster.solver.search import Search

KNOWN = 20
"""Rosters of each person that a step begins with."""
LONGEST_STEP = 6.0
LONGEST_CHOICE = 1.5
GATHERED_EVERY, LONGEST_GATHERING, OF_GATHERING = 10.0, 10.0, 0.05
"""Seconds between choices among all rosters, for one, and the share of all time that one may take."""
STUCK, LONGEST_STUCK, LONGEST_DIVE = 1.0, 15.0, 40.0
"""Seconds for steps after a gain, and at most after a dive without one; and for one dive."""
ANEW = (0.4, 1.2)
"""Share of the people who are dived for, at least and at most; beyond 1 it is everybody."""
STEPS_TO_DIVE, STEPS_TO_GATHERING = 0.4, 8.0
"""Time for steps after a dive or a choice that gained nothing, as a multiple of what it took."""

DIVED = "dived"


class ColumnSearch(Search):
    """Search by column generation.

    Parameters
    ----------
    root : Relaxation
        That of the whole.
    lp : Relaxed
        Its solution.
    rosters, grain, rng
        See `Search`.
    """

    def __init__(self, root: Relaxation, lp: Relaxed, rosters: Sequence[Roster], grain: float, rng: np.random.Generator) -> None:
        super().__init__(root.problem, root.pricing, rosters, grain, rng)
        self._root, self._missing = lp, root.missing
        known = [*rosters, *root.made]
        self._pool = {roster.key: roster for roster in known}
        self._known: dict[int, list[Roster]] = {person: [] for person in range(root.problem.people)}
        for roster in sorted(known, key=lp.reduced):
            self._known[roster.person].append(roster)
        self._began = self._gathered = self._seen = time.monotonic()
        self._pause, self._left = GATHERED_EVERY, STUCK
        self._least, self._rng = self.cost, rng

    def pause(self, until: float) -> bool:
        """A dive where steps have gained nothing for long, or now and then the best choice among all rosters known."""
        return self._dived(until) or self._gathered_all(until)

    def _dived(self, until: float) -> bool:
        began = time.monotonic()
        self._left -= began - self._seen
        self._seen = began
        if self.cost < self._least - self.least_gain / 2.0:
            self._least, self._left = self.cost, max(self._left, STUCK)
        if self._left > 0.0:
            return False
        size = max(2, round(self._rng.uniform(*ANEW) * len(self.rosters)))
        people = self._rng.choice(len(self.rosters), min(size, len(self.rosters)), replace=False)
        self.step(Freed(DIVED, sorted(people.tolist())), until)
        self._seen = time.monotonic()
        self._left += min(STEPS_TO_DIVE * (self._seen - began), LONGEST_STUCK)
        return True

    def _gathered_all(self, until: float) -> bool:
        began, before = time.monotonic(), self.cost
        if began - self._gathered <= self._pause:
            return False
        self._gather(until)
        self._gathered = time.monotonic()
        # Where there is too much to choose among, steps are worth the time more.
        self._pause = GATHERED_EVERY if self.cost < before else max(GATHERED_EVERY, STEPS_TO_GATHERING * (self._gathered - began))
        return True

    def _gather(self, until: float) -> None:
        """The best choice among all rosters known that can be in a better whole."""
        useful = self._useful(self._root, self._pool.values(), self.cost - self._root.cost, self.rosters)
        seconds = min(LONGEST_GATHERING, OF_GATHERING * (until - self._began), max(until - time.monotonic(), 0.1))
        chosen = choose(self.problem, useful, np.zeros(self.problem.cover.worth.size), seconds, self.rosters, self.least_gain)
        if chosen is not None and len(chosen) == len(self.rosters) and rosters_cost(self.problem, chosen) <= self.cost + 1e-9:
            self.rosters = sorted(chosen, key=lambda roster: roster.person)
            self.cells = Cells(self.problem, self.rosters)
            self.cost = self.whole_cost()

    def _useful(self, lp: Relaxed, rosters: Iterable[Roster], gap: float, now: Sequence[Roster]) -> list[Roster]:
        """Rosters that can be in a better choice, where the best one is `gap` from its relaxation, and those of now."""
        useful = {roster.key: roster for roster in rosters if lp.reduced(roster) <= gap - self.least_gain + 1e-9}
        return list((useful | {roster.key: roster for roster in now}).values())

    def better(self, freed: Freed, now: Sequence[Roster], cost: float, until: float) -> Sequence[Roster] | None:
        began, manned = time.monotonic(), self.cells.heads
        enough = cost - self.least_gain
        relaxation = Relaxation(
            self.problem, self.pricing, freed.people, manned, self._missing, freed.allowed, freed.off, self._root.prices
        )
        relaxation.add(now)
        if freed.allowed is None:
            for person in freed.people:
                relaxation.add(self._known.get(person, ())[:KNOWN])
        if freed.kind == DIVED:
            lp = relaxation.solve(min(until, began + LONGEST_DIVE / 2.0), limit=enough)
            found = dive(relaxation, lp, min(until, began + LONGEST_DIVE), enough, self._rng)
            self._pool.update({roster.key: roster for roster in relaxation.made})
            return found
        lp = relaxation.solve(min(until, began + LONGEST_STEP), close=1e-6, limit=enough)
        self._pool.update({roster.key: roster for roster in relaxation.master.rosters})
        if lp is None:
            return None
        if max(lp.cost, relaxation.bound) > enough:
            return None
        useful = self._useful(lp, relaxation.master.rosters, cost - lp.cost, now)
        chosen = choose(self.problem, useful, manned, min(LONGEST_CHOICE, max(until - time.monotonic(), 0.1)), now, self.least_gain)
        return chosen if chosen is not None and len(chosen) == len(now) else None
