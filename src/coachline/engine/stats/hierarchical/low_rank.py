"""Hidden skills: a low-rank interaction of agents and businesses, alternating ridge with posterior covariances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coachline.engine.stats.hierarchical.design import Block, Design, Floats
from coachline.engine.stats.hierarchical.spread import FLOOR, scored

RANK = 2


@dataclass(frozen=True)
class LowRank:
    """Posterior of skills (of agents, prior variance 1) and demands (of businesses).

    Attributes
    ----------
    skill, demand : (agents, rank), (businesses, rank) float arrays
    skill_cov, demand_cov : (agents, rank, rank), (businesses, rank, rank) float arrays
    variance : (rank,) float array
        Prior variance of the demands, which is that of the interaction.
    """

    skill: Floats
    demand: Floats
    skill_cov: Floats
    demand_cov: Floats
    variance: Floats

    @classmethod
    def none(cls, design: Design) -> LowRank:
        a, b = design.agents, design.businesses
        return cls(np.zeros((a, 0)), np.zeros((b, 0)), np.zeros((a, 0, 0)), np.zeros((b, 0, 0)), np.zeros(0))

    @classmethod
    def started(cls, design: Design, weight: Floats, rest: Floats, prior: float) -> LowRank:
        """Leading directions of what the additive effects leave, each cell shrunk by its reliability.

        Parameters
        ----------
        weight, rest : (cells,) float arrays
            Precision and residual of the cells.
        prior : float
            Variance that a cell's residual is shrunk with.
        """
        rank = min(RANK, design.agents - 1, design.businesses - 1)
        shrunk = rest * weight * prior / (1.0 + weight * prior)
        gram = np.zeros((design.businesses, design.businesses))
        for block in design.blocks:
            laid = design.laid_out_block(block, shrunk)
            gram += laid.T @ laid
        # The diagonal is noise for the most part; directions are told by what businesses share.
        np.fill_diagonal(gram, 0.0)
        values, vectors = np.linalg.eigh(gram)
        order = np.argsort(values)[::-1][:rank]
        demand = vectors[:, order] * np.sqrt(design.businesses * prior / 4)
        variance = np.full(rank, prior / 4)
        cov_b = np.zeros((design.businesses, rank, rank))
        skill, cov_a = np.zeros((design.agents, rank)), np.broadcast_to(np.eye(rank), (design.agents, rank, rank))
        return cls(skill, demand, cov_a, cov_b, variance)

    @property
    def rank(self) -> int:
        return len(self.variance)

    def of_cells(self, design: Design) -> Floats:
        if not self.rank:
            return np.zeros(len(design.agent))
        out = np.empty(len(design.agent))
        for block in design.blocks:
            out[block.cells] = (self.skill[block.agents] @ self.demand.T).ravel()[block.place]
        return out

    def of_block(self, block: Block) -> tuple[Floats, Floats]:
        """Posterior mean and variance of the interaction, (agents of the block, businesses)."""
        skill, skill_cov = self.skill[block.agents], self.skill_cov[block.agents]
        mean = skill @ self.demand.T
        rows, columns = len(skill), len(self.demand)
        second = _outer(self.demand).reshape(columns, -1) + self.demand_cov.reshape(columns, -1)
        variance = skill_cov.reshape(rows, -1) @ second.T + _outer(skill).reshape(rows, -1) @ self.demand_cov.reshape(columns, -1).T
        return mean, variance

    def updated(self, design: Design, weight: Floats, rest: Floats) -> LowRank:
        """One round: skills given demands, demands given skills, then the variances."""
        rank, size = self.rank, design.businesses
        skill, skill_cov = np.empty_like(self.skill), np.empty_like(self.skill_cov)
        information = np.zeros((size, rank * rank))
        pull = np.zeros((size, rank))
        weighted = weight * rest
        second = (_outer(self.demand) + self.demand_cov).reshape(size, -1)
        for block in design.blocks:
            own = slice(block.agents.start, block.agents.stop)
            laid, laid_rest = design.laid_out_block(block, weight), design.laid_out_block(block, weighted)
            precision = (laid @ second).reshape(-1, rank, rank) + np.eye(rank)
            skill_cov[own] = np.linalg.inv(precision)
            skill[own] = np.einsum("ars,as->ar", skill_cov[own], laid_rest @ self.demand)
            information += laid.T @ (_outer(skill[own]) + skill_cov[own]).reshape(-1, rank * rank)
            pull += laid_rest.T @ skill[own]
        demand_cov = np.linalg.inv(information.reshape(size, rank, rank) + np.diag(1.0 / self.variance))
        demand = np.einsum("brs,bs->br", demand_cov, pull)
        return LowRank(skill, demand, skill_cov, np.asarray(demand_cov, float), self.variance)._rescaled()

    def _rescaled(self) -> LowRank:
        """The same interaction with skills of variance 1 and uncorrelated demands: fast, where alternating alone creeps."""
        second = self.skill.T @ self.skill / len(self.skill) + self.skill_cov.mean(axis=0)
        values, vectors = np.linalg.eigh(second)
        root = vectors * np.sqrt(np.maximum(values, FLOOR))
        inverse = vectors / np.sqrt(np.maximum(values, FLOOR))
        demand_second = root.T @ (self.demand.T @ self.demand / len(self.demand) + self.demand_cov.mean(axis=0)) @ root
        _, turn = np.linalg.eigh(demand_second)
        into, out = root @ turn, inverse @ turn
        demand = self.demand @ into
        demand_cov = np.einsum("rx,brs,sy->bxy", into, self.demand_cov, into, optimize=True)
        before = np.einsum("rx,r,rx->x", into, self.variance, into)
        variance = np.array([scored(before[r], demand[:, r], demand_cov[:, r, r]) for r in range(self.rank)])
        skill_cov = np.einsum("rx,ars,sy->axy", out, self.skill_cov, out, optimize=True)
        return LowRank(self.skill @ out, demand, skill_cov, demand_cov, variance)

    def without(self, idle: NDArray[np.bool_]) -> LowRank:
        """The same without the skills marked as idle."""
        used = np.flatnonzero(~idle)
        return LowRank(
            self.skill[:, used],
            self.demand[:, used],
            self.skill_cov[:, used[:, None], used],
            self.demand_cov[:, used[:, None], used],
            self.variance[used],
        )


def _outer(vectors: Floats) -> Floats:
    return vectors[:, :, None] * vectors[:, None, :]
