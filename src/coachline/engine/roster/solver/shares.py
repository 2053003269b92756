"""Shares of rosters instead of whole ones: the relaxation where there are too many cells for a linear programme, and prices to begin with elsewhere.

Block-coordinate Frank-Wolfe with pairwise steps (Lacoste-Julien & Jaggi 2015, *Advances in Neural Information Processing Systems* 28): each person in
turn moves weight from the worst of their rosters to the one that is cheapest at today's prices. The cost of a cell has kinks, at which prices would leap;
prices are slopes over a stretch of heads, so that they change little by little, and the stretch becomes shorter. Whatever the prices, the bound at them
holds (Lagrange); it is sharper at prices averaged over the last passes, for those of one pass swing around the best.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.descent import descend
from coachline.engine.roster.solver.lagrange import bound_at
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Floats, Problem

HALVINGS = 12
"""Of the stretch in which the best step lies."""
NOTHING = 1e-9
EXACT_EVERY = 4
"""Passes of which one reckons hours exactly."""
STEADY_PASSES, NARROWER, NARROWEST = 3, 0.8, 0.05
"""Passes with one stretch of heads over which slopes are taken, what it is shortened by after them, and where that ends."""
LATEST, SETTLING = 0.2, 8
"""Weight of the latest prices in their average, and passes by which it has fallen to a half; at first it is more."""


class Shares:
    """Shares of rosters for each person.

    Parameters
    ----------
    problem : Problem
    pricing : Pricing
    start : sequence of Roster
        One for each person.

    Attributes
    ----------
    held : list of list of (Roster, float)
        Each person's rosters and their shares, which sum to 1.
    bound : float
    prices : (slots, posts) float array
        Those of the bound.
    """

    def __init__(self, problem: Problem, pricing: Pricing, start: Sequence[Roster]) -> None:
        self._problem, self._pricing = problem, pricing
        self._cells = Cells(problem, start)
        self.held = [[(roster, 1.0)] for roster in start]
        self.bound = -np.inf
        self.prices: Floats = self._cells.around.copy()
        self._average = self.prices
        self._passes = 0

    @property
    def cost(self) -> float:
        return float(sum(share * roster.own_cost for own in self.held for roster, share in own) + self._cells.cost)

    def improve(self, until: float, rng: np.random.Generator) -> None:
        """Move shares of everybody once, as far as time goes."""
        self._passes += 1
        rough = self._passes % EXACT_EVERY != 0
        for person in rng.permutation(len(self.held)).tolist():
            if time.monotonic() > until:
                return
            self._move(person, rough)
        weight = max(LATEST, SETTLING / (SETTLING + self._passes))
        self._average = (1.0 - weight) * self._average + weight * self._cells.around
        if self._passes % STEADY_PASSES == 0:
            self._cells.narrow(NARROWER, NARROWEST)

    def look(self) -> None:
        """Take the bound at the prices of the last passes."""
        prices = np.minimum(self._average, self._problem.cover.steps[:, :, -1])
        bound = bound_at(self._problem, self._pricing, prices)
        if bound > self.bound:
            self.bound, self.prices = bound, prices

    def whole(self, rng: np.random.Generator, until: float) -> list[Roster] | None:
        """One roster a person: the greatest share of each, then each in turn the best beside the others."""
        greatest = [max(own, key=lambda each: each[1])[0] for own in self.held]
        found = descend(self._problem, self._pricing, greatest, until, rng)
        return None if any(roster is None for roster in found) else [roster for roster in found if roster is not None]

    def _move(self, person: int, rough: bool) -> None:
        prices = self._cells.around
        [(_, found)] = self._pricing.cheapest(prices, [person], rough=rough)
        if found is None:
            return
        own, flat = self.held[person], prices.reshape(-1)
        costs = [roster.own_cost + flat[roster.cells] @ roster.heads for roster, _ in own]
        worst = int(np.argmax(costs))
        if found.own_cost + flat[found.cells] @ found.heads > costs[worst] - NOTHING:
            return
        left, share = own[worst]
        step = self._step(left, found, share)
        self._cells.shift(left, -step)
        self._cells.shift(found, step)
        held = {roster.key: (roster, weight) for roster, weight in own}
        held[left.key] = (left, share - step)
        held[found.key] = (found, held.get(found.key, (found, 0.0))[1] + step)
        self.held[person] = [(roster, weight) for roster, weight in held.values() if weight > NOTHING]

    def _step(self, left: Roster, found: Roster, most: float) -> float:
        cells = np.union1d(left.cells, found.cells)
        change = np.zeros(len(cells))
        change[np.searchsorted(cells, found.cells)] += found.heads
        change[np.searchsorted(cells, left.cells)] -= left.heads
        own = found.own_cost - left.own_cost

        def slope(step: float) -> float:
            return float(own + self._cells.around_at(cells, step * change) @ change)

        if slope(most) <= 0:
            return most
        low, high = 0.0, most
        for _ in range(HALVINGS):
            middle = (low + high) / 2.0
            low, high = (middle, high) if slope(middle) < 0 else (low, middle)
        return low
