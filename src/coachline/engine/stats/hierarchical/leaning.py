"""What is known of agents beforehand, and where it leads one to expect them: slopes on covariates of agents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.hierarchical.design import Design, Floats

RIDGE = 1.0
"""Prior precision of a slope: one logit for one standard deviation of a covariate is much."""


@dataclass(frozen=True)
class Leaning:
    """Slopes, and what they add to each agent.

    Attributes
    ----------
    slope : (k,) float array
        On the scale of the model, for one standard deviation of each covariate.
    mean, variance : (agents,) float arrays
        Expected effect of each agent from the covariates alone, and how unsure it is.
    """

    slope: Floats
    mean: Floats
    variance: Floats

    @classmethod
    def none(cls, design: Design) -> Leaning:
        k = 0 if design.covariates is None else design.covariates.shape[1]
        return cls(np.zeros(k), np.zeros(design.agents), np.zeros(design.agents))

    def updated(self, design: Design, agent: Floats, posterior: Floats, variance: float) -> Leaning:
        """One scoring step, given posterior means and variances of the agents' effects about the present leaning.

        An agent counts as far as the evidence tells the effect: by 1 - posterior / variance.
        """
        if design.covariates is None:
            return self
        known = design.covariates
        reliability = np.clip(1.0 - posterior / variance, 0.0, 1.0)
        precision = known.T @ (reliability[:, None] * known) / variance + RIDGE * np.eye(known.shape[1])
        covariance = np.linalg.inv(precision)
        slope = self.slope + covariance @ (known.T @ agent / variance - RIDGE * self.slope)
        return Leaning(slope, known @ slope, np.einsum("ak,kl,al->a", known, covariance, known))
