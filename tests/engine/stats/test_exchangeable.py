"""Levels that borrow from one another: coverage, and the two ends of knowing nothing and everything."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.stats.exchangeable import levels


@pytest.mark.parametrize("spread", [0.0, 0.5, 2.0])
def test_intervals_cover_and_come_nearer_than_raw(spread: float) -> None:
    covered, better = [], []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        truth = 3 + spread * rng.standard_normal(25)
        se = rng.uniform(0.5, 1.5, 25)
        raw = truth + se * rng.standard_normal(25)
        found = levels(raw, se)
        covered.append(((found.low <= truth) & (truth <= found.high)).mean())
        better.append(((raw - truth) ** 2).mean() - ((found.mean - truth) ** 2).mean())
    # Without any spread only the width is too careful.
    assert 0.87 <= np.mean(covered) <= (1.0 if spread == 0 else 0.95)
    assert np.mean(better) > 0.02


def test_eight_schools() -> None:
    """Gelman et al., *Bayesian Data Analysis*, 5.5: with a flat prior on the spread the posterior means lie between 5 and 11."""
    found = levels(np.array([28.0, 8, -3, 7, -1, 1, 18, 12]), np.array([15.0, 10, 16, 11, 9, 11, 10, 18]))
    assert found.mean == pytest.approx([11, 8, 6, 8, 5, 6, 10, 8], abs=1.0)
    assert found.rank_high[0] == 8


def test_when_all_is_known_ranks_are_single() -> None:
    found = levels(np.array([3.0, 1.0, 2.0]), np.array([1e-6, 1e-6, 0.0]))
    assert found.rank_low.tolist() == found.rank_high.tolist() == [1, 3, 2]
    assert found.mean == pytest.approx([3, 1, 2], abs=1e-4)


def test_when_nothing_differs_ranks_are_free() -> None:
    found = levels(np.ones(6), np.ones(6))
    assert (found.rank_low <= 1).all()
    assert (found.rank_high >= 6).all()


def test_one_member_alone() -> None:
    found = levels(np.array([2.0]), np.array([0.5]))
    assert (found.rank_low[0], found.rank_high[0]) == (1, 1)
    assert found.low[0] == pytest.approx(2 - 0.82, abs=0.05)
