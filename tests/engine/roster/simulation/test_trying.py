"""The simulator against formulas, against the same centre in plain Python call by call, and its intervals against many tries."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coachline.engine.roster.simulation.calls import Calls, Impatience, Traffic
from coachline.engine.roster.simulation.crew import Crew, same_people
from coachline.engine.roster.simulation.trying import BUSY_S, FIGURES, OFFERED, Habits, difference, estimate, played, tried
from coachline.engine.stats.erlang_a import erlang_a
from coachline.engine.stats.erlang_c import erlang_c
from tests.engine.roster.simulation.plain import plain_play

HANDLE_S, PATIENCE_S, WITHIN_S = 240.0, 120.0, 20.0


def one_queue(load: float, heads: int, slots: int, patience: float = PATIENCE_S) -> tuple[Crew, Traffic]:
    """Equal people who all stay, and calls that come at one rate."""
    traffic = Traffic(np.full((slots, 1), load / HANDLE_S * 1800), np.array([patience]), np.array([np.nan]))
    there = np.zeros(heads)
    return Crew(
        np.arange(heads), there.astype(np.int64), there, there + slots * 1800.0, np.ones((heads, 1), np.bool_),
        np.full((heads, 1), HANDLE_S), np.full((heads, 1), 0.8), np.zeros(1),
    ), traffic  # fmt: skip


def several(rng: np.random.Generator, agents: int = 9, businesses: int = 4, slots: int = 20) -> tuple[Crew, Traffic]:
    """People of all kinds of skill who come, go, and change posts; two of the businesses are urgent."""
    skilled = rng.random((agents, businesses)) < 0.5
    agent, post, starts, ends = [], [], [], []
    for who in range(agents):
        skilled[who, rng.integers(businesses)] = True
        edges = np.sort(rng.choice(np.arange(slots * 30), 4, replace=False)) * 60.0
        for at in ((0, 1), (2, 3)) if who % 2 else ((0, 2), (2, 3)):
            agent.append(who)
            post.append(rng.choice(np.flatnonzero(skilled[who])))
            starts.append(edges[at[0]])
            ends.append(edges[at[1]])
    crew = Crew(
        np.array(agent), np.array(post), np.array(starts), np.array(ends), skilled, rng.uniform(60, 400, skilled.shape),
        rng.random(skilled.shape), np.array([0.0, 1.0, 0.0, 1.0]),
    )  # fmt: skip
    traffic = Traffic(rng.uniform(2, 12, (slots, businesses)), np.array([60.0, 200.0, 90.0, np.inf]), np.array([0.5, np.nan, 1.0, 0.7]))
    return crew, traffic


@pytest.mark.parametrize("seed", range(6))
def test_plain_python_gives_the_same_call_by_call(seed: int) -> None:
    crew, traffic = several(np.random.default_rng(seed))
    calls = traffic.draw(seed, 0)
    fast = played(crew, calls, traffic, Habits(WITHIN_S), seed)
    slow = plain_play(crew, calls, WITHIN_S, len(traffic.calls), traffic.slot_s)
    assert fast[..., :5].tolist() == slow[..., :5].tolist() and fast[..., 6].tolist() == slow[..., 6].tolist()
    assert fast[..., 5] == pytest.approx(slow[..., 5])
    assert slow[..., 1].sum() > 100 and slow[..., 3].sum() > 30


@pytest.mark.parametrize(("load", "heads", "abandoned"), [(8, 11, 0.0407), (40, 46, 0.0206), (160, 169, 0.0146)])
def test_erlang_a_within_two_thousandths(load: float, heads: int, abandoned: float) -> None:
    crew, traffic = one_queue(load, heads, round(500_000 * HANDLE_S / load / 1800))
    found = tried(crew, traffic, Habits(WITHIN_S), tries=2, seed=3)
    exact = erlang_a(load, heads, PATIENCE_S / HANDLE_S, WITHIN_S / HANDLE_S)
    assert float(exact.abandoned) == pytest.approx(abandoned, abs=5e-5)
    assert float(estimate("abandoned", found).value) == pytest.approx(abandoned, abs=0.002)
    for figure, value in (
        ("service_level_strict", exact.answered_within),
        ("service_level_offered", exact.answered_within + exact.abandoned_within),
        ("occupancy", load * (1 - exact.abandoned) / heads),
        ("resolved", 0.8),
    ):
        assert float(estimate(figure, found).value) == pytest.approx(float(value), abs=0.004), figure


def test_erlang_c_where_nobody_hangs_up() -> None:
    crew, traffic = one_queue(8, 11, round(1_000_000 * HANDLE_S / 8 / 1800), patience=np.inf)
    found = tried(crew, traffic, Habits(WITHIN_S), tries=2)
    exact = erlang_c(8, 11, WITHIN_S / HANDLE_S)
    assert float(estimate("service_level_strict", found).value) == pytest.approx(float(exact.answered_within), abs=0.004)
    assert float(estimate("wait_s", found).value) == pytest.approx(float(exact.wait) * HANDLE_S, rel=0.04)


def test_intervals_hold_the_truth_and_those_of_differences_are_narrow() -> None:
    crew, traffic = one_queue(8, 10, 48)
    more, _ = one_queue(8, 11, 48)
    truth = [float(estimate("service_level_strict", tried(c, traffic, Habits(WITHIN_S), tries=800)).value) for c in (crew, more)]
    inside = narrower = 0
    for seed in range(100, 160):
        base, other = (tried(c, traffic, Habits(WITHIN_S), tries=8, seed=seed) for c in (crew, more))
        found = difference("service_level_strict", other, base)
        inside += int(found.low <= truth[1] - truth[0] <= found.high)
        single = estimate("service_level_strict", other)
        narrower += int(found.high - found.low < single.high - single.low)
    assert 46 <= inside <= 60 and narrower >= 50


def test_who_is_urgent_waits_less() -> None:
    heads = np.full((40, 2), 5)
    crew = same_people(heads, np.array([HANDLE_S, HANDLE_S]))
    both = replace(crew, skilled=np.ones_like(crew.skilled))
    traffic = Traffic(np.full((40, 2), 36.0), np.array([300.0, 300.0]), np.array([np.nan, np.nan]))
    waits = {}
    for name, each in (("alike", both), ("urgent", replace(both, urgency=np.array([1.0, 0.0]))), ("apart", crew)):
        waits[name] = estimate("wait_s", tried(each, traffic, Habits(), tries=6), over=(1,)).value
    assert waits["urgent"][0] < 0.8 * waits["alike"][0] and waits["urgent"][1] > 1.2 * waits["alike"][1]
    assert waits["alike"].sum() < waits["apart"].sum()


def test_own_post_only_keeps_queues_apart() -> None:
    crew = same_people(np.array([[3, 2]] * 30), np.array([200.0, 100.0]))
    both = replace(crew, skilled=np.ones_like(crew.skilled))
    traffic = Traffic(np.full((30, 2), 20.0), np.array([90.0, 90.0]), np.array([0.5, 0.5]))
    calls = traffic.draw(1, 0)
    alone, kept = (played(c, calls, traffic, Habits(own_post_only=only), 1) for c, only in ((crew, False), (both, True)))
    assert alone.tolist() == kept.tolist()


def test_time_busy_is_handle_time_of_those_answered() -> None:
    crew, traffic = several(np.random.default_rng(8))
    same = replace(crew, handle_s=np.full_like(crew.handle_s, 100.0))
    calls = replace(traffic.draw(1, 0), work=np.ones(len(traffic.draw(1, 0).work)))
    sums = played(same, calls, traffic, Habits(), 1)
    # What is answered in the last minutes goes on behind the last slot.
    assert sums[..., BUSY_S].sum() == pytest.approx(100 * sums[..., 1].sum(), rel=0.01)
    assert (sums[..., BUSY_S].sum(axis=1) <= 9 * 1800).all()


def test_more_calls_hold_the_fewer() -> None:
    _, traffic = several(np.random.default_rng(2))
    some, all_ = ([traffic.draw(4, number, most=1.5).share(part) for number in range(40)] for part in (1 / 1.5, 1.0))
    assert all(set(few.arrives_s) < set(many.arrives_s) for few, many in zip(some, all_, strict=True))
    assert np.mean([len(few.rank) for few in some]) == pytest.approx(traffic.calls.sum(), rel=0.025)


def test_unresolved_calls_come_again() -> None:
    crew, traffic = one_queue(8, 30, 200)
    never = replace(crew, resolves=np.zeros_like(crew.resolves))
    again = tried(never, traffic, Habits(repeat_share=0.4, repeat_after_s=600.0), tries=4)
    once = tried(never, traffic, Habits(), tries=4)
    # Each call has 0.4 followers on average, each of these again: 1 / (1 - 0.4) in all.
    assert again.totals()[:, OFFERED].mean() / once.totals()[:, OFFERED].mean() == pytest.approx(1 / 0.6, rel=0.02)
    assert float(estimate("occupancy", again).value) == pytest.approx(8 / 30 / 0.6, rel=0.03)


def test_nobody_there_and_nobody_calling() -> None:
    crew, traffic = one_queue(8, 1, 4)
    away = replace(crew, agent=np.zeros(0, np.int64), post=np.zeros(0, np.int64), starts_s=np.zeros(0), ends_s=np.zeros(0))
    found = tried(away, traffic, Habits(), tries=3)
    assert float(estimate("abandoned", found).value) == 1.0 and np.isnan(estimate("resolved", found).value)
    quiet = tried(crew, replace(traffic, calls=np.zeros((4, 1))), Habits(), tries=3)
    assert all(np.isnan(estimate(name, quiet).value) for name in FIGURES if name != "occupancy")
    assert float(estimate("occupancy", quiet).value) == 0.0


def test_a_forecast_that_errs_spreads_the_tries() -> None:
    crew, traffic = one_queue(8, 11, 48)
    sure, unsure = (tried(crew, replace(traffic, spread=sd), Habits(), tries=200) for sd in (None, np.full((48, 1), 0.2)))
    offered = [each.totals()[:, OFFERED] for each in (sure, unsure)]
    mean = traffic.calls.sum()
    assert offered[0].var() == pytest.approx(mean, rel=0.3)
    assert offered[1].var() == pytest.approx(mean + (0.2 * mean) ** 2, rel=0.3)


def test_calls_are_drawn_as_asked() -> None:
    traffic = Traffic(np.full((100, 2), 200.0), np.array([80.0, np.inf]), np.array([0.6, np.nan]))
    calls: Calls = traffic.draw(9, 1)
    for business, patience, sd in ((0, 80.0, 0.6), (1, np.inf, 1.0)):
        here = calls.business == business
        assert calls.work[here].mean() == pytest.approx(1, abs=0.03) and calls.work[here].std() == pytest.approx(sd, abs=0.05)
        assert calls.patience_s[here].mean() == pytest.approx(patience, rel=0.04)
    assert (np.diff(calls.arrives_s) >= 0).all()


def test_patience_that_is_not_exponential_is_drawn_by_its_rates() -> None:
    """Nobody hangs up in the first minute, then twice as fast as usual, then hardly any more."""
    edges, rates = np.array([0.0, 60.0, 120.0]), np.array([0.0, 2.0, 0.1])
    traffic = Traffic(np.full((200, 1), 200.0), np.array([100.0]), np.array([np.nan]), impatience=Impatience(edges, rates))
    patience = traffic.draw(1, 0).patience_s
    for low, high, rate in ((0.0, 60.0, 0.0), (60.0, 120.0, 0.02), (120.0, 1000.0, 0.001)):
        left = ((patience >= low) & (patience < high)).sum()
        assert left / np.clip(patience - low, 0.0, high - low).sum() == pytest.approx(rate, rel=0.05)
    ever = Traffic(traffic.calls, traffic.patience_s, traffic.handle_cv, impatience=Impatience(edges, np.array([1.0, 1.0, 0.0])))
    assert np.isinf(ever.draw(1, 0).patience_s).mean() == pytest.approx(np.exp(-1.2), abs=0.02)
