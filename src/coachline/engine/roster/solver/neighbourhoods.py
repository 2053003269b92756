"""What is freed in a step of the search: some people altogether, or some days of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.pricing import Roster
from coachline.engine.roster.solver.problem import OFF, Bools, Problem

KINDS = ("anybody", "costly", "lacking", "days")
LEARNT, LEAST_ODDS = 0.05, 0.25
"""Weight of a step in what is known of its kind, and odds of a kind that never gains, as a share of the mean."""
SOON = 0.1
"""Seconds below which a step is as good as one of no time."""
GROWTH = 1.1
"""Of what is freed, after a step that was short, and the other way round after one that was not."""
MOST = 0.9
"""Share of the people that is freed at most: all of them are the same neighbourhood every time."""


@dataclass(frozen=True)
class Freed:
    """A neighbourhood.

    Attributes
    ----------
    kind : str
    people : list of int
    allowed : (all people, days, shifts) bool array, or None
        None where whole rosters are free.
    off : (all people, days) bool array, or None
    """

    kind: str
    people: list[int]
    allowed: Bools | None = None
    off: Bools | None = None


@dataclass(frozen=True)
class Sizes:
    """How much is freed in a step.

    Attributes
    ----------
    people, days : float
        At first.
    short : float
        Seconds of a step to which both are led.
    crowd : int
        People of whom some days are freed, at most.
    """

    people: float = 6.0
    days: float = 7.0
    short: float = 0.8
    crowd: int = 10_000


class Neighbourhoods:
    """Draws what to free; as much of it as can be solved in short time.

    Parameters
    ----------
    problem : Problem
    rng : numpy.random.Generator
    sizes : Sizes
    """

    def __init__(self, problem: Problem, rng: np.random.Generator, sizes: Sizes) -> None:
        self._problem, self._rng, self._sizes = problem, rng, sizes
        self._people, self._days = sizes.people, sizes.days
        self._hits = np.ones(len(KINDS))

    def draw(self, rosters: Sequence[Roster], cells: Cells) -> Freed:
        odds = self._hits + LEAST_ODDS * self._hits.mean()
        kind = str(self._rng.choice(KINDS, p=odds / odds.sum()))
        if kind == "days":
            return self._some_days(rosters)
        everybody = len(rosters)
        size = int(np.clip(round(self._people + self._rng.normal()), min(2, everybody), everybody))
        if kind == "costly":
            own = np.array([roster.own_cost for roster in rosters])
            people = np.argsort(-(own + self._rng.gumbel(size=everybody) * (own.std() + 1e-9)))[:size]
        elif kind == "lacking":
            people = self._near_a_lack(cells, size)
        else:
            people = self._rng.choice(everybody, size, replace=False)
        return Freed(kind, sorted(people.tolist()))

    def learn(self, freed: Freed, seconds: float, gained: bool) -> None:
        """Lead the sizes to steps that take short time, and draw more of the kinds that have gained more often by their time."""
        number = KINDS.index(freed.kind)
        self._hits[number] += LEARNT * (gained / max(seconds, SOON) - self._hits[number])
        factor = GROWTH if seconds < self._sizes.short else 1.0 / GROWTH
        if freed.kind == "days":
            self._days = float(np.clip(self._days * factor, 3.0, self._problem.days))
        else:
            self._people = float(np.clip(self._people * factor, 3.0, max(3.0, MOST * self._problem.people)))

    def _near_a_lack(self, cells: Cells, size: int) -> np.ndarray:
        """People who could work in a cell where a head more, or one less, would save most."""
        problem = self._problem
        save = np.sqrt(np.maximum(np.maximum(-cells.next_head, cells.last_head), 0.0)).reshape(-1) + 1e-2
        cell = int(self._rng.choice(len(save), p=save / save.sum()))
        slot, post = divmod(cell, problem.cover.worth.shape[1])
        day, within = divmod(slot, problem.cover.slots_a_day)
        shifts = problem.cover.part_shift[problem.cover.part_slots[:, within] > 0]
        can = np.flatnonzero(problem.allowed[:, day][:, shifts].any(axis=1) & problem.cover.may[:, post])
        can = can if len(can) >= 2 else np.arange(problem.people)
        return self._rng.choice(can, min(size, len(can)), replace=False)

    def _some_days(self, rosters: Sequence[Roster]) -> Freed:
        problem = self._problem
        width = min(problem.days, int(self._rng.integers(max(3, int(self._days) - 2), int(self._days) + 3)))
        first = int(self._rng.integers(0, problem.days - width + 1))
        shift = np.stack([roster.shift for roster in rosters])
        allowed = shift[:, :, None] == np.arange(problem.shifts)
        off = shift == OFF
        allowed[:, first : first + width] = True
        off[:, first : first + width] = True
        crowd = self._rng.choice(len(rosters), min(self._sizes.crowd, len(rosters)), replace=False)
        return Freed("days", sorted(crowd.tolist()), allowed, off)
