"""Effect on the treated that is right if either the model of who is treated or the model of the outcome is.

References
----------
Robins, Rotnitzky & Zhao (1994), JASA 89, 846-866; for the treated: Hahn (1998), Econometrica 66, 315-331; regression weighted by the odds: Kang & Schafer
(2007), Stat. Sci. 22, 523-539; telling where there is no overlap: Crump, Hotz, Imbens & Mitnik (2009), Biometrika 96, 187-199.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtri

from coachline.engine.stats.effects.least_squares import Floats

LARGEST_CHANCE = 0.9
"""Treated units that were all but sure to be treated have no like among the others. They are counted, and stay in: the question is what treatment did to all who
had it, and without some of them it would be another question."""

POINT_MASS = 0.1
"""A share of exact zeros from which on "nothing" is another state than "a little", and gets an indicator of its own."""

_STEPS, _SETTLED, _RIDGE = 100, 1e-10, 1e-6


@dataclass(frozen=True)
class TreatedEffect:
    """Average effect on the treated.

    Attributes
    ----------
    effect, se, low, high : float
        In units of the outcome.
    treated, controls : int
        Units that counted.
    without_like : int
        Treated units that have hardly a like among the controls: for them the answer rests on the models alone.
    effective_controls : float
        Kish's effective number of controls after weighting.
    """

    effect: float
    se: float
    low: float
    high: float
    treated: int
    controls: int
    without_like: int
    effective_controls: float


def covariate_terms(covariates: Floats) -> Floats:
    """Terms of both models: each covariate, an indicator of exact zeros where these are a state of their own, and squares of what is measured.

    The terms follow from the covariates alone, never from the outcome.

    Parameters
    ----------
    covariates : numpy.ndarray
        (units, covariates).

    Returns
    -------
    numpy.ndarray
        (units, terms), standardised; constant terms are left out.
    """
    terms = []
    for column in covariates.T:
        terms.append(column)
        if len(np.unique(column)) <= 2:
            continue
        terms.append(column**2)
        zeros = float((column == 0).mean())
        if POINT_MASS <= zeros < 1:
            terms.append((column == 0).astype(float))
    kept = [(t - t.mean()) / t.std() for t in terms if t.std() > 0]
    return np.column_stack(kept) if kept else np.zeros((len(covariates), 0))


def effect_on_treated(outcome: Floats, treated: np.ndarray, terms: Floats, confidence: float = 0.95) -> TreatedEffect:
    """Doubly robust effect on the treated.

    The chance of treatment is a logistic regression on `terms`; controls count by its odds, so that they resemble the treated. The outcome without treatment is a linear
    regression on `terms` among the so weighted controls; what it leaves of the controls corrects it.

    Parameters
    ----------
    outcome : numpy.ndarray
        (units,).
    treated : numpy.ndarray
        (units,) bool.
    terms : numpy.ndarray
        (units, terms), see `covariate_terms`.
    confidence : float
        Coverage of the interval.

    Returns
    -------
    TreatedEffect
        The standard error is that of the efficient influence function.
    """
    design = np.column_stack([np.ones(len(outcome)), terms])
    chance = logistic_chance(treated, design)
    without_like = int((treated & (chance > LARGEST_CHANCE)).sum())
    odds = np.where(treated, 0.0, chance / (1.0 - chance))
    odds *= treated.sum() / odds.sum()
    root = np.sqrt(odds)
    coefficients = np.linalg.lstsq(design * root[:, None], outcome * root, rcond=None)[0]
    rest = outcome - design @ coefficients
    number = int(treated.sum())
    effect = float((rest[treated].sum() - (odds * rest).sum()) / number)
    influence = np.where(treated, rest - effect, -odds * rest) / number
    se = float(np.sqrt((influence**2).sum()))
    half = float(ndtri(0.5 + confidence / 2)) * se
    controls = int((~treated).sum())
    return TreatedEffect(effect, se, effect - half, effect + half, number, controls, without_like, float(odds.sum() ** 2 / (odds**2).sum()))


def logistic_chance(treated: np.ndarray, design: Floats) -> Floats:
    """Fitted chances of treatment by maximum likelihood with a ridge too small to matter, which keeps separated data finite."""
    beta = np.zeros(design.shape[1])
    penalty = _RIDGE * len(treated)
    for _ in range(_STEPS):
        chance = expit(design @ beta)
        gradient = design.T @ (treated - chance) - penalty * beta
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + penalty * np.eye(len(beta))
        step = np.linalg.solve(curvature, gradient)
        # Far from the optimum a full Newton step can overshoot; longer steps than this say no more than the direction.
        step *= min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-300))
        beta = beta + step
        if np.abs(step).max() < _SETTLED:
            break
    return np.asarray(expit(design @ beta))
