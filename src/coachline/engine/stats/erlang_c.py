"""The queue whose callers wait as long as it takes (Erlang C), and the group of lines that lets nobody wait (Erlang B).

Both hold for any number of servers, also one that is not whole, and for thousands of queues at once. Erlang's loss formula is a ratio of incomplete gamma functions
(Jagerman, 1974): the chance of ``n`` in a Poisson distribution over the chance of at most ``n``; the chance of having to wait follows from it.

References
----------
Erlang (1917), "Solution of some problems in the theory of probabilities of significance in automatic telephone exchanges". Jagerman (1974), *Bell System Technical Journal*
53, 525-551.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaincc, gammaln

Floats = NDArray[np.float64]

TINIEST = 1e-280
"""A share of a distribution below this is found by a continued fraction."""
FRACTIONS = 400
"""Steps of the continued fraction; it is needed only where servers are far fewer than the load, and there a few dozen are enough."""
ENOUGH = 1e-15


@dataclass(frozen=True)
class EndlessQueue:
    """What callers meet who never hang up.

    Attributes
    ----------
    answered_within : numpy.ndarray
        Share of callers who are answered within the threshold; 0 where servers are no more than the load, for the queue then grows without end.
    waits : numpy.ndarray
        Share who have to wait; 1 there.
    wait : numpy.ndarray
        Mean wait in handle times; infinite there.
    """

    answered_within: Floats
    waits: Floats
    wait: Floats


def erlang_b(load: ArrayLike, servers: ArrayLike) -> Floats:
    """Share of calls that find all servers busy and are lost.

    Parameters
    ----------
    load : array_like
        Offered load in erlangs, from 0 on.
    servers : array_like
        From 0 on, not necessarily whole.

    Returns
    -------
    numpy.ndarray
        Arguments broadcast.

    Examples
    --------
    >>> float(erlang_b(10, 15).round(4))
    0.0365
    """
    a, n = (np.asarray(v, float) for v in np.broadcast_arrays(load, servers))
    calls = a > 0.0
    a = np.where(calls, a, 1.0)
    at_most = gammaincc(n + 1.0, a)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.exp(n * np.log(a) - a - gammaln(n + 1.0)) / at_most
    swamped = at_most < TINIEST
    if swamped.any():
        lost = np.where(swamped, _swamped(np.where(swamped, a, n + 2.0), n), lost)
    return np.where(calls, np.clip(lost, 0.0, 1.0), np.where(n > 0.0, 0.0, 1.0))


def _swamped(a: Floats, n: Floats) -> Floats:
    """Share lost where servers are far fewer than the load: Legendre's continued fraction of the incomplete gamma function, by Lentz's method."""
    bottom = a - n
    upper = np.full(a.shape, 1e300)
    lower = 1.0 / bottom
    product = lower.copy()
    for step in range(1, FRACTIONS):
        part = -step * (step - n - 1.0)
        bottom = bottom + 2.0
        lower = 1.0 / (part * lower + bottom)
        upper = bottom + part / upper
        change = lower * upper
        product = product * change
        if np.abs(change - 1.0).max() < ENOUGH:
            break
    return 1.0 / (a * product)


def erlang_c(load: ArrayLike, servers: ArrayLike, within: ArrayLike = 0.0) -> EndlessQueue:
    """Steady state of M/M/n; all arguments are broadcast.

    Parameters
    ----------
    load : array_like
        Offered load in erlangs, from 0 on: arrivals per mean handle time.
    servers : array_like
        From 0 on, not necessarily whole.
    within : array_like
        Threshold of the service level in handle times, from 0 on.

    Returns
    -------
    EndlessQueue

    Examples
    --------
    >>> float(erlang_c(8, 11, 20 / 240).answered_within.round(4))
    0.8092
    """
    a, n, within = (np.asarray(v, float) for v in np.broadcast_arrays(load, servers, within))
    lost = erlang_b(a, n)
    spare = n - a
    steady = spare > 0.0
    spare = np.where(steady, spare, 1.0)
    waits = np.where(steady, n * lost / (spare + a * lost), 1.0)
    # Without calls nobody waits, whether or not somebody is there to answer.
    waits = np.where(a > 0.0, waits, 0.0)
    answered = np.where(steady | (a <= 0.0), 1.0 - waits * np.exp(-spare * within), 0.0)
    return EndlessQueue(answered, waits, np.where(steady, waits / spare, np.where(a > 0.0, np.inf, 0.0)))
