"""Halo is found where it was put in, and neither severity nor bad calls are taken for it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from coachline.engine.stats.halo import Halo, halo


def sheets(seed: int, impression: float, severity: float = 0.6, calls: int = 200, items: int = 8) -> Halo:
    """Faults of calls seen by two of eight inspectors, on the logit; `impression` is drawn for every sheet."""
    rng = np.random.default_rng(seed)
    unit = np.repeat(np.arange(calls), 2)
    rater = np.argsort(rng.random((calls, 8)), axis=1)[:, :2].ravel()
    logit = rng.normal(-1.5, 0.3, items) + rng.normal(size=calls)[unit][:, None] + severity * rng.normal(size=8)[rater][:, None]
    logit = logit + impression * rng.normal(size=len(unit))[:, None]
    marks = (rng.random(logit.shape) < expit(logit)).astype(float)
    marks[rng.random(marks.shape) < 0.1] = np.nan
    return halo(unit, rater, marks)


def test_items_judged_one_by_one_show_none() -> None:
    found = [sheets(seed, 0.0) for seed in range(150)]
    assert np.mean([one.excess for one in found]) == pytest.approx(0, abs=0.012)
    # Sheets do go together, by the calls and by severity.
    assert np.mean([one.same_sheet for one in found]) > 0.15
    assert np.mean([one.low > 0 for one in found]) <= 0.06


def test_an_impression_that_colours_the_sheet_is_seen() -> None:
    found = [sheets(seed, 0.8) for seed in range(60)]
    assert np.mean([one.excess for one in found]) > 0.07
    assert np.mean([one.low > 0 for one in found]) > 0.9


def test_the_stated_error_is_that_of_drawing_other_calls() -> None:
    found = [sheets(seed, 0.8) for seed in range(100)]
    assert np.mean([one.se for one in found]) == pytest.approx(np.std([one.excess for one in found]), rel=0.25)


def test_nothing_to_compare() -> None:
    unit, rater = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    assert np.isnan(halo(unit, rater, np.zeros((4, 3))).excess)
    assert np.isnan(halo(unit, rater, np.array([[1.0], [0], [1], [0]])).excess)
    assert np.isnan(halo(unit[:2], rater[:2], np.array([[1.0, 0], [0, 1]])).excess)
    assert np.isnan(halo(np.zeros(0, int), np.zeros(0, int), np.zeros((0, 3))).excess)
