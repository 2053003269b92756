"""Erlang B and C: published values, the recursion, and the limits."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.stats.erlang_a import erlang_a
from coachline.engine.stats.erlang_c import erlang_b, erlang_c


@pytest.mark.parametrize(
    ("load", "servers", "lost"),
    [
        # Tables of the loss formula: load that n lines carry at 1 % and 2 % lost.
        (4.461, 10, 0.01),
        (12.03, 20, 0.01),
        (37.90, 50, 0.01),
        (84.06, 100, 0.01),
        (5.084, 10, 0.02),
        (40.25, 50, 0.02),
    ],
)
def test_published_traffic_tables(load: float, servers: int, lost: float) -> None:
    assert float(erlang_b(load, servers)) == pytest.approx(lost, rel=2e-3)


def recursion(load: float, servers: int) -> float:
    lost = 1.0
    for n in range(1, servers + 1):
        lost = load * lost / (n + load * lost)
    return lost


@pytest.mark.parametrize(
    ("load", "servers"), [(0.1, 30), (1, 0), (8, 11), (1000, 900), (5000, 100), (5000, 2000), (20_000, 19_000), (20_000, 20_500)]
)
def test_the_recursion_gives_the_same(load: float, servers: int) -> None:
    assert float(erlang_b(load, servers)) == pytest.approx(recursion(load, servers), rel=1e-9)


@pytest.mark.parametrize(("load", "servers", "answered"), [(8, 11, 0.8092), (40, 46, 0.8388), (160, 169, 0.8233)])
def test_answered_within_20_s_of_calls_of_4_min(load: float, servers: int, answered: float) -> None:
    assert float(erlang_c(load, servers, 20 / 240).answered_within) == pytest.approx(answered, abs=5e-5)


def test_one_server_is_the_simple_queue() -> None:
    load = np.array([0.1, 0.5, 0.9])
    found = erlang_c(load, 1)
    assert found.waits == pytest.approx(load)
    assert found.wait == pytest.approx(load / (1 - load))


def test_limits() -> None:
    found = erlang_c([0, 0, 5, 5, 5], [0, 3, 5, 2, 0], 0.5)
    assert found.answered_within.tolist() == [1, 1, 0, 0, 0] and found.waits.tolist() == [0, 0, 1, 1, 1]
    assert found.wait.tolist() == [0, 0, np.inf, np.inf, np.inf]
    assert erlang_b(0, [0, 2]).tolist() == [1, 0]


def test_great_patience_leads_to_it_and_every_server_helps() -> None:
    servers = np.arange(13, 40)
    patient, endless = erlang_a(12.0, servers, 1e5, 0.1), erlang_c(12.0, servers, 0.1)
    assert patient.answered_within == pytest.approx(endless.answered_within, abs=2e-3)
    assert (np.diff(endless.answered_within) > 0).all() and (np.diff(erlang_b(12.0, np.linspace(0, 40, 200))) < 0).all()
