"""Item response models: published figures, and truths that were put in."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import expit

from coachline.engine.stats.items.ability import abilities, bar_of, information
from coachline.engine.stats.items.answers import Answers
from coachline.engine.stats.items.calibration import Calibration, Prior, calibrate
from coachline.engine.stats.items.signs import adjusted, alike_pairs, person_fit

LSAT = Path(__file__).parents[5] / "shared" / "data" / "lsat" / "lsat6.csv"


@pytest.fixture(scope="module")
def lsat() -> Answers:
    """LSAT-6, 1,000 persons on five items (Bock and Lieberman 1970)."""
    if not LSAT.exists():
        pytest.skip("the published data lie beside the repository, in ../shared/data, and are not there")
    right = pl.read_csv(LSAT).drop("rownames").to_numpy().astype(float)
    persons, items = right.shape
    sitting, item = np.repeat(np.arange(persons), items), np.tile(np.arange(items), persons)
    return Answers(sitting, item, right.ravel(), np.zeros(persons, np.int64), items)


def test_lsat_with_a_common_slope(lsat: Answers) -> None:
    """Figures and standard errors as published for R's ltm (Rizopoulos 2006)."""
    fit = calibrate(lsat, common_slope=True)
    assert fit.settled
    assert fit.slope.round(4).tolist() == [0.7551] * 5
    assert fit.difficulty.round(4).tolist() == [-3.6153, -1.3224, -0.3176, -1.7301, -2.7802]
    assert round(fit.log_likelihood, 3) == -2466.938
    assert fit.difficulty_se.round(4).tolist() == [0.3266, 0.1422, 0.0977, 0.1691, 0.2510]
    assert fit.slope_se[0].round(4) == 0.0694


def test_lsat_with_a_slope_for_each_item(lsat: Answers) -> None:
    """As published for the two-parameter model, to the three digits in which programs agree."""
    fit = calibrate(lsat)
    assert fit.slope == pytest.approx([0.825, 0.723, 0.890, 0.688, 0.657], abs=1.5e-3)
    assert fit.intercept == pytest.approx([2.773, 0.990, 0.249, 1.285, 2.053], abs=1.5e-3)
    assert round(fit.log_likelihood, 3) == -2466.653


def world(seed: int, sizes: tuple[int, ...], papers: tuple[range, ...], means: tuple[float, ...]) -> tuple[Answers, np.ndarray, ...]:
    """Sittings of several papers by groups of different ability; with the true slopes, difficulties and abilities."""
    draw = np.random.default_rng(seed)
    items = max(max(paper) for paper in papers) + 1
    slope, difficulty = np.exp(0.3 * draw.standard_normal(items)), draw.standard_normal(items) - 0.4
    paper = np.repeat(np.arange(len(sizes)), sizes)
    ability = draw.standard_normal(len(paper)) + np.array(means)[paper]
    given = [np.array(papers[p]) for p in paper]
    sitting = np.repeat(np.arange(len(paper)), [len(g) for g in given])
    item = np.concatenate(given)
    right = draw.random(len(item)) < expit(slope[item] * (ability[sitting] - difficulty[item]))
    return Answers(sitting, item, right.astype(float), paper, items), slope, difficulty, ability


def test_papers_are_put_on_one_scale_by_common_items() -> None:
    """The second group is weaker by one: without its own mean, its items would look harder by that much."""
    off, covered, gap, held = [], [], [], []
    for seed in range(4):
        answers, _, difficulty, ability = world(seed, (500, 350), (range(20), range(13, 33)), (0.0, -1.0))
        fit = calibrate(answers, prior=Prior())
        gap.append(fit.mean[1])
        off.append((fit.difficulty[20:] - difficulty[20:]).mean())
        covered.append((np.abs(fit.difficulty - difficulty) < 1.645 * fit.difficulty_se).mean())
        found = abilities(fit, np.zeros(answers.sittings))
        held.append(((found.low <= ability) & (ability <= found.high)).mean())
    assert np.mean(gap) == pytest.approx(-1.0, abs=0.15)
    assert np.mean(off) == pytest.approx(0.0, abs=0.15)
    assert np.mean(covered) == pytest.approx(0.9, abs=0.06)
    assert np.mean(held) == pytest.approx(0.9, abs=0.02)


def test_what_nothing_links_is_told() -> None:
    answers, *_ = world(1, (50, 50, 50), (range(10), range(5, 15), range(15, 25)), (0.0, 0.0, 0.0))
    assert answers.links.tolist() == [0, 0, 1]


def test_with_priors_hopeless_items_have_finite_places() -> None:
    """One item all got right, one nobody; one person; one item."""
    sitting, item = np.repeat(np.arange(30), 3), np.tile(np.arange(3), 30)
    right = np.where(item == 0, 1.0, np.where(item == 1, 0.0, (sitting % 2).astype(float)))
    fit = calibrate(Answers(sitting, item, right, np.zeros(30, np.int64), 3), prior=Prior())
    assert fit.settled
    assert fit.difficulty[0] < -1.5 and fit.difficulty[1] > 1.5
    assert np.isfinite(fit.difficulty_se).all()
    alone = calibrate(Answers(np.zeros(1, np.int64), np.zeros(1, np.int64), np.ones(1), np.zeros(1, np.int64), 1), prior=Prior())
    assert np.isfinite(alone.difficulty).all() and alone.settled


def test_an_item_that_points_the_wrong_way_gets_a_slope_below_zero() -> None:
    answers, *_ = world(3, (400,), (range(15),), (0.0,))
    turned = np.where(answers.item == 7, 1.0 - answers.correct, answers.correct)
    fit = calibrate(Answers(answers.sitting, answers.item, turned, answers.paper, 15), prior=Prior())
    assert fit.slope[7] + 3 * fit.slope_se[7] < 0
    assert (np.delete(fit.slope, 7) > 0).all()


def known(answers: Answers, slope: np.ndarray, difficulty: np.ndarray) -> Calibration:
    return Calibration(answers, slope, -slope * difficulty, np.zeros(answers.papers), 0.0, True, False, None)


def test_bar_and_information_by_hand() -> None:
    answers, *_ = world(4, (5,), (range(2),), (0.0,))
    fit = known(answers, np.array([1.0, 2.0]), np.array([0.5, 0.5]))
    assert bar_of(fit, np.array([1.0, 1.0]), 0.5) == pytest.approx(0.5, abs=1e-6)
    assert bar_of(fit, np.array([1.0, 0.0]), expit(1.0)) == pytest.approx(1.5, abs=1e-3)
    assert np.isnan(bar_of(fit, np.array([1.0, 1.0]), 1.0)) and np.isnan(bar_of(fit, np.zeros(2), 0.5))
    assert information(fit, 0.5).tolist() == [0.25, 1.0]


def test_honest_answers_raise_no_more_signs_than_chance() -> None:
    below, first, found = [], [], 0
    for seed in range(3):
        answers, *_ = world(10 + seed, (400,), (range(30),), (0.0,))
        fit = calibrate(answers, prior=Prior())
        z, p = person_fit(fit)
        first.append((z.mean(), z.std()))
        below.append([(p < level).mean() for level in (0.05, 0.01)])
        pairs = alike_pairs(fit, 10)
        assert pairs.compared == 400 * 399 // 2
        found += int((adjusted(pairs.p, pairs.compared) < 0.05).sum())
    assert np.mean(first, axis=0) == pytest.approx([0.0, 1.0], abs=0.1)
    assert (np.mean(below, axis=0) <= [0.06, 0.015]).all()
    assert found <= 1


def test_copies_and_guesses_are_noticed() -> None:
    answers, _, difficulty, _ = world(20, (200,), (range(40),), (0.0,))
    correct = answers.correct.copy().reshape(200, 40)
    # Two of middling ability with the same sheet; one who is right on the twelve hardest items only.
    middling = np.argsort(np.abs(correct.mean(axis=1) - 0.5), kind="stable")[:2]
    correct[middling[1]] = correct[middling[0]]
    odd = int(np.setdiff1d(np.arange(200), middling)[0])
    correct[odd] = difficulty >= np.sort(difficulty)[-12]
    fit = calibrate(Answers(answers.sitting, answers.item, correct.ravel(), answers.paper, 40), prior=Prior())
    _, p = person_fit(fit)
    assert np.flatnonzero(adjusted(p, 200) < 0.05).tolist() == [odd]
    pairs = alike_pairs(fit, 10)
    sure = adjusted(pairs.p, pairs.compared) < 0.05
    assert [set(pair) for pair in zip(pairs.one[sure], pairs.other[sure], strict=True)] == [set(middling)]
    assert (pairs.alike[sure], pairs.items[sure]) == (40, 40)


def test_holm_by_hand() -> None:
    assert adjusted(np.array([0.01, 0.04, np.nan, 0.03]), 3) == pytest.approx([0.03, 0.06, np.nan, 0.06], nan_ok=True)
