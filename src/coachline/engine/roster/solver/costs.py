"""What rosters cost: counted from the schedule, whatever found it."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Floats, Problem, Schedule


def cells_cost(problem: Problem, heads: Floats) -> float:
    """What the heads in all cells cost.

    Parameters
    ----------
    problem : Problem
    heads : (slots * posts,) float array
    """
    steps = problem.cover.steps.reshape(len(heads), -1)
    widths = problem.cover.widths.reshape(len(heads), -1)
    begins = np.concatenate([np.zeros((len(heads), 1)), np.cumsum(widths[:, :-1], axis=1)], axis=1)
    ends = np.concatenate([begins[:, 1:], np.full((len(heads), 1), np.inf)], axis=1)
    filled = np.clip(heads[:, None], begins, ends) - begins
    return float((steps * filled).sum())


def heads_of(problem: Problem, rosters: list[Roster]) -> Floats:
    """(slots * posts,) heads that rosters add up to."""
    total = np.zeros(problem.cover.worth.size)
    for roster in rosters:
        total[roster.cells] += roster.heads
    return total


def rosters_cost(problem: Problem, rosters: list[Roster]) -> float:
    return sum(roster.own_cost for roster in rosters) + cells_cost(problem, heads_of(problem, rosters))


def roster_cost(problem: Problem, schedule: Schedule) -> float:
    """What a schedule costs."""
    return rosters_cost(problem, rosters_of(problem, schedule))


def heads(problem: Problem, schedule: Schedule) -> Floats:
    """(slots, posts) heads of a schedule."""
    return heads_of(problem, rosters_of(problem, schedule)).reshape(problem.cover.worth.shape)


def rosters_of(problem: Problem, schedule: Schedule) -> list[Roster]:
    """A schedule, person by person."""
    pricing = Pricing(problem)
    return [pricing.roster(person, schedule.shift[person], schedule.post[person]) for person in range(problem.people)]
