"""Agents on the same footing: what each would reach on the centre's own mix of businesses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.capability.outcome_fit import FittedOutcome
from coachline.engine.stats.hierarchical.averages import sum_variances
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.likelihood import Likelihood, expected
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.engine.stats.intervals import HALF

STEP = 1e-3


@dataclass(frozen=True)
class OnMix:
    """Posterior of each agent's result on the centre's mix, (agents,) arrays.

    Attributes
    ----------
    value : float array
        Posterior mean in the outcome's unit.
    level, level_sd : float arrays
        The same on the scale of the model, where the posterior is near Gaussian.
    deviation, deviation_sd : float arrays
        Mean of what the agent adds to the businesses, on the scale of the model.
    """

    value: Floats
    level: Floats
    level_sd: Floats
    deviation: Floats
    deviation_sd: Floats

    def interval(self, likelihood: Likelihood) -> tuple[Floats, Floats]:
        return likelihood.value(self.level - HALF * self.level_sd), likelihood.value(self.level + HALF * self.level_sd)


def mix(fitted: FittedOutcome) -> Floats:
    """(businesses,) share of each business in the outcome's cases."""
    calls = fitted.design.by_business(fitted.n.astype(float))
    return np.asarray(calls / calls.sum(), float)


def on_mix(fitted: FittedOutcome) -> OnMix:
    """Average each agent's cells, seen or not, over the centre's mix."""
    share, likelihood = mix(fitted), fitted.likelihood
    agents = fitted.design.agents
    value, deviation, value_variance, deviation_variance = (np.empty(agents) for _ in range(4))
    for found in levels(fitted.fit):
        own = found.block.agents
        value[own] = expected(likelihood, found.mean, found.variance) @ share
        # The mean slope over what is unknown of a cell: where failures are rare it is well above the slope at the mean.
        slope = (expected(likelihood, found.mean + STEP, found.variance) - expected(likelihood, found.mean - STEP, found.variance)) / (
            2 * STEP
        )
        value_variance[own] = sum_variances(fitted.fit, found.block, slope * share).level
        deviation[own] = found.deviation @ share
        deviation_variance[own] = sum_variances(fitted.fit, found.block, np.broadcast_to(share, found.mean.shape)).deviation
    level = likelihood.level(value)
    return OnMix(value, level, np.sqrt(value_variance) / _slope(likelihood, level), deviation, np.sqrt(deviation_variance))


def _slope(likelihood: Likelihood, level: Floats) -> Floats:
    """How much the value changes with the level."""
    return (likelihood.value(level + STEP) - likelihood.value(level - STEP)) / (2 * STEP)
