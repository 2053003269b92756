"""False alarms stay below their level on quiet days; real drops are seen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from coachline.engine.operations.unusual_days import alarms, holm, judge

ALPHA = 0.05
WEEK = np.array([1, 1.05, 1.1, 1, 0.95, 0.6, 0.5])


def quiet(
    rng: np.random.Generator, days: int = 182, level: float = 3000, noise: float = 0.05, drift: float = 0.004, drop: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Any]]:
    """A centre in which nothing happens: weekly pattern, days that vary beyond chance, slow drift, figures that hang together.

    With `drop`, the connect rate of the last day is lower by so much.
    """
    numbers = np.arange(20_000, 20_000 + days)
    ones = np.ones(days)

    def share(p: float, sd: float, slow: float) -> np.ndarray:
        logit = np.log(p / (1 - p)) + np.cumsum(rng.normal(0, slow, days)) + rng.normal(0, sd, days)
        return np.asarray(1 / (1 + np.exp(-logit)))

    offered = rng.poisson(level * WEEK[numbers % 7] * np.exp(np.cumsum(rng.normal(0, drift, days))) * rng.lognormal(0, noise, days))
    connected = share(0.95, 0.15, 0.01)
    connected[-1] -= drop
    answered = rng.binomial(offered, connected)
    abandoned = offered - answered
    within = rng.binomial(answered, share(0.8, 0.2, 0.01))
    rated = rng.binomial(answered, 0.02)
    columns = [
        (offered, ones, "count"),
        (answered, ones, "count"),
        (abandoned, ones, "count"),
        (answered, offered, "share"),
        (abandoned, offered, "share"),
        (within, answered, "share"),
        (within, offered, "share"),
        (rng.gamma(np.maximum(answered, 1) * 0.6, 33 * np.exp(rng.normal(0, 0.15, days))), answered, "seconds"),
        (rng.gamma(np.maximum(answered, 1), 240 * np.exp(rng.normal(0, 0.02, days))), answered, "seconds"),
        (rng.binomial(rated, share(0.98, 0.1, 0.005)), rated, "share"),
        (rng.binomial(answered, share(0.86, 0.05, 0.005)), answered, "share"),
        (rng.binomial(answered, share(0.03, 0.1, 0.005)), answered, "share"),
        (rng.binomial(answered, 0.1), answered, "share"),
    ]
    tops, bottoms = (np.column_stack([column[side] for column in columns]).astype(float) for side in (0, 1))
    return numbers, tops, bottoms, [column[2] for column in columns]


@pytest.mark.parametrize(
    "world",
    [{}, {"level": 100}, {"level": 12}, {"level": 50_000}, {"drift": 0.015}, {"noise": 0.0, "drift": 0.0}, {"days": 42}],
    ids=["ordinary", "small", "tiny", "big", "drifting", "calm", "short history"],
)
def test_quiet_days_raise_no_more_false_alarms_than_stated(world: dict[str, Any]) -> None:
    flagged = []
    for seed in range(20):
        raised = alarms(*quiet(np.random.default_rng(seed), **world), alpha=ALPHA)
        flagged.append(raised[28:].any(axis=1))
    days = np.concatenate(flagged)
    # Days of one world hang together, so the margin is that of half as many independent days.
    assert days.mean() <= ALPHA + 2 * np.sqrt(ALPHA * (1 - ALPHA) / (len(days) / 2))


@pytest.mark.parametrize(("drop", "least", "most"), [(0.06, 0.95, 1.0), (0.04, 0.7, 1.0), (0.0, 0.0, 0.1)])
def test_power_for_a_drop_of_the_connect_rate(drop: float, least: float, most: float) -> None:
    seen = [alarms(*quiet(np.random.default_rng(seed), drop=drop), alpha=ALPHA)[-1, 3] for seed in range(60)]
    assert least <= np.mean(seen) <= most


def test_the_bounds_are_where_a_lone_metric_becomes_unusual() -> None:
    numbers, tops, bottoms, units = quiet(np.random.default_rng(1), drop=0.06)
    for column in (0, 5, 7, 9):
        one = judge(numbers, tops[:, [column]], bottoms[:, [column]], [units[column]], alpha=0.2)
        judged = ~np.isnan(one.p)
        outside = (one.value < one.low) | (one.value > one.high)
        near = np.abs(one.p - 0.2) < 0.01
        assert ((one.p_adjusted <= 0.2) == outside)[judged & ~near].all()
        assert outside[judged].any()


def test_a_bad_day_does_not_hide_the_next_one() -> None:
    numbers, tops, bottoms, units = quiet(np.random.default_rng(2), drop=0.06)
    tops[-3, 3] -= 0.3 * bottoms[-3, 3]
    assert alarms(numbers, tops, bottoms, units)[[-3, -1], 3].all()


def test_the_good_day_a_week_after_a_breakdown_is_no_alarm() -> None:
    seen = []
    for seed in range(10):
        numbers, tops, bottoms, units = quiet(np.random.default_rng(seed))
        tops[-8, 3] -= 0.3 * bottoms[-8, 3]
        raised = alarms(numbers, tops, bottoms, units)[:, 3]
        assert raised[-8]
        seen.append(raised[-1])
    assert np.mean(seen) <= 0.1


def test_a_lasting_shift_becomes_the_usual() -> None:
    numbers, tops, bottoms, units = quiet(np.random.default_rng(4), days=364)
    tops[182:, 3] -= 0.06 * bottoms[182:, 3]
    raised = alarms(numbers, tops, bottoms, units)[:, 3]
    assert raised[182:189].any()
    assert not raised[-56:].any()


def test_four_same_weekdays_are_needed() -> None:
    numbers, tops, bottoms, units = quiet(np.random.default_rng(3))
    judged = ~np.isnan(judge(numbers, tops, bottoms, units).p)
    assert not judged[:28].any()
    assert judged[28:].all()


def test_few_cases_are_judged_by_the_binomial_itself() -> None:
    # Forty perfect days of twenty ratings; then two bad ones of twenty are rare, but not rarer than one in a hundred days.
    numbers = np.arange(20_000, 20_041)
    bottoms = np.full((41, 1), 20.0)
    tops = bottoms.copy()
    tops[3::4] -= 1
    tops[-1] = 18
    found = judge(numbers, tops, bottoms, ["share"])
    # P(X >= 2) of a binomial (20, 1/80) is 0.026; both sides, and the past is not known exactly.
    assert 0.02 < found.p[-1, 0] < 0.2


def test_constant_figures_and_empty_columns_are_no_alarm() -> None:
    numbers = np.arange(20_000, 20_060)
    tops = np.column_stack([np.full(60, 50.0), np.zeros(60), np.zeros(60), np.full(60, 5.0)])
    bottoms = np.column_stack([np.ones(60), np.ones(60), np.zeros(60), np.full(60, 5.0)])
    found = judge(numbers, tops, bottoms, ["count", "count", "share", "share"])
    assert not (found.p_adjusted <= ALPHA).any()
    assert np.isnan(found.p[:, 1:3]).all()


def test_holm_of_a_published_example() -> None:
    # Holm's step-down on four tests: 4 x .005, 3 x .01, 2 x .03, 1 x .04 with monotony.
    assert holm(np.array([[0.01, 0.04, 0.03, 0.005]])) == pytest.approx(np.array([[0.03, 0.06, 0.06, 0.02]]))
    assert np.isnan(holm(np.array([[np.nan, np.nan]]))).all()
