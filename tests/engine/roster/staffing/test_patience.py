"""Patience learnt from those who hung up: the truth comes back, intervals hold it, and what is not exponential is told."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from coachline.engine.roster.staffing.patience import Patience, patience_of
from coachline.engine.roster.staffing.waits import BANDS, Waits

Floats = NDArray[np.float64]


def seen(waits: list[tuple[Floats, NDArray[np.bool_]]]) -> Waits:
    """The sums over the waits of each business, and whether they ended in hanging up."""
    count = len(waits)
    edges = (*BANDS, np.inf)
    gone, spent = np.zeros((len(BANDS), count)), np.zeros((len(BANDS), count))
    for n, (wait, left) in enumerate(waits):
        for band in range(len(BANDS)):
            low, high = edges[band], edges[band + 1]
            gone[band, n] = (left & (wait >= low) & (wait < high)).sum()
            spent[band, n] = np.clip(wait - low, 0, high - low).sum()
    calls = np.array([float(len(wait)) for wait, _ in waits])
    names = tuple(f"b{n}" for n in range(count))
    return Waits(names, calls, np.zeros(count), gone, spent, np.full(count, 200.0), calls, np.ones(count))


def queue(rng: np.random.Generator, patience: Floats, offered_mean: float, ring_s: float = 0.0) -> tuple[Floats, NDArray[np.bool_]]:
    """Callers of a given patience, half of whom are answered at once and the others after an exponential time."""
    offered = np.where(rng.random(len(patience)) < 0.5, 0.0, rng.exponential(offered_mean, len(patience)))
    left = patience < offered
    return np.where(left, patience, offered + ring_s), left


def test_the_truth_comes_back_and_intervals_hold_it() -> None:
    inside = total = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = 120 * np.exp(0.3 * rng.standard_normal(8))
        calls = rng.integers(100, 3000, 8)
        found = patience_of(seen([queue(rng, rng.exponential(t, n), 40.0) for t, n in zip(truth, calls, strict=True)]))
        inside += int(((found.low <= truth) & (truth <= found.high)).sum())
        total += len(truth)
        assert found.exponential
    assert 0.86 <= inside / total <= 0.95


def few_and_none(seed: int) -> Patience:
    rng = np.random.default_rng(seed)
    return patience_of(
        seen([queue(rng, rng.exponential(90.0, n), 60.0) for n in (4000, 4000, 40)] + [(np.full(30, 2.0), np.zeros(30, np.bool_))])
    )


def test_few_abandonments_lean_on_the_others() -> None:
    found = few_and_none(3)
    assert found.basis == ("own", "own", "partly", "pooled")
    assert found.seconds == pytest.approx(90, rel=0.15)
    assert found.high[3] - found.low[3] > found.high[0] - found.low[0]


def test_ringing_does_not_make_callers_look_patient() -> None:
    rng = np.random.default_rng(2)
    found = patience_of(seen([queue(rng, rng.exponential(100.0, 20_000), 60.0, ring_s=5.0)]))
    assert found.from_s == 10 and found.overall == pytest.approx(100, rel=0.08) and found.exponential


def test_patience_with_a_memory_is_told() -> None:
    rng = np.random.default_rng(4)
    # Everybody waits between one and three minutes.
    found = patience_of(seen([queue(rng, rng.uniform(60, 180, 20_000), 90.0)]))
    assert not found.exponential and np.nanmax(found.ratios) > 1.25
    assert found.rates[0] == 0 and found.rates[4] > found.rates[3] > 1


def test_nothing_known_and_given() -> None:
    nobody = seen([(np.array([0.0, 4.0]), np.zeros(2, np.bool_))])
    assert not patience_of(nobody).known and patience_of(nobody).basis == ("unknown",)
    assert patience_of(nobody, given_s=75.0).seconds.tolist() == [75.0]
