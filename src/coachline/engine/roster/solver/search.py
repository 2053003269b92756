"""Large-neighbourhood search: part of a good roster is freed, and solved beside the rest, again and again (Shaw 1998, *CP98*, 417-431)."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.costs import rosters_cost
from coachline.engine.roster.solver.neighbourhoods import Freed, Neighbourhoods, Sizes
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Problem


class Search(ABC):
    """Betters rosters bit by bit.

    Parameters
    ----------
    problem : Problem
    pricing : Pricing
    rosters : sequence of Roster
        One for each person.
    grain : float
        All costs are multiples of it; 0 where they are not.
    rng : numpy.random.Generator
    """

    SIZES = Sizes()

    def __init__(self, problem: Problem, pricing: Pricing, rosters: Sequence[Roster], grain: float, rng: np.random.Generator) -> None:
        self.problem, self.pricing = problem, pricing
        self.cells = Cells(problem, rosters)
        self.rosters = list(rosters)
        self.cost = self.whole_cost()
        self.least_gain = max(grain - 1e-6, 1e-7 * max(1.0, abs(self.cost)))
        self._neighbourhoods = Neighbourhoods(problem, rng, self.SIZES)

    def run(self, until: float, bound: float) -> None:
        """Search until the time (of `time.monotonic`) or the bound is reached."""
        while time.monotonic() < until and self.cost - bound >= self.least_gain:
            if self.pause(until):
                continue
            began, before = time.monotonic(), self.cost
            freed = self._neighbourhoods.draw(self.rosters, self.cells)
            self.step(freed, until)
            self._neighbourhoods.learn(freed, time.monotonic() - began, self.cost < before - self.least_gain / 2.0)

    def pause(self, until: float) -> bool:
        """Do something else between two steps, if it is time for it; whether it was."""
        return False

    @abstractmethod
    def better(self, freed: Freed, now: Sequence[Roster], cost: float, until: float) -> Sequence[Roster] | None:
        """Rosters of the freed beside the rest, whose heads are in `cells`; None where none better than `now`, at its cost, were found."""

    def whole_cost(self) -> float:
        return sum(roster.own_cost for roster in self.rosters) + self.cells.cost

    def step(self, freed: Freed, until: float) -> None:
        """Free a part, and keep what is found for it if it costs no more."""
        now = [self.rosters[person] for person in freed.people]
        for roster in now:
            self.cells.take(roster)
        cost = rosters_cost(self.problem, now, self.cells.heads)
        found = self.better(freed, now, cost, until)
        # Equal ones are taken too: from there other steps are open.
        if found is None or rosters_cost(self.problem, found, self.cells.heads) > cost + 1e-9:
            found = now
        for roster in found:
            self.rosters[roster.person] = roster
            self.cells.put(roster)
        self.cost = self.whole_cost()
