"""Large-neighbourhood search: part of a good roster is freed, and solved by column generation beside the rest, again and again.

Where the bound of a part shows that nothing better is in it, it is left at once; so most steps are short. Now and then one choice is made among all
rosters that any step has made, as far as they can be in a better whole.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.choosing import choose
from coachline.engine.roster.solver.costs import rosters_cost
from coachline.engine.roster.solver.master import Relaxed
from coachline.engine.roster.solver.neighbourhoods import Freed, Neighbourhoods
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Problem
from coachline.engine.roster.solver.relaxation import Relaxation

KNOWN = 20
"""Rosters of each person that a step begins with."""
LONGEST_STEP = 6.0
LONGEST_CHOICE = 4.0
GATHERED_EVERY, LONGEST_GATHERING = 10.0, 10.0
"""Seconds between choices among all rosters, and for one."""
STEPS_TO_GATHERING = 6.0
"""Time for steps after a choice that gained nothing, as a multiple of what it took."""


class Search:
    """Betters rosters bit by bit.

    Parameters
    ----------
    problem : Problem
    pricing : Pricing
    rosters : list of Roster
        One for each person.
    known : sequence of Roster
        All that are known.
    root : Relaxed
        The relaxation of the whole.
    missing : float
        See `Master`.
    grain : float
        All costs are multiples of it; 0 where they are not.
    rng : numpy.random.Generator
    """

    def __init__(
        self,
        problem: Problem,
        pricing: Pricing,
        rosters: Sequence[Roster],
        known: Sequence[Roster],
        root: Relaxed,
        missing: float,
        grain: float,
        rng: np.random.Generator,
    ) -> None:
        self._problem, self._pricing, self._root, self._missing = problem, pricing, root, missing
        self._pool = {roster.key: roster for roster in known}
        self._known: dict[int, list[Roster]] = {person: [] for person in range(problem.people)}
        for roster in sorted(known, key=root.reduced):
            self._known[roster.person].append(roster)
        self.rosters = list(rosters)
        self._cells = Cells(problem, self.rosters)
        self.cost = self._whole_cost()
        self._least_gain = max(grain - 1e-6, 1e-7 * max(1.0, abs(self.cost)))
        self._neighbourhoods = Neighbourhoods(problem, rng)

    def run(self, until: float, bound: float) -> None:
        """Search until the time or the bound is reached."""
        gathered, pause = time.monotonic(), GATHERED_EVERY
        while time.monotonic() < until and self.cost - bound >= self._least_gain:
            began = time.monotonic()
            if began - gathered > pause:
                before = self.cost
                self._gather(until)
                gathered = time.monotonic()
                # Where there is too much to choose among, steps are worth the time more.
                pause = GATHERED_EVERY if self.cost < before else max(GATHERED_EVERY, STEPS_TO_GATHERING * (gathered - began))
                continue
            freed = self._neighbourhoods.draw(self.rosters, self._cells)
            before = self.cost
            self._step(freed, until)
            self._neighbourhoods.learn(freed, time.monotonic() - began, self.cost < before - self._least_gain / 2.0)

    def _gather(self, until: float) -> None:
        """The best choice among all rosters known that can be in a better whole."""
        spare = self.cost - self._root.cost
        useful = {key: roster for key, roster in self._pool.items() if self._root.reduced(roster) <= spare + 1e-9}
        useful |= {roster.key: roster for roster in self.rosters}
        seconds = min(LONGEST_GATHERING, max(until - time.monotonic(), 0.1))
        chosen = choose(self._problem, list(useful.values()), np.zeros(self._problem.cover.worth.size), seconds, self.rosters)
        if chosen is not None and len(chosen) == len(self.rosters) and rosters_cost(self._problem, chosen) <= self.cost + 1e-9:
            self.rosters = sorted(chosen, key=lambda roster: roster.person)
            self._cells = Cells(self._problem, self.rosters)
            self.cost = self._whole_cost()

    def _whole_cost(self) -> float:
        return sum(roster.own_cost for roster in self.rosters) + self._cells.cost

    def _step(self, freed: Freed, until: float) -> None:
        now = [self.rosters[person] for person in freed.people]
        own = self.cost - self._cells.cost - sum(roster.own_cost for roster in now)
        for roster in now:
            self._cells.take(roster)
        found = self._better(freed, now, own, until)
        for roster in found or now:
            self.rosters[roster.person] = roster
            self._cells.put(roster)
        self.cost = self._whole_cost()

    def _better(self, freed: Freed, now: Sequence[Roster], own: float, until: float) -> Sequence[Roster] | None:
        began = time.monotonic()
        manned = self._cells.heads
        relaxation = Relaxation(self._problem, self._pricing, freed.people, manned, self._missing, freed.allowed, freed.off)
        relaxation.add(now)
        if freed.allowed is None:
            for person in freed.people:
                relaxation.add(self._known.get(person, ())[:KNOWN])
        lp = relaxation.solve(min(until, began + LONGEST_STEP), close=1e-6)
        self._pool.update({roster.key: roster for roster in relaxation.master.rosters})
        spare = -np.inf if lp is None else self.cost - own - lp.cost
        if lp is None or spare < self._least_gain:
            return None
        # A roster that costs more than could be saved is in no better choice.
        useful = [roster for roster in relaxation.master.rosters if lp.reduced(roster) <= spare + 1e-9]
        chosen = choose(self._problem, useful, manned, min(LONGEST_CHOICE, max(until - time.monotonic(), 0.1)), now)
        if chosen is None or len(chosen) != len(now):
            return None
        before, after = (rosters_cost(self._problem, each, self._cells.heads) for each in (now, chosen))
        # Equal ones are taken too: from there other steps are open.
        return chosen if after <= before + 1e-9 else None
