"""A waiting list drawn by lot: those trained beside those who wait, allowing for where each stood before.

References
----------
Analysis of covariance in trials: Yang & Tsiatis (2001), Am. Stat. 55, 314-321.
"""

from __future__ import annotations

import numpy as np

from coachline.engine.stats.effects.least_squares import Floats, fit_units
from coachline.engine.stats.effects.shrunk import shrunk_shares
from coachline.engine.training.designs.shares import Compared, Shares, design_matrix

FEWEST = 2
"""In each arm."""


def waiting_list(before: tuple[Shares, ...], after: Shares, drawn: np.ndarray, confidence: float = 0.95) -> Compared | None:
    """Share after the training of those drawn for it less that of those who wait, at the same shrunk baseline.

    Who was drawn and stayed away remains among the drawn, else those who came would be a choice again; see `Compared.per`.

    Parameters
    ----------
    before : tuple of Shares
        Windows before the draw, of the same units; each gives a baseline of its own, drawn towards the mean as far as its cases are few.
    after : Shares
    drawn : numpy.ndarray
        (units,) bool, whether the lot was to be trained.
    confidence : float

    Returns
    -------
    Compared or None
        None with less than two units with cases in an arm.
    """
    seen = after.cases > 0
    baselines: list[Floats] = [shrunk_shares(each.cases[seen], each.successes[seen]) for each in before]
    after, drawn = after.only(seen), drawn[seen]
    if min(int(drawn.sum()), int((~drawn).sum())) < FEWEST or len(drawn) < FEWEST + 3:
        return None
    design = design_matrix(drawn, *(each if np.isfinite(each).all() else None for each in baselines))
    return Compared.of(fit_units(after.share, design, after.sampling(drawn)), 1, drawn, confidence)
