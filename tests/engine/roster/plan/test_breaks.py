"""Breaks are placed where nobody misses them."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest

from coachline.engine.roster.plan.breaks import ON_BREAK, Floor, Placed, placed_breaks
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Break, Request, ShiftKind
from coachline.engine.roster.solver.problem import Schedule
from tests.engine.roster.rules.small_roster import small

KIND = ShiftKind.of("k", 9 * 60, 17 * 60, (Break(30, 11 * 60, 12 * 60),))


def at_one_post(people: int, calls: np.ndarray, **limits: float) -> tuple[Request, Schedule]:
    """Everybody works on one day, at the first post, and so many call in each half-hour."""
    posts = np.zeros((SLOTS_A_DAY, 2))
    posts[:, 0] = calls
    request = small(people, days=1, kinds=(KIND,), calls=posts, need=np.ceil(posts / 6), limits=limits)
    return request, Schedule(np.zeros((people, 1), np.int64), np.zeros((people, 1, 2), np.int64))


def total(request: Request, heads: np.ndarray) -> float:
    placed = [Placed(0, 0, 0, (0, 0), [660])]
    gain = Floor(request, placed * (int(heads.max()) + 1)).gain
    whole = heads.astype(int)
    part = heads - whole
    slots, posts = np.arange(request.slots)[:, None], np.arange(2)[None, :]
    return float(((1 - part) * gain[posts, slots, whole] + part * gain[posts, slots, whole + 1]).sum())


@pytest.mark.parametrize("seed", range(3))
def test_as_good_as_trying_everything(seed: int) -> None:
    calls = np.zeros(SLOTS_A_DAY)
    calls[18:34] = np.random.default_rng(seed).uniform(2.0, 14.0, 16)
    request, schedule = at_one_post(2, calls)
    placed, heads = placed_breaks(request, schedule, np.array([0, 0]))
    best = -np.inf
    for begins in product(range(660, 725, 5), repeat=2):
        floor = Floor(request, [Placed(person, 0, 0, (0, 0), [begin]) for person, begin in enumerate(begins)])
        best = max(best, total(request, floor.heads()))
    assert total(request, heads) >= best - 1e-6
    assert all(660 <= shift.begins[0] <= 720 for shift in placed)


def test_nobody_rests_while_most_call() -> None:
    calls = np.full(SLOTS_A_DAY, 1.0)
    calls[23] = 30.0
    request, schedule = at_one_post(3, calls)
    placed, _ = placed_breaks(request, schedule, np.array([0, 0]))
    assert all(shift.begins[0] + 30 <= 690 or shift.begins[0] >= 720 for shift in placed)


def test_few_rest_at_once_where_the_window_allows_it() -> None:
    kind = replace(KIND, breaks=(Break(30, 10 * 60, 14 * 60),))
    request, schedule = at_one_post(6, np.full(SLOTS_A_DAY, 6.0), most_on_break=0.2)
    request = replace(request, shifts=(kind,))
    placed, _ = placed_breaks(request, schedule, np.array([0, 0]))
    begins = sorted(shift.begins[0] for shift in placed)
    assert all(later - earlier >= 30 for earlier, later in pairwise(begins))


def test_work_between_breaks_is_neither_too_long_nor_too_short() -> None:
    calls = np.full(SLOTS_A_DAY, 6.0)
    calls[20:24] = 1.0
    kind = replace(KIND, breaks=(Break(10, 9 * 60, 16 * 60), Break(30, 10 * 60, 16 * 60)))
    for limits, most, least in (
        ({}, 480, 0),
        ({"longest_stretch_h": 3.0}, 180, 0),
        ({"least_stretch_h": 2.0, "longest_stretch_h": 4.0}, 240, 120),
    ):
        request, schedule = at_one_post(3, calls, **limits)
        request = replace(request, shifts=(kind,))
        placed, _ = placed_breaks(request, schedule, np.array([0, 0]))
        worked = [each.end - each.start for shift in placed for each in shift.stretches(request) if each.post != ON_BREAK]
        assert least <= min(worked) and max(worked) <= most
        # Without limits the quiet hour takes both breaks.
        assert limits or max(worked) > 240


def test_the_business_may_change_at_the_meal_and_not_at_a_short_break() -> None:
    kind = ShiftKind.of("k", 9 * 60, 17 * 60, (Break(10, 10 * 60, 10 * 60), Break(30, 12 * 60, 12 * 60)))
    request = small(1, days=1, kinds=(kind,))
    schedule = Schedule(np.zeros((1, 1), np.int64), np.array([[[0, 1]]]))
    [shift], heads = placed_breaks(request, schedule, np.array([0, 0]))
    stretches = [(each.start, each.end, each.post) for each in shift.stretches(request)]
    assert stretches == [(540, 600, 0), (600, 610, ON_BREAK), (610, 720, 0), (720, 750, ON_BREAK), (750, 1020, 1)]
    assert heads[20].tolist() == pytest.approx([20 / 30, 0.0]) and heads[25].tolist() == [0.0, 1.0]


def test_a_night_of_the_last_day_goes_on_behind_it() -> None:
    kind = ShiftKind.of("n", 22 * 60, 30 * 60, (Break(30, 25 * 60, 26 * 60),))
    request = small(1, days=1, kinds=(kind,))
    schedule = Schedule(np.zeros((1, 1), np.int64), np.zeros((1, 1, 2), np.int64))
    [shift], heads = placed_breaks(request, schedule, np.array([0, 0]))
    assert heads[:, 0].sum() == 4.0 and shift.stretches(request)[-1].end == 1800
