"""What the fit says of every cell, seen or not: level with its variance, in blocks of agents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from coachline.engine.stats.hierarchical.crossed import variances
from coachline.engine.stats.hierarchical.design import Block, Floats, Ints
from coachline.engine.stats.hierarchical.fit import OWN_AT_MOST, Fit


@dataclass(frozen=True)
class Levels:
    """Posterior of the levels of a block's cells on the scale of the model.

    Attributes
    ----------
    block : Block
    mean, variance : (agents, businesses) float arrays
        Where the fit knows how evidence ages, of the last month.
    structure, structure_variance : (agents, businesses) float arrays
        The same of the effects alone: what would be said of the cell but for its own noise.
    deviation, deviation_variance : (agents, businesses) float arrays
        What the agent adds to the business, and how sure that is: less is unknown of it than of the level where the business is little known.
    certainty : (agents, businesses) float array
        Share of the prior variance between agents that the evidence has removed, 0 to 1.
    """

    block: Block
    mean: Floats
    variance: Floats
    structure: Floats
    structure_variance: Floats
    deviation: Floats
    deviation_variance: Floats
    certainty: Floats


def levels(fit: Fit) -> Iterator[Levels]:
    """The posterior of all cells, a block of agents at a time.

    A seen cell joins its own evidence with the structure (exactly, its own share in the structure counted once); a cell never seen has the
    structure and the spread of cells about it.
    """
    design, weight = fit.design, fit.system.weight
    for block in design.blocks:
        found = variances(fit.system, block)
        business = fit.effects.business + fit.offset
        leaning, unsure = fit.leaning.mean[block.agents, None], fit.leaning.variance[block.agents, None]
        deviation = fit.effects.agent_side(design)[block.agents][:, design.family] + leaning
        variance, of_deviation = found.cell + unsure, found.deviation + unsure
        if fit.low_rank.rank:
            interaction, its_variance = fit.low_rank.of_block(block)
            deviation = deviation + interaction
            variance, of_deviation = variance + its_variance, of_deviation + its_variance

        place, own_weight = block.place, weight[block.cells]
        precision, site = fit.site_precision[block.cells], fit.site_mean[block.cells] + fit.offset
        structure, structure_variance = deviation + business, variance
        mean, variance = _joined(structure, structure_variance, place, own_weight, precision, site, fit.spread.cell)
        # Against its business a cell is observed as well as the business is known.
        blurred = precision / (1.0 + precision * np.diag(fit.system.covariance)[design.business[block.cells]])
        against = site - business[design.business[block.cells]]
        apart = blurred / (1.0 + blurred * fit.spread.cell)
        deviation, of_deviation = _joined(deviation, of_deviation, place, apart, blurred, against, fit.spread.cell)
        if fit.ageing is not None:
            of_agent = fit.ageing.agent[block.agents, None]
            variance, of_deviation = variance + of_agent + fit.ageing.business, of_deviation + of_agent
        certainty = np.clip(1.0 - of_deviation / max(fit.spread.agent_side, 1e-300), 0.0, 1.0)
        yield Levels(block, mean, variance, structure, structure_variance, deviation, of_deviation, certainty)


def _joined(
    mean: Floats, variance: Floats, place: Ints, weight: Floats, precision: Floats, site: Floats, cell: float
) -> tuple[Floats, Floats]:
    """Structure and the cells' own evidence joined; the cells' share in the structure, by their `weight` there, is taken out first."""
    flat_mean, flat_variance = mean.ravel().copy(), variance.ravel() + cell
    structure = variance.ravel()[place]
    own = np.minimum(weight * structure, OWN_AT_MOST)
    other_variance = structure / (1.0 - own) + cell
    other_mean = (flat_mean[place] - own * site) / (1.0 - own)
    flat_variance[place] = 1.0 / (precision + 1.0 / other_variance)
    flat_mean[place] = flat_variance[place] * (precision * site + other_mean / other_variance)
    return flat_mean.reshape(mean.shape), flat_variance.reshape(mean.shape)
