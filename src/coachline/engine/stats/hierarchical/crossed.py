"""The Gaussian heart: agents, their families and teams, crossed with businesses in their tree, solved exactly by blocks.

Given a Gaussian pseudo-observation of every seen cell, all additive effects are one large linear model. The agent x family effects are eliminated
first, then the agents; what remains is a dense system of the businesses and teams, small enough for a direct solution. So the means are
exact without sweeps, and so are the posterior variances of sums of effects, of cells never seen and of groups of agents and businesses that
nothing connects.

Source: block elimination for crossed random effects, as behind the mixed-model equations of Henderson (1984), "Applications of Linear Models in
Animal Breeding"; the scaling of crossed designs is discussed in Ghosh, Hastie, Owen (2022), "Backfitting for large scale crossed random effects
regressions", Annals of Statistics 50.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.hierarchical.design import Block, Design, Floats
from coachline.engine.stats.hierarchical.spread import Spread

TINY = 1e-300
"""In place of a weight of nothing, whose average is nothing, too."""

LEVEL = 25.0
"""Prior variance of the common level about the start value: wide on a logit or log scale."""


@dataclass(frozen=True)
class Elimination:
    """What eliminating the agent x family effects and the agents leaves.

    Attributes
    ----------
    weight : (agents, families) float array
        Precision of all cells of an agent in a family.
    kept : (agents, families) float array
        Share of it that reaches the agent past the agent x family effect.
    pair_gain : (agents, families) float array
        Conditional posterior variance of agent x family.
    agent_weight, agent_gain, shrink : (agents,) float arrays
        The same one level up; `shrink` is the share of an agent's evidence that the agent's effect takes up.
    """

    weight: Floats
    kept: Floats
    pair_gain: Floats
    agent_weight: Floats
    agent_gain: Floats
    shrink: Floats

    @classmethod
    def of(cls, design: Design, weight: Floats, spread: Spread) -> Elimination:
        pair = design.by_pair(weight)
        variance = spread.agent_family if design.families > 1 else 0.0
        kept = 1.0 / (1.0 + pair * variance)
        agent = (pair * kept).sum(axis=1)
        gain = spread.agent / (1.0 + agent * spread.agent)
        return cls(pair, kept, variance * kept, agent, gain, agent * gain)


@dataclass(frozen=True)
class Sums:
    """A quantity of the cells, weighted and summed: all that the effects need of it.

    Attributes
    ----------
    pair : (agents, families) float array
    business : (businesses,) float array
    """

    pair: Floats
    business: Floats


@dataclass(frozen=True)
class Effects:
    """Posterior means of the additive effects.

    Attributes
    ----------
    business : (businesses,) float array
        Total of each business: common level, groups of its path and its own effect.
    team, agent : (teams,), (agents,) float arrays
    agent_family : (agents, families) float array
    """

    business: Floats
    team: Floats
    agent: Floats
    agent_family: Floats

    def agent_side(self, design: Design) -> Floats:
        """(agents, families) sum of the additive effects on the agent's side."""
        return (self.team[design.team] + self.agent)[:, None] + self.agent_family

    def of_cells(self, design: Design) -> Floats:
        return self.business[design.business] + self.agent_side(design).ravel()[design.pair]


@dataclass(frozen=True)
class System:
    """The linear model of the additive effects for cells that are observed with given precisions.

    Attributes
    ----------
    design : Design
    weight : (cells,) float array
        Precisions of the cells.
    laid : list of (agents, family's businesses) float arrays
        The same with a place for every cell, by family: sums over rows and columns are then products of matrices.
    elimination : Elimination
    covariance : (businesses + teams, businesses + teams) float array
        Joint posterior covariance of business totals and teams.
    prior_precision : (businesses, businesses) float array
        Of the business totals.
    """

    design: Design
    weight: Floats
    laid: list[Floats]
    elimination: Elimination
    covariance: Floats
    prior_precision: Floats

    @classmethod
    def of(cls, design: Design, weight: Floats, spread: Spread) -> System:
        freed = Elimination.of(design, weight, spread)
        laid = design.laid_out(weight)
        size, teams = design.businesses, design.teams
        prior_precision = np.linalg.inv(_business_prior(design, spread))
        matrix = np.zeros((size + teams, size + teams))
        matrix[:size, :size] = _information(design, laid, freed)
        matrix[:size, :size] += prior_precision
        for f, members in enumerate(design.family_members):
            passed = laid[f] * (freed.kept[:, f] * (1.0 - freed.shrink))[:, None]
            matrix[size:, members] = design.by_team(passed)
        matrix[:size, size:] = matrix[size:, :size].T
        corner = np.arange(size, size + teams)
        matrix[corner, corner] = np.bincount(design.team, freed.agent_weight * (1.0 - freed.shrink), teams) + 1.0 / spread.team
        covariance = np.asarray(np.linalg.inv(matrix), float)
        return cls(design, weight, laid, freed, (covariance + covariance.T) / 2, np.asarray(prior_precision, float))

    def sums(self, values: Floats) -> Sums:
        """Sums of `values` of the cells, (cells,)."""
        weighted = self.weight * values
        return Sums(self.design.by_pair(weighted), self.design.by_business(weighted))

    def sums_of_pairs(self, values: Floats) -> Sums:
        """Sums of a quantity that depends on agent and family alone, (agents, families)."""
        return Sums(self.elimination.weight * values, self.to_business(values))

    def sums_of_businesses(self, values: Floats) -> Sums:
        """Sums of a quantity that depends on the business alone, (businesses,)."""
        return Sums(self.to_pairs(values), self.design.by_business(self.weight) * values)

    def to_business(self, pairs: Floats) -> Floats:
        out = np.empty(self.design.businesses)
        for f, members in enumerate(self.design.family_members):
            out[members] = pairs[:, f] @ self.laid[f]
        return out

    def to_pairs(self, business: Floats) -> Floats:
        return np.stack([part @ business[m] for part, m in zip(self.laid, self.design.family_members, strict=True)], axis=1)

    def effects(self, observed: Sums) -> Effects:
        """Posterior means when the cells are observed as the quantity behind the sums."""
        design, freed = self.design, self.elimination
        reaching = (freed.kept * observed.pair).sum(axis=1)
        absorbed = freed.pair_gain * observed.pair + freed.kept * (freed.agent_gain * reaching)[:, None]
        right = observed.business - self.to_business(absorbed)
        right = np.append(right, np.bincount(design.team, (1.0 - freed.shrink) * reaching, design.teams))
        solution = self.covariance @ right
        business, team = solution[: design.businesses], solution[design.businesses :]

        rest = observed.pair - self.to_pairs(business) - freed.weight * team[design.team][:, None]
        agent = freed.agent_gain * (freed.kept * rest).sum(axis=1)
        return Effects(business, team, agent, freed.pair_gain * (rest - freed.weight * agent[:, None]))


def _business_prior(design: Design, spread: Spread) -> Floats:
    """Prior covariance of the business totals."""
    prior = np.full((design.businesses, design.businesses), LEVEL)
    for variance, level in zip(spread.levels, design.levels, strict=True):
        prior += variance * (level[:, None] == level)
    prior[np.diag_indices_from(prior)] += spread.business
    return prior


def _information(design: Design, laid: list[Floats], freed: Elimination) -> Floats:
    """Information of the cells about the businesses after eliminating the agents' effects."""
    matrix = np.zeros((design.businesses, design.businesses))
    for block in design.blocks:
        own = block.agents
        reaching = np.empty((own.stop - own.start, design.businesses))
        for f, members in enumerate(design.family_members):
            part, gain = laid[f][own], freed.pair_gain[own, f]
            reaching[:, members] = part * (freed.kept[own, f] * np.sqrt(freed.agent_gain[own]))[:, None]
            if gain.any():
                matrix[np.ix_(members, members)] -= part.T @ (gain[:, None] * part)
        matrix -= reaching.T @ reaching
    diagonal = np.arange(design.businesses)
    for part, members in zip(laid, design.family_members, strict=True):
        matrix[diagonal[members], diagonal[members]] += part.sum(axis=0)
    return matrix


@dataclass(frozen=True)
class Variances:
    """Posterior variances, for the agents of one block.

    Attributes
    ----------
    cell : (agents, businesses) float array
        Of the sum of all additive effects of a cell.
    deviation : (agents, businesses) float array
        Of the same without the business: of what the agent adds.
    general : (agents,) float array
        Of team and agent together.
    agent : (agents,) float array
    agent_family : (agents, families) float array
    """

    cell: Floats
    deviation: Floats
    general: Floats
    agent: Floats
    agent_family: Floats


def variances(system: System, block: Block) -> Variances:
    """Exact posterior variances of the additive effects for the agents of `block`.

    With businesses and teams given, an agent's effects are linear in them: minus the shrunk averages of the businesses that the agent handled.
    So each variance is a quadratic form in the covariance of businesses and teams plus a conditional part.
    """
    design, freed, covariance = system.design, system.elimination, system.covariance
    size, own = design.businesses, block.agents
    team = size + design.team[own]
    of_business = covariance[:size, :size]
    team_with_business = covariance[team, :size]
    team_alone = covariance[team, team]
    kept, shrink = freed.kept[own], freed.shrink[own]

    heard = np.empty((own.stop - own.start, size))
    for f, members in enumerate(design.family_members):
        heard[:, members] = system.laid[f][own] * (kept[:, f] / np.maximum(freed.agent_weight[own], TINY))[:, None]
    known = heard @ of_business + team_with_business
    known_team = (heard * team_with_business).sum(axis=1) + team_alone
    known_square = (known * heard).sum(axis=1) + known_team
    mean_cov = team_with_business - shrink[:, None] * known
    mean_square = team_alone - 2 * shrink * known_team + shrink**2 * known_square
    agent = freed.agent_gain[own] + shrink**2 * known_square

    cell, deviation = np.empty_like(heard), np.empty_like(heard)
    agent_family = np.empty_like(kept)
    variance = np.diag(of_business)
    for f, members in enumerate(design.family_members):
        held = 1.0 - kept[:, f]
        average = system.laid[f][own] / np.maximum(freed.weight[own, f], TINY)[:, None]
        spreading = average @ of_business[np.ix_(members, members)]
        square = (spreading * average).sum(axis=1)
        cross = (mean_cov[:, members] * average).sum(axis=1)
        common = freed.pair_gain[own, f] + kept[:, f] ** 2 * freed.agent_gain[own]
        common = common + held**2 * square - 2 * held * kept[:, f] * cross + kept[:, f] ** 2 * mean_square
        deviation[:, members] = common[:, None]
        cell[:, members] = variance[members] + common[:, None] + 2 * (kept[:, f, None] * mean_cov[:, members] - held[:, None] * spreading)
        agent_family[:, f] = freed.pair_gain[own, f] + held**2 * (freed.agent_gain[own] + square + 2 * cross + mean_square)
    general = freed.agent_gain[own] + mean_square
    return Variances(np.maximum(cell, 0.0), np.maximum(deviation, 0.0), general, agent, agent_family)
