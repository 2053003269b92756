"""What rosters cost: counted from the schedule, whatever found it."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Floats, Problem, Schedule


def rosters_cost(problem: Problem, rosters: Sequence[Roster], others: Floats | None = None) -> float:
    """What rosters cost by themselves and by the heads that they add.

    Parameters
    ----------
    problem : Problem
    rosters : sequence of Roster
    others : (slots * posts,) float array, optional
        Heads that are there besides.
    """
    return sum(roster.own_cost for roster in rosters) + Cells(problem, rosters, others).cost


def roster_cost(problem: Problem, schedule: Schedule) -> float:
    """What a schedule costs."""
    return rosters_cost(problem, rosters_of(problem, schedule))


def heads(problem: Problem, schedule: Schedule) -> Floats:
    """(slots, posts) heads of a schedule."""
    return Cells(problem, rosters_of(problem, schedule)).heads.reshape(problem.cover.worth.shape)


def rosters_of(problem: Problem, schedule: Schedule) -> list[Roster]:
    """A schedule, person by person."""
    pricing = Pricing(problem)
    return [pricing.roster(person, schedule.shift[person], schedule.post[person]) for person in range(problem.people)]
