"""The shortest path over the days against all rosters there are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coachline.engine.roster.solver.feasible import has_roster
from coachline.engine.roster.solver.pricing import Pricing
from tests.engine.roster.solver.plain_rules import every_roster, keeps_rules, own_cost, small_problem, with_rules


@pytest.mark.parametrize("seed", range(60))
def test_no_roster_that_keeps_the_rules_is_cheaper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = with_rules(small_problem(rng), rng)
    prices = rng.integers(-4, 5, problem.cover.worth.shape).astype(float)
    [(cost, found)] = Pricing(problem).cheapest(prices, [0])

    def priced(shift: tuple[int, ...]) -> float:
        heads = sum(prices[d * problem.shifts + s, 0] for d, s in enumerate(shift) if s >= 0)
        return float(own_cost(problem, 0, shift) + heads)

    known = [priced(shift) for shift in every_roster(problem, 0)]
    assert has_roster(problem, 0) == bool(known)
    if not known:
        assert found is None
        assert cost == np.inf
        return
    assert found is not None
    assert cost == pytest.approx(min(known))
    shift = tuple(found.shift.tolist())
    assert keeps_rules(problem, 0, shift)
    assert priced(shift) == pytest.approx(cost)


def test_rules_leave_some_and_bar_some() -> None:
    """The problems above are neither free nor impossible, or the test would show little."""
    left = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        left.append(sum(1 for _ in every_roster(with_rules(small_problem(rng), rng), 0)))
    assert sum(n > 5 for n in left) > 20
    assert sum(n == 0 for n in left) > 3
    assert max(left) < 3**6 / 2


def test_each_part_is_manned_at_the_best_post() -> None:
    rng = np.random.default_rng(3)
    problem = small_problem(rng, posts=3)
    cover = replace(problem.cover, skill=np.array([[0.1, 0.9, 0.5]]), worth=np.ones(problem.cover.worth.shape))
    problem = replace(problem, cover=cover, cost=np.zeros((1, 6, 2)), off_cost=np.zeros((1, 6)))
    prices = np.zeros(problem.cover.worth.shape)
    prices[0, 2] = -1.0
    [(cost, found)] = Pricing(problem).cheapest(prices, [0])
    assert found is not None
    assert found.post[0, 0] == 2
    assert (found.post[1:][found.post[1:] >= 0] == 1).all()
    assert cost == pytest.approx(-1.5 - 5 * 0.9)
    assert found.own_cost == pytest.approx(-0.5 - 5 * 0.9)


def test_nobody_mans_a_post_that_they_may_not() -> None:
    rng = np.random.default_rng(4)
    problem = small_problem(rng, posts=2)
    cover = replace(problem.cover, may=np.array([[False, True]]))
    prices = np.full(problem.cover.worth.shape, -1.0) * [[9.0, 1.0]]
    [(_, found)] = Pricing(replace(problem, cover=cover)).cheapest(prices, [0])
    assert found is not None
    assert set(found.post[found.post >= 0].tolist()) == {1}


def test_a_night_reaches_into_the_next_day_and_what_lies_behind_the_horizon_is_dropped() -> None:
    rng = np.random.default_rng(5)
    problem = small_problem(rng, days=2, shifts=1)
    cover = replace(
        problem.cover, part_slots=np.array([[0.0, 1.0, 1.0, 0.5]]), slots_a_day=2, worth=np.zeros((4, 1)), steps=np.zeros((4, 1, 2)),
        widths=np.ones((4, 1, 2)),
    )  # fmt: skip
    pricing = Pricing(replace(problem, cover=cover))
    roster = pricing.roster(0, np.array([0, 0]), np.zeros((2, 1), np.int64))
    assert dict(zip(roster.cells.tolist(), roster.heads.tolist(), strict=True)) == {1: 1.0, 2: 1.0, 3: 1.5}
