"""The difficulty of a business is told apart from the skill of those who handle it."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.capability.business_mix import difficulty


def test_by_hand_where_everyone_handles_the_same() -> None:
    # Two agents on two businesses, 10 cases each: the difficulty is the plain rate of the business.
    agent, business = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    successes = np.array([9.0, 6.0, 7.0, 4.0])
    assert difficulty(agent, business, np.full(4, 10.0), successes, successes) == pytest.approx([0.8, 0.5])


def test_a_business_that_only_good_agents_handle_is_not_easy() -> None:
    # Agents 0 to 9 have +0.2, 10 to 19 have -0.2; all handle business 0, only the good ones 1, only the others 2. All are equally hard.
    agent = np.concatenate([np.arange(20), np.arange(10), np.arange(10, 20)])
    business = np.repeat([0, 1, 2], [20, 10, 10])
    n = np.full(40, 1000.0)
    total = n * (0.6 + np.where(agent < 10, 0.2, -0.2))
    found = difficulty(agent, business, n, total, total)
    plain = np.bincount(business, total) / np.bincount(business, n)
    assert plain == pytest.approx([0.6, 0.8, 0.4])
    assert found == pytest.approx([0.6, 0.6, 0.6], abs=0.01)


def test_true_difficulties_are_found_again_where_good_agents_get_hard_work() -> None:
    rng = np.random.default_rng(4)
    skill, hard = rng.normal(0, 0.05, 150), rng.normal(0.8, 0.06, 30)
    odds = np.exp(-8 * np.add.outer(skill * 10, np.zeros(30)) * (hard - 0.8) + rng.normal(0, 1.5, (150, 30)))
    n = rng.poisson(400 * odds / odds.sum(axis=1, keepdims=True))
    agent, business = np.nonzero(n)
    cases = n[agent, business].astype(float)
    successes = rng.binomial(n[agent, business], (skill[agent] + hard[business]).clip(0, 1)).astype(float)
    found = difficulty(agent, business, cases, successes, successes)
    plain = np.bincount(business, successes) / np.bincount(business, cases)
    error = [np.sqrt(np.mean((one - one.mean() - hard + hard.mean()) ** 2)) for one in (found, plain)]
    assert error[0] < 0.6 * error[1]


@pytest.mark.parametrize("successes", [[3.0, 2.0, 1.0], [0.0, 0.0, 0.0], [4.0, 3.0, 1.0]])
def test_little_evidence_gives_plain_rates(successes: list[float]) -> None:
    n, total = np.array([4.0, 3.0, 1.0]), np.array(successes)
    one_agent = difficulty(np.zeros(3, int), np.arange(3), n, total, total)
    assert one_agent == pytest.approx(total / n)
    one_business = difficulty(np.arange(3), np.zeros(3, int), n, total, total)
    assert np.isfinite(one_business).all()
