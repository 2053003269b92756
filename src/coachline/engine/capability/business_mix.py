"""Fair comparison of agents who handle different businesses: observed less expected.

An agent on hard businesses resolves less without being worse. Indirect standardisation compares each agent with what the centre would have
reached on the same businesses. The difficulty of a business must not be that of the agents who happen to handle it, so each is estimated with the
agents' own effects taken out, and these in turn with the difficulties taken out, until both settle.
"""

from __future__ import annotations

import numpy as np

ROUNDS = 60
SETTLED = 1e-9
"""Of the standard deviation of a case; smaller steps change nothing that is shown."""


def difficulty(agent: np.ndarray, business: np.ndarray, n: np.ndarray, total: np.ndarray, total_sq: np.ndarray) -> np.ndarray:
    """Expected value of a case of each business when an average agent handles it.

    The model is value = business + agent + chance, businesses fixed, agents random with one variance (Henderson's equations by block
    Gauss-Seidel). An agent with few cases counts as nearly average.

    Parameters
    ----------
    agent, business : numpy.ndarray
        (C,) numbers of the cells' agent and business, from 0.
    n, total, total_sq : numpy.ndarray
        (C,) cases of the cell, sum and sum of squares of their values.

    Returns
    -------
    numpy.ndarray
        (businesses,) in the units of a value.

    References
    ----------
    Henderson (1975), *Biometrics* 31(2), 423-447; Ghosh, Hastie & Owen (2022), *Ann. Statist.* 50(1), 560-583.
    """
    cases, per_business = np.bincount(agent, n), np.bincount(business, n)
    with np.errstate(invalid="ignore", divide="ignore"):
        inside = float(np.sum(np.where(n > 0, total_sq - total**2 / n, 0.0)))
    freedom = float(n.sum()) - len(n)
    chance = inside / freedom if freedom > 0 else 0.0
    effect = np.zeros(len(cases))
    for _ in range(ROUNDS):
        expected = np.bincount(business, total - n * effect[agent]) / np.maximum(per_business, 1)
        own = np.bincount(agent, total - n * expected[business]) / np.maximum(cases, 1)
        kept = _between(own, cases, chance)
        own = kept / (kept + chance / np.maximum(cases, 1)) * own if kept > 0 else np.zeros(len(own))
        own -= np.average(own, weights=cases)
        step, effect = float(np.abs(own - effect).max()), own
        if step <= SETTLED * np.sqrt(chance):
            break
    return np.asarray(expected)


def _between(own: np.ndarray, cases: np.ndarray, chance: float) -> float:
    """Variance between agents, by the moments of DerSimonian and Laird: weights are the cases."""
    mean = np.average(own, weights=cases)
    kept = cases.sum() - (cases**2).sum() / cases.sum()
    seen = int((cases > 0).sum())
    return max((float(cases @ (own - mean) ** 2) - (seen - 1) * chance) / kept, 0.0) if kept > 0 else 0.0
