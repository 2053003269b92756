"""The queue with impatient callers (Erlang-A), exactly and for staffing that need not be whole.

Calls come at random, are handled one after the other by equal servers in exponential time, and callers leave after exponential patience. All figures
follow from three integrals over the wait offered to a call (Baccelli & Hebuterne; Zeltyn & Mandelbaum, 2005). Each is an incomplete gamma function,
so that thousands of queues are one call of it. A staffing that is not whole goes through the continuous extension of Erlang's loss formula.

References
----------
Garnett, Mandelbaum, Reiman (2002), *Manufacturing & Service Operations Management* 4, 208-227. Zeltyn, Mandelbaum (2005), *Queueing Systems* 51, 361-402.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, gammaincc, gammaln

Floats = NDArray[np.float64]

FEWEST = 1e-6
"""Servers below which nobody is there."""
FULLEST = 700.0
"""Exponents beyond this would leave the range of numbers."""


@dataclass(frozen=True)
class Queue:
    """What callers meet.

    Attributes
    ----------
    answered_within : numpy.ndarray
        Share of all callers who are answered within the threshold.
    abandoned : numpy.ndarray
        Share who hang up.
    abandoned_within : numpy.ndarray
        Share who hang up within the threshold.
    waits : numpy.ndarray
        Share who have to wait.
    """

    answered_within: Floats
    abandoned: Floats
    abandoned_within: Floats
    waits: Floats


def erlang_a(load: ArrayLike, servers: ArrayLike, patience: ArrayLike, within: ArrayLike) -> Queue:
    """Steady state of M/M/n+M; all arguments are broadcast.

    Parameters
    ----------
    load : array_like
        Offered load in erlangs, above 0: arrivals per mean handle time.
    servers : array_like
        From 0 on, not necessarily whole.
    patience : array_like
        Mean patience in handle times, above 0.
    within : array_like
        Threshold of the service level in handle times, from 0 on.

    Returns
    -------
    Queue
    """
    a, n, rest, within = (np.asarray(v, float) for v in np.broadcast_arrays(load, servers, patience, within))
    there = n > FEWEST
    n = np.where(there, n, 1.0)
    theta = 1.0 / rest
    # Scaled by the empty queue: `idle` = sum of the states without a queue over the state with one server free, `offered` = integral of the wait.
    log_idle = gammaln(n) + a - (n - 1.0) * np.log(a) + np.log(np.maximum(gammaincc(n, a), 1e-300))
    log_all, log_late = (_log_wait(a, n, theta, t) for t in (np.zeros_like(within), within))
    top = np.maximum(log_idle, np.log(a) + log_all)
    idle, wait, late = np.exp(log_idle - top), np.exp(log_all - top), np.exp(log_late - top)
    total = idle + a * wait
    one = np.exp(-top)
    end = np.exp(np.minimum(a * -np.expm1(-theta * within) / theta - n * within - top, FULLEST))
    answered = (idle + end - one + n * np.maximum(wait - late, 0.0)) / total
    abandoned = (one + (a - n) * wait) / total
    # Whoever is neither answered nor gone by then has been offered a longer wait, and is more patient than that.
    waiting = np.exp(-theta * within) * a * late / total
    return Queue(
        np.where(there, np.clip(answered, 0.0, 1.0), 0.0),
        np.where(there, np.clip(abandoned, 0.0, 1.0), 1.0),
        np.where(there, np.clip(1.0 - answered - waiting, 0.0, 1.0), -np.expm1(-theta * within)),
        np.where(there, np.clip(a * wait / total, 0.0, 1.0), 1.0),
    )


def _log_wait(a: Floats, n: Floats, theta: Floats, start: Floats) -> Floats:
    """Log of the integral of exp(a (1 - exp(-theta x)) / theta - n x) over x from `start` on."""
    shape, scale = n / theta, a / theta
    part = gammainc(shape, scale * np.exp(-theta * start))
    with np.errstate(divide="ignore"):
        exact = scale - np.log(theta) - shape * np.log(scale) + gammaln(shape) + np.log(part)
    # Where the incomplete gamma function is too small for a number, staffing is so ample that the integrand falls at once.
    slope = np.maximum(n - a * np.exp(-theta * start), FEWEST)
    ample = a * -np.expm1(-theta * start) / theta - n * start - np.log(slope)
    return np.where(part > 1e-290, exact, ample)
