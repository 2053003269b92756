"""Costs of cells between the heads that there can be."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from coachline.engine.roster.solver.cells import Cells
from coachline.engine.roster.solver.problem import Cover, Floats
from coachline.engine.roster.solver.reachable import at_reachable_heads
from tests.engine.roster.solver.plain_rules import small_problem


def cover(shares: Floats, seed: int = 1, days: int = 2, posts: int = 2) -> Cover:
    """Convex costs with kinks anywhere; `shares` (parts, slots of two days)."""
    rng = np.random.default_rng(seed)
    slots = days * shares.shape[1] // 2
    steps = np.sort(rng.uniform(-10.0, 0.0, (slots, posts, 5)), axis=2)
    widths = rng.uniform(0.0, 1.2, (slots, posts, 5))
    widths[:, :, -1] = 1e9
    return Cover(
        part_shift=np.arange(len(shares)),
        part_slots=shares,
        slots_a_day=shares.shape[1] // 2,
        may=np.ones((1, posts), np.bool_),
        skill=np.zeros((1, posts)),
        worth=np.zeros((slots, posts)),
        steps=steps,
        widths=widths,
    )


def cost(of: Cover, slot: int, post: int, heads: float) -> float:
    left, total = heads, 0.0
    for step, width in zip(of.steps[slot, post].tolist(), of.widths[slot, post].tolist(), strict=True):
        total += step * min(left, width)
        left = max(left - width, 0.0)
    return total


@pytest.mark.parametrize("seed", range(3))
def test_as_much_where_heads_can_be_and_never_less_between(seed: int) -> None:
    shares = np.array([[1.0, 0.85, 0.0, 0.0], [0.5, 1.0, 0.4, 0.0]])
    usual = cover(shares, seed)
    sharper = at_reachable_heads(usual)
    assert (np.diff(sharper.steps, axis=2) >= 0).all() and (sharper.widths >= 0).all()
    by_slot = ((1.0, 0.5, 0.4), (0.85, 1.0))
    higher = 0.0
    for slot, post in itertools.product(range(4), range(2)):
        for numbers in itertools.product(range(4), repeat=len(by_slot[slot % 2])):
            heads = float(np.dot(numbers, by_slot[slot % 2]))
            assert cost(sharper, slot, post, heads) == pytest.approx(cost(usual, slot, post, heads), abs=1e-7)
        for heads in np.linspace(0.0, 6.0, 121).tolist():
            more = cost(sharper, slot, post, heads) - cost(usual, slot, post, heads)
            assert more >= -1e-7
            higher = max(higher, more)
    assert higher > 0.1


def test_straight_between_none_and_one() -> None:
    whole = at_reachable_heads(cover(np.array([[1.0, 1.0, 0.0, 0.0]])))
    usual = cover(np.array([[1.0, 1.0, 0.0, 0.0]]))
    assert cost(whole, 0, 0, 0.5) == pytest.approx(cost(usual, 0, 0, 1.0) / 2.0)


def test_kinks_at_whole_heads_stay_as_they_are() -> None:
    problem = small_problem(np.random.default_rng(3), people=4, days=7)
    again = at_reachable_heads(problem.cover)
    rng = np.random.default_rng(1)
    for _ in range(20):
        heads = rng.integers(0, 5, problem.cover.worth.size).astype(float) + rng.random()
        one, other = (Cells(replace(problem, cover=each), (), heads).cost for each in (problem.cover, again))
        assert other == pytest.approx(one)


def test_where_nobody_can_be_nothing_changes() -> None:
    usual = cover(np.array([[0.0, 1.0, 0.0, 0.0]]))
    assert cost(at_reachable_heads(usual), 0, 0, 0.0) == 0.0
