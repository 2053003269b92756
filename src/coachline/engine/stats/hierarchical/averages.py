"""What the fit says of weighted sums of an agent's cells: sums are surer than their parts, but not as sure as independent parts would be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.hierarchical.crossed import TINY
from coachline.engine.stats.hierarchical.design import Block, Floats
from coachline.engine.stats.hierarchical.fit import Fit


@dataclass(frozen=True)
class Average:
    """Posterior variances of an agent's weighted sums, (agents of the block,).

    Attributes
    ----------
    level : float array
        Of sums of levels.
    deviation : float array
        Of sums of deviations: the businesses' own levels left out.
    """

    level: Floats
    deviation: Floats


def sum_variances(fit: Fit, block: Block, weights: Floats) -> Average:
    """Posterior variance of ``sum_j weights[i, j] * level[i, j]`` for the agents of `block`.

    Given the structure, cells are independent, and each rests on it only as far as its own evidence leaves open. The structure's part is a
    linear combination of the agent's effects and of businesses and teams; its variance is exact but for the hidden skills, whose
    factors count as independent.

    Parameters
    ----------
    fit : Fit
    block : Block
    weights : (agents of the block, businesses) float array
    """
    design, freed, own = fit.design, fit.system.elimination, block.agents
    size = design.businesses
    evidence = np.zeros(weights.size)
    evidence[block.place] = fit.site_precision[block.cells]
    open_share = 1.0 / (1.0 + evidence.reshape(weights.shape) * fit.spread.cell)
    cells = (weights**2 * fit.spread.cell * open_share).sum(axis=1)

    resting = weights * open_share
    families = np.stack([resting[:, members].sum(axis=1) for members in design.family_members], axis=1)
    kept, shrink = freed.kept[own], freed.shrink[own]
    to_agent = (families * kept).sum(axis=1)
    conditional = (families**2 * freed.pair_gain[own]).sum(axis=1) + to_agent**2 * freed.agent_gain[own]

    onto = np.empty_like(weights)
    for f, members in enumerate(design.family_members):
        laid = fit.system.laid[f][own]
        average = laid / np.maximum(freed.weight[own, f], TINY)[:, None]
        heard = laid * (kept[:, f] / np.maximum(freed.agent_weight[own], TINY))[:, None]
        onto[:, members] = -(families[:, f] * (1.0 - kept[:, f]))[:, None] * average - (to_agent * shrink)[:, None] * heard
    onto_team = to_agent * (1.0 - shrink)
    team = size + design.team[own]

    def quadratic(onto_business: Floats) -> Floats:
        covariance = fit.system.covariance
        spread = onto_business @ covariance[:size, :size]
        cross = (onto_business * covariance[team, :size]).sum(axis=1)
        return np.asarray((spread * onto_business).sum(axis=1) + 2.0 * onto_team * cross + onto_team**2 * covariance[team, team])

    common = cells + conditional + _of_skills(fit, block, resting) + resting.sum(axis=1) ** 2 * fit.leaning.variance[own]
    of_level = np.zeros(len(common))
    if fit.ageing is not None:
        common = common + weights.sum(axis=1) ** 2 * fit.ageing.agent[own]
        of_level = weights**2 @ fit.ageing.business
    return Average(common + of_level + quadratic(onto + resting), common + quadratic(onto))


def _of_skills(fit: Fit, block: Block, resting: Floats) -> Floats:
    skills = fit.low_rank
    if not skills.rank:
        return np.zeros(len(resting))
    pulled = resting @ skills.demand
    skill, skill_cov = skills.skill[block.agents], skills.skill_cov[block.agents]
    of_skill = np.einsum("ar,ars,as->a", pulled, skill_cov, pulled)
    second = np.einsum("ar,as->ars", skill, skill) + skill_cov
    demand = (resting**2) @ skills.demand_cov.reshape(len(skills.demand), -1)
    return np.asarray(of_skill + (demand * second.reshape(len(skill), -1)).sum(axis=1))
