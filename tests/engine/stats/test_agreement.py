"""Coefficients of agreement against published values, against each other, and at the edges."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.stats import agreement_weights as weights
from coachline.engine.stats.agreement import COEFFICIENTS, Ratings, conger, krippendorff
from coachline.engine.stats.agreement_sums import RESAMPLED, AgreementSums
from coachline.engine.stats.resampling import bootstrap

SHARED = Path(__file__).parents[4] / "shared" / "data" / "agreement"
PUBLISHED = "expected_irrCAC_0.4.4.json"
NAMES = {"bp": "brennan_prediger"}

NAN = np.nan
FOUR_BY_TWELVE = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
)
"""Krippendorff (2004), *Content Analysis*, 2nd ed., p. 230: four observers, twelve units."""


def of_grid(grid: np.ndarray, categories: np.ndarray | None = None) -> Ratings:
    """Ratings from a table (raters, units)."""
    rater, unit = np.indices(grid.shape)
    return Ratings.of(unit.ravel(), rater.ravel(), grid.ravel().astype(float), categories)


def alphas(grid: np.ndarray) -> dict[str, float]:
    ratings = of_grid(grid).paired
    by_metric = {
        "nominal": weights.identity(ratings.values),
        "ordinal": weights.by_rank(ratings.counts),
        "interval": weights.quadratic(ratings.values),
        "ratio": weights.ratio(ratings.values),
    }
    return {metric: krippendorff(ratings, weight).value for metric, weight in by_metric.items()}


def test_krippendorffs_own_example() -> None:
    found = alphas(FOUR_BY_TWELVE)
    assert {metric: round(value, 3) for metric, value in found.items()} == {
        "nominal": 0.743,
        "ordinal": 0.815,
        "interval": 0.849,
        "ratio": 0.797,
    }


def published(name: str) -> Any:
    if not (SHARED / name).exists():
        pytest.skip(f"the published values stand in {name} beside the repository, and are not there")
    return json.loads((SHARED / name).read_text(encoding="utf-8"))


def read_ratings(name: str) -> Ratings:
    with (SHARED / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    raters = [column for column in rows[0] if column not in ("Group", "Units")]
    given = sorted({row[rater] for row in rows for rater in raters if row[rater]})
    value = {text: float(text) if text[0].isdigit() else float(place) for place, text in enumerate(given)}
    return of_grid(np.array([[value.get(row[rater], NAN) for row in rows] for rater in raters]))


@pytest.mark.parametrize("data", ["raw_4raters", "raw_5observers", "raw_g1g2", "raw_gender", "raw_ben_gerry"])
@pytest.mark.parametrize("weighting", ["identity", "linear", "quadratic", "ordinal"])
def test_coefficients_errors_and_intervals_are_the_published_ones(data: str, weighting: str) -> None:
    wanted = published(PUBLISHED)[data][weighting]
    ratings = read_ratings(data)
    assert set(wanted) == {"krippendorff", "fleiss", "gwet", "conger", "bp"}
    for short, expected in wanted.items():
        found = COEFFICIENTS[NAMES.get(short, short)](ratings, weights.WEIGHTINGS[weighting](ratings.values), 0.95)
        figures = [found.value, found.se, found.low, found.high, found.observed, found.expected]
        given = [expected["coefficient_value"], expected["se"], *expected["confidence_interval"], expected["pa"], expected["pe"]]
        assert figures == pytest.approx(given, abs=1e-6), short


@pytest.mark.parametrize("name", ["A", "B"])
def test_alphas_are_those_of_the_reference_implementation(name: str) -> None:
    known = published("krippendorff_reference.json")
    grid = np.array([[NAN if value is None else value for value in row] for row in known[f"data_{name}"]])
    found = alphas(grid)
    for metric, value in known[f"expected_{name}"].items():
        digits = len(str(value).partition(".")[2])
        assert round(found[metric], digits) == value


def test_with_two_raters_conger_is_cohens_kappa() -> None:
    # Both 0: 20, both 1: 15, apart: 5 and 10.
    both = np.repeat([[0, 0, 1, 1], [0, 1, 0, 1]], [20, 5, 10, 15], axis=1)
    # Observed 35 / 50; by chance 0.5 * 0.6 + 0.5 * 0.4 = 0.5.
    assert conger(of_grid(both), np.eye(2)).value == pytest.approx(0.4)


def test_unequal_ratios_count_more_among_small_numbers() -> None:
    weight = weights.ratio(np.array([0.0, 1.0, 2.0, 9.0, 10.0]))
    assert weight[1, 2] < weight[3, 4]
    assert np.diag(weight).tolist() == [1, 1, 1, 1, 1]


@pytest.mark.parametrize("weighting", weights.WEIGHTINGS)
def test_weights_are_symmetric_and_fall_with_distance(weighting: str) -> None:
    weight = weights.WEIGHTINGS[weighting](np.array([1.0, 2.0, 4.0, 7.0]))
    assert np.allclose(weight, weight.T)
    assert np.allclose(np.diag(weight), 1)
    assert (np.diff(weight[0]) <= 1e-12).all()
    assert weight.min() == pytest.approx(0)
    assert weights.WEIGHTINGS[weighting](np.array([5.0])).tolist() == [[1.0]]


@given(st.integers(0, 10_000))
def test_labels_and_the_order_of_rows_do_not_matter(seed: int) -> None:
    rng = np.random.default_rng(seed)
    unit, rater = (axis.ravel() for axis in np.indices((12, 3)))
    value = rng.integers(0, 3, 36).astype(float)
    value[rng.random(36) < 0.2] = NAN
    shuffled = rng.permutation(36)
    names = rng.permutation(12) * 7
    for coefficient in COEFFICIENTS.values():
        one = coefficient(Ratings.of(unit, rater, value), np.eye(len(np.unique(value[~np.isnan(value)]))), 0.9)
        other = coefficient(
            Ratings.of(names[unit[shuffled]], 9 - rater[shuffled], value[shuffled]), np.eye(len(np.unique(value[~np.isnan(value)]))), 0.9
        )
        assert one == pytest.approx(other, nan_ok=True)


@pytest.mark.parametrize("name", COEFFICIENTS)
def test_nothing_can_be_said_of_nothing(name: str) -> None:
    empty = np.zeros(0)
    for unit, value in [(empty, empty), (np.arange(5.0), np.ones(5))]:
        ratings = Ratings.of(unit, np.zeros(len(unit)), value, np.array([0.0, 1.0]))
        assert np.isnan(COEFFICIENTS[name](ratings, np.eye(2), 0.95).value)


def test_when_nothing_varies_only_some_coefficients_exist() -> None:
    """The chance of the others is 1: agreement beyond it cannot be seen."""
    ratings = of_grid(np.zeros((2, 30)), np.array([0.0, 1.0]))
    found = {name: coefficient(ratings, np.eye(2), 0.95) for name, coefficient in COEFFICIENTS.items()}
    assert {name for name, one in found.items() if np.isnan(one.value)} == {"krippendorff", "fleiss", "conger"}
    assert [found[name].value for name in ("percent", "gwet", "brennan_prediger")] == [1, 1, 1]
    # Thirty of thirty is not the proof of always.
    assert found["percent"].low == pytest.approx(0.8865, abs=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_sums_over_units_give_the_same_coefficients(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, 6, 80)
    grid = np.where(rng.random((4, 80)) < 0.7, truth, rng.integers(1, 6, (4, 80))).astype(float)
    grid[rng.random(grid.shape) < 0.3] = NAN
    ratings = of_grid(grid)
    for weighting in ("identity", "quadratic", "linear"):
        weight = weights.WEIGHTINGS[weighting](ratings.values)
        for name in RESAMPLED:
            sums = AgreementSums(name, ratings, weight, 80)
            assert sums.value(sums.columns.sum(axis=0)) == pytest.approx(COEFFICIENTS[name](ratings, weight, 0.95).value), name


def test_with_many_categories_only_weights_of_few_directions_are_drawn_again() -> None:
    rng = np.random.default_rng(2)
    ratings = of_grid((rng.normal(80, 8, 150) + rng.normal(0, 3, (2, 150))).round(1))
    assert len(ratings.values) > 150
    quadratic, near = weights.quadratic(ratings.values), weights.linear(ratings.values)
    for name in ("krippendorff", "fleiss", "percent", "brennan_prediger"):
        sums = AgreementSums(name, ratings, quadratic, 150)
        assert sums.value(sums.columns.sum(axis=0)) == pytest.approx(COEFFICIENTS[name](ratings, quadratic, 0.95).value), name
    assert np.isnan(bootstrap([AgreementSums("fleiss", ratings, near, 150)], 100, 0.95, 1)).all()
    assert np.isfinite(bootstrap([AgreementSums("fleiss", ratings, quadratic, 150)], 100, 0.95, 1)).all()


def test_the_same_seed_gives_the_same_bootstrap() -> None:
    rng = np.random.default_rng(3)
    ratings = of_grid(rng.integers(0, 2, (2, 60)))
    figures = [AgreementSums(name, ratings, np.eye(2), 60) for name in RESAMPLED]
    one, same, other = (bootstrap(figures, 300, 0.95, seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert np.isnan(bootstrap(figures, 0, 0.95, 1)).all()


def test_intervals_cover_the_agreement_that_was_put_in() -> None:
    """Two raters of a pool see a fault (chance 0.9 where there is one, 0.05 where not); alpha of endless data is computed, not drawn."""
    share, seen, imagined = 0.3, 0.9, 0.05
    marked = share * seen + (1 - share) * imagined
    both = share * seen**2 + (1 - share) * imagined**2
    alpha = 1 - 2 * (marked - both) / (2 * marked * (1 - marked))
    covered, drawn = [], []
    for seed in range(300):
        rng = np.random.default_rng(seed)
        fault = rng.random(120) < share
        grid = rng.random((2, 120)) < np.where(fault, seen, imagined)
        ratings = of_grid(grid, np.array([0.0, 1.0]))
        found = krippendorff(ratings, np.eye(2))
        covered.append(found.low <= alpha <= found.high)
        low, high = bootstrap([AgreementSums("krippendorff", ratings, np.eye(2), 120)], 400, 0.95, seed)[0]
        drawn.append(low <= alpha <= high)
    assert 0.92 <= np.mean(covered) <= 0.98
    assert 0.91 <= np.mean(drawn) <= 0.98
