"""Splits the change of a quotient of sums into what its members did and how their shares of the volume moved."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Contributions(NamedTuple):
    """Per member: the part of the change by its share of the volume, and the part by its own rate."""

    mix: np.ndarray
    rate: np.ndarray


def contributions(top_before: np.ndarray, bottom_before: np.ndarray, top_after: np.ndarray, bottom_after: np.ndarray) -> Contributions:
    """Symmetric decomposition of the change of ``sum(top) / sum(bottom)``, member by member.

    With shares ``w`` and rates ``r`` before (0) and after (1), and ``R`` the mean of the two overall rates::

        rate = (w0 + w1) / 2 * (r1 - r0)
        mix  = (w1 - w0) * ((r0 + r1) / 2 - R)

    The sum over members of both is exactly ``R1 - R0``. Shares sum to 1 before and after, so subtracting ``R`` changes no sum; it makes a member
    that is better than the whole count as a gain when it grows, and as a loss when it shrinks. Swapping before and after changes only signs.
    A member of one period only has no rate in the other: its rate is taken as unchanged, and all of its part is mix.

    Parameters
    ----------
    top_before, bottom_before, top_after, bottom_after : numpy.ndarray, shape (members,)
        Numerators and denominators; each bottom sums to more than 0, and a member with bottom 0 has top 0.

    Returns
    -------
    Contributions
        Two arrays of shape (members,), in units of the rate.

    References
    ----------
    Kitagawa, E. M. (1955). Components of a difference between two rates. JASA 50(272), 1168-1194.
    Bennet, T. L. (1920). The theory of measurement of changes in cost of living. J. R. Stat. Soc. 83(3), 455-462.
    """
    share_before, share_after = bottom_before / bottom_before.sum(), bottom_after / bottom_after.sum()
    known_before, known_after = bottom_before > 0, bottom_after > 0
    own_before = np.divide(top_before, bottom_before, out=np.zeros(len(top_before)), where=known_before)
    own_after = np.divide(top_after, bottom_after, out=np.zeros(len(top_after)), where=known_after)
    rate_before = np.where(known_before, own_before, own_after)
    rate_after = np.where(known_after, own_after, own_before)
    overall = (top_before.sum() / bottom_before.sum() + top_after.sum() / bottom_after.sum()) / 2
    return Contributions(
        mix=(share_after - share_before) * ((rate_before + rate_after) / 2 - overall),
        rate=(share_before + share_after) / 2 * (rate_after - rate_before),
    )
