"""Intraclass correlations against published values and known worlds."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.stats.agreement import Ratings
from coachline.engine.stats.intraclass import KINDS, IntraclassSums, intraclass
from coachline.engine.stats.resampling import bootstrap

SHROUT_FLEISS = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], dtype=float)
"""Shrout & Fleiss (1979), table 2: six targets, four judges."""


def sums_of(kind: str, grid: np.ndarray) -> IntraclassSums:
    unit, rater = np.indices(grid.shape)
    return IntraclassSums(kind, Ratings.of(unit.ravel(), rater.ravel(), grid.ravel()), len(grid))


def test_the_example_of_shrout_and_fleiss() -> None:
    found = {kind: intraclass(sums_of(kind, SHROUT_FLEISS)) for kind in KINDS}
    assert {kind: round(one.value, 2) for kind, one in found.items()} == {"icc_1_1": 0.17, "icc_a_1": 0.29, "icc_c_1": 0.71}
    # The interval by F as R's psych prints it.
    assert [found["icc_1_1"].low, found["icc_1_1"].high] == pytest.approx([-0.133, 0.72], abs=5e-3)


def test_on_complete_data_the_variances_are_those_of_the_analysis_of_variance() -> None:
    """Mean squares of the same table: between targets 11.24, between judges 32.49, rest 1.02."""
    sums = sums_of("icc_a_1", SHROUT_FLEISS)
    found = sums.variances(sums.columns.sum(axis=0))
    assert found.rest == pytest.approx(1.0194, abs=1e-4)
    assert found.rest + 4 * found.unit == pytest.approx(11.2417, abs=1e-4)
    assert found.rest + 6 * found.rater == pytest.approx(32.4861, abs=1e-4)


def world(seed: int, calls: int = 150, raters: int = 12, unit: float = 6.0, severity: float = 3.0, noise: float = 4.0) -> Ratings:
    """Every call heard by two of the raters."""
    rng = np.random.default_rng(seed)
    pairs = np.argsort(rng.random((calls, raters)), axis=1)[:, :2]
    truth, severe = unit * rng.standard_normal(calls), severity * rng.standard_normal(raters)
    score = 85 + truth[:, None] - severe[pairs] + noise * rng.standard_normal((calls, 2))
    return Ratings.of(np.repeat(np.arange(calls), 2), pairs.ravel(), score.ravel())


def test_variances_are_found_when_every_call_has_two_of_many_raters() -> None:
    found = []
    for seed in range(60):
        sums = IntraclassSums("icc_a_1", world(seed), 150)
        found.append(sums.variances(sums.columns.sum(axis=0)))
    mean = np.mean(found, axis=0)
    assert mean == pytest.approx([36, 9, 16], rel=0.12)


@pytest.mark.parametrize(("kind", "severity"), [("icc_1_1", 0.0), ("icc_a_1", 0.0), ("icc_c_1", 3.0)])
def test_intervals_cover(kind: str, severity: float) -> None:
    """The errors are those of the raters at hand, so the truth must not depend on which raters these are."""
    found = [intraclass(IntraclassSums(kind, world(seed, severity=severity), 150)) for seed in range(200)]
    covered = np.mean([one.low <= 36 / (36 + 16) <= one.high for one in found])
    assert 0.91 <= covered <= 0.985


def test_resampled_intervals_lie_about_the_value() -> None:
    sums = IntraclassSums("icc_a_1", world(5), 150)
    found = intraclass(sums)
    low, high = bootstrap([sums], 400, 0.95, 1)[0]
    assert low < found.value < high
    assert high - low == pytest.approx(found.high - found.low, rel=0.2)


@pytest.mark.parametrize("kind", KINDS)
def test_at_the_edges(kind: str) -> None:
    assert np.isnan(intraclass(sums_of(kind, np.zeros((0, 2)))).value)
    assert np.isnan(intraclass(sums_of(kind, np.full((8, 2), 90.0))).value)
    alone = Ratings.of(np.arange(6), np.zeros(6), np.arange(6.0))
    assert np.isnan(intraclass(IntraclassSums(kind, alone, 6)).value)
    same = np.repeat(np.arange(8.0)[:, None], 2, axis=1)
    assert intraclass(sums_of(kind, same)).value == pytest.approx(1)
