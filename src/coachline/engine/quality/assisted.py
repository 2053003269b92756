"""Defect rates from designed samples, assisted by a model: every inspected call counts, also those picked by risk.

Within a stratum of an agent all calls are exchangeable, whichever part of the sample they came from; how agents and strata differ is told
by all of them together. The rate of an agent is the mean of the strata's rates over the agent's own calls, so over-sampling risky calls
finds faults without making anybody look worse.

Source: model-assisted estimation after Saerndal, Swensson, Wretman (1992), "Model Assisted Survey Sampling"; the model is the hierarchical one
of `coachline.engine.stats.hierarchical` with strata in the place of businesses.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit
from threadpoolctl import threadpool_limits

from coachline.engine.stats.hierarchical.averages import sum_variances
from coachline.engine.stats.hierarchical.design import Design, Floats, Ints
from coachline.engine.stats.hierarchical.fit import Fit, fit
from coachline.engine.stats.hierarchical.likelihood import Shares, expected
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.engine.stats.intervals import HALF


@dataclass(frozen=True)
class AssistedRates:
    """Rates with 90 % intervals, (agents,) float arrays; NaN for agents without calls."""

    estimate: Floats
    low: Floats
    high: Floats


def assisted_rates(agent: Ints, stratum: Ints, tries: Ints, defects: Ints, population: Floats, team: Ints | None = None) -> AssistedRates:
    """Estimate each agent's defect rate over all calls.

    Parameters
    ----------
    agent, stratum : (cells,) int arrays
        Codes from 0 of the inspected cells, each pair at most once.
    tries, defects : (cells,) int arrays
        Inspected calls and those with a defect, from all parts of the sample.
    population : (agents, strata) float array
        Calls of each agent by stratum, inspected or not; any unit.
    team : (agents,) int array, optional

    Returns
    -------
    AssistedRates

    Raises
    ------
    CoachlineError
        ``impossible_counts``.
    """
    agents, strata = population.shape
    order = np.lexsort((stratum, agent))
    design = Design(agent[order], stratum[order], np.zeros(agents, np.int64) if team is None else team, [], np.zeros(strata, np.int64))
    with threadpool_limits(limits=1, user_api="blas"):
        fitted = fit(design, Shares.of(tries[order].astype(float), defects[order].astype(float)), low_rank=False)
        return _rates(fitted, population)


def _rates(fitted: Fit, population: Floats) -> AssistedRates:
    calls = population.sum(axis=1)
    share = population / np.maximum(calls, 1e-300)[:, None]
    estimate, variance = np.empty(len(calls)), np.empty(len(calls))
    for found in levels(fitted):
        own = found.block.agents
        estimate[own] = (expected(fitted.likelihood, found.mean, found.variance) * share[own]).sum(axis=1)
        chance = expit(found.mean)
        variance[own] = sum_variances(fitted, found.block, share[own] * chance * (1.0 - chance)).level
    known = calls > 0
    estimate[~known] = np.nan
    # On the logit scale the interval stays between 0 and 1, and is as lopsided as rare defects are.
    with np.errstate(invalid="ignore"):
        side = HALF * np.sqrt(variance) / (estimate * (1.0 - estimate))
        return AssistedRates(estimate, expit(logit(estimate) - side), expit(logit(estimate) + side))
