"""Places of the two parts: hand-counted, and every chance as often as it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.quality.sample.places import places, shared_budget

WEIGHTS = np.array([6.0, 3.0, 1.0, 0.0])
NO_QUOTA = np.zeros(4, np.int64)


def of_one(calls: list[int], budget: int = 20, weights: np.ndarray = WEIGHTS, quota: np.ndarray = NO_QUOTA, u: int = 0, share: float = 0.5):
    return places(np.array([calls]), np.array([budget]), share, weights, quota, np.array([u]))


def test_six_to_three_to_one_of_ten_places() -> None:
    found = of_one([200, 200, 200, 200])
    assert found.coach.tolist() == [[6, 3, 1, 0]]
    assert found.coach_chance.tolist() == [[6 / 200, 3 / 200, 1 / 200, 0]]
    # 10 places over four equal strata are 2.5 each: rounded, and in sum 10.
    assert found.score.sum() == 10
    assert set(found.score.ravel()) == {2, 3}
    assert found.score_chance.tolist() == [10 / 800]


def test_a_short_stratum_passes_its_places_on() -> None:
    # By hand: the random part takes none of the two dissatisfied calls when its number is 0 (places 0.1, 2, 2, 5.9).
    found = of_one([2, 40, 40, 118])
    assert found.score.tolist() == [[0, 2, 2, 6]]
    assert found.coach.tolist() == [[2, 6, 2, 0]]
    assert found.wanted.tolist() == [[6, 3, 1, 0]]


def test_what_risk_cannot_fill_goes_to_the_random_part() -> None:
    found = of_one([1, 1, 0, 198])
    assert found.drawn.sum() == 20
    assert found.score.sum() == 18
    assert found.score_chance[0] == pytest.approx(18 / 200)


def test_an_agent_with_few_calls_is_heard_in_full() -> None:
    found = of_one([1, 0, 2, 9])
    assert found.drawn.tolist() == [[1, 0, 2, 9]]
    assert (found.score_chance[0] + found.coach_chance)[0, [0, 2, 3]] == pytest.approx(1.0)


def test_an_agent_without_calls_gets_nothing() -> None:
    found = of_one([0, 0, 0, 0])
    assert found.drawn.sum() == 0
    assert found.score_chance.tolist() == [0]


def test_quotas_come_before_weights() -> None:
    found = of_one([300, 300, 300, 300], quota=np.array([0, 0, 4, 3]))
    # Seven places by quota; three by weights, the next ones of 6/1, 3/1, 1/9.
    assert found.coach.tolist() == [[2, 1, 4, 3]]


def test_quotas_beyond_the_places_are_cut_in_order_of_priority() -> None:
    assert of_one([300, 300, 300, 300], quota=np.array([7, 7, 7, 0])).coach.tolist() == [[7, 3, 0, 0]]


@given(
    calls=st.lists(st.integers(0, 60), min_size=4, max_size=4),
    budget=st.integers(1, 60),
    share=st.floats(0, 1),
    weights=st.lists(st.floats(0, 10), min_size=4, max_size=4).filter(any),
    quota=st.lists(st.integers(0, 10), min_size=4, max_size=4),
    u=st.integers(0, 2**32 - 1),
)
def test_places_are_always_filled_and_never_beyond_the_calls(
    calls: list[int], budget: int, share: float, weights: list[float], quota: list[int], u: int
) -> None:
    found = of_one(calls, budget, np.array(weights), np.array(quota), u, share)
    total = min(budget, sum(calls))
    assert found.drawn.sum() == total
    assert (found.drawn <= np.array(calls)).all()
    assert (found.drawn >= 0).all()
    assert found.score.sum() >= share * total - 1e-6
    # Random places are those in proportion to the calls, rounded up or down.
    exact = found.score.sum() * np.array(calls) / max(sum(calls), 1)
    assert (np.abs(found.score - exact) < 1).all()
    assert (found.coach_chance <= 1 + 1e-12).all()
    # Expected places add up to the places that there are.
    assert (found.coach_chance * np.array(calls)).sum() == pytest.approx(found.coach.sum(), abs=1e-9)


@pytest.mark.parametrize("calls", [[4, 9, 17, 70], [1, 0, 3, 21], [7, 7, 7, 2], [2, 1, 1, 400]])
def test_chances_are_the_frequencies_over_all_draws(calls: list[int]) -> None:
    """An even grid of random numbers stands for all of them; places divided by calls must average to the chances stated."""
    grid = np.linspace(0, 2**32, 20_000, endpoint=False).astype(np.int64)
    many = np.tile(calls, (len(grid), 1))
    found = places(many, np.full(len(grid), 20), 0.5, WEIGHTS, NO_QUOTA, grid)
    held = np.array(calls) > 0
    assert found.score.mean(axis=0)[held] / np.array(calls)[held] == pytest.approx(found.score_chance[0], abs=2e-4)
    assert found.coach.mean(axis=0) / np.maximum(calls, 1) == pytest.approx(found.coach_chance[0], abs=2e-4)


def test_a_budget_is_shared_by_least_and_then_by_calls() -> None:
    # Three agents get 5 each; the 30 that are left follow 100 : 200 : 0 as the third has no further call.
    assert shared_budget(np.array([100, 200, 5]), 45, 5).tolist() == [15, 25, 5]
    assert shared_budget(np.array([3, 3]), 100, 5).tolist() == [3, 3]
    assert sorted(shared_budget(np.array([50, 50, 50]), 7, 5).tolist()) == [2, 2, 3]


@given(calls=st.lists(st.integers(1, 500), min_size=1, max_size=30), budget=st.integers(1, 3000), least=st.integers(0, 30))
def test_a_shared_budget_is_used_up(calls: list[int], budget: int, least: int) -> None:
    found = shared_budget(np.array(calls), budget, least)
    assert found.sum() == min(budget, sum(calls))
    assert (found <= np.array(calls)).all()
    if np.minimum(calls, least).sum() <= budget:
        assert (found >= np.minimum(calls, least)).all()
