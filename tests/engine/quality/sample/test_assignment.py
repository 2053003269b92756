"""Calls dealt to inspectors: even loads, crossed with agents, no conflict; the optimum where conflicts allow no better."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from coachline.engine.quality.sample.assignment import NOBODY, assign, ties

NONE = np.zeros(0, np.int64)


def tie(agents: int, inspectors: int, seed: int = 1) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return ties(draw.integers(0, 2**48, agents), draw.integers(0, 2**48, inspectors))


def test_without_conflicts_loads_differ_by_one_call_at_most_and_agents_meet_as_many_as_can_be() -> None:
    for agents, per_agent, inspectors in product((7, 30), (3, 20), (1, 2, 12, 40)):
        agent = np.repeat(np.arange(agents), per_agent)
        found = assign(agent, np.ones((agents, inspectors), bool), tie(agents, inspectors), NONE)
        assert np.ptp(found.loads(inspectors)) <= 1
        for who in range(agents):
            met = np.bincount(found.first[agent == who], minlength=inspectors)
            assert (met > 0).sum() == min(per_agent, inspectors)
            assert np.ptp(met[met > 0]) <= 1


def test_inspectors_and_agents_hang_together_even_where_each_agent_meets_half_of_the_inspectors() -> None:
    """Going round in order would part 40 inspectors into two halves that never meet the same agent."""
    agent = np.repeat(np.arange(60), 20)
    found = assign(agent, np.ones((60, 40), bool), tie(60, 40), NONE)
    assert found.groups(agent, 40).max() == 0


def test_nobody_hears_whom_they_must_not() -> None:
    agents, inspectors = 60, 12
    team = np.arange(agents) % 12
    allowed = team[:, None] != np.arange(inspectors)
    agent = np.repeat(np.arange(agents), 20)
    doubled = np.arange(0, len(agent), 10)
    found = assign(agent, allowed, tie(agents, inspectors), doubled)
    assert allowed[agent, found.first].all()
    assert (found.second[doubled] != found.first[doubled]).all()
    assert allowed[agent[doubled], found.second[doubled]].all()
    assert (np.delete(found.second, doubled) == NOBODY).all()
    assert np.ptp(np.bincount(found.first)) <= 1
    assert np.ptp(np.bincount(found.second[doubled])) <= 2


@given(
    calls=st.lists(st.integers(0, 4), min_size=1, max_size=4),
    barred=st.lists(st.booleans(), min_size=12, max_size=12),
    seed=st.integers(0, 99),
)
def test_loads_are_as_even_as_conflicts_allow(calls: list[int], barred: list[bool], seed: int) -> None:
    """Beside every way of dealing the calls: the sum of squared loads is the least that there is."""
    agents = len(calls)
    allowed = ~np.array(barred[: agents * 3]).reshape(agents, 3)
    agent = np.repeat(np.arange(agents), calls)
    found = assign(agent, allowed, tie(agents, 3, seed), NONE)
    reachable = {(0, 0, 0)}
    for who in agent:
        if allowed[who].any():
            reachable = {(*load[:i], load[i] + 1, *load[i + 1 :]) for load in reachable for i in np.flatnonzero(allowed[who])}
    assert (found.loads(3) ** 2).sum() == min(sum(x * x for x in load) for load in reachable)
    assert ((found.first == NOBODY) == ~allowed[agent].any(axis=1)).all()


def test_groups_that_share_no_agent_are_told() -> None:
    # Inspectors 0 and 1 may hear agents 0 to 4 only, inspectors 2 and 3 the others.
    allowed = np.zeros((10, 4), bool)
    allowed[:5, :2] = allowed[5:, 2:] = True
    agent = np.repeat(np.arange(10), 6)
    found = assign(agent, allowed, tie(10, 4), np.arange(0, 60, 5))
    assert found.groups(agent, 4).tolist() == [0, 0, 1, 1]


def test_without_anybody_allowed_calls_stay_with_nobody() -> None:
    agent = np.array([0, 0, 1])
    found = assign(agent, np.array([[False], [True]]), tie(2, 1), np.array([0, 2]))
    assert found.first.tolist() == [NOBODY, NOBODY, 0]
    assert found.second.tolist() == [NOBODY] * 3


def test_the_numbers_that_break_ties_are_even() -> None:
    leading = ties(np.arange(400), np.arange(400)) >> np.uint64(60)
    counts = np.bincount(leading.ravel().astype(int), minlength=16)
    expected = leading.size / 16
    # 15 degrees of freedom: 37.7 is the 99.9 % point.
    assert ((counts - expected) ** 2 / expected).sum() < 37.7
