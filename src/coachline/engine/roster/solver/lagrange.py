"""The bound that any prices of heads give."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.solver.pricing import Pricing
from coachline.engine.roster.solver.problem import Floats, Problem


def cells_bound(problem: Problem, prices: Floats) -> float:
    """Least that the cells can cost when their heads are paid for.

    Parameters
    ----------
    problem : Problem
    prices : (slots, posts) float array
        At most the last step of each cell.
    """
    saved = np.minimum(problem.cover.steps - prices[..., None], 0.0)
    return float((saved[..., :-1] * problem.cover.widths[..., :-1]).sum())


def bound_at(problem: Problem, pricing: Pricing, prices: Floats) -> float:
    """Below which no roster can cost.

    Parameters
    ----------
    problem : Problem
    pricing : Pricing
    prices : (slots, posts) float array
        Of a head; at most the last step of each cell.
    """
    return sum(cost for cost, _ in pricing.cheapest(prices, range(problem.people))) + cells_bound(problem, prices)
