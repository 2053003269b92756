"""Stocks and flows: nobody lost, cases that can be solved by hand, finer steps, and the same people played one by one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import gammaincc

from coachline.engine.simulate.newcomer_world import Ladder, careers
from coachline.engine.training.newcomers import pipeline
from coachline.engine.training.newcomers.leaving import expected_stay
from coachline.engine.training.newcomers.pipeline import (
    CLASS,
    EXPERT,
    LICENSED,
    MENTORED,
    SEASONED,
    STAGES,
    Settings,
    State,
    chance,
    integrate,
    mentors,
)

SHAPE = (1, 1)


def settings(**given: float) -> Settings:
    """A centre with one rate of leaving unless said otherwise; 1 draw, 1 plan."""
    figures = {
        "hires": 5.0, "class_months": 1.5, "mentor_months": 2.0, "passing": 0.9, "ratio": 2.0, "ratio_now": 2.0, "elasticity": 0.25,
        "mentor_time": 0.25, "practice": 0.5,
    }  # fmt: skip
    leaving, time = given.pop("leaving", 0.02), given.pop("time", 3.0)
    arrays = {name: np.full(SHAPE, value) for name, value in (figures | given).items()}
    return Settings(leaving=np.full((4, *SHAPE), leaving), starting=np.ones((1, *SHAPE)), times=np.full((1, *SHAPE), time), **arrays)


def state(**heads: float) -> State:
    found = np.zeros((STAGES, *SHAPE))
    for name, count in heads.items():
        part = getattr(pipeline, name)
        found[part] = count / (part.stop - part.start)
    return State(found, np.zeros((1, STAGES, *SHAPE)), np.zeros((len(pipeline.COUNTED), *SHAPE)))


def people(path: list[State]) -> np.ndarray:
    return np.array([each.heads.sum() for each in path])


def test_nobody_is_lost_or_made() -> None:
    start = state(CLASS=6, MENTORED=4, NEW=10, EXPERIENCED=30, EXPERT=50)
    for each in integrate(start, settings(), 24):
        gone = each.count("left") + each.count("failed")
        assert float(each.heads.sum() + gone[0, 0]) == pytest.approx(100 + float(each.count("hired")[0, 0]), rel=1e-12)
        assert (each.heads >= 0).all() and (each.lacking >= -1e-12).all()


def test_without_recruiting_people_decline_exponentially() -> None:
    path = integrate(state(NEW=30, EXPERT=70), settings(hires=0.0, leaving=0.03), 36)
    assert people(path) == pytest.approx(100 * np.exp(-0.03 * np.arange(37)), rel=1e-8)


def test_steady_state_is_inflow_times_stay() -> None:
    """Little's law, with an exam that all pass."""
    path = integrate(state(), settings(hires=4.0, leaving=0.1, passing=1.0), 160)
    assert people(path)[-1] == pytest.approx(4.0 / 0.1, rel=1e-6)
    in_class = path[-1].heads[CLASS].sum()
    assert in_class == pytest.approx(4.0 * (1 - np.exp(-0.1 * 1.5)) / 0.1, rel=1e-6)


def test_the_classroom_is_an_erlang_delay() -> None:
    """Of people who start together the share still in class is the tail of a gamma distribution; the others sat the exam."""
    path = integrate(state(CLASS=0.0), settings(hires=0.0, leaving=0.0), 0)
    heads = path[0].heads.copy()
    heads[0] = 100.0
    path = integrate(replace(path[0], heads=heads), settings(hires=0.0, leaving=0.0, passing=0.8), 6)
    for month in range(7):
        left = gammaincc(3, 3 / 1.5 * month)
        assert path[month].heads[CLASS].sum() == pytest.approx(100 * left, abs=1e-4)
        assert float(path[month].count("failed")[0, 0]) == pytest.approx(20 * (1 - left), abs=1e-4)


def test_stays_are_those_of_the_rates_by_tenure_whatever_the_stages() -> None:
    """A stage reaches over the ends of bands of tenure; the mean stay is that of the survival model all the same."""
    rates = np.array([0.16, 0.05, 0.03, 0.06])[:, None, None]
    for class_months, mentor_months in ((0.25, 0.25), (1.0, 1.0), (3.0, 2.0)):
        drive = settings(class_months=class_months, mentor_months=mentor_months, passing=1.0, hires=4.0)
        end = integrate(state(), replace(drive, leaving=rates), 180)[-1]
        assert float(end.heads.sum()) / 4.0 == pytest.approx(float(expected_stay(rates)[0, 0]), rel=2e-3)


def test_the_chance_of_single_people_is_binomial_and_poisson() -> None:
    drive = settings(hires=4.0, leaving=0.05, passing=1.0)
    stays = np.exp(-0.05 * 12)
    variance = 100 * stays * (1 - stays) + 4.0 * (1 - stays) / 0.05
    assert float(chance(state(EXPERT=100), drive, 12)[0, 0]) == pytest.approx(np.sqrt(variance), rel=1e-6)


def test_what_people_lack_follows_the_curve_of_each() -> None:
    """Licensed at gamma-distributed times, everybody's gap shrinks exponentially from then on, wherever they are by now."""
    heads = np.zeros((STAGES, *SHAPE))
    heads[0] = 50.0
    heads[EXPERT] = 100.0
    path = integrate(replace(state(), heads=heads), settings(hires=0.0, leaving=0.0, passing=1.0, time=2.5), 8)
    grid = np.linspace(0.0, 8.0, 80_001)
    density = 4.0 * grid**2 * np.exp(-2.0 * grid)
    for month in (1, 3, 8):
        part = grid <= month
        expected = 50 * np.trapezoid(density[part] * np.exp(-(month - grid[part]) / 2.5), grid[part])
        assert path[month].lacking[0].sum() == pytest.approx(expected, rel=1e-4)


def test_finer_steps_converge_with_the_fourth_power() -> None:
    start, drive = state(CLASS=8, MENTORED=4, EXPERT=40), settings(hires=3.0)
    exact = integrate(start, drive, 3, 256)[-1]
    errors = [np.abs(integrate(start, drive, 3, steps)[-1].heads - exact.heads).max() for steps in (4, 8, 16)]
    assert errors[0] / errors[1] > 11 and errors[1] / errors[2] > 11
    assert errors[-1] < 1e-4


def test_more_apprentices_take_more_of_the_time_of_the_seasoned() -> None:
    loads = []
    for apprentices in (0.0, 5.0, 10.0, 20.0, 200.0):
        now = state(MENTORED=apprentices, EXPERT=20).heads
        working, each = mentors(now, settings())
        loads.append(float(working[0, 0]))
        assert float(working[0, 0]) <= pipeline.MENTORS_AT_MOST * now[SEASONED].sum()
    assert loads == sorted(loads) and loads[:3] == pytest.approx([0.0, 2.5, 5.0])
    assert float(each[0, 0]) == pytest.approx(20.0)


def test_fewer_apprentices_per_mentor_learn_faster_and_cost_more_mentors() -> None:
    start = state(MENTORED=30, EXPERT=100)
    start = replace(start, lacking=np.where(np.arange(STAGES)[None, :, None, None] < MENTORED.stop, start.heads[None], 0.0))
    lacking, mentoring = [], []
    for ratio in (1.0, 2.0, 3.0):
        end = integrate(start, settings(ratio=ratio), 6)[-1]
        lacking.append(end.lacking[0][LICENSED].sum())
        mentoring.append(float(end.count("mentoring")[0, 0]))
    assert lacking[0] < lacking[1] < lacking[2]
    assert mentoring[0] > mentoring[1] > mentoring[2]


def test_where_nobody_can_be_a_mentor_apprentices_still_get_on() -> None:
    path = integrate(state(CLASS=10), settings(hires=2.0), 12)
    assert np.isfinite(path[-1].heads).all() and np.isfinite(path[-1].lacking).all()
    assert path[-1].heads[LICENSED].sum() > 5


def test_shortest_delays_do_not_break_the_steps() -> None:
    path = integrate(state(EXPERT=50), settings(class_months=0.0, mentor_months=0.0, hires=10.0), 12)
    assert all((each.heads >= -1e-9).all() for each in path)


def test_people_played_one_by_one_come_to_the_same() -> None:
    """Means of 200 worlds of single people, each with chances of their own, against the equations: within four standard errors everywhere."""
    drive = settings(hires=6.0, leaving=0.03)
    # Rates with which the share of survivors and the time spent in each stage are those of one rate of leaving.
    lengths = np.array([0.5] * 3 + [1.0] * 2 + [8.5 / 3] * 3 + [6.0] * 4 + [np.inf])
    onward = 0.03 / np.expm1(0.03 * lengths)
    ladder = Ladder(onward, np.full(STAGES, 0.03), CLASS.stop - 1, 0.9, 1.0, np.full(STAGES, 1 / 3.0))
    path = integrate(state(NEW=12, EXPERIENCED=40, EXPERT=60), drive, 12)
    first = np.repeat(np.arange(STAGES), path[0].heads[:, 0, 0].astype(int))
    heads, lacking, left = [], [], []
    for seed in range(200):
        draw = np.random.default_rng(seed)
        hired = draw.poisson(6.0 * 12)
        begins = np.concatenate([np.zeros(len(first)), draw.uniform(0, 12, hired)])
        played = careers(ladder, begins, np.concatenate([first, np.zeros(hired, np.int64)]), np.zeros(len(begins)), 12, draw)
        heads.append(played.heads)
        lacking.append(played.lacking[:, LICENSED].sum(axis=1))
        left.append(played.left)
    expected = {
        "heads": np.array([each.heads[:, 0, 0] for each in path]),
        "lacking": np.array([each.lacking[0, LICENSED].sum() for each in path]),
        "left": np.array([each.count("left")[0, 0] for each in path]),
    }
    for name, seen in (("heads", heads), ("lacking", lacking), ("left", left)):
        mean, error = np.mean(seen, axis=0), np.std(seen, axis=0) / np.sqrt(len(seen))
        assert (np.abs(mean - expected[name]) <= 4 * error + 1e-9).all(), name
