"""Heads in the cells while rosters come and go, and what another head is worth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from coachline.engine.roster.solver.pricing import Roster
from coachline.engine.roster.solver.problem import Floats, Ints, Problem


class Cells:
    """The cover by a set of rosters.

    Parameters
    ----------
    problem : Problem
    rosters : sequence of Roster
    heads : (slots * posts,) float array, optional
        Those of others, who are there besides.
    """

    def __init__(self, problem: Problem, rosters: Sequence[Roster], heads: Floats | None = None) -> None:
        self._shape = problem.cover.worth.shape
        size = problem.cover.worth.size
        self._steps = problem.cover.steps.reshape(size, -1)
        widths = problem.cover.widths.reshape(size, -1)
        self._begins = np.concatenate([np.zeros((size, 1)), np.cumsum(widths[:, :-1], axis=1)], axis=1)
        before = np.cumsum(self._steps[:, :-1] * widths[:, :-1], axis=1)
        self._cost_before = np.concatenate([np.zeros((size, 1)), before], axis=1)
        self.heads = np.zeros(size) if heads is None else heads.copy()
        for roster in rosters:
            self.heads[roster.cells] += roster.heads
        self._next, self._around = np.zeros(size), np.zeros(size)
        self._stretch = 1.0
        self._renew(np.arange(size))

    @property
    def next_head(self) -> Floats:
        """(slots, posts) what one head more would cost."""
        return self._next.reshape(self._shape)

    @property
    def last_head(self) -> Floats:
        """(slots, posts) what one head less would save; nothing where there is none."""
        low = np.maximum(self.heads - 1.0, 0.0)
        every = np.arange(len(low))
        return (self._cost(every, self.heads) - self._cost(every, low)).reshape(self._shape)

    @property
    def cost(self) -> float:
        return float(self._cost(np.arange(len(self.heads)), self.heads).sum())

    def put(self, roster: Roster) -> None:
        self.shift(roster, 1.0)

    def take(self, roster: Roster) -> None:
        self.shift(roster, -1.0)

    def added(self, roster: Roster) -> float:
        """What the heads of a roster would cost on top of those that are there."""
        at = roster.cells
        return float((self._cost(at, self.heads[at] + roster.heads) - self._cost(at, self.heads[at])).sum())

    @property
    def around(self) -> Floats:
        """(slots, posts) slope over a stretch of heads around those that are there; at first over a whole one."""
        return self._around.reshape(self._shape)

    def around_at(self, at: Ints, change: Floats) -> Floats:
        """The same in some cells, were their heads changed."""
        low = np.maximum(self.heads[at] + change - self._stretch / 2.0, 0.0)
        return (self._cost(at, low + self._stretch) - self._cost(at, low)) / self._stretch

    def narrow(self, factor: float, least: float) -> None:
        """Take slopes over a shorter stretch: nearer to the kinks, and less steady."""
        self._stretch = max(factor * self._stretch, least)
        self._renew(np.arange(len(self.heads)))

    def shift(self, roster: Roster, share: float) -> None:
        """Add a share of a roster, or take one away."""
        self.heads[roster.cells] = np.maximum(self.heads[roster.cells] + share * roster.heads, 0.0)
        self._renew(roster.cells)

    def _renew(self, at: Ints) -> None:
        self._next[at] = self._cost(at, self.heads[at] + 1.0) - self._cost(at, self.heads[at])
        self._around[at] = self.around_at(at, np.zeros(len(at)))

    def _cost(self, at: Ints, heads: Floats) -> Floats:
        begins = self._begins[at]
        step = np.maximum((begins <= heads[:, None]).sum(axis=1) - 1, 0)
        every = np.arange(len(at))
        return np.asarray(self._cost_before[at, step] + self._steps[at, step] * (heads - begins[every, step]))
