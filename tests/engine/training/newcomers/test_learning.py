"""Learning curves: recovered over seeds with honest intervals, from shares and from times; and a prior where nobody was new."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from coachline.engine.training.newcomers.learning import Observed, deficit, fit, fit_shares

GAP, TIME, LEVEL, SPREAD = 0.5, 3.0, 1.8, 0.3
PRIOR = (0.5, 0.5)


def centre(draw: np.random.Generator, newcomers: int, seasoned: int = 120, months: int = 5) -> dict[str, np.ndarray]:
    """Calls by person and month, newcomers hired around the beginning."""
    hired = np.concatenate([-draw.uniform(-2, 4, newcomers), -draw.uniform(8, 60, seasoned)])
    own = SPREAD * draw.standard_normal(len(hired))
    person, month = np.divmod(np.arange(len(hired) * months), months)
    tenure = month + 0.5 - hired[person]
    calls = draw.poisson(100, len(person))
    kept = (tenure > 0) & (calls > 0)
    share = expit(LEVEL + own[person] - GAP * np.exp(-tenure / TIME))
    level = 0.15 * own[person] + 0.2 * np.exp(-tenure / TIME)
    return {
        "person": person[kept],
        "months": tenure[kept],
        "calls": calls[kept].astype(float),
        "resolved": draw.binomial(calls, share)[kept].astype(float),
        "logs": (level + 0.6 / np.sqrt(np.maximum(calls, 1)) * draw.standard_normal(len(person)))[kept],
    }


def test_gap_and_time_lie_in_their_intervals() -> None:
    gaps: list[bool] = []
    times: list[bool] = []
    found: list[float] = []
    for seed in range(30):
        draw = np.random.default_rng(seed)
        seen = centre(draw, newcomers=30)
        usual = np.full(len(seen["calls"]), expit(LEVEL))
        curve = fit_shares(seen["person"], seen["months"], seen["calls"], seen["resolved"], usual, PRIOR)
        _, gap, time = curve.draw(draw, 1_000)
        for values, truth, kept in ((gap, GAP, gaps), (time, TIME, times)):
            low, high = np.quantile(values, (0.05, 0.95))
            kept.append(bool(low <= truth <= high))
        found.append(float(gap.mean()))
    assert np.mean(found) == pytest.approx(GAP, abs=0.05)
    assert np.mean(gaps) >= 0.8 and np.mean(times) >= 0.8
    assert curve.spread == pytest.approx(SPREAD, abs=0.11)


def test_a_gap_far_from_the_prior_is_found() -> None:
    draw = np.random.default_rng(5)
    seen = centre(draw, newcomers=60)
    easier = expit(LEVEL - 1.4 * np.exp(-seen["months"] / TIME))
    resolved = draw.binomial(seen["calls"].astype(int), easier).astype(float)
    curve = fit_shares(seen["person"], seen["months"], seen["calls"], resolved, np.full(len(resolved), expit(LEVEL)), PRIOR)
    _, gap, _ = curve.draw(draw, 2_000)
    assert np.median(gap) == pytest.approx(1.4, abs=0.15)


def test_handle_time_is_recovered() -> None:
    draw = np.random.default_rng(2)
    seen = centre(draw, newcomers=60)
    curve = fit(Observed(seen["person"], seen["months"], seen["logs"], seen["calls"] / 0.36), (0.0, 0.3))
    _, gap, _ = curve.draw(draw, 2_000)
    # In logs of seconds newcomers are slower: what they lack is negative here.
    assert np.quantile(gap, 0.05) < -0.2 < np.quantile(gap, 0.95)


def test_without_newcomers_the_prior_is_left() -> None:
    draw = np.random.default_rng(4)
    seen = centre(draw, newcomers=0, seasoned=60)
    curve = fit_shares(
        seen["person"], seen["months"] + 200, seen["calls"], seen["resolved"], np.full(len(seen["calls"]), expit(LEVEL)), PRIOR
    )
    _, gap, _ = curve.draw(draw, 4_000)
    assert gap.mean() == pytest.approx(PRIOR[0], abs=0.05) and gap.std() == pytest.approx(PRIOR[1], rel=0.1)


def test_nothing_seen_is_an_answer_too() -> None:
    empty = np.zeros(0)
    curve = fit_shares(np.zeros(0, np.int64), empty, empty, empty, empty, PRIOR)
    _, gap, time = curve.draw(np.random.default_rng(1), 2_000)
    assert gap.mean() == pytest.approx(PRIOR[0], abs=0.05) and 1.5 < np.median(time) < 4.0


def test_what_is_left_of_the_gap() -> None:
    assert deficit(np.array([0.0, 3.0, -1.0, np.nan]), 3.0) == pytest.approx([1.0, np.exp(-1.0), 1.0, 0.0])
