"""Erlang-A: published figures, the chain of states solved one by one, and its limits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from coachline.engine.stats.erlang_a import erlang_a

HANDLE_MIN, PATIENCE_MIN, WITHIN_S = 4.0, 2.0, 20.0
WITHIN = WITHIN_S / 60 / HANDLE_MIN


@pytest.mark.parametrize(("load", "servers", "abandoned"), [(8, 11, 0.0407), (40, 46, 0.0206), (160, 169, 0.0146)])
def test_published_abandonment(load: float, servers: float, abandoned: float) -> None:
    """Calls of four minutes, patience of two."""
    assert float(erlang_a(load, servers, PATIENCE_MIN / HANDLE_MIN, WITHIN).abandoned) == pytest.approx(abandoned, abs=5e-5)


@pytest.mark.parametrize(("load", "servers", "answered"), [(8, 11, 0.8092), (40, 46, 0.8388), (160, 169, 0.8233)])
def test_endless_patience_is_erlang_c(load: float, servers: float, answered: float) -> None:
    assert float(erlang_a(load, servers, 1e4, WITHIN).answered_within) == pytest.approx(answered, abs=3e-4)


def chain(load: float, servers: int, patience: float, waiting: int = 900) -> tuple[float, float]:
    """Shares abandoned and waiting from the stationary distribution of the number in the system."""
    state = np.arange(waiting + servers + 1)
    leaving = np.minimum(state, servers) + np.maximum(state - servers, 0) / patience
    logs = np.concatenate([[0.0], np.cumsum(np.log(load / leaving[1:]))])
    share = np.exp(logs - logs.max())
    share /= share.sum()
    return float((np.maximum(state - servers, 0) / patience * share).sum() / load), float(share[servers:].sum())


@pytest.mark.parametrize(("load", "servers", "patience"), [(0.3, 1, 0.4), (8, 6, 0.5), (30, 33, 3.0), (120, 100, 0.8), (25, 60, 1.0)])
def test_the_chain_of_states_gives_the_same(load: float, servers: int, patience: float) -> None:
    found = erlang_a(load, servers, patience, WITHIN)
    abandoned, waits = chain(load, servers, patience)
    assert float(found.abandoned) == pytest.approx(abandoned, rel=1e-6, abs=1e-14)
    assert float(found.waits) == pytest.approx(waits, rel=1e-6, abs=1e-14)


def simulated(load: float, servers: int, patience: float, within: float, calls: int = 60_000) -> float:
    """Share answered within the threshold, call by call, first come first served."""
    draw = np.random.default_rng(7)
    arrives = np.cumsum(draw.exponential(1 / load, calls))
    talk, waits = draw.exponential(1.0, calls), draw.exponential(patience, calls)
    free: NDArray[np.float64] = np.zeros(servers)
    answered = 0
    for at, length, patient in zip(arrives.tolist(), talk.tolist(), waits.tolist(), strict=True):
        first = int(free.argmin())
        begins = max(at, float(free[first]))
        if begins - at > patient:
            continue
        free[first] = begins + length
        answered += begins - at <= within
    return answered / calls


def test_answered_within_is_what_a_simulation_gives() -> None:
    assert float(erlang_a(8, 9, 0.5, WITHIN).answered_within) == pytest.approx(simulated(8, 9, 0.5, WITHIN), abs=0.012)


def test_more_servers_never_answer_fewer_and_none_answer_none() -> None:
    servers = np.concatenate([[0.0], np.geomspace(0.01, 400, 300)])
    for load in (0.05, 3.0, 150.0):
        found = erlang_a(load, servers, 0.7, WITHIN)
        assert (np.diff(found.answered_within) >= -1e-9).all() and (np.diff(found.abandoned) <= 1e-9).all()
        assert found.answered_within[0] == 0 and found.abandoned[0] == 1 and found.answered_within[-1] > 0.999
        assert (found.answered_within + found.abandoned <= 1 + 1e-9).all()
