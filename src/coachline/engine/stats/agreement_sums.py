"""Coefficients of agreement as functions of sums over units, so that units can be drawn again and again."""

from __future__ import annotations

import numpy as np

from coachline.engine.stats.agreement import Ratings

MOST_COLUMNS = 64
"""More columns than this for the chance of one coefficient cost too much to draw again; such a coefficient has its analytic interval only."""

RESAMPLED = ("percent", "krippendorff", "fleiss", "gwet", "brennan_prediger")
"""Conger's kappa is left out: a resample without the only unit of some rater is about other raters."""


class AgreementSums:
    """A coefficient of `RESAMPLED` as a `resampling.Figure`.

    Parameters
    ----------
    name : str
    ratings : Ratings
        Units are named by their places among all that are drawn.
    weights : numpy.ndarray
        (q, q).
    units : int
        How many are drawn from, rated or not.
    """

    def __init__(self, name: str, ratings: Ratings, weights: np.ndarray, units: int) -> None:
        self.name = name
        ratings = ratings.paired if name == "krippendorff" else ratings
        per_unit = ratings.per_unit.astype(float)
        several = per_unit >= 2
        pairs_from = np.maximum(per_unit - 1, 1)
        agreed = ratings.agreed(weights) / pairs_from
        if name == "krippendorff":
            scale, columns = np.ones(len(per_unit)), [per_unit, agreed]
        else:
            scale, columns = 1 / per_unit, [several, agreed / per_unit, np.ones(len(per_unit))]
        q = len(ratings.values)
        self._chance = float(weights.mean()) if q else np.nan
        self._spread = weights.sum() / (q * (q - 1)) if q > 1 else np.nan
        without_chance = name in ("percent", "brennan_prediger")
        found = _directions(np.zeros((q, q)) if without_chance else np.eye(q) if name == "gwet" else weights)
        self.fits = found is not None
        """Whether it is drawn again at all; its value is NaN otherwise."""
        if found is not None:
            self._signs, directions = found
            each = directions[ratings.category] * scale[ratings.unit][:, None]
            columns += [ratings.by_unit(column) for column in each.T]
        self.columns = np.zeros((units, len(columns)))
        self.columns[ratings.names] = np.stack(columns, axis=1)

    def value(self, sums: np.ndarray) -> np.ndarray:
        if not self.fits:
            return np.full(sums.shape[:-1], np.nan)
        with np.errstate(invalid="ignore", divide="ignore"):
            if self.name == "krippendorff":
                total = sums[..., 0]
                observed = (1 - 1 / total) * sums[..., 1] / total + 1 / total
                expected = self._meeting(sums[..., 2:], total)
            else:
                observed = sums[..., 1] / sums[..., 0]
                expected = self._expected(sums)
            found = np.where(1 - expected > 1e-12, (observed - expected) / (1 - expected), np.nan)
        return np.asarray(found)

    def _expected(self, sums: np.ndarray) -> np.ndarray:
        if self.name == "percent":
            return np.zeros(sums.shape[:-1])
        if self.name == "brennan_prediger":
            return np.full(sums.shape[:-1], self._chance)
        meeting = self._meeting(sums[..., 3:], sums[..., 2])
        return self._spread * (1 - meeting) if self.name == "gwet" else meeting

    def _meeting(self, sums: np.ndarray, total: np.ndarray) -> np.ndarray:
        """Mean weight of two ratings drawn by the shares of the categories."""
        return np.asarray(((sums / total[..., None]) ** 2) @ self._signs)


def _directions(weights: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """`weights` (q, q) as ``directions @ diag(signs) @ directions.T`` with at most `MOST_COLUMNS` directions, or None where that is not possible.

    Weights by squares need three directions however many categories there are. To find few among many categories, the weights are looked at
    through random directions, which hold all there are unless there are more than can be used (Halko, Martinsson & Tropp 2011, SIAM Rev. 53).
    """
    q = len(weights)
    basis = np.eye(q)
    if q > MOST_COLUMNS:
        seen = weights @ np.random.default_rng(0).standard_normal((q, MOST_COLUMNS))
        basis, _ = np.linalg.qr(seen)
        if not np.allclose(basis @ (basis.T @ weights), weights, atol=1e-9):
            return None
    signs, directions = np.linalg.eigh(basis.T @ weights @ basis)
    kept = np.abs(signs) > 1e-10 * np.abs(signs).max(initial=0.0)
    return signs[kept], (basis @ directions)[:, kept]
