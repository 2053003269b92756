"""Difference in differences from a base that was not used to choose people.

Those chosen because they were low in some weeks had bad luck in these weeks; it would have passed anyhow. Weeks further back do not know of that luck, so a change from there is
fair. What of a bad patch lasts longer fades to both sides of the weeks of choice alike, so the base should lie as far before them as the weeks after lie behind.

References
----------
Ashenfelter & Card (1985), Rev. Econ. Stat. 67, 648-660; Chabé-Ferret (2015), J. Econometrics 185, 110-123 (symmetric difference in differences).
"""

from __future__ import annotations

import numpy as np

from coachline.engine.stats.effects.least_squares import Floats, fit_units
from coachline.engine.training.designs.shares import Compared, Shares, design_matrix

FEWEST_CONTROLS = 2


def differences(
    base: Shares, after: Shares, treated: np.ndarray, learning: Floats | None = None, confidence: float = 0.95
) -> Compared | None:
    """Change of the treated less change of the others.

    Parameters
    ----------
    base, after : Shares
        Of the same units, before and after.
    treated : numpy.ndarray
        (units,) bool.
    learning : numpy.ndarray, optional
        (units,) how much further each was on the learning curve after than before, so that a newcomer's own progress is no effect.
    confidence : float

    Returns
    -------
    Compared or None
        None without a treated unit or with less than two others that have cases in both windows.
    """
    seen = (base.cases > 0) & (after.cases > 0)
    base, after, treated = base.only(seen), after.only(seen), treated[seen]
    if not treated.any() or int((~treated).sum()) < FEWEST_CONTROLS:
        return None
    design = design_matrix(treated, None if learning is None else learning[seen])
    fitted = fit_units(after.share - base.share, design, base.sampling(treated) + after.sampling(treated))
    return Compared.of(fitted, 1, treated, confidence)
