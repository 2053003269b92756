"""Fits of crossed worlds, and how near they come to the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from coachline.engine.simulate.crossed_world import CrossedWorld, crossed_world
from coachline.engine.stats.hierarchical.design import Design
from coachline.engine.stats.hierarchical.fit import Fit, fit
from coachline.engine.stats.hierarchical.likelihood import Shares, expected
from coachline.engine.stats.hierarchical.posterior import levels

HALF = 1.6449


@dataclass(frozen=True)
class Recovered:
    """A world, its fit and the posterior of every cell."""

    world: CrossedWorld
    fit: Fit
    chance: np.ndarray
    covered: np.ndarray

    @property
    def seen(self) -> np.ndarray:
        return self.world.tries > 0

    @property
    def rmse(self) -> float:
        return float(np.sqrt(((self.chance - self.world.chance)[self.seen] ** 2).mean()))

    @property
    def extra_loss(self) -> float:
        """Held-out log loss a call beyond that of somebody who knows the truth."""
        return self.world.log_loss(self.chance) - self.world.oracle_log_loss


def fit_counts(tries: np.ndarray, successes: np.ndarray, team: np.ndarray, family: np.ndarray) -> Fit:
    agent, business = np.nonzero(tries)
    several = 1 < family.max() + 1 < len(family)
    design = Design(agent, business, team, [family] if several else [], family if several else np.zeros_like(family))
    return fit(design, Shares.of(tries[agent, business].astype(float), successes[agent, business].astype(float)))


def recovered(agents: int, businesses: int, calls: int, **shape: Any) -> Recovered:
    world = crossed_world(agents, businesses, calls, **shape)
    fitted = fit_counts(world.tries, world.successes, world.team, world.family)
    parts = list(levels(fitted))
    mean, variance = np.concatenate([p.mean for p in parts]), np.concatenate([p.variance for p in parts])
    off = np.abs(np.log(world.chance / (1 - world.chance)) - mean)
    return Recovered(world, fitted, expected(fitted.likelihood, mean, variance), off <= HALF * np.sqrt(variance))
