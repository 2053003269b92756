"""Which businesses make a post, and when it is open."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.posts import COMMON, MOST_POSTS, open_at, posts_of
from coachline.engine.roster.plan.request import SLOTS_A_DAY

NAMES = ("A/1/x", "A/1/y", "A/2/z", "B/1", "C")


def named(loads: list[float], level: int | None, least: float) -> list[str]:
    post_of, names = posts_of(NAMES, np.tile(np.array(loads), (SLOTS_A_DAY, 1)), level, least)
    return [names[post] for post in post_of]


def test_small_posts_join_what_stands_above_them() -> None:
    loads = [2.0, 0.3, 0.4, 0.2, 3.0]
    assert named(loads, None, 0.5) == ["A", "A", "A", COMMON, "C"]
    assert named(loads, 2, 0.5) == ["A/1", "A/1", COMMON, COMMON, "C"]
    assert named(loads, 3, 0.5) == ["A/1/x", "A", "A", COMMON, "C"]
    assert named(loads, 2, 0.0) == ["A/1", "A/1", "A/2", "B/1", "C"]
    assert set(named(loads, 1, 99.0)) == {COMMON}


def test_nobody_calls_all_is_one_post() -> None:
    assert set(named([0.0] * 5, None, 0.5)) == {COMMON}


def test_there_are_never_too_many_posts() -> None:
    many = tuple(f"b{n:02d}" for n in range(50))
    post_of, names = posts_of(many, np.tile(np.arange(1.0, 51.0), (SLOTS_A_DAY, 1)), None, 0.5)
    assert len(names) == MOST_POSTS and names[-1] == COMMON
    assert names[post_of[49]] == "b49" and names[post_of[0]] == COMMON


def test_a_post_is_open_in_one_stretch_of_the_day_that_may_pass_midnight() -> None:
    load = np.zeros((2 * SLOTS_A_DAY, 3))
    load[[16, 30, 16 + 48], 0] = 1.0
    load[[44, 2, 44 + 48, 2 + 48], 1] = 1.0
    hours = open_at(load, 0.4)
    assert np.flatnonzero(hours[:48, 0]).tolist() == list(range(16, 31))
    assert np.flatnonzero(hours[:48, 1]).tolist() == [0, 1, 2, 44, 45, 46, 47]
    assert not hours[:, 2].any()
    assert (hours[:48] == hours[48:]).all()
