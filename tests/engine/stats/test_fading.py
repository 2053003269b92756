"""Half-lives of gains found again although people are trained because they were low, and honest where nothing fades or nothing is gained."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from coachline.engine.stats.fading import Courses, fit_fading, settle
from coachline.engine.stats.half_lives import HALF_LIVES, days_until, expected_left, interval, p_longer, quantile

WEEKS, PEOPLE, PLACES = 44, 150, 10


def world(seed: int, half_lives: tuple[float, ...], gains: tuple[float, ...], per_week: float = 6.0) -> Courses:
    """Every four weeks the ten with the worst raw share of the last four are trained; by kind 0 or 1 in turns, with the gains of each."""
    draw = np.random.default_rng(seed)
    groups = len(half_lives)
    level = draw.normal(1.8, 0.5, groups)[:, None] + 0.5 * draw.standard_normal((groups, PEOPLE))
    volume = per_week * draw.lognormal(0.0, 0.5, (groups, PEOPLE))
    tries, successes, left = (np.zeros((groups, PEOPLE, WEEKS)) for _ in range(3))
    trainings: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for week in range(WEEKS):
        tries[:, :, week] = draw.poisson(volume)
        successes[:, :, week] = draw.binomial(tries[:, :, week].astype(int), expit(level + left[:, :, week]))
        if week % 4 != 3 or not 5 < week < WEEKS - 2:
            continue
        n, s = (counts[:, :, week - 3 : week + 1].sum(axis=2) for counts in (tries, successes))
        for group in range(groups):
            kind = (week // 4 + group) % len(gains)
            day = 7 * (week + 1) + 3
            for person in np.argsort(np.where(n[group] >= 5, s[group] / np.maximum(n[group], 1), 9.0))[:PLACES]:
                trainings.setdefault((group, int(person)), []).append((day, kind))
                later = np.arange(week + 2, WEEKS)
                left[group, person, later] += gains[kind] * 0.5 ** ((7 * later + 3.5 - day) / half_lives[group])
    return courses_of(tries, successes, trainings, len(gains))


def courses_of(tries: np.ndarray, successes: np.ndarray, trainings: dict[tuple[int, int], list[tuple[int, int]]], kinds: int) -> Courses:
    most = max(map(len, trainings.values()))
    rows: list[tuple[int, float, float, list[float], list[int]]] = []
    groups: list[int] = []
    for group in range(len(tries)):
        for person in range(PEOPLE):
            had = trainings.get((group, person), [])
            cell, n, s = len(groups), tries[group, person], successes[group, person]
            kind = [k for _, k in had] + [0] * (most - len(had))
            weeks = range(WEEKS) if had else ()
            for week in weeks:
                if n[week] and not any(7 * week <= day < 7 * week + 7 for day, _ in had):
                    ages = [7 * week + 3.5 - day if 7 * week > day else np.nan for day, _ in had] + [np.nan] * (most - len(had))
                    rows.append((cell, n[week], s[week], ages, kind))
            if not had:
                rows.append((cell, n.sum(), s.sum(), [np.nan] * most, kind))
            groups.append(group)
    cell, n, s, ages, kind = (np.array(column) for column in zip(*rows, strict=True))
    share = successes.sum(axis=(1, 2)) / tries.sum(axis=(1, 2))
    group = np.array(groups)
    usual = np.log(share / (1 - share))[group]
    return Courses(cell, n, s, np.zeros(len(cell)), ages, kind, np.ones(kinds), group, usual)


def test_half_lives_are_found_again_although_the_worst_were_chosen() -> None:
    covered, near, gain = [], [], []
    for seed in (1, 2, 3, 4):
        truth = tuple(np.random.default_rng(100 + seed).lognormal(np.log(70.0), 0.5, 4))
        base = settle(world(seed, truth, (0.5,)))
        fit = fit_fading(base.trained, base.level_sd)
        ends = [interval(weight) for weight in fit.weight]
        covered += [low <= true <= high for (_, low, high), true in zip(ends, truth, strict=True)]
        near += [np.log(middle / true) for (middle, _, _), true in zip(ends, truth, strict=True)]
        gain.append(fit.common_gain)
        assert fit.p_no_fading < 1e-4
        assert base.level_sd == pytest.approx(0.5, abs=0.06)
    # 90 % intervals, sixteen of them.
    assert np.mean(covered) >= 0.75
    assert abs(np.mean(near)) < 0.2
    assert np.mean(gain) == pytest.approx(0.5, abs=0.06)


def test_a_method_that_gains_nothing_is_told_from_one_that_does() -> None:
    base = settle(world(4, (60.0, 60.0), (0.6, 0.0), per_week=10.0))
    assert base.gains == pytest.approx([0.6, 0.0], abs=0.15)
    assert base.trained.worth[0] > 1.5 and base.trained.worth[1] < 0.5
    kinds = fit_fading(base.trained.by_kind(base.gains, base.half_life), base.level_sd)
    _, low, high = interval(kinds.weight[0])
    assert low <= 60.0 <= high


def test_what_stays_and_what_never_came() -> None:
    stays = settle(world(5, (1e9, 1e9), (0.6,), per_week=10.0))
    fit = fit_fading(stays.trained, stays.level_sd)
    assert fit.p_no_fading > 0.01
    assert p_longer(fit.common, 150.0) > 0.8
    nothing = settle(world(6, (60.0, 60.0), (0.0,), per_week=10.0))
    fit = fit_fading(nothing.trained, nothing.level_sd)
    assert abs(fit.common_gain) < 3 * fit.common_gain_sd


def test_dates_by_hand() -> None:
    """With a half-life that is known the gain has halved after it, and is a quarter after two."""
    known = np.zeros(len(HALF_LIVES))
    known[20] = 1.0
    half_life = HALF_LIVES[20]
    assert days_until(known, 0.5) == pytest.approx(half_life, rel=1e-3)
    assert days_until(known, 0.25) == pytest.approx(2 * half_life, rel=1e-3)
    assert expected_left(known, half_life) == pytest.approx(0.5)
    assert quantile(known, 0.5) == pytest.approx(half_life)
    # Half-lives of which one is not sure: what is left is more than at their median, as the longer ones weigh more.
    unsure = np.full(len(HALF_LIVES), 1 / len(HALF_LIVES))
    assert days_until(unsure, 0.25) > 2 * quantile(unsure, 0.5)
    assert (p_longer(unsure, HALF_LIVES[0] / 2), p_longer(unsure, 3000.0)) == (pytest.approx(1.0), pytest.approx(0.0))


def test_one_cell_alone() -> None:
    ages = np.array([[np.nan], [np.nan], [10.0], [17.0], [24.0]])
    tries = np.full(5, 20.0)
    zeros = np.zeros(5, np.int64)
    alone = Courses(zeros, tries, np.array([15.0, 14, 18, 17, 16]), np.zeros(5), ages, zeros[:, None], np.ones(1), zeros[:1], np.ones(1))
    base = settle(alone)
    middle, low, high = interval(fit_fading(base.trained, base.level_sd).weight[0])
    assert low < middle < high and high / low > 10
