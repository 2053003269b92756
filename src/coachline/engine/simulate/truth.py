"""The truth behind the outcomes of a call: who is how good at which business.

For agent a on business k, outcome by outcome,

    logit p[a, k] = mu + team + agent + family + business + agent x family + low rank 2 + cell,

with the standard deviations of `SPREAD`. The other outcomes lean on the effects of `resolved`: an agent who solves more also satisfies
more, and sends fewer tickets. mu is set so that the mean over the expected calls is the target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit

SPREAD = {
    "team": 0.10, "agent": 0.35, "family": 0.40, "business": 0.60, "agent_family": 0.25, "low_rank": 0.25, "cell": 0.25,
}  # fmt: skip
"""Standard deviation of each effect on the logit of `resolved`."""


@dataclass(frozen=True)
class Outcome:
    """How one outcome is made from effects of its own and those of `resolved`."""

    target: float
    """Mean over the expected calls."""
    scale: float
    """Its effects in units of `SPREAD`."""
    lean: float
    """Correlation of its effects with those of `resolved`."""
    within: float
    """Correlation with `resolved` from call to call within a cell."""


OUTCOMES = {
    "resolved": Outcome(0.8626, 1.0, 1.0, 1.0),
    "satisfied": Outcome(0.9777, 0.9, 0.6, 0.5),
    "ticketed": Outcome(0.10, 0.8, -0.5, -0.3),
    "transferred": Outcome(0.04, 0.8, -0.4, -0.2),
}


@dataclass(frozen=True)
class Truth:
    """The drawn truth.

    Attributes
    ----------
    mu : mapping of outcome to float
    agent : mapping of outcome to (A,) array
        Team and agent effect together, logits.
    business : mapping of outcome to (B,) array
        Family and business effect together, logits.
    eta : mapping of outcome to (A, B) array
        Logits, before tenure, drift and training.
    """

    mu: dict[str, float]
    agent: dict[str, np.ndarray]
    business: dict[str, np.ndarray]
    eta: dict[str, np.ndarray]

    def probability(self, outcome: str) -> np.ndarray:
        """(A, B) probability of `outcome`, before tenure, drift and training."""
        return np.asarray(expit(self.eta[outcome]))


@dataclass(frozen=True)
class _Effects:
    agent: np.ndarray
    business: np.ndarray
    joint: np.ndarray

    def mixed(self, lean: float, own: _Effects, scale: float) -> _Effects:
        rest = float(np.sqrt(1 - lean**2))

        def mix(base: np.ndarray, other: np.ndarray) -> np.ndarray:
            return (scale * (lean * base + rest * other)).astype(np.float32)

        return _Effects(mix(self.agent, own.agent), mix(self.business, own.business), mix(self.joint, own.joint))


def draw(team: np.ndarray, family: np.ndarray, weight: np.ndarray, rng: np.random.Generator) -> Truth:
    """Draw the truth of every outcome.

    Parameters
    ----------
    team : numpy.ndarray
        (A,) team number of each agent.
    family : numpy.ndarray
        (B,) family number of each business.
    weight : numpy.ndarray
        (A, B) share of the calls expected in each cell.
    rng : numpy.random.Generator

    Returns
    -------
    Truth
    """
    base = _effects(team, family, rng)
    mu: dict[str, float] = {}
    agent: dict[str, np.ndarray] = {}
    business: dict[str, np.ndarray] = {}
    eta: dict[str, np.ndarray] = {}
    for name, outcome in OUTCOMES.items():
        own = base if name == "resolved" else base.mixed(outcome.lean, _effects(team, family, rng), outcome.scale)
        total = own.joint + own.agent[:, None] + own.business[None, :]
        mu[name] = _intercept(total, weight, outcome.target)
        agent[name], business[name], eta[name] = own.agent, own.business, total + np.float32(mu[name])
    return Truth(mu, agent, business, eta)


def _effects(team: np.ndarray, family: np.ndarray, rng: np.random.Generator) -> _Effects:
    agents, businesses, families = len(team), len(family), int(family.max()) + 1

    def normal(name: str, *shape: int) -> np.ndarray:
        return rng.standard_normal(shape, np.float32) * np.float32(SPREAD[name])

    agent = normal("team", int(team.max()) + 1)[team] + normal("agent", agents)
    business = normal("family", families)[family] + normal("business", businesses)
    joint = normal("cell", agents, businesses)
    joint += normal("agent_family", agents, families)[:, family]
    # The product of two standard normals has variance 1; two such terms share the variance of the low-rank part.
    joint += (rng.standard_normal((agents, 2), np.float32) @ rng.standard_normal((2, businesses), np.float32)) * np.float32(
        SPREAD["low_rank"] / np.sqrt(2)
    )
    return _Effects(agent, business, joint)


def _intercept(total: np.ndarray, weight: np.ndarray, target: float) -> float:
    """The mu at which the weighted mean probability is `target` (bisection to 1e-6 logits)."""
    low, high = float(logit(target)) - 5.0, float(logit(target)) + 5.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        if float((weight * expit(total + np.float32(middle))).sum() / weight.sum()) < target:
            low = middle
        else:
            high = middle
    return (low + high) / 2
