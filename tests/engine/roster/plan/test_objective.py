"""What a head is worth, by hand and against the half-hours themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coachline.engine.roster.plan.objective import Segments, answered, concave, cover, presence
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Break, Request, ShiftKind
from tests.engine.roster.rules.small_roster import small

SPLIT = ShiftKind.of("s", 8 * 60, 16 * 60, (Break(60, 11 * 60, 12 * 60),))
LATE = ShiftKind.of("l", 14 * 60, 22 * 60)


def asked(seed: int = 1) -> Request:
    """Calls from 8 to 22 at two posts, more of one in the morning and more of the other in the evening."""
    draw = np.random.default_rng(seed)
    hour = np.arange(7 * SLOTS_A_DAY) % SLOTS_A_DAY / 2.0
    open_ = (hour >= 8) & (hour < 22)
    calls = np.where(open_, np.array([12.0 + 6 * (hour < 13), 8.0 + 9 * (hour > 15)]) * draw.uniform(0.8, 1.2, (2, len(hour))), 0.0).T
    need = np.ceil(calls / 6.0 + 1.0) * (calls > 0)
    skill = draw.uniform(0.6, 0.95, (6, 2))
    return small(6, kinds=(SPLIT, LATE), calls=calls, need=need, skill=skill)


def of_heads(steps: np.ndarray, widths: np.ndarray, heads: float) -> np.ndarray:
    """Cost of so many heads in every cell."""
    before = np.concatenate([np.zeros((*widths.shape[:2], 1)), np.cumsum(widths, axis=2)[:, :, :-1]], axis=2)
    return np.asarray((steps * np.clip(heads - before, 0.0, widths)).sum(axis=2))


def test_a_movable_break_is_spread_over_its_window() -> None:
    segments = Segments.of((SPLIT, LATE))
    assert (segments.edges / 2.0).tolist() == [0, 8, 11, 13, 14, 16, 22, 24]
    owner, shares = presence((SPLIT, LATE), segments)
    assert owner.tolist() == [0, 0, 1]
    hours = np.diff(segments.edges) / 2.0
    # Seven hours of work, of which one is missing of the two of the window; the parts halve it.
    assert (shares[:, : segments.count] * hours).sum(axis=1) == pytest.approx([3.5, 3.5, 8.0])
    assert shares[:2, 2] == pytest.approx([0.25, 0.25])


def test_segments_hold_what_their_half_hours_hold() -> None:
    request = asked()
    least = np.zeros_like(request.calls)
    found = cover(request, request.licensed, least, least)
    segments = Segments.of(request.shifts)
    usual = request.skill.mean(axis=0)
    for heads in (1.0, 2.0, 3.0):
        truth = segments.summed(request.calls * answered(request, np.full_like(request.calls, heads))) * usual
        cost = of_heads(found.steps, found.widths, heads)
        # Linear between knots: no more than a tenth beside, and exact in sum to a few hundredths.
        open_ = truth > 0
        assert -cost[open_].sum() == pytest.approx(truth[open_].sum(), rel=0.03)
        assert np.abs(-cost - truth)[open_].max() <= 0.1 * truth[open_].max()
    assert (np.diff(found.steps, axis=2) >= 0).all()


def test_each_more_head_gains_less_and_a_surplus_one_nothing_even_if_the_best() -> None:
    request = asked()
    must = np.where(request.calls > 0, 5.0, 0.0)
    found = cover(request, request.licensed, np.ones_like(must), must)
    many = 30.0
    gain = found.skill.max(axis=0) * found.worth + of_heads(found.steps, found.widths, many) - of_heads(found.steps, found.widths, many + 1)
    assert (gain <= 1e-9).all()
    assert found.skill.mean(axis=0) == pytest.approx([0.0, 0.0])
    calls = Segments.of(request.shifts).summed(request.calls) > 0
    assert (found.steps[:, :, 0][calls] < -5.0).all()


def test_a_better_person_is_worth_more_where_calls_are_dense() -> None:
    request = asked()
    found = cover(request, request.licensed, np.zeros_like(request.calls), np.zeros_like(request.calls))
    per_slot = found.worth / np.diff(Segments.of(request.shifts).edges)[np.arange(len(found.worth)) % 7, None]
    # Post 0 is denser in the morning (segment from 8), post 1 in the evening (from 16).
    assert per_slot[1, 0] > per_slot[5, 0] and per_slot[1, 1] < per_slot[5, 1]


def test_the_least_concave_function_above() -> None:
    heads = np.array([0.0, 1.0, 2.0, 3.0, 3.0])
    assert concave(heads, np.array([0.0, 1.0, 4.0, 5.0, 5.0])).tolist() == [2.0, 2.0, 1.0, 0.0]
    assert concave(heads, np.array([0.0, 3.0, 5.0, 6.0, 6.0])).tolist() == [3.0, 2.0, 1.0, 0.0]


def test_nobody_calls_nothing_is_worth_anything() -> None:
    request = small(2, kinds=(SPLIT,))
    found = cover(request, request.licensed, np.zeros_like(request.calls), np.zeros_like(request.calls))
    assert not found.worth.any() and np.isfinite(found.steps).all() and (found.steps >= 0).all()


def test_posts_that_help_each_other_are_served_as_one_queue() -> None:
    alone = asked()
    together = replace(alone, pooled=True)
    load = alone.calls * alone.handle_s
    everybody = 6.0
    shares = np.divide(load, load.sum(axis=1, keepdims=True), out=np.zeros_like(load), where=load > 0)
    found, slot = answered(together, everybody * shares), 20
    one = small(1, days=1, calls=np.tile([load[slot].sum() / 300.0, 0.0], (SLOTS_A_DAY, 1)))
    assert found[slot] == pytest.approx([answered(one, np.full_like(one.calls, everybody))[slot, 0]] * 2)
    # Alone each post does worse with the same people.
    assert (answered(alone, everybody * shares)[slot] < found[slot]).all()
