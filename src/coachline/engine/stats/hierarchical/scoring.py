"""The scoring step of the variance components: exact scores, average information.

Source: Gilmour, Thompson, Cullis (1995), "Average information REML: an efficient algorithm for variance parameter estimation in linear mixed
models", Biometrics 51, 1440-1450. The scores use posterior variances that hold what is unknown of all other additive effects; without that
a nested component such as agent x family comes out several times too small.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coachline.engine.stats.hierarchical.crossed import Effects, System, variances
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.stats.hierarchical.low_rank import LowRank
from coachline.engine.stats.hierarchical.spread import Spread, stepped


@dataclass(frozen=True)
class Overlook:
    """What one look at every seen cell gives.

    Attributes
    ----------
    mean, variance : (cells,) float arrays
        Posterior of the structure: additive effects and hidden skills, without the cell's own noise.
    spread : Spread
        After the scoring step.
    agent : (agents,) float array
        Posterior variances of the agents' effects.
    """

    mean: Floats
    variance: Floats
    spread: Spread
    agent: Floats


@dataclass(frozen=True)
class _Component:
    """Effects of one kind: posterior means and variances, and the means where they act, on pairs of agent and family or on businesses."""

    effect: Floats
    posterior: Floats
    on_pairs: Floats | None = None
    on_businesses: Floats | None = None


def overlook(system: System, effects: Effects, target: Floats, skills: LowRank, spread: Spread, pace: float, *, plain: bool) -> Overlook:
    """Posterior of the structure of every seen cell, and the variances after a scoring step.

    Parameters
    ----------
    system, effects : System, Effects
        The additive effects given `target`, which is the cells' sites without the interaction of `skills`.
    target : (cells,) float array
    skills : LowRank
    spread : Spread
    pace : float
        Share of the full scoring step that is taken.
    plain : bool
        Whether agents and businesses are all there is: agent x family and cells have no variance, and the others no prior.
    """
    design, weight = system.design, system.weight
    structure = np.empty_like(target)
    agent, agent_family = np.empty_like(effects.agent), np.empty_like(effects.agent_family)
    for block in design.blocks:
        found = variances(system, block)
        agent[block.agents], agent_family[block.agents] = found.agent, found.agent_family
        structure[block.cells] = found.cell.ravel()[block.place]
        if skills.rank:
            structure[block.cells] += skills.of_block(block)[1].ravel()[block.place]

    components = _of_agents(system, effects, agent, agent_family) | _of_businesses(system, effects, spread)
    if plain:
        components.pop("agent_family", None)
    present = np.array([*(_variance(spread, name) for name in components), spread.cell])
    additive = effects.of_cells(design)
    left = target - additive
    pulled = weight * left
    score = [
        0.5 * ((c.effect**2).sum() / v - (1.0 - c.posterior / v).sum()) / v for c, v in zip(components.values(), present[:-1], strict=True)
    ]
    # What is unknown of the hidden skills is taken off the cells' noise, so that it is not counted twice.
    score.append(0.5 * (pulled**2 - weight + weight**2 * structure).sum())
    information = _average_information(system, list(components.values()), present[:-1], pulled)
    taking = len(components) + (0 if plain else 1)
    steps = stepped(present[:taking], np.array(score[:taking]), information[:taking, :taking], pace, prior=not plain)
    after = dict(zip([*components, "cell"][:taking], steps, strict=True))

    levels = np.array([after.pop(f"level{k}") for k in range(len(design.levels))])
    mean = additive + skills.of_cells(design)
    return Overlook(
        mean, structure, replace(spread, levels=levels, factors=skills.variance, **{n: float(v) for n, v in after.items()}), agent
    )


def _average_information(system: System, components: list[_Component], present: Floats, pulled: Floats) -> Floats:
    """Average information of the components and of the cells' noise, which comes last: f' P g / 2 for their working vectors f, g.

    A working vector is the effect of each cell divided by its variance. P takes off what the model would fit, so P g needs one more solution.
    """
    sums, pairs, businesses = [], [], []
    for c, v in zip(components, present, strict=True):
        nothing = (np.zeros_like(system.elimination.weight), np.zeros(system.design.businesses))
        pairs.append(nothing[0] if c.on_pairs is None else c.on_pairs / v)
        businesses.append(nothing[1] if c.on_businesses is None else c.on_businesses / v)
        sums.append(system.sums_of_businesses(businesses[-1]) if c.on_pairs is None else system.sums_of_pairs(pairs[-1]))
    sums.append(system.sums(pulled))
    size = len(sums)
    information = np.empty((size, size))
    for k in range(size):
        fitted = system.effects(sums[k])
        side = fitted.agent_side(system.design)
        for m in range(size):
            plain = (system.weight * pulled**2).sum() if m == k == size - 1 else None
            if plain is None:
                # Of two working vectors one at least is a component, which acts on pairs or businesses.
                other, own = (m, k) if k < size - 1 else (k, m)
                plain = (sums[other].pair * pairs[own]).sum() + (sums[other].business * businesses[own]).sum()
            information[m, k] = 0.5 * (plain - (sums[m].pair * side).sum() - (sums[m].business * fitted.business).sum())
    return (information + information.T) / 2


def _of_agents(system: System, effects: Effects, agent: Floats, agent_family: Floats) -> dict[str, _Component]:
    design = system.design
    shape = effects.agent_family.shape
    found: dict[str, _Component] = {}
    if design.teams > 1:
        posterior = np.diag(system.covariance)[design.businesses :]
        found["team"] = _Component(effects.team, posterior, np.broadcast_to(effects.team[design.team][:, None], shape))
    if design.agents > 1:
        found["agent"] = _Component(effects.agent, agent, np.broadcast_to(effects.agent[:, None], shape))
        if design.families > 1:
            found["agent_family"] = _Component(effects.agent_family, agent_family, effects.agent_family)
    return found


def _variance(spread: Spread, name: str) -> float:
    return float(spread.levels[int(name.removeprefix("level"))] if name.startswith("level") else getattr(spread, name))


def _of_businesses(system: System, effects: Effects, spread: Spread) -> dict[str, _Component]:
    """Groups of businesses and businesses: what their totals say of each."""
    design, size = system.design, system.design.businesses
    prior = system.prior_precision
    precise = prior @ effects.business
    spared = prior - prior @ system.covariance[:size, :size] @ prior
    found: dict[str, _Component] = {}
    for k, level in enumerate(design.levels):
        variance = float(spread.levels[k])
        member = (level[:, None] == np.arange(level.max() + 1)).astype(float)
        effect = variance * (member.T @ precise)
        posterior = variance - variance**2 * np.einsum("bg,bg->g", member, spared @ member)
        found[f"level{k}"] = _Component(effect, posterior, on_businesses=effect[level])
    if size > 1:
        own = spread.business * precise
        found["business"] = _Component(own, spread.business - spread.business**2 * np.diag(spared), on_businesses=own)
    return found
