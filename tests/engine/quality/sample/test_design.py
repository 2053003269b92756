"""What the default design is worth, in worlds whose defect rates are known: the figures that the method page gives."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.quality.assisted import assisted_rates
from coachline.engine.quality.sample.places import Places, places
from coachline.engine.simulate.inspection_world import InspectionWorld, inspection_world

HABIT = np.array([6.0, 3.0, 1.0, 0.0])


def drawn(world: InspectionWorld, share_random: float, seed: int) -> Places:
    count = len(world.calls)
    rounding = np.random.default_rng(seed).integers(0, 2**32, count)
    return places(world.calls, np.full(count, 20), share_random, HABIT, np.zeros(4, np.int64), rounding)


def rmse(estimate: np.ndarray, world: InspectionWorld) -> float:
    return float(np.sqrt(((estimate - world.rate) ** 2).mean()))


@pytest.mark.parametrize("rho", [0.9, 0.3])
@pytest.mark.parametrize("seed", [1, 2])
def test_half_at_random_and_half_by_risk(rho: float, seed: int) -> None:
    world = inspection_world(rho=rho, seed=seed)
    habit, even, ours = (drawn(world, share, seed) for share in (0.0, 1.0, 0.5))

    found = world.inspect(habit.drawn, seed).sum(axis=1) / 20
    assert (found - world.rate).mean() == pytest.approx(0.189, abs=0.01), "the habit reads the rate 19 points too high"

    at_random = world.inspect(even.drawn, seed)
    assert rmse(at_random.sum(axis=1) / 20, world) == pytest.approx(0.067, abs=0.004)

    defects = world.inspect(ours.drawn, seed)
    agent, stratum = np.nonzero(ours.drawn)
    fitted = assisted_rates(agent, stratum, ours.drawn[agent, stratum], defects[agent, stratum], world.calls.astype(float))
    assert rmse(fitted.estimate, world) <= 0.038
    assert (fitted.estimate - world.rate).mean() == pytest.approx(0, abs=0.004)
    assert defects.sum() >= 1.7 * at_random.sum()

    # Defects over their chance of being drawn add up to those of the centre, in spite of the tilt.
    chance = ours.score_chance[:, None] + ours.coach_chance
    total = (defects / np.where(chance > 0, chance, 1.0)).sum() / world.calls.sum()
    assert total == pytest.approx(world.centre_rate, abs=2 * 0.0021)
