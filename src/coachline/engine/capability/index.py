"""The capability index: several outcomes in one figure, each measured in how far people differ in it.

50 is what is usual on the business, 10 points are one standard deviation between agents. So outcomes in different units add up, and a hard
business does not make a weak agent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from coachline.engine.capability.judgement import Judged, verdicts
from coachline.engine.capability.outcome_fit import FittedOutcome
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.posterior import Levels
from coachline.engine.stats.intervals import HALF

USUAL, POINTS = 50.0, 10.0
STANDARD, STRONG = 45.0, 55.0
"""Half a standard deviation to either side of what is usual."""


@dataclass
class Index:
    """The weighted mean of standardised outcomes, summed up outcome by outcome.

    Parameters
    ----------
    agents, businesses : int
    weights : mapping of str to float
        By outcome; scaled to a sum of 1 by the caller. An outcome without a better direction takes no part.
    """

    weights: Mapping[str, float]
    mean: Floats
    variance: Floats
    n: NDArray[np.int64]

    @classmethod
    def of(cls, agents: int, businesses: int, weights: Mapping[str, float]) -> Index:
        shape = (agents, businesses)
        return cls(weights, np.full(shape, USUAL), np.zeros(shape), np.zeros(shape, np.int64))

    def add(self, fitted: FittedOutcome, found: Levels) -> None:
        """Add an outcome's levels for a block of agents.

        The errors of the outcomes count as independent: each rests on other calls or other facts of a call.
        """
        weight = POINTS * self.weights[fitted.outcome.code] * (1.0 if fitted.outcome.better == "up" else -1.0)
        between = np.sqrt(fitted.fit.spread.agent_side)
        own = found.block.agents
        self.mean[own] += weight * found.deviation / between
        self.variance[own] += weight**2 * found.deviation_variance / between**2

    def count(self, fitted: FittedOutcome) -> None:
        """Add an outcome's calls to the evidence."""
        self.n[fitted.design.agent, fitted.design.business] += fitted.n

    def judged(self, confidence: float) -> Judged:
        """Estimates, intervals and verdicts of all cells."""
        deviation = np.sqrt(self.variance)
        p_below = ndtr((STANDARD - self.mean) / deviation)
        p_strong = ndtr((self.mean - STRONG) / deviation)
        own = np.ones(self.mean.shape[1], bool)
        verdict = verdicts(p_below, p_strong, own, self.n > 0, confidence, True)
        return Judged(self.mean, self.mean - HALF * deviation, self.mean + HALF * deviation, p_below, verdict)


def scaled(weights: Mapping[str, float], present: list[str]) -> dict[str, float]:
    """Weights of the outcomes present, with sum 1; empty where none has any."""
    total = sum(weights.get(code, 0.0) for code in present)
    return {code: weights[code] / total for code in present if weights.get(code, 0.0) > 0.0} if total > 0.0 else {}
