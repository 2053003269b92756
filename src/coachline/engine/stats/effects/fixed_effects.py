"""Panels: effects with a level of its own for every unit and every period, and the plain difference in differences.

References
----------
Wooldridge (2010), *Econometric Analysis of Cross Section and Panel Data*, chapter 10; Meyer, Viscusi & Durbin (1995), Am. Econ. Rev. 85, 322-340.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.effects.least_squares import Floats


@dataclass(frozen=True)
class PanelFit:
    """Coefficients of a panel regression.

    Attributes
    ----------
    coefficients, se : (k,) numpy.ndarray
        The standard errors allow for any dependence within a unit.
    units, rows : int
    """

    coefficients: Floats
    se: Floats
    units: int
    rows: int


def within_units(outcome: Floats, regressors: Floats, unit: np.ndarray) -> PanelFit:
    """Fixed effects of units: every column as its distance from the unit's mean. Periods enter as indicators among the regressors.

    Parameters
    ----------
    outcome : numpy.ndarray
        (rows,).
    regressors : numpy.ndarray
        (rows, k), without a constant.
    unit : numpy.ndarray
        (rows,) any labels. The panel need not be balanced; rows with an unknown value must have been left out.
    """
    names, place = np.unique(unit, return_inverse=True)
    size = np.bincount(place).astype(float)

    def centred(column: Floats) -> Floats:
        return np.asarray(column - (np.bincount(place, column) / size)[place])

    y = centred(outcome)
    x = np.column_stack([centred(column) for column in regressors.T])
    bread: Floats = np.asarray(np.linalg.inv(x.T @ x), float)
    coefficients = bread @ (x.T @ y)
    return PanelFit(coefficients, _clustered(x, y - x @ coefficients, place, bread), len(names), len(y))


def difference_in_differences(outcome: Floats, treated: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """(mean of the treated after - before) - (the same of the others), of separate samples before and after.

    Parameters
    ----------
    outcome : numpy.ndarray
        (rows,).
    treated, after : numpy.ndarray
        (rows,) bool; all four combinations must occur.

    Returns
    -------
    tuple of float
        The effect and its standard error, which allows for unequal variances.
    """
    effect = variance = 0.0
    for of_treated in (True, False):
        for later in (True, False):
            cell = outcome[(treated == of_treated) & (after == later)]
            effect += float(cell.mean()) * (1.0 if of_treated == later else -1.0)
            variance += float(cell.var(ddof=1)) / len(cell) if len(cell) > 1 else np.inf
    return effect, float(np.sqrt(variance))


def _clustered(x: Floats, rest: Floats, place: np.ndarray, bread: Floats) -> Floats:
    clusters = int(place.max()) + 1
    scores = np.zeros((clusters, x.shape[1]))
    np.add.at(scores, place, x * rest[:, None])
    meat = scores.T @ scores * clusters / max(clusters - 1, 1)
    return np.asarray(np.sqrt(np.diag(bread @ meat @ bread)))
