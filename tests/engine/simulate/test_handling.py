"""The queue: examples by hand, and the formulas of Erlang in the long run."""

from __future__ import annotations

import math

import numpy as np
import pytest

from coachline.engine.simulate.handling import BETWEEN_S, Work, serve
from coachline.engine.simulate.seats import Seats


def work(ready: list[float], talk: list[float], patience: float = 1e9) -> Work:
    count = len(ready)
    zeros = np.zeros(count)
    return Work(np.array(ready), np.full(count, patience), np.array(talk), zeros, zeros, np.zeros(count, int))


def seats(*stretches: tuple[int, float, float]) -> Seats:
    agent, start, end = (np.array(column) for column in zip(*stretches, strict=True))
    return Seats(agent, start, end, np.zeros(len(agent), int))


def test_calls_wait_for_the_agent_who_has_been_free_longest() -> None:
    start, agent = serve(work([0, 10, 20], [100, 50, 10]), seats((0, 0, 1000), (1, 5, 1000)), np.ones(2), np.ones(2), np.zeros(2))
    assert agent.tolist() == [0, 1, 1]
    assert start.tolist() == [0, 10, 10 + 50 + BETWEEN_S]


def test_slow_agents_take_longer() -> None:
    start, _ = serve(work([0, 1], [100, 100]), seats((0, 0, 1000)), np.array([2.0]), np.ones(1), np.zeros(1))
    assert start[1] == 200 + BETWEEN_S


def test_who_loses_patience_hangs_up_and_takes_nobodys_time() -> None:
    start, agent = serve(work([0, 1, 200], [100, 100, 10], patience=30), seats((0, 0, 1000)), np.ones(1), np.ones(1), np.zeros(1))
    assert agent.tolist() == [0, -1, 0]
    assert start.tolist() == [0, 31, 200]


def test_nobody_answers_outside_the_stretches_of_work() -> None:
    start, agent = serve(
        work([0, 95, 120], [10, 10, 10], patience=30), seats((0, 20, 100), (1, 200, 300)), np.ones(2), np.ones(2), np.zeros(2)
    )
    assert agent.tolist() == [0, 0, -1]
    assert start[0] == 20


def test_while_the_switch_is_down_nobody_takes_a_call() -> None:
    down = seats((0, 0, 1000), (1, 300, 900)).without(200, 400)
    assert sorted(zip(down.agent.tolist(), down.start.tolist(), down.end.tolist(), strict=True)) == [
        (0, 0, 200),
        (0, 400, 1000),
        (1, 400, 900),
    ]
    start, agent = serve(work([150, 250, 380], [10, 10, 10], patience=30), down, np.ones(2), np.ones(2), np.zeros(2))
    assert start.tolist() == [150, 280, 400]
    assert (agent >= 0).tolist() == [True, False, True]


def test_a_call_of_yesterday_keeps_the_agent() -> None:
    busy = np.array([50.0])
    start, _ = serve(work([0], [10]), seats((0, 0, 100)), np.ones(1), np.ones(1), busy)
    assert start[0] == 50
    assert busy[0] == 60 + BETWEEN_S


@pytest.mark.parametrize(("agents", "erlangs"), [(4, 3.0), (11, 8.0)])
def test_waits_agree_with_erlang_c(agents: int, erlangs: float) -> None:
    """P(wait > t) = C exp(-(n - a) t / mean), Erlang (1917); the pause between calls is part of the handling."""
    rng, count, mean = np.random.default_rng(1), 150_000, 240.0
    ready = np.cumsum(rng.exponential(mean / erlangs, count))
    handling = np.maximum(rng.exponential(mean, count) - BETWEEN_S, 0.0)
    # Cutting off at the pause lengthens the mean by a little that is known.
    a = erlangs * (handling.mean() + BETWEEN_S) / mean
    end = float(ready[-1]) * 2
    start, _ = serve(
        work(ready.tolist(), handling.tolist()),
        seats(*((k, 0.0, end) for k in range(agents))),
        np.ones(agents),
        np.ones(agents),
        np.zeros(agents),
    )
    tail = a**agents / math.factorial(agents) * agents / (agents - a)
    delayed = tail / (sum(a**k / math.factorial(k) for k in range(agents)) + tail)
    expected = delayed * math.exp(-(agents - a) * 20 / (handling.mean() + BETWEEN_S))
    assert np.mean(start - ready > 20) == pytest.approx(expected, abs=0.015)
