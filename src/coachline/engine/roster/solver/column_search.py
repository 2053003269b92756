"""The search where column generation solves what is freed.

Where the bound of a part shows that nothing better is in it, it is left at once; so most steps are short. Now and then one choice is made among all
rosters that any step has made, as far as they can be in a better whole; and where no step has gained for long, a great part is dived for anew.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.choosing import choose
from coachline.engine.roster.solver.costs import rosters_cost
from coachline.engine.roster.solver.diving import dive
from coachline.engine.roster.solver.master import Relaxed
from coachline.engine.roster.solver.neighbourhoods import Freed
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Problem
from coachline.engine.roster.solver.relaxation import Relaxation
from coachline.engine.roster.solver.search import Search

KNOWN = 20
"""Rosters of each person that a step begins with."""
LONGEST_STEP = 6.0
LONGEST_CHOICE = 4.0
GATHERED_EVERY, LONGEST_GATHERING = 10.0, 10.0
"""Seconds between choices among all rosters, and for one."""
STUCK, LONGEST_STUCK, LONGEST_DIVE = 0.3, 15.0, 40.0
"""Seconds without a gain after which a part is dived for anew, where dives are short and where they are long, and for one dive."""
ANEW = (0.3, 0.8)
"""Share of the people of whom it is, at least and at most."""
STEPS_TO_GATHERING = 2.0
"""Time for steps after a choice that gained nothing, as a multiple of what it took."""

DIVED = "dived"


class ColumnSearch(Search):
    """Search by column generation.

    Parameters
    ----------
    problem, pricing, rosters, grain, rng
        See `Search`.
    known : sequence of Roster
        All that are known.
    root : Relaxed
        The relaxation of the whole.
    missing : float
        See `Master`.
    """

    def __init__(
        self,
        problem: Problem,
        pricing: Pricing,
        rosters: Sequence[Roster],
        grain: float,
        rng: np.random.Generator,
        known: Sequence[Roster],
        root: Relaxed,
        missing: float,
    ) -> None:
        super().__init__(problem, pricing, rosters, grain, rng)
        self._root, self._missing = root, missing
        self._pool = {roster.key: roster for roster in known}
        self._known: dict[int, list[Roster]] = {person: [] for person in range(problem.people)}
        for roster in sorted(known, key=root.reduced):
            self._known[roster.person].append(roster)
        self._gathered, self._pause = time.monotonic(), GATHERED_EVERY
        self._gained, self._stuck = time.monotonic(), STUCK
        self._least, self._rng = self.cost, rng

    def pause(self, until: float) -> bool:
        """Now and then, the best choice among all rosters known that can be in a better whole, or a dive."""
        began, before = time.monotonic(), self.cost
        if self.cost < self._least - self.least_gain / 2.0:
            self._gained, self._least = began, self.cost
        if began - self._gained > self._stuck:
            size = max(2, round(self._rng.uniform(*ANEW) * len(self.rosters)))
            people = self._rng.choice(len(self.rosters), min(size, len(self.rosters)), replace=False)
            self.step(Freed(DIVED, sorted(people.tolist())), until)
            self._gained = time.monotonic()
            self._stuck = float(np.clip(self._gained - began, STUCK, LONGEST_STUCK))
            return True
        if began - self._gathered <= self._pause:
            return False
        self._gather(until)
        self._gathered = time.monotonic()
        # Where there is too much to choose among, steps are worth the time more.
        self._pause = GATHERED_EVERY if self.cost < before else max(GATHERED_EVERY, STEPS_TO_GATHERING * (self._gathered - began))
        return True

    def _gather(self, until: float) -> None:
        spare = self.cost - self._root.cost
        useful = {key: roster for key, roster in self._pool.items() if self._root.reduced(roster) <= spare + 1e-9}
        useful |= {roster.key: roster for roster in self.rosters}
        seconds = min(LONGEST_GATHERING, max(until - time.monotonic(), 0.1))
        chosen = choose(self.problem, list(useful.values()), np.zeros(self.problem.cover.worth.size), seconds, self.rosters)
        if chosen is not None and len(chosen) == len(self.rosters) and rosters_cost(self.problem, chosen) <= self.cost + 1e-9:
            self.rosters = sorted(chosen, key=lambda roster: roster.person)
            self.cells = Cells(self.problem, self.rosters)
            self.cost = self.whole_cost()

    def better(self, freed: Freed, now: Sequence[Roster], until: float) -> Sequence[Roster] | None:
        began, manned = time.monotonic(), self.cells.heads
        relaxation = Relaxation(self.problem, self.pricing, freed.people, manned, self._missing, freed.allowed, freed.off)
        relaxation.add(now)
        if freed.allowed is None:
            for person in freed.people:
                relaxation.add(self._known.get(person, ())[:KNOWN])
        if freed.kind == DIVED:
            lp = relaxation.solve(min(until, began + LONGEST_DIVE / 2.0))
            found = dive(relaxation, lp, min(until, began + LONGEST_DIVE))
            self._pool.update({roster.key: roster for roster in relaxation.made})
            return found
        lp = relaxation.solve(min(until, began + LONGEST_STEP), close=1e-6)
        self._pool.update({roster.key: roster for roster in relaxation.master.rosters})
        if lp is None:
            return None
        spare = rosters_cost(self.problem, now, manned) - lp.cost
        if spare < self.least_gain:
            return None
        # A roster that costs more than could be saved is in no better choice.
        useful = [roster for roster in relaxation.master.rosters if lp.reduced(roster) <= spare + 1e-9]
        chosen = choose(self.problem, useful, manned, min(LONGEST_CHOICE, max(until - time.monotonic(), 0.1)), now)
        return chosen if chosen is not None and len(chosen) == len(now) else None
