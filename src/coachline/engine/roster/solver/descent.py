"""A good roster at once: each person in turn gets the best roster beside those of all others, until nobody's can be bettered.

The cost of a cell is convex in its heads, so that what the next head is worth tells each person where the lack is greatest.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Problem


def descend(
    problem: Problem, pricing: Pricing, start: Sequence[Roster | None], until: float, rng: np.random.Generator, rounds: int = 50
) -> list[Roster | None]:
    """Rosters from which no single person's change helps, or those reached in time.

    Parameters
    ----------
    problem : Problem
    pricing : Pricing
    start : sequence of Roster or None, one a person
        None for those who have none yet; they get one even after the time is over, for a roster of all is an answer and a part of it is none.
    until : float
        Of `time.monotonic`.
    rng : numpy.random.Generator
    rounds : int

    Returns
    -------
    list of Roster or None
        None where the rules leave a person no roster.
    """
    rosters = list(start)
    cells = Cells(problem, [roster for roster in rosters if roster is not None])
    unchanged = 0
    for _ in range(rounds):
        for person in rng.permutation(len(rosters)).tolist():
            now = rosters[person]
            if time.monotonic() > until and now is not None:
                continue
            if now is not None:
                cells.take(now)
            # Who has no roster yet gets one quickly; it is looked at again.
            [(_, found)] = pricing.cheapest(cells.next_head, [person], rough=now is None)
            better = found is not None and (now is None or found.own_cost + cells.added(found) < now.own_cost + cells.added(now) - 1e-9)
            rosters[person] = found if better else now
            unchanged = 0 if better else unchanged + 1
            kept = rosters[person]
            if kept is not None:
                cells.put(kept)
        if unchanged >= len(rosters) or time.monotonic() > until:
            break
    return rosters
