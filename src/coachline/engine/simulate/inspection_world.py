"""Agents with known defect rates in every stratum of their calls: the yardstick of designs and estimates of inspection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

STRATA: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"dissatisfied": (0.022, 0.34), "repeat": (0.078, 0.22), "ticketed": (0.10, 0.16), "ordinary": (0.80, 0.073)}
)
"""Share of the calls, and the defect rate of an agent in the middle."""

SPREAD = 0.55
"""Standard deviation between agents within a stratum, on the logit scale."""

CALLS = 1500.0
"""Mean calls of an agent in a month; log-normal with a standard deviation of `VOLUME_SPREAD`."""

VOLUME_SPREAD = 0.3


@dataclass(frozen=True)
class InspectionWorld:
    """What is true of a month.

    Attributes
    ----------
    calls : (agents, strata) int array
        Answered calls; strata in the order of `STRATA`.
    chance : (agents, strata) float array
        True defect rate of the calls.
    """

    calls: NDArray[np.int64]
    chance: NDArray[np.float64]

    @property
    def rate(self) -> NDArray[np.float64]:
        """True defect rate of every agent over all calls."""
        return np.asarray((self.calls * self.chance).sum(axis=1) / self.calls.sum(axis=1))

    @property
    def centre_rate(self) -> float:
        """True defect rate of all calls."""
        return float((self.calls * self.chance).sum() / self.calls.sum())

    def inspect(self, tries: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
        """Defects found when `tries` calls, (agents, strata), are drawn at random within each cell and heard by somebody who misses nothing."""
        return np.random.default_rng(seed).binomial(tries, self.chance)


def inspection_world(agents: int = 2000, *, rho: float = 0.9, spread: float = SPREAD, seed: int = 1) -> InspectionWorld:
    """Draw a world.

    An agent's effects in the strata are normal on the logit scale, all with the same deviation, any two with correlation `rho`: at 0.9 who is
    weak with angry customers is weak with all, at 0.3 hardly. The calls of an agent fall into the strata with the shares of `STRATA`.

    Parameters
    ----------
    agents : int
    rho : float
        From 0 to 1.
    spread : float
        0 makes all agents alike.
    seed : int

    Returns
    -------
    InspectionWorld
    """
    draw = np.random.default_rng(seed)
    share, middle = np.array(list(STRATA.values())).T
    volume = CALLS * np.exp(VOLUME_SPREAD * draw.standard_normal(agents))
    calls = draw.multinomial(np.maximum(1, volume.round().astype(np.int64)), share)
    effect = np.sqrt(rho) * draw.standard_normal((agents, 1)) + np.sqrt(1.0 - rho) * draw.standard_normal((agents, len(share)))
    return InspectionWorld(calls.astype(np.int64), expit(logit(middle) + spread * effect))
