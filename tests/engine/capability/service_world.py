"""Agents whose true satisfaction and resolution are known, and what would be counted of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from coachline.engine.capability.reliability import Measured, measured, shared_noise

MEANS = (0.9777, 0.8626)
SPREAD = np.array([0.5, 0.4])
RATED = 0.4


class World(NamedTuple):
    """True shares (N, 2), and counts: (N, 4) rated calls that were both, only satisfied, only resolved, neither; unrated calls, of them resolved."""

    truth: np.ndarray
    rated: np.ndarray
    unrated: np.ndarray
    unrated_resolved: np.ndarray

    @property
    def satisfied(self) -> np.ndarray:
        return np.asarray(self.rated[:, :2].sum(axis=1))

    @property
    def resolved(self) -> np.ndarray:
        return np.asarray(self.rated[:, 0] + self.rated[:, 2] + self.unrated_resolved)

    @property
    def measures(self) -> tuple[Measured, Measured, np.ndarray]:
        """Satisfaction, resolution, and their covariance by chance."""
        n = self.rated.sum(axis=1)
        calls = n + self.unrated
        noise = shared_noise(n, calls, n, self.satisfied, self.rated[:, 0] + self.rated[:, 2], self.rated[:, 0])
        return measured(n, self.satisfied, self.satisfied), measured(calls, self.resolved, self.resolved), noise


def chances(rng: np.random.Generator, agents: int, rho: float) -> np.ndarray:
    """(agents, 2) true shares; the logits are normal with correlation `rho`."""
    return np.asarray(expit(logit(MEANS) + SPREAD * rng.multivariate_normal([0, 0], [[1, rho], [rho, 1]], agents)))


def world(rng: np.random.Generator, agents: int, calls: float, rho: float, hang: float = 0.3) -> World:
    """Log-normal volumes around `calls`; `hang` ties the two outcomes of one call together, 0 to 1."""
    p = chances(rng, agents, rho)
    n = np.maximum(rng.lognormal(np.log(calls) - 0.125, 0.5, agents).round().astype(int), 2)
    both = p[:, 0] * p[:, 1] + hang * (p.min(axis=1) - p[:, 0] * p[:, 1])
    four = np.stack([both, p[:, 0] - both, p[:, 1] - both, 1 - p.sum(axis=1) + both], axis=1).clip(0)
    rated = rng.binomial(n, RATED)
    return World(p, rng.multinomial(rated, four / four.sum(axis=1, keepdims=True)), n - rated, rng.binomial(n - rated, p[:, 1]))
