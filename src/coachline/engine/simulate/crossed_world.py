"""Counts of agents on businesses with known chances: the yardstick of the estimates of capability."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

SPREAD: Mapping[str, float] = MappingProxyType(
    {"team": 0.10, "agent": 0.35, "family": 0.40, "business": 0.60, "agent_family": 0.25, "low_rank": 0.25, "cell": 0.25}
)
"""Standard deviations of the effects on the logit scale."""

ROUTES = ((0.03, 0.35), (1.0, 0.45), (3.0, 0.20))
"""How much of a family's calls an agent gets (weight, chance): most agents are at home in few families."""

HELD_OUT = 0.2
"""Length of the fresh period after the observed one, as a share of it."""

TWO = 2


@dataclass(frozen=True)
class CrossedWorld:
    """What was observed, what is true, and a fresh period for checking predictions.

    Attributes
    ----------
    tries, successes : (agents, businesses) int arrays
        The observed period; a cell without tries was never seen.
    chance : (agents, businesses) float array
        True chance of success of every cell, seen or not.
    fresh_tries, fresh_successes : (agents, businesses) int arrays
        A period `HELD_OUT` times as long, of the same chances.
    team : (agents,) int array
    family : (businesses,) int array
    """

    tries: NDArray[np.int64]
    successes: NDArray[np.int64]
    chance: NDArray[np.float64]
    fresh_tries: NDArray[np.int64]
    fresh_successes: NDArray[np.int64]
    team: NDArray[np.int64]
    family: NDArray[np.int64]

    @property
    def oracle_log_loss(self) -> float:
        """Log loss per fresh call of somebody who knows the true chances."""
        return self.log_loss(self.chance)

    def log_loss(self, chance: NDArray[np.float64]) -> float:
        """Log loss per fresh call of the predictions `chance`, of shape (agents, businesses)."""
        failures = self.fresh_tries - self.fresh_successes
        return float(-(self.fresh_successes * np.log(chance) + failures * np.log1p(-chance)).sum() / self.fresh_tries.sum())


def crossed_world(
    agents: int,
    businesses: int,
    calls: int,
    *,
    teams: int = 100,
    families: int = 20,
    mean: float = 0.8626,
    spread: Mapping[str, float] = SPREAD,
    seed: int = 1,
) -> CrossedWorld:
    """Draw a world: team, agent, family, business, agent x family, two skill factors and cell noise add up on the logit scale.

    Agents' volumes are log-normal (0.5), those of businesses Zipf (0.9), routing as in `ROUTES`, and the volume of a cell is Poisson around a
    gamma with shape 2.

    Parameters
    ----------
    agents, businesses, calls : int
        Size; the number of calls is an expectation.
    teams, families : int
    mean : float
        Call-weighted mean of the true chances.
    spread : mapping
        Standard deviations as in `SPREAD`; 0 leaves an effect out.
    seed : int

    Returns
    -------
    CrossedWorld
    """
    draw = np.random.default_rng(seed)
    team = np.arange(agents) % teams
    family = np.sort(np.arange(businesses) % families)
    by_agent = spread["team"] * draw.standard_normal(teams)[team] + spread["agent"] * draw.standard_normal(agents)
    by_business = spread["family"] * draw.standard_normal(families)[family] + spread["business"] * draw.standard_normal(businesses)
    by_family = spread["agent_family"] * draw.standard_normal((agents, families))
    skills, demands = draw.standard_normal((agents, TWO)), draw.standard_normal((businesses, TWO))
    logit = by_agent[:, None] + by_business + by_family[:, family] + spread["low_rank"] / np.sqrt(TWO) * (skills @ demands.T)
    logit += spread["cell"] * draw.standard_normal(logit.shape)

    weights, chances = np.array(ROUTES).T
    volume = np.exp(0.5 * draw.standard_normal(agents))[:, None] * (1.0 + draw.permutation(businesses)) ** -0.9
    volume = volume * draw.choice(weights, p=chances, size=(agents, families))[:, family]
    volume *= calls / volume.sum()
    share = volume / volume.sum()
    intercept = brentq(lambda level: float((share * expit(logit + level)).sum()) - mean, -30.0, 30.0)
    chance = expit(logit + intercept)

    volume *= draw.gamma(TWO, 1 / TWO, size=volume.shape)
    tries, fresh = draw.poisson(volume), draw.poisson(HELD_OUT * volume)
    return CrossedWorld(tries, draw.binomial(tries, chance), chance, fresh, draw.binomial(fresh, chance), team, family)
