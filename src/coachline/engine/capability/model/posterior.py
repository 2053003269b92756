"""What the fit says of every cell, seen or not: level with its variance, in blocks of agents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from coachline.engine.capability.model.crossed import variances
from coachline.engine.capability.model.design import Block, Floats
from coachline.engine.capability.model.fit import Fit


@dataclass(frozen=True)
class Levels:
    """Posterior of the levels of a block's cells on the scale of the model.

    Attributes
    ----------
    block : Block
    mean, variance : (agents, businesses) float arrays
    certainty : (agents, businesses) float array
        Share of the prior variance between agents that the evidence has removed, 0 to 1.
    """

    block: Block
    mean: Floats
    variance: Floats
    certainty: Floats


def levels(fit: Fit) -> Iterator[Levels]:
    """The posterior of all cells, a block of agents at a time.

    A seen cell joins its own evidence with the structure (exactly, its own share in the structure counted once); a cell never seen has the
    structure and the spread of cells about it.
    """
    design, weight = fit.design, fit.system.weight
    for block in design.blocks:
        found = variances(fit.system, block)
        mean = fit.effects.business + fit.effects.agent_side(design)[block.agents][:, design.family]
        variance = found.cell
        if fit.low_rank.rank:
            interaction, its_variance = fit.low_rank.of_block(block)
            mean = mean + interaction
            variance = variance + its_variance
        structure = variance.ravel()
        flat_mean = mean.ravel() + fit.offset
        flat_variance = structure + fit.spread.cell

        place, own_weight = block.place, weight[block.cells]
        precision, site = fit.site_precision[block.cells], fit.site_mean[block.cells] + fit.offset
        own = np.minimum(own_weight * structure[place], 0.99)
        other_variance = structure[place] / (1.0 - own) + fit.spread.cell
        other_mean = (flat_mean[place] - own * site) / (1.0 - own)
        flat_variance[place] = 1.0 / (precision + 1.0 / other_variance)
        flat_mean[place] = flat_variance[place] * (precision * site + other_mean / other_variance)
        shape = mean.shape
        flat_variance = flat_variance.reshape(shape)
        certainty = np.clip(1.0 - flat_variance / max(fit.spread.agent_side, 1e-300), 0.0, 1.0)
        yield Levels(block, flat_mean.reshape(shape), flat_variance, certainty)
