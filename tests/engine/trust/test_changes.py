"""Changes are found where they are, and the promised rate of false alarms is kept."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.trust.changes import find_changes, weekday_effects

LEVEL = 0.01


def noise(seed: int, days: int, kind: str) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if kind == "normal":
        return rng.normal(0, 1, days)
    # Days resemble their neighbours.
    shocks, out = rng.normal(0, 1, days), np.empty(days)
    out[0] = shocks[0]
    for i in range(1, days):
        out[i] = 0.3 * out[i - 1] + shocks[i]
    return out


@pytest.mark.parametrize("days", [7, 10, 28, 90])
@pytest.mark.parametrize("kind", ["normal", "similar"])
def test_false_alarms_stay_below_the_level(days: int, kind: str) -> None:
    # Without any least size: what is left is chance alone. Sampling error is none, so all noise has to be estimated.
    trials = 200
    alarms = sum(bool(find_changes(noise(seed, days, kind), np.zeros(days), LEVEL, 0.0, 0.0)) for seed in range(trials))
    assert alarms / trials <= 3 * LEVEL


def test_a_step_is_dated_to_the_day() -> None:
    for seed in range(20):
        series = noise(seed, 60, "normal") * 0.1
        series[41:] += 3.0
        [change] = find_changes(series, np.full(60, 0.01), LEVEL, 1.0, 1.5)
        assert (change.first, change.last, change.lasting) == (41, 59, True)
        assert change.after - change.before == pytest.approx(3.0, abs=0.2)


def test_a_step_two_days_before_the_end() -> None:
    series = noise(3, 30, "normal") * 0.05
    series[28:] += 6.9
    assert [(c.first, c.last) for c in find_changes(series, np.full(30, 0.01), LEVEL, 1.0, 1.5)] == [(28, 29)]


@pytest.mark.parametrize(("first", "last"), [(12, 12), (12, 14), (29, 29), (0, 0), (10, 19)])
def test_a_spell_is_one_finding(first: int, last: int) -> None:
    series = noise(4, 30, "normal") * 0.02
    series[first : last + 1] += 0.9
    [change] = find_changes(series, np.full(30, 0.01), LEVEL, 0.1, 0.2)
    assert (change.first, change.last, change.lasting) == (first, last, False)


def test_two_steps_that_lead_back_are_one_spell_and_two_that_do_not_are_two() -> None:
    series = noise(5, 120, "normal") * 0.05
    series[40:80] += 3.0
    [change] = find_changes(series, np.full(120, 0.01), LEVEL, 1.0, 1.5)
    assert (change.first, change.last, change.lasting) == (40, 79, False)
    series[80:] += 6.0
    assert [(c.first, c.lasting) for c in find_changes(series, np.full(120, 0.01), LEVEL, 1.0, 1.5)] == [(40, True), (80, True)]


def test_small_changes_and_slow_drift_are_left_alone() -> None:
    series = noise(6, 90, "normal") * 0.01
    assert find_changes(series + 0.5 * (np.arange(90) >= 50), np.zeros(90), LEVEL, 1.0, 1.5) == []
    assert find_changes(series + np.linspace(0, 1.0, 90), np.zeros(90), LEVEL, 1.0, 1.5) == []


def test_days_of_few_rows_may_differ_more() -> None:
    series = np.zeros(30)
    series[10] = 0.5
    exact, vague = np.full(30, 0.001), np.full(30, 0.001)
    vague[10] = 0.3
    assert len(find_changes(series, exact, LEVEL, 0.1, 0.2)) == 1
    assert find_changes(series, vague, LEVEL, 0.1, 0.2) == []


def test_six_days_are_too_few() -> None:
    assert find_changes(np.array([0, 0, 0, 9, 9, 9.0]), np.zeros(6), LEVEL, 1.0, 1.0) == []


def test_weekday_effects_do_not_see_a_step() -> None:
    rhythm = np.array([0.3, 0.2, 0.1, 0.0, 0.1, -0.5, -0.7])
    day = np.arange(70)
    series = rhythm[day % 7] + 5.0 * (day >= 33)
    rest = series - weekday_effects(series, day % 7)
    assert np.ptp(rest[:33]) < 0.05
    assert np.ptp(rest[33:]) < 0.05
    assert rest[40] - rest[20] == pytest.approx(5.0)
