"""Shares of many units, each drawn towards the mean of all as far as its own cases are few.

References
----------
Efron & Morris (1975), JASA 70, 311-319; moments of shares of unequal size: Kleinman (1973), JASA 68, 46-54.
"""

from __future__ import annotations

import numpy as np

from coachline.engine.stats.effects.least_squares import Floats, fit_units


def shrunk_shares(cases: Floats, successes: Floats) -> Floats:
    """Empirical-Bayes shares.

    Parameters
    ----------
    cases, successes : numpy.ndarray
        (units,); a unit without cases gets the mean.

    Returns
    -------
    numpy.ndarray
        (units,). With less than three units that have cases, all get the common share; NaN where there is no case at all.
    """
    seen = cases > 0
    if not seen.any():
        return np.full(len(cases), np.nan)
    common = float(successes.sum() / cases.sum())
    if seen.sum() < 3:
        return np.full(len(cases), common)
    n = cases[seen]
    sampling = share_variance(common, n, float(cases.sum()))
    fitted = fit_units(successes[seen] / n, np.ones((len(n), 1)), sampling)
    mean = float(fitted.coefficients[0])
    shares = np.full(len(cases), mean)
    shares[seen] += fitted.between / (fitted.between + sampling) * (successes[seen] / n - mean)
    return shares


def share_variance(share: float, cases: Floats, of_all: float) -> Floats:
    """Sampling variance of a share of `cases` cases where `of_all` cases together gave `share`.

    The common share is kept off 0 and 1 by one case of each kind: that nothing went wrong so far is not certainty.
    """
    kept = (share * of_all + 1.0) / (of_all + 2.0)
    return np.asarray(kept * (1.0 - kept) / np.maximum(cases, 1e-9))
