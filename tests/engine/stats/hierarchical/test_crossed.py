"""The block elimination against the same linear model written out in full."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.stats.hierarchical.averages import sum_variances
from coachline.engine.stats.hierarchical.crossed import LEVEL, System, variances
from coachline.engine.stats.hierarchical.design import Block, Design
from coachline.engine.stats.hierarchical.fit import Fit, fit
from coachline.engine.stats.hierarchical.leaning import Leaning
from coachline.engine.stats.hierarchical.likelihood import Times
from coachline.engine.stats.hierarchical.low_rank import LowRank
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.engine.stats.hierarchical.spread import Spread

AGENTS, BUSINESSES = 7, 6
TEAM = np.array([0, 0, 1, 1, 2, 2, 2])
FAMILY = np.array([1, 0, 0, 2, 1, 1])
SPREAD = Spread(team=0.3, agent=0.5, agent_family=0.2, levels=np.array([0.4]), business=0.6, factors=np.zeros(0), cell=0.15)


def small() -> tuple[Design, np.ndarray, np.ndarray]:
    """A design with unseen cells and an agent without any."""
    draw = np.random.default_rng(5)
    seen = draw.random((AGENTS, BUSINESSES)) < 0.6
    seen[3] = False
    agent, business = np.nonzero(seen)
    design = Design(agent, business, TEAM, [FAMILY], FAMILY)
    return design, draw.uniform(0.5, 9.0, len(agent)), draw.normal(0.0, 1.0, len(agent))


def written_out(design: Design, noise: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Posterior mean and covariance of the structure of all cells, and the prior covariance, from the full matrices."""
    a, b = (index.ravel() for index in np.indices((AGENTS, BUSINESSES)))

    def same(codes: np.ndarray) -> np.ndarray:
        return (codes[:, None] == codes[None, :]).astype(float)

    prior = SPREAD.team * same(TEAM[a]) + SPREAD.agent * same(a) + SPREAD.agent_family * same(a) * same(FAMILY[b])
    prior += LEVEL + SPREAD.levels[0] * same(FAMILY[b]) + SPREAD.business * same(b)
    at = design.agent * BUSINESSES + design.business
    gain = prior[:, at] @ np.linalg.inv(prior[np.ix_(at, at)] + np.diag(noise))
    return gain @ target, prior - gain @ prior[at], prior


def test_means_and_variances_are_those_of_the_full_model() -> None:
    design, weight, target = small()
    mean, covariance, _ = written_out(design, 1.0 / weight, target)
    system = System.of(design, weight, SPREAD)
    effects = system.effects(system.sums(target))
    [block] = design.blocks
    found = variances(system, block)

    structure = effects.business + effects.agent_side(design)[:, FAMILY]
    assert structure.ravel() == pytest.approx(mean, abs=1e-8)
    assert found.cell.ravel() == pytest.approx(np.diag(covariance), abs=1e-7)


def test_variances_of_single_effects_are_those_of_the_full_model() -> None:
    design, weight, target = small()
    system = System.of(design, weight, SPREAD)
    [block] = design.blocks
    found = variances(system, block)
    effects = system.effects(system.sums(target))
    at = design.agent * BUSINESSES + design.business
    _, _, prior = written_out(design, 1.0 / weight, target)
    inverse = np.linalg.inv(prior[np.ix_(at, at)] + np.diag(1.0 / weight))
    for i in range(AGENTS):
        onto = SPREAD.agent * (design.agent == i)
        assert effects.agent[i] == pytest.approx(onto @ inverse @ target, abs=1e-8)
        assert found.agent[i] == pytest.approx(SPREAD.agent - onto @ inverse @ onto, abs=1e-8)
        together = onto + SPREAD.team * (TEAM[design.agent] == TEAM[i])
        assert found.general[i] == pytest.approx(SPREAD.agent + SPREAD.team - together @ inverse @ together, abs=1e-8)
        for f in range(3):
            onto_pair = SPREAD.agent_family * (design.agent == i) * (FAMILY[design.business] == f)
            assert found.agent_family[i, f] == pytest.approx(SPREAD.agent_family - onto_pair @ inverse @ onto_pair, abs=1e-8)
        for j in range(BUSINESSES):
            deviation = together + SPREAD.agent_family * (design.agent == i) * (FAMILY[design.business] == FAMILY[j])
            apriori = SPREAD.team + SPREAD.agent + SPREAD.agent_family
            assert found.deviation[i, j] == pytest.approx(apriori - deviation @ inverse @ deviation, abs=1e-8)


def given(design: Design, weight: np.ndarray, target: np.ndarray) -> Fit:
    """A fit with known variances: Gaussian cells observed with precision `weight` and cell noise on top."""
    system = System.of(design, weight / (1.0 + weight * SPREAD.cell), SPREAD)
    effects = system.effects(system.sums(target))
    likelihood = Times(np.ones(len(target)), target, 0.0, 1.0)
    return Fit(design, likelihood, SPREAD, system, effects, LowRank.none(design), Leaning.none(design), 0.0, weight, target, 1, True)


def test_levels_of_seen_and_unseen_cells_join_evidence_exactly() -> None:
    design, weight, target = small()
    _, _, prior = written_out(design, 1.0 / weight, target)
    prior = prior + SPREAD.cell * np.eye(len(prior))
    at = design.agent * BUSINESSES + design.business
    gain = prior[:, at] @ np.linalg.inv(prior[np.ix_(at, at)] + np.diag(1.0 / weight))
    [found] = levels(given(design, weight, target))
    assert found.mean.ravel() == pytest.approx(gain @ target, abs=1e-6)
    assert found.variance.ravel() == pytest.approx(np.diag(prior - gain @ prior[at]), abs=1e-6)


def test_variances_of_weighted_sums_are_those_of_the_full_model() -> None:
    design, weight, target = small()
    _, _, prior = written_out(design, 1.0 / weight, target)
    prior = prior + SPREAD.cell * np.eye(len(prior))
    at = design.agent * BUSINESSES + design.business
    covariance = prior - prior[:, at] @ np.linalg.inv(prior[np.ix_(at, at)] + np.diag(1.0 / weight)) @ prior[at]
    weights = np.random.default_rng(6).random((AGENTS, BUSINESSES))
    [block] = design.blocks
    found = sum_variances(given(design, weight, target), block, weights)
    for i in range(AGENTS):
        own = slice(i * BUSINESSES, (i + 1) * BUSINESSES)
        # Near, not exact: the part of a cell's own evidence that also shaped the structure is counted in both.
        assert found.level[i] == pytest.approx(weights[i] @ covariance[own, own] @ weights[i], rel=0.02)


def test_blocks_of_agents_give_what_one_block_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(8)
    agent, business = np.nonzero(draw.random((40, 9)) < 0.5)
    family = np.arange(9) % 3
    target = draw.normal(5.0, 0.4, len(agent))
    tries = draw.integers(1, 20, len(agent)).astype(float)

    def fitted() -> list[np.ndarray]:
        likelihood = Times.of(tries, tries * target, tries * target**2 + 0.2 * tries)
        parts = list(levels(fit(Design(agent, business, np.arange(40) % 4, [family], family), likelihood)))
        return [np.concatenate([getattr(p, name) for p in parts]) for name in ("mean", "variance", "certainty")]

    whole = fitted()
    monkeypatch.setattr("coachline.engine.stats.hierarchical.design.BLOCK", 50)
    design = Design(agent, business, np.arange(40) % 4, [family], family)
    assert len(design.blocks) > 5 and all(isinstance(block, Block) for block in design.blocks)
    for one, many in zip(whole, fitted(), strict=True):
        assert many == pytest.approx(one, abs=1e-9)
