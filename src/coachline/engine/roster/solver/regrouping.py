"""Groups of people are rostered anew beside all others; what is better stays (ruin and recreate, Schrimpf et al. 2000, *J. Comput. Phys.* 159)."""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Floats, Problem

LARGEST = 12
PRICED = 0.5
"""Weight of the relaxation's prices in the first roster of each; the second one looks at the heads alone."""


def regroup(
    problem: Problem, pricing: Pricing, start: Sequence[Roster], prices: Floats, until: float, rng: np.random.Generator
) -> list[Roster]:
    """Better rosters, by the time.

    Parameters
    ----------
    problem : Problem
    pricing : Pricing
    start : sequence of Roster
        One for each person.
    prices : (slots, posts) float array
        Of the relaxation.
    until : float
        Of `time.monotonic`.
    rng : numpy.random.Generator
    """
    rosters = list(start)
    cells = Cells(problem, rosters)
    while time.monotonic() < until:
        size = int(rng.integers(2, min(LARGEST, len(rosters)) + 1)) if len(rosters) > 1 else 1
        people = rng.choice(len(rosters), size, replace=False).tolist()
        before = [rosters[person] for person in people]
        cost = cells.cost + sum(roster.own_cost for roster in before)
        for roster in before:
            cells.take(roster)
        after = _anew(pricing, cells, people, prices)
        if after is None or cells.cost + sum(roster.own_cost for roster in after) > cost - 1e-9:
            for roster in after or ():
                cells.take(roster)
            for roster in before:
                cells.put(roster)
            continue
        for roster in after:
            rosters[roster.person] = roster
    return rosters


def _anew(pricing: Pricing, cells: Cells, people: Sequence[int], prices: Floats) -> list[Roster] | None:
    found: dict[int, Roster] = {}
    for weight in (PRICED, 0.0):
        for person in people:
            if person in found:
                cells.take(found[person])
            [(_, roster)] = pricing.cheapest(weight * prices + (1.0 - weight) * cells.next_head, [person], rough=weight > 0)
            assert roster is not None, "who has a roster keeps having one"
            found[person] = roster
            cells.put(roster)
    return list(found.values())
