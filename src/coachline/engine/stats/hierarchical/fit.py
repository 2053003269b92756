"""The fit: expectation propagation on the cells around an exact linear model of the effects.

Each cell's likelihood is stood in for by a Gaussian site on its level; the sites are matched to the exact one-dimensional moments against
what everything else says about the cell. In between, the effects are solved for and the variances take a scoring step.

Source: Minka (2001), "Expectation propagation for approximate Bayesian inference"; variances by Fisher scoring of the REML likelihood of the sites.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coachline.engine.stats.hierarchical.crossed import Effects, System
from coachline.engine.stats.hierarchical.design import Design, Floats
from coachline.engine.stats.hierarchical.leaning import Leaning
from coachline.engine.stats.hierarchical.likelihood import Likelihood, Times
from coachline.engine.stats.hierarchical.low_rank import LowRank
from coachline.engine.stats.hierarchical.scoring import overlook
from coachline.engine.stats.hierarchical.spread import FLOOR, Spread

DAMPING = 0.9
ROUNDS = 40
"""Most rounds; large data settle in about ten."""

SETTLED = 0.005
"""Change of every variance, relative to all of them together, at which the fit stops."""

OWN_AT_MOST = 0.9999
"""Most that a cell may make of what is known of its own structure; the hidden skills' variance, added as if independent, could make it more."""

IDLE = 0.03
"""A hidden skill that makes up less than this share of the difference between agents is dropped: such a one fits chance as well as truth, and
the cells' own noise takes in what it leaves."""

FULL_STEPS = 8
"""Rounds with full scoring steps; after them the steps shorten, lest sites and variances chase each other where failures are rare."""

LOW_RANK_FROM = 3
"""Round in which hidden skills join, when the additive effects have taken shape."""


@dataclass(frozen=True)
class Ageing:
    """Variance that the time since the evidence adds to today's level.

    Attributes
    ----------
    agent : (agents,) float array
        Common to all cells of an agent.
    business : (businesses,) float array
        Common to all cells of a business; what agents add to it is not touched.
    """

    agent: Floats
    business: Floats


@dataclass(frozen=True)
class Fit:
    """A fitted model: what `posterior` needs to speak of any cell.

    Attributes
    ----------
    design : Design
    likelihood : Likelihood
    spread : Spread
    system, effects : System, Effects
    low_rank : LowRank
    leaning : Leaning
    offset : float
        Common level that was taken off before fitting.
    site_precision, site_mean : (cells,) float arrays
        The Gaussian sites of the seen cells, on the scale without offset.
    rounds : int
    settled : bool
    ageing : Ageing, optional
        Where levels drift; without it the fit speaks of the time of the evidence.
    """

    design: Design
    likelihood: Likelihood
    spread: Spread
    system: System
    effects: Effects
    low_rank: LowRank
    leaning: Leaning
    offset: float
    site_precision: Floats
    site_mean: Floats
    rounds: int
    settled: bool
    ageing: Ageing | None = None


def start_spread(design: Design, within: float, *, plain: bool) -> Spread:
    """Plain start values; where a level does not exist, its variance stays at nothing."""
    return Spread(
        team=0.02 if design.teams > 1 else FLOOR,
        agent=0.10 if design.agents > 1 else FLOOR,
        agent_family=0.05 if design.families > 1 and design.agents > 1 and not plain else FLOOR,
        levels=np.full(len(design.levels), 0.10),
        business=0.20 if design.businesses > 1 else FLOOR,
        factors=np.zeros(0),
        cell=FLOOR if plain else 0.08,
        within=within,
    )


def fit(design: Design, likelihood: Likelihood, *, low_rank: bool = True, plain: bool = False) -> Fit:
    """Fit the model.

    Parameters
    ----------
    design : Design
    likelihood : Likelihood
        Of the design's cells, in its order.
    low_rank : bool
        Whether hidden skills are looked for. They need a handful of agents and businesses.
    plain : bool
        Agents (in teams) and businesses (in their tree) alone, by REML. Its intervals are far too narrow where cells differ; it serves for the
        question how much of the difference lies with the agents as such.

    Returns
    -------
    Fit
    """
    offset = likelihood.start()
    spread = start_spread(design, _within(likelihood), plain=plain)
    skills, leaning = LowRank.none(design), Leaning.none(design)
    wanted = low_rank and not plain and min(design.agents, design.businesses) >= 6

    cells = len(design.agent)
    cavity_mean, cavity_variance = np.zeros(cells), np.full(cells, spread.agent_side + spread.business_side)
    mean, variance = likelihood.tilted(cavity_mean + offset, cavity_variance, cavity_mean + offset)
    precision, site = _site(mean - offset, variance, cavity_mean, cavity_variance)
    settled = False
    for round_ in range(1, ROUNDS + 1):
        weight = precision / (1.0 + precision * spread.cell)
        system = System.of(design, weight, spread)
        expected = leaning.mean[design.agent]
        target = site - expected - skills.of_cells(design)
        effects = system.effects(system.sums(target))
        seen = overlook(system, effects, target, skills, spread, min(1.0, FULL_STEPS / round_), plain=plain)
        # What the other cells say: the cell's own share is taken out again.
        own = np.minimum(weight * seen.variance, OWN_AT_MOST)
        cavity_mean = (seen.mean + expected - own * site) / (1.0 - own)
        cavity_variance = seen.variance / (1.0 - own) + spread.cell

        rank = skills.rank
        if wanted and round_ >= LOW_RANK_FROM:
            rest = site - expected - effects.of_cells(design)
            if round_ == LOW_RANK_FROM:
                skills = LowRank.started(design, weight, rest, spread.cell)
            if skills.rank:
                skills = skills.updated(design, weight, rest)
                skills = skills.without(skills.variance < IDLE * seen.spread.agent_side)
        change = np.abs(seen.spread.components - spread.components).max()
        settled = bool(change < SETTLED * seen.spread.components.sum()) and round_ > LOW_RANK_FROM + 1 and skills.rank == rank
        leaning = leaning.updated(design, effects.agent, seen.agent, spread.agent)
        spread = seen.spread
        tilted_mean, tilted_variance = likelihood.tilted(cavity_mean + offset, cavity_variance, mean)
        new_precision, new_site = _site(tilted_mean - offset, tilted_variance, cavity_mean, cavity_variance)
        natural = DAMPING * new_precision * new_site + (1.0 - DAMPING) * precision * site
        precision = DAMPING * new_precision + (1.0 - DAMPING) * precision
        site = natural / precision
        mean, variance = tilted_mean, tilted_variance
        likelihood = likelihood.refined(mean, variance)
        if settled:
            break
    weight = precision / (1.0 + precision * spread.cell)
    system = System.of(design, weight, spread)
    effects = system.effects(system.sums(site - leaning.mean[design.agent] - skills.of_cells(design)))
    spread = replace(spread, factors=skills.variance, within=_within(likelihood))
    return Fit(design, likelihood, spread, system, effects, skills, leaning, offset, precision, site, round_, settled)


def _site(mean: Floats, variance: Floats, cavity_mean: Floats, cavity_variance: Floats) -> tuple[Floats, Floats]:
    """The Gaussian site that turns the cavity into the tilted moments."""
    precision = np.maximum(1.0 / variance - 1.0 / cavity_variance, 1e-9)
    # Where the likelihood says next to nothing, its site lies at the moments themselves.
    return precision, mean + (mean - cavity_mean) / (precision * cavity_variance)


def _within(likelihood: Likelihood) -> float:
    return likelihood.within if isinstance(likelihood, Times) else 0.0
