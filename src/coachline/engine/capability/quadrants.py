"""Quadrants of satisfaction and resolution, and how sure it is that an agent truly stands in one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import betainc, betaincinv, betaln

from coachline.engine.capability.reliability import LEVEL

UNKNOWN, AT_MEAN, NOT_SURE = "unknown", "at_mean", "not_enough_evidence"
QUADRANTS = {(1, 1): "both_above", (1, -1): "satisfied_unresolved", (-1, 1): "resolved_unsatisfied", (-1, -1): "both_below"}
"""Sides of the mean satisfaction and the mean resolution: 1 above, -1 below."""

ROUNDING = 1e-12
"""Shares nearer to the mean than this are equal to it: the mean of equal shares differs from them in the last digit."""

LEAST_SPREAD, MOST_SPREAD = 1e-3, 0.95
"""Standard deviation between agents relative to the largest possible one, sqrt(mean (1 - mean))."""

SPREADS, MEANS, ZOOMS = 17, 7, 3
NEGLIGIBLE = 8.0
"""Log-likelihood below the best at which a value is left out of the grid."""


class Prior(NamedTuple):
    """What is known of the spread of agents' true shares: beta distributions, each as likely as its weight (G,).

    ``mean`` (G,) is that of the shares, ``concentration`` (G,) how many cases one distribution is worth.
    """

    weight: np.ndarray
    mean: np.ndarray
    concentration: np.ndarray


def mean_share(n: np.ndarray, successes: np.ndarray, by: str) -> float:
    """The mean share: of the agents' shares (``agents``) or of all their calls together (``calls``); NaN without any.

    Parameters
    ----------
    n, successes : numpy.ndarray
        (N,) of agents with n > 0.
    by : str
    """
    if not len(n):
        return np.nan
    return float(successes.sum() / n.sum() if by == "calls" else (successes / n).mean())


def side(value: np.ndarray, mean: float) -> np.ndarray:
    """1 strictly above the mean, -1 strictly below, 0 at it; NaN where the value or the mean is."""
    difference = value - mean
    return np.where(np.abs(difference) <= ROUNDING * max(1.0, abs(mean)), 0.0, np.sign(difference))


def quadrants(satisfaction: np.ndarray, resolution: np.ndarray) -> list[str]:
    """Codes from the sides of both means: see `QUADRANTS`; ``at_mean`` at one of them, ``unknown`` where a side is NaN."""
    return [
        UNKNOWN if np.isnan(one) or np.isnan(other) else QUADRANTS.get((int(one), int(other)), AT_MEAN)
        for one, other in zip(satisfaction, resolution, strict=True)
    ]


def prior(n: np.ndarray, successes: np.ndarray) -> Prior:
    """How the true shares of a centre's agents are spread (beta-binomial), with the doubt that remains about it.

    The likelihood of mean and spread given all counts, on a grid; every spread is equally likely beforehand (Gelman 2006). Where agents do not
    differ beyond chance, the narrow distributions win, and nobody's counts move far. Taking the one best spread as known would make
    the probabilities of a small centre far too sure.

    Parameters
    ----------
    n, successes : numpy.ndarray
        (N,) counts of the agents; those with n = 0 say nothing.

    References
    ----------
    Gelman (2006), *Bayesian Analysis* 1(3), 515-534; Kleinman (1973), *J. Am. Stat. Assoc.* 68(341), 46-54.
    """
    n, successes = n[n > 0], successes[n > 0]
    # A centre of whose calls every one was satisfied may still see one that is not.
    middle = (successes.sum() + 0.5) / (n.sum() + 1)
    low, high = LEAST_SPREAD, MOST_SPREAD
    for _ in range(ZOOMS):
        spreads = np.geomspace(low, high, SPREADS)
        near = np.array([_log_likelihood(n, successes, middle, spread) for spread in spreads])
        kept = np.flatnonzero(near > near.max() - NEGLIGIBLE)
        low, high = spreads[max(kept[0] - 1, 0)], spreads[min(kept[-1] + 1, SPREADS - 1)]
    spreads = np.linspace(low, high, SPREADS)
    typical = spreads[int(np.argmax([_log_likelihood(n, successes, middle, spread) for spread in spreads]))]
    weights = 1 / (typical**2 + (1 - typical**2) / np.maximum(n, 1))
    middle = float(np.clip(np.average((successes + middle) / (n + 1), weights=weights), 1e-9, 1 - 1e-9)) if len(n) else 0.5
    error = np.sqrt(middle * (1 - middle) / weights.sum()) if len(n) else 0.25
    half = min(3 * error, 0.95 * middle, 0.95 * (1 - middle))
    means = np.linspace(middle - half, middle + half, MEANS)
    grid = [(mean, spread) for mean in means for spread in spreads]
    likelihood = np.array([_log_likelihood(n, successes, mean, spread) for mean, spread in grid])
    weight = np.exp(likelihood - likelihood.max())
    mean, spread = np.array(grid).T
    return Prior(weight / weight.sum(), mean, _concentration(spread))


def _concentration(spread: np.ndarray | float) -> np.ndarray:
    return np.asarray(1 / np.square(spread) - 1)


def _log_likelihood(n: np.ndarray, successes: np.ndarray, mean: float, spread: float) -> float:
    a, b = mean * _concentration(spread), (1 - mean) * _concentration(spread)
    return float(np.sum(betaln(a + successes, b + n - successes) - betaln(a, b)))


def chance_above(n: np.ndarray, successes: np.ndarray, known: Prior, mean: float | None = None) -> np.ndarray:
    """Probability that the true share lies above the mean of the agents' true shares, or above a given `mean`."""
    total = np.zeros(len(n))
    for weight, centre, cases in zip(*known, strict=True):
        below = betainc(centre * cases + successes, (1 - centre) * cases + n - successes, centre if mean is None else mean)
        total += weight * (1 - below)
    return total


def interval(n: np.ndarray, successes: np.ndarray, known: Prior) -> tuple[np.ndarray, np.ndarray]:
    """The 90 % interval of the true share: that of the beta distribution with mean and variance of the mixture."""
    weight, centre, cases = known
    means = (np.multiply.outer(successes, np.ones(len(weight))) + centre * cases) / (n[:, None] + cases)
    mean = means @ weight
    variance = (means * (1 - means) / (n[:, None] + cases + 1)) @ weight + np.square(means - mean[:, None]) @ weight
    worth = mean * (1 - mean) / variance - 1
    tail = (1 - LEVEL) / 2
    low, high = (np.asarray(betaincinv(mean * worth, (1 - mean) * worth, p)) for p in (tail, 1 - tail))
    return low, high
