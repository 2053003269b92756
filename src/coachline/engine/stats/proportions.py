"""Intervals of shares, and of a product of two shares."""

from __future__ import annotations

import numpy as np


def wilson(share: float, n: float, z: float) -> tuple[float, float]:
    """Wilson's interval of a share.

    Parameters
    ----------
    share : float
    n : float
        Cases, or an effective number of them, not whole. Without any nothing is known, (0, 1); with infinitely many everything.
    z : float
        Quantile of the standard normal distribution, e.g. 1.96.

    Returns
    -------
    tuple of float
        Lower and upper end.

    References
    ----------
    Wilson (1927), JASA 22, 209-212.
    """
    if n <= 0:
        return 0.0, 1.0
    if np.isinf(n):
        return share, share
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def product(one: float, one_ends: tuple[float, float], other: float, other_ends: tuple[float, float]) -> tuple[float, float]:
    """Interval of the product of two independent shares from their own intervals, which need not be symmetric.

    References
    ----------
    Zou & Donner (2008), Stat. Med. 27, 1693-1702 (method of variance estimates recovery); Zou, Huang & Zhang (2009), Stat. Med. 28, 3202-3212.
    """

    def distance(one_end: float, other_end: float, sign: float) -> float:
        by_one, by_other = other * (one_end - one), one * (other_end - other)
        return float(np.sqrt(max(by_one**2 + by_other**2 + sign * ((one_end - one) * (other_end - other)) ** 2, 0.0)))

    value = one * other
    low = value - distance(one_ends[0], other_ends[0], -1.0)
    high = value + distance(one_ends[1], other_ends[1], 1.0)
    return max(low, 0.0), min(high, 1.0)
