"""Levels of members of whom nothing tells one from another beforehand: each borrows from the others as far as its own evidence is thin.

References
----------
Lindley & Smith (1972), J. R. Stat. Soc. B 34, 1-41; flat prior on the spread: Gelman (2006), Bayesian Analysis 1, 515-534; ranks from draws: Goldstein
& Spiegelhalter (1996), J. R. Stat. Soc. A 159, 385-443.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

DRAWS = 4000
SEED = 20260303
SPREADS = 120
"""Points of the grid of spreads."""


@dataclass(frozen=True)
class Levels:
    """What is known of the true levels, from draws of their posterior.

    Attributes
    ----------
    mean, low, high : numpy.ndarray
        (members,) posterior mean and interval of the level.
    rank_low, rank_high : numpy.ndarray
        (members,) interval of the rank, 1 the highest level.
    """

    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    rank_low: np.ndarray
    rank_high: np.ndarray


def levels(estimate: np.ndarray, se: np.ndarray, level: float = 0.9) -> Levels:
    """True levels ``t``, of which ``estimate ~ N(t, se^2)`` is known and which are themselves ``N(mu, tau^2)`` with unknown mu and tau.

    Parameters
    ----------
    estimate, se : numpy.ndarray
        (members,).
    level : float
        Of the intervals.
    """
    drawn = _draws(np.asarray(estimate, dtype=float), np.asarray(se, dtype=float))
    order = np.argsort(-drawn, axis=1)
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, drawn.shape[1] + 1)[None, :], axis=1)
    tails = [(1 - level) / 2, (1 + level) / 2]
    low, high = np.quantile(drawn, tails, axis=0)
    rank_low, rank_high = np.quantile(ranks, tails, axis=0, method="inverted_cdf")
    return Levels(drawn.mean(axis=0), low, high, rank_low.astype(np.int64), rank_high.astype(np.int64))


def _draws(estimate: np.ndarray, se: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(SEED)
    members = len(estimate)
    # Errors of exactly 0 would leave nothing to borrow and nothing to divide by.
    se = np.maximum(se, 1e-9)
    if members < 2:
        return np.asarray(estimate + se * rng.standard_normal((DRAWS, members)))
    scale = np.sqrt(estimate.var(ddof=1) + (se**2).mean())
    spread = np.linspace(0.0, 4 * scale, SPREADS)[:, None]
    weight = 1 / (se**2 + spread**2)
    total = weight.sum(axis=1, keepdims=True)
    middle = (weight * estimate).sum(axis=1, keepdims=True) / total
    likelihood = 0.5 * (np.log(weight) - weight * (estimate - middle) ** 2).sum(axis=1) - 0.5 * np.log(total[:, 0])
    chance = np.exp(likelihood - likelihood.max())
    taken = rng.choice(SPREADS, DRAWS, p=chance / chance.sum())
    mu = middle[taken] + rng.standard_normal((DRAWS, 1)) / np.sqrt(total[taken])
    own = spread[taken] ** 2 * weight[taken]
    return np.asarray(own * estimate + (1 - own) * mu + np.sqrt(own) * se * rng.standard_normal((DRAWS, members)))
