"""How near two ratings count as being: weights of a pair of categories, 1 for the same, less for others."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Weighting = Callable[[np.ndarray], np.ndarray]


def identity(values: np.ndarray) -> np.ndarray:
    """Only the same category agrees."""
    return np.eye(len(values))


def linear(values: np.ndarray) -> np.ndarray:
    return 1 - _relative(np.abs(values[:, None] - values))


def quadratic(values: np.ndarray) -> np.ndarray:
    """The weights of interval data: what two ratings differ by counts as its square."""
    return 1 - _relative((values[:, None] - values) ** 2)


def radical(values: np.ndarray) -> np.ndarray:
    return 1 - _relative(np.sqrt(np.abs(values[:, None] - values)))


def ordinal(values: np.ndarray) -> np.ndarray:
    """Gwet's ordinal weights: by the number of pairs of categories that lie between two, both included."""
    between = np.abs(np.arange(len(values))[:, None] - np.arange(len(values))) + 1.0
    return 1 - _relative(between * (between - 1) / 2)


def ratio(values: np.ndarray) -> np.ndarray:
    """By what two ratings differ, in proportion to their sum; for values from 0 on."""
    total = values[:, None] + values
    return 1 - _relative((np.divide(values[:, None] - values, total, out=np.zeros_like(total), where=total != 0)) ** 2)


WEIGHTINGS: dict[str, Weighting] = {
    "identity": identity,
    "linear": linear,
    "quadratic": quadratic,
    "ordinal": ordinal,
    "radical": radical,
    "ratio": ratio,
}
"""Weights of Gwet's handbook by name, as functions of the sorted values of the categories (q,) to (q, q)."""


def by_rank(counts: np.ndarray) -> np.ndarray:
    """Krippendorff's ordinal metric as weights: the square of the difference of two categories' mean ranks.

    Parameters
    ----------
    counts : numpy.ndarray
        Ratings of each category (q,), in order.

    Returns
    -------
    numpy.ndarray
        (q, q).
    """
    return quadratic(np.cumsum(counts) - counts / 2)


def _relative(distance: np.ndarray) -> np.ndarray:
    largest = distance.max(initial=0.0)
    return np.asarray(distance / largest if largest > 0 else distance)
