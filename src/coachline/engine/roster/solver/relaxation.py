"""Column generation: rosters are made where the linear programme asks for them, until none would help; gives the bound.

Prices are smoothed towards those of the best bound (Wentges 1997, *Int. Trans. Oper. Res.* 4, 151-162), which saves most of the rounds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np

from coachline.engine.roster.solver.lagrange import cells_bound
from coachline.engine.roster.solver.master import Master, Relaxed
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Bools, Floats, Problem

SMOOTHING = 0.5
KEPT = 30
"""Rosters of each person with which a smaller programme begins."""
CLOSE = 1e-7
"""Relative distance of cost and bound that counts as none."""


class Relaxation:
    """The linear relaxation of a roster, for some people, the others given.

    Parameters
    ----------
    problem : Problem
    pricing : Pricing
    people : sequence of int
    manned : (slots * posts,) float array
        Heads of the others.
    missing : float
        See `Master`.
    allowed : (all people, days, shifts) bool array, optional
        Narrower than the problem's, as where only some days are open.
    off : (all people, days) bool array, optional
    prices : (slots, posts) float array, optional
        Good ones, towards which the first are smoothed.

    Attributes
    ----------
    bound : float
        Below which no choice of rosters can cost.
    made : list of Roster
        All that have been made, by those that were narrowed from this one, too.
    """

    def __init__(
        self,
        problem: Problem,
        pricing: Pricing,
        people: Sequence[int],
        manned: Floats,
        missing: float,
        allowed: Bools | None = None,
        off: Bools | None = None,
        prices: Floats | None = None,
    ) -> None:
        self.problem = problem
        self.pricing = pricing
        self.master = Master(problem, people, manned, missing)
        self.open = list(people)
        self.bound = -np.inf
        self.made: list[Roster] = []
        self.missing = missing
        self._manned = manned
        self._allowed, self._off = allowed, off
        self._fixed: list[Roster] = []
        self._center, self._center_bound = prices, -np.inf

    def add(self, rosters: Iterable[Roster]) -> None:
        self.master.add(rosters)

    def fix(self, column: int) -> None:
        """Give a person one roster for good; what no choice could cost less than before, it cannot now."""
        roster = self.master.rosters[column]
        self.master.fix(column)
        self.open.remove(roster.person)
        self._fixed.append(roster)
        self._manned = self._manned.copy()
        self._manned[roster.cells] += roster.heads
        self._center_bound = -np.inf

    def narrowed(self, lp: Relaxed) -> Relaxation:
        """The same for those who are open alone, beside those who are fixed, with the rosters of each that come next at the prices of `lp`."""
        found = Relaxation(self.problem, self.pricing, self.open, self._manned, self.missing, self._allowed, self._off, self._center)
        known: dict[int, int] = dict.fromkeys(self.open, 0)
        for roster in sorted((each for each in self.master.rosters if each.person in known), key=lp.reduced):
            known[roster.person] += 1
            if known[roster.person] <= KEPT:
                found.add([roster])
        found.made = self.made
        found.bound = self.bound - sum(roster.own_cost for roster in self._fixed)
        return found

    def solve(self, until: float, rounds: int = 10_000, close: float = CLOSE, limit: float = np.inf) -> Relaxed | None:
        """Make rosters until the bound is reached, or time or rounds are over; None where not even the first programme was solved by then.

        Parameters
        ----------
        until : float
            Of `time.monotonic`.
        rounds : int
        close : float
            Relative distance from the bound at which to end.
        limit : float
            Bound at which to end, where nothing that costs as much is of use.
        """
        solved = None
        for _ in range(rounds):
            lp = self.master.solve(until)
            if lp is None:
                break
            solved = lp
            done = lp.cost - self.bound <= close * max(1.0, abs(lp.cost)) or self.bound > limit or not self.open
            if done or time.monotonic() > until or not self._enrich(lp):
                break
        return solved

    def _enrich(self, lp: Relaxed) -> bool:
        # No head is worth less than what the last step of its cell says.
        prices = np.minimum(lp.prices, self.problem.cover.steps[:, :, -1])
        asked = [prices] if self._center is None else [SMOOTHING * self._center + (1.0 - SMOOTHING) * prices, prices]
        for each in asked:
            found = self.pricing.cheapest(
                each,
                self.open,
                None if self._allowed is None else self._allowed[self.open],
                None if self._off is None else self._off[self.open],
            )
            bound = self._bound(each, sum(cost for cost, _ in found))
            self.bound = max(self.bound, bound)
            if bound > self._center_bound:
                self._center_bound, self._center = bound, each
            helpful = [
                roster
                for _, roster in found
                if roster is not None
                and roster.own_cost + prices.reshape(-1)[roster.cells] @ roster.heads
                < lp.person_price[roster.person] - 1e-9 * max(1.0, abs(lp.cost))
            ]
            if self.master.add(helpful):
                self.made += helpful
                return True
        return False

    def _bound(self, prices: Floats, rosters: float) -> float:
        """Below which no choice of rosters can cost (Lagrange), with those that are fixed."""
        fixed = sum(roster.own_cost for roster in self._fixed)
        return float(rosters + fixed + (prices.reshape(-1) * self._manned).sum() + cells_bound(self.problem, prices))
