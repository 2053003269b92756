"""Least squares for effects: known sampling variances plus a common one between units, and standard errors that mind clusters.

References
----------
Variance between units by the method of moments: Paule & Mandel (1982), J. Res. Natl. Bur. Stand. 87, 377-385; DerSimonian & Kacker (2007), Contemp. Clin. Trials 28,
105-114.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Floats = NDArray[np.float64]

_HALVINGS = 60


@dataclass(frozen=True)
class Fitted:
    """A regression.

    Attributes
    ----------
    coefficients : (k,) numpy.ndarray
    covariance : (k, k) numpy.ndarray
    freedom : int
        Units less coefficients.
    between : float
        Variance between units beyond their sampling variance.
    """

    coefficients: Floats
    covariance: Floats
    freedom: int
    between: float

    def se(self, place: int) -> float:
        """Standard error of coefficient `place`."""
        return float(np.sqrt(self.covariance[place, place]))

    def interval(self, place: int, confidence: float) -> tuple[float, float]:
        """Interval of coefficient `place` by Student's t."""
        half = float(stdtrit(self.freedom, 0.5 + confidence / 2)) * self.se(place)
        middle = float(self.coefficients[place])
        return middle - half, middle + half


def fit_units(outcome: Floats, design: Floats, sampling: Floats) -> Fitted:
    """Regression of units of which each has a sampling variance of its own and all share one more, which is estimated.

    Where the units differ less than sampling alone would make them, the further variance is 0 and the sampling variance stands, so that a few equal
    shares never look certain.

    Parameters
    ----------
    outcome : numpy.ndarray
        (units,).
    design : numpy.ndarray
        (units, k) of full rank, k < units.
    sampling : numpy.ndarray
        (units,) variances, above 0.
    """
    units, k = design.shape
    freedom = units - k

    def weighted(between: float) -> tuple[Floats, Floats, float]:
        weight = 1.0 / (sampling + between)
        covariance: Floats = np.asarray(np.linalg.inv((design * weight[:, None]).T @ design), float)
        coefficients = covariance @ (design.T @ (weight * outcome))
        return coefficients, covariance, float((weight * (outcome - design @ coefficients) ** 2).sum())

    low = 0.0
    if weighted(0.0)[2] > freedom:
        high = float(np.var(outcome)) * units + float(sampling.mean())
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            low, high = (middle, high) if weighted(middle)[2] > freedom else (low, middle)
    coefficients, covariance, _ = weighted(low)
    return Fitted(coefficients, covariance, freedom, low)
