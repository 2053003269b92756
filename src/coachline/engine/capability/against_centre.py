"""Businesses against the centre: what is unknown of all of them alike does not count."""

from __future__ import annotations

import numpy as np

from coachline.engine.capability.mix import mix
from coachline.engine.capability.outcome_fit import FittedOutcome
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.likelihood import Likelihood

STEP = 1e-3


def variance_against_centre(fitted: FittedOutcome, typical: Floats) -> Floats:
    """Posterior variance of each business's level less that of the centre.

    The centre's level moves with those of the businesses by their share of the cases and the slope of the value there, relative to its own slope.
    In a small centre most of a business's variance is that of the people, who are the same for all businesses and cancel.

    Parameters
    ----------
    fitted : FittedOutcome
    typical : (businesses,) float array
        What an agent drawn at random reaches on each, in the outcome's unit.

    Returns
    -------
    (businesses,) float array
    """
    likelihood, share = fitted.likelihood, mix(fitted)
    size = fitted.design.businesses
    covariance = fitted.fit.system.covariance[:size, :size]
    centre = likelihood.level(np.array([float(share @ typical)]))
    weight = share * slope(likelihood, likelihood.level(typical)) / slope(likelihood, centre)
    return np.asarray(np.maximum(np.diag(covariance) - 2.0 * covariance @ weight + weight @ covariance @ weight, 0.0))


def slope(likelihood: Likelihood, level: Floats) -> Floats:
    """How much the value changes with the level."""
    return np.asarray((likelihood.value(level + STEP) - likelihood.value(level - STEP)) / (2 * STEP))
