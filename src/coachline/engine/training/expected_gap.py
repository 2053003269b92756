"""How far below the standard somebody is expected to be: the mean over all levels that the evidence leaves possible.

The gap of the estimate is no substitute. Who is estimated just above the standard may well be below it, and who is known from two calls may be far
below or not at all; both are counted with their probability.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.likelihood import Likelihood

NODES = 24
"""Of the Gauss-Legendre rule; gaps then have an absolute error below 1e-6."""

TAIL = 7.0
"""Standard deviations beyond which nothing is left to count."""

_AT_ONCE = 65_536
"""Cells that are integrated together, so that what is in between fits into the processor's cache."""


def expected_gap(likelihood: Likelihood, mean: Floats, variance: Floats, standard: Floats, sign: float) -> tuple[Floats, Floats]:
    r"""E[max(gap, 0)] and P(gap > 0) of levels that are Gaussian on the scale of the model.

    .. math:: E = \int_{-\infty}^{c} |s - g(x)|\,\varphi\!\left(\frac{x-m}{\sigma}\right)\frac{dx}{\sigma}, \qquad g(c) = s

    Parameters
    ----------
    likelihood : Likelihood
        Knows the way from the scale of the model to the outcome's unit (g).
    mean, variance : float arrays of one shape
        Posterior of the levels.
    standard : float array
        In the outcome's unit, of a shape that broadcasts; NaN where there is none.
    sign : float
        1 where more is better, -1 where less is.

    Returns
    -------
    gap : float array
        Mean gap in the outcome's unit, counting 0 where the level meets the standard; NaN without a standard.
    p_below : float array

    Examples
    --------
    Known exactly, it is the gap itself:

    >>> from coachline.engine.stats.hierarchical.likelihood import Shares
    >>> shares = Shares.of(np.ones(1), np.ones(1))
    >>> gap, p_below = expected_gap(shares, np.zeros(1), np.full(1, 1e-12), np.array([0.8]), 1.0)
    >>> gap.round(6), p_below
    (array([0.3]), array([1.]))
    """
    shape = mean.shape
    mean, deviation = mean.ravel(), np.sqrt(variance).ravel()
    standard = np.broadcast_to(standard, shape).ravel()
    # Mirrored where less is better, so that what is worse always lies to the left.
    edge = sign * (likelihood.level(standard) - mean) / deviation
    gap = np.empty(len(mean))
    for start in range(0, len(mean), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        gap[part] = _integral(likelihood, mean[part], sign * deviation[part], standard[part], np.clip(edge[part], -TAIL, TAIL))
    gap[np.isnan(edge)] = np.nan
    return gap.reshape(shape), np.asarray(ndtr(edge)).reshape(shape)


def _integral(likelihood: Likelihood, mean: Floats, step: Floats, standard: Floats, edge: Floats) -> Floats:
    points, weights = np.polynomial.legendre.leggauss(NODES)
    half = 0.5 * (edge + TAIL)
    total = np.zeros(len(mean))
    for point, weight in zip(points, weights, strict=True):
        z = half * (point + 1.0) - TAIL
        total += weight * np.abs(standard - likelihood.value(mean + step * z)) * np.exp(-0.5 * z * z)
    return np.asarray(total * half / np.sqrt(2.0 * np.pi))
