"""Counts of units in a window, and what a comparison finds."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coachline.engine.stats.effects.least_squares import Fitted, Floats
from coachline.engine.stats.effects.shrunk import share_variance


@dataclass(frozen=True)
class Shares:
    """Cases and successes of units in one window.

    Attributes
    ----------
    cases, successes : (units,) numpy.ndarray
    """

    cases: Floats
    successes: Floats

    @property
    def share(self) -> Floats:
        """(units,) share of successes; NaN without a case."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.asarray(self.successes / self.cases)

    def only(self, keep: np.ndarray) -> Shares:
        """The units of a mask."""
        return Shares(self.cases[keep], self.successes[keep])

    def together(self) -> float:
        """Share of all cases; NaN without any."""
        cases = float(self.cases.sum())
        return float(self.successes.sum()) / cases if cases > 0 else float("nan")

    def sampling(self, arm: np.ndarray) -> Floats:
        """(units,) variance of each share by chance alone.

        It follows from the share of the whole arm, not from the unit's own: with its own, units with good luck would count for more.
        """
        variance = np.empty(len(self.cases))
        for member in (arm, ~arm):
            part = self.only(member)
            variance[member] = share_variance(part.together(), part.cases, float(part.cases.sum()))
        return variance


@dataclass(frozen=True)
class Compared:
    """What a comparison finds.

    Attributes
    ----------
    effect, se, low, high : float
        In points of the share, on a scale from 0 to 1.
    treated, controls : int
        Units that counted.
    between : float
        Variance between units beyond chance.
    """

    effect: float
    se: float
    low: float
    high: float
    treated: int
    controls: int
    between: float

    @classmethod
    def of(cls, fitted: Fitted, place: int, treated: np.ndarray, confidence: float) -> Compared:
        """From coefficient `place` of a regression of units."""
        number = int(treated.sum())
        interval = fitted.interval(place, confidence)
        return cls(float(fitted.coefficients[place]), fitted.se(place), *interval, number, len(treated) - number, fitted.between)

    def per(self, dose: float) -> Compared:
        """The effect of one training, where the treated had `dose` of them more than the others (Bloom 1984, Eval. Rev. 8, 225-246).

        Dividing keeps everybody in the comparison: leaving out who stayed away, or who was trained again, would choose people by their results once more.
        """
        return replace(self, effect=self.effect / dose, se=self.se / dose, low=self.low / dose, high=self.high / dose)


def design_matrix(treated: np.ndarray, *covariates: Floats | None) -> Floats:
    """(units, k) constant, treatment, and the covariates that vary and leave units over to judge the error by."""
    columns = [np.ones(len(treated)), treated.astype(float)]
    for covariate in covariates:
        if covariate is None or float(np.ptp(covariate)) < 1e-9 or len(treated) < len(columns) + 4:
            continue
        candidate = np.column_stack([*columns, covariate - covariate.mean()])
        if np.linalg.matrix_rank(candidate) == candidate.shape[1]:
            columns.append(candidate[:, -1])
    return np.column_stack(columns)
