"""Whether the rules leave a person any roster."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.solver.pricing import Pricing
from coachline.engine.roster.solver.problem import Problem


def has_roster(problem: Problem, person: int, pricing: Pricing | None = None) -> bool:
    """Whether one exists; takes milliseconds.

    Parameters
    ----------
    problem : Problem
    person : int
    pricing : Pricing, optional
        Of the problem, where it is at hand.
    """
    pricing = Pricing(problem) if pricing is None else pricing
    [(cost, _)] = pricing.cheapest(np.zeros(problem.cover.worth.shape), [person])
    return bool(np.isfinite(cost))
