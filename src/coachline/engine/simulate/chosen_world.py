"""People chosen for a training because their last results were low: the yardstick of ways to measure its effect.

Everybody has a share of calls that end well, and three periods: an earlier one, the one by whose raw result people are chosen, and the one after. A passing form, good or bad,
may carry on from one period to the next.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

PEOPLE, CALLS, VOLUME_SHAPE = 2_000, 60.0, 2.0
"""Calls of a person in a period: gamma-Poisson with this mean; some have a few, some have hundreds."""

LEVEL, SPREAD = 0.8626, 0.5
"""The share of somebody in the middle, and the standard deviation between people on the logit scale."""

CARRIED = 0.5
"""Correlation of passing form from one period to the next."""

TREND = 0.01
"""What everybody gains from the second to the third period, trained or not."""

WORST = 0.2


@dataclass(frozen=True)
class ChosenWorld:
    """Three periods.

    Attributes
    ----------
    cases, successes : (3, people) numpy.ndarray
        Earlier, the period of choice, after.
    chosen : (people,) numpy.ndarray
        Bool: trained.
    waiting : (people,) numpy.ndarray
        Bool: as low as the chosen, but the lot had them wait; nobody where no lot was drawn.
    effect : float
        True effect on the share.
    """

    cases: NDArray[np.float64]
    successes: NDArray[np.float64]
    chosen: NDArray[np.bool_]
    waiting: NDArray[np.bool_]
    effect: float


def chosen_world(seed: int, *, effect: float = 0.02, passing: float = 0.0, by_lot: bool = False, pool: float | None = None) -> ChosenWorld:
    """Draw a world.

    Parameters
    ----------
    seed : int
    effect : float
        Of the training, points of share.
    passing : float
        Standard deviation of passing form on the logit scale; an autoregression of order one.
    by_lot : bool
        Half of the low ones are trained, by lot, instead of all.
    pool : float, optional
        Share of the people who count as low; `WORST`, or twice that where a lot is drawn, so that as many are trained.
    """
    rng = np.random.default_rng(seed)
    skill = logit(LEVEL) + SPREAD * rng.standard_normal(PEOPLE)
    form = np.zeros((3, PEOPLE))
    form[0] = passing * rng.standard_normal(PEOPLE)
    for period in (1, 2):
        form[period] = CARRIED * form[period - 1] + np.sqrt(1 - CARRIED**2) * passing * rng.standard_normal(PEOPLE)
    rate = CALLS * rng.gamma(VOLUME_SHAPE, 1 / VOLUME_SHAPE, PEOPLE)
    cases = np.maximum(rng.poisson(rate, (3, PEOPLE)), 1)
    chance = expit(skill + form)
    before = rng.binomial(cases[:2], chance[:2])
    share = WORST * (2 if by_lot else 1) if pool is None else pool
    low = np.argsort(before[1] / cases[1] + 1e-9 * rng.random(PEOPLE))[: round(share * PEOPLE)]
    chosen, waiting = np.zeros(PEOPLE, bool), np.zeros(PEOPLE, bool)
    if by_lot:
        low = rng.permutation(low)
        waiting[low[len(low) // 2 :]] = True
        low = low[: len(low) // 2]
    chosen[low] = True
    after = rng.binomial(cases[2], np.minimum(chance[2] + TREND + effect * chosen, 1.0))
    return ChosenWorld(cases.astype(float), np.vstack([before, after]).astype(float), chosen, waiting, effect)
