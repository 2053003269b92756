"""How far people and businesses differ: the variance components, and their scoring step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.hierarchical.design import Floats

FLOOR = 1e-7
"""A variance of nothing, as a number that can be divided by; far below any difference worth a word on a logit or log scale."""

USUAL = 0.25
"""Variance that a component has when the data say nothing about it: half a logit, an odds ratio of 1.6 for one standard deviation."""

STEP = 4.0
"""A single step changes a variance by no more than this factor."""


@dataclass(frozen=True)
class Spread:
    """Variances of the effects on the scale of the model (logit; ln seconds).

    Attributes
    ----------
    team, agent, agent_family, business, cell : float
    levels : (levels,) float array
        Of the groups of businesses, from the top downwards.
    factors : (rank,) float array
        Of the interaction of agent and business by each hidden skill.
    within : float
        Of single calls about their cell, where the outcome has one of its own (handle time); else 0.
    """

    team: float
    agent: float
    agent_family: float
    levels: Floats
    business: float
    factors: Floats
    cell: float
    within: float = 0.0

    @property
    def agent_side(self) -> float:
        """Variance of what an agent adds on a business: everything but the business itself."""
        return self.team + self.agent + self.agent_family + float(self.factors.sum()) + self.cell

    @property
    def business_side(self) -> float:
        return float(self.levels.sum()) + self.business

    @property
    def components(self) -> Floats:
        """All of them in a row, for judging convergence."""
        return np.array([self.team, self.agent, self.agent_family, *self.levels, self.business, self.factors.sum(), self.cell])


def stepped(variance: Floats, score: Floats, information: Floats, pace: float = 1.0, *, prior: bool = True) -> Floats:
    """One scoring step for variances, on the scale of their logarithms.

    Parameters
    ----------
    variance : (k,) float array
    score : (k,) float array
        Derivative of the log-likelihood in each variance.
    information : (k, k) float array
        Its information; without the terms between components a step for nested ones swings to and fro.

    pace : float
        Share of the step that is taken.
    prior : bool
        Whether the weak prior below takes part; without it the steps lead to the REML estimates.

    Returns
    -------
    (k,) float array
        New values, within a factor `STEP` of the present ones and at least `FLOOR`.

    Notes
    -----
    A weak prior, worth one effect, keeps a variance off zero where few effects say little, and near `USUAL` where nothing is known. The idea is
    that of Chung, Rabe-Hesketh, Dorie, Gelman, Liu (2013), Psychometrika 78, 685-709.
    """
    held = 0.5 if prior else 0.0
    slope = variance * score + held * (1.0 - variance / USUAL)
    # The hair's breadth stands in where the data say nothing and no prior does.
    curvature = variance[:, None] * information * variance + np.diag(held * (1.0 + variance / USUAL) + 1e-9)
    step = np.clip(pace * np.linalg.solve(curvature, slope), -np.log(STEP), np.log(STEP))
    return np.asarray(np.maximum(variance * np.exp(step), FLOOR))


def scored(variance: float, effect: Floats, posterior: Floats) -> float:
    """The same for one variance of effects with posterior means `effect` and variances `posterior` (n,), its information taken alone."""
    reliability = np.clip(1.0 - posterior / variance, 0.0, 1.0)
    score = 0.5 * (float((effect**2).sum()) / variance - float(reliability.sum())) / variance
    information = 0.5 * float((reliability**2).sum()) / variance**2
    return float(stepped(np.array([variance]), np.array([score]), np.array([[information]]))[0])
