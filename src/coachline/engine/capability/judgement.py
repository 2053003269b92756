"""From levels with their uncertainty to estimates, intervals and verdicts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from coachline.engine.capability.outcome_fit import FittedOutcome
from coachline.engine.capability.standards import Standards
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.likelihood import expected
from coachline.engine.stats.hierarchical.posterior import Levels
from coachline.engine.stats.intervals import HALF

VERDICTS = ("unknown", "meets", "below", "strong")
UNKNOWN, MEETS, BELOW, STRONG = range(4)


@dataclass(frozen=True)
class Judged:
    """Cells of a block of agents, all of shape (agents, businesses).

    Attributes
    ----------
    estimate, low, high : float arrays
        Posterior mean and 90 % interval, in the outcome's unit.
    p_below : float array
        Probability that the true value is worse than the standard; NaN without a standard.
    verdict : int8 array
        Places in `VERDICTS`.
    """

    estimate: Floats
    low: Floats
    high: Floats
    p_below: Floats
    verdict: NDArray[np.int8]


def judged(fitted: FittedOutcome, found: Levels, standards: Standards, seen: NDArray[np.bool_], confidence: float, apart: bool) -> Judged:
    """Judge the cells of a block.

    Parameters
    ----------
    fitted : FittedOutcome
    found : Levels
    standards : Standards
    seen : (agents, businesses) bool array
        Cells never seen get an estimate, but no verdict: nobody is judged on work never done.
    confidence : float
        Probability that a verdict takes.
    apart : bool
        Whether people can be told apart at all. If not, nobody is called below what is usual or strong.
    """
    likelihood = fitted.likelihood
    deviation = np.sqrt(found.variance)
    estimate = expected(likelihood, found.mean, found.variance)
    low, high = likelihood.value(found.mean - HALF * deviation), likelihood.value(found.mean + HALF * deviation)
    sign = 1.0 if fitted.outcome.better == "up" else -1.0
    p_below = ndtr(sign * (likelihood.level(standards.standard) - found.mean) / deviation)
    p_strong = ndtr(sign * (found.mean - likelihood.level(standards.strong)) / deviation)
    return Judged(estimate, low, high, p_below, verdicts(p_below, p_strong, standards.own, seen, confidence, apart))


def verdicts(
    p_below: Floats, p_strong: Floats, own: NDArray[np.bool_], seen: NDArray[np.bool_], confidence: float, apart: bool
) -> NDArray[np.int8]:
    """Verdicts as places in `VERDICTS`; what is NaN stays unknown."""
    verdict = np.full(p_below.shape, UNKNOWN, np.int8)
    fine = p_below <= 1.0 - confidence
    verdict[fine] = MEETS
    if apart:
        verdict[fine & (p_strong >= confidence)] = STRONG
    verdict[(p_below >= confidence) & (apart | ~own)] = BELOW
    verdict[~seen] = UNKNOWN
    return verdict
