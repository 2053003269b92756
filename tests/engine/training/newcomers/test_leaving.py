"""Rates of leaving: hand counts, and recovered over seeds from people seen for part of their time only."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.training.newcomers.leaving import EDGES, MONTH_DAYS, Seen, expected_stay, rates, seen_in

TRUE = np.array([0.06, 0.03, 0.015, 0.01])


def test_people_count_with_the_time_they_were_seen() -> None:
    month = MONTH_DAYS
    hired = np.array([0.0, -10 * month, -40 * month, np.nan, 5 * month])
    left = np.array([2 * month, np.nan, 1 * month, np.nan, np.nan])
    seen = seen_in(hired, left, opened=0.0, closed=4 * month)
    # One for two months and gone; one in months 10 to 14; one in month 40, gone; no date; not yet hired.
    assert seen.leavers.tolist() == [1, 0, 0, 1]
    assert seen.months == pytest.approx([2.0, 2.0, 2.0, 1.0])


def test_somebody_who_left_before_the_records_is_no_leaver() -> None:
    seen = seen_in(np.array([-300.0]), np.array([-10.0]), opened=0.0, closed=100.0)
    assert seen.leavers.sum() == 0 and seen.months.sum() == 0


def careers(draw: np.random.Generator, people: int) -> tuple[np.ndarray, np.ndarray]:
    """Hired evenly over six years, leaving at the true rates; months from the beginning of the records."""
    hired = draw.uniform(-48, 24, people)
    hazard = draw.exponential(size=people)
    stay = np.zeros(people)
    for rate, low, high in zip(TRUE, EDGES[:-1], EDGES[1:], strict=True):
        stay += np.where(hazard > 0, np.minimum(hazard / rate, high - low), 0.0)
        hazard = hazard - rate * (high - low)
    return hired * MONTH_DAYS, (hired + stay) * MONTH_DAYS


def test_true_rates_lie_in_their_intervals() -> None:
    covered, stays = [], []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        hired, left = careers(draw, 500)
        there = left > 0
        seen = seen_in(hired[there], np.where(left < 24 * MONTH_DAYS, left, np.nan)[there], 0.0, 24 * MONTH_DAYS)
        found = rates(seen, draw, 1_000)
        low, high = np.quantile(found, (0.05, 0.95), axis=1)
        covered.append((low <= TRUE) & (high >= TRUE))
        ends = np.quantile(expected_stay(found), (0.05, 0.95))
        stays.append(ends[0] <= expected_stay(TRUE[:, None])[0] <= ends[1])
    assert 0.84 <= np.mean(covered) <= 0.96
    assert np.mean(covered, axis=0).min() >= 0.8
    assert np.mean(stays) >= 0.8


def test_counting_from_the_day_of_hiring_would_be_far_off() -> None:
    """Those who are known are those who stayed: without the day on which the records begin, rates come out too low."""
    draw = np.random.default_rng(3)
    hired, left = careers(draw, 4_000)
    there = left > 0
    ends = np.where(left < 24 * MONTH_DAYS, left, np.nan)[there]
    right = seen_in(hired[there], ends, 0.0, 24 * MONTH_DAYS)
    naive = seen_in(hired[there], ends, -48 * MONTH_DAYS, 24 * MONTH_DAYS)
    assert (right.leavers / right.months) == pytest.approx(TRUE, rel=0.25)
    assert (naive.leavers / naive.months)[2] < 0.8 * TRUE[2]


def test_stay_under_one_rate_is_its_inverse() -> None:
    assert expected_stay(np.full((4, 1), 0.02))[0] == pytest.approx(50.0)


def test_nothing_seen_leaves_the_prior() -> None:
    found = rates(Seen(np.zeros(4, np.int64), np.zeros(4)), np.random.default_rng(1), 4_000)
    assert found.mean() == pytest.approx(0.02, rel=0.1)
