"""Effects that were put in come out, with intervals that hold them as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from coachline.engine.stats.effects.doubly_robust import covariate_terms, effect_on_treated
from coachline.engine.stats.effects.fixed_effects import difference_in_differences, within_units
from coachline.engine.stats.effects.least_squares import fit_units
from coachline.engine.stats.effects.shrunk import share_variance, shrunk_shares


def drawn(seed: int, *, bent_outcome: bool = False, bent_chance: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, treatment and the covariates that are known; the true effect is 2."""
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((1_500, 2))
    bend = np.where(x[:, 1] > 0.5, 1.5, 0.0)
    treated = rng.random(1_500) < expit(-1.0 + 0.7 * x[:, 0] + (bend if bent_chance else 0.5 * x[:, 1]))
    outcome = 3 * x[:, 0] + (4 * bend if bent_outcome else 2 * x[:, 1]) + 2.0 * treated + rng.standard_normal(1_500)
    return outcome, treated, x


@pytest.mark.parametrize("wrong", [{}, {"bent_outcome": True}, {"bent_chance": True}])
def test_one_right_model_is_enough(wrong: dict[str, bool]) -> None:
    found = [effect_on_treated(y, t, x) for y, t, x in (drawn(seed, **wrong) for seed in range(60))]
    assert np.mean([f.effect for f in found]) == pytest.approx(2.0, abs=0.05)
    assert np.mean([f.low <= 2.0 <= f.high for f in found]) > 0.85


def test_a_plain_comparison_would_be_far_off() -> None:
    y, t, _ = drawn(1)
    assert y[t].mean() - y[~t].mean() > 4


def test_terms_follow_from_the_covariates() -> None:
    earned = np.array([0.0, 0.0, 5.0, 7.0, 9.0, 11.0])
    married = np.array([0.0, 1.0, 0.0, 1.0, 1.0, 0.0])
    constant = np.ones(6)
    assert covariate_terms(np.column_stack([married, constant])).shape == (6, 1)
    terms = covariate_terms(earned[:, None])
    assert terms.shape == (6, 3)  # as it is, squared, and whether there is any
    assert terms.mean(axis=0) == pytest.approx(0, abs=1e-12)
    assert covariate_terms(constant[:, None]).shape == (6, 0)


def test_units_without_a_like_are_counted_and_stay_in() -> None:
    rng = np.random.default_rng(3)
    x = np.concatenate([rng.standard_normal(400), np.full(5, 9.0)])
    treated = np.concatenate([rng.random(400) < expit(x[:400]), np.ones(5, bool)])
    found = effect_on_treated(x + treated, treated, x[:, None])
    assert found.without_like >= 5
    assert found.treated == treated.sum()
    assert found.effect == pytest.approx(1.0, abs=1e-6)


def test_a_panel_with_levels_of_its_own_gives_the_effect_and_half_the_intervals_a_plain_regression_would() -> None:
    rng = np.random.default_rng(5)
    unit = np.repeat(np.arange(200), 4)
    treated = (rng.random(800) < 0.5).astype(float)
    y = 10 * rng.standard_normal(200)[unit] + 1.5 * treated + rng.standard_normal(800)
    found = within_units(y, treated[:, None], unit)
    assert found.coefficients[0] == pytest.approx(1.5, abs=3 * found.se[0])
    assert found.se[0] < 0.15


def test_difference_in_differences_by_hand() -> None:
    treated = np.array([True, True, False, False]).repeat(2)
    after = np.array([True, False, True, False]).repeat(2)
    effect, se = difference_in_differences(np.array([9.0, 11, 5, 5, 4, 4, 3, 3]), treated, after)
    assert effect == (10 - 5) - (4 - 3)
    assert se == pytest.approx(1.0)  # only the first cell varies: variance 2 of 2 values


def test_units_that_differ_beyond_chance_are_weighted_more_evenly() -> None:
    rng = np.random.default_rng(7)
    sampling = np.tile([0.01, 1.0], 300)
    outcome = 2 + 0.5 * rng.standard_normal(600) + np.sqrt(sampling) * rng.standard_normal(600)
    found = fit_units(outcome, np.ones((600, 1)), sampling)
    assert found.between == pytest.approx(0.25, abs=0.06)
    assert found.coefficients[0] == pytest.approx(2.0, abs=3 * found.se(0))
    alike = fit_units(np.full(6, 0.9), np.ones((6, 1)), np.full(6, 0.04))
    assert alike.between == 0
    assert alike.se(0) == pytest.approx(np.sqrt(0.04 / 6))  # six equal shares are not certainty


def test_shares_of_few_cases_are_drawn_to_the_mean() -> None:
    rng = np.random.default_rng(11)
    true = np.clip(0.8 + 0.08 * rng.standard_normal(3_000), 0, 1)
    cases = rng.integers(3, 80, 3_000).astype(float)
    successes = rng.binomial(cases.astype(int), true).astype(float)
    shrunk = shrunk_shares(cases, successes)
    assert ((shrunk - true) ** 2).mean() < 0.6 * ((successes / cases - true) ** 2).mean()
    slope = np.polyfit(shrunk, true, 1)[0]
    assert slope == pytest.approx(1.0, abs=0.08)
    assert shrunk_shares(np.array([4.0, 6.0, 0.0]), np.array([2.0, 6.0, 0.0])).tolist() == [0.8, 0.8, 0.8]
    assert np.isnan(shrunk_shares(np.zeros(2), np.zeros(2))).all()


def test_the_variance_of_a_share_that_never_failed_is_not_nothing() -> None:
    assert share_variance(1.0, np.array([5.0]), 5.0)[0] > 0
    assert share_variance(0.5, np.array([100.0]), 1e9)[0] == pytest.approx(0.0025)
