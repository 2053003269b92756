"""Margins of error before anybody has listened: published sample sizes, and how sure the estimates then are."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.quality.sample.margins import Expected, Margins, expected, spread_between
from tests.conftest import FactsOf

MANY = np.array([10**9])


@pytest.mark.parametrize(("calls", "margin"), [(35, 0.10), (138, 0.05)])
def test_published_sample_sizes(calls: int, margin: float) -> None:
    """+-10 points at 90 % need 35 calls, +-5 points 138, with 85 % passed."""
    margins = Margins(0.9, 0.15)
    assert margins.of_agents(np.array([float(calls)]), MANY)[0] <= margin
    assert margins.of_agents(np.array([calls - 1.0]), MANY)[0] > margin


def test_who_is_heard_in_full_is_known_without_error() -> None:
    margins = Margins(0.9, 0.2)
    assert margins.of_agents(np.array([12.0]), np.array([12])).tolist() == [0]
    assert margins.of_agents(np.array([6.0]), np.array([12]))[0] == pytest.approx(margins.of_agents(np.array([12.0]), MANY)[0], rel=1e-6)
    assert np.isnan(margins.of_agents(np.array([0.0]), np.array([12]))).all()


def test_the_margin_of_the_centre_holds_over_many_samples() -> None:
    draw = np.random.default_rng(4)
    calls = draw.integers(200, 900, 40)
    bad = [draw.permutation(np.arange(n) < round(0.12 * n)) for n in calls]
    truth = sum(b.sum() for b in bad) / calls.sum()
    n = np.full(40, 10)
    margin = Margins(0.9, 0.12).of_centre(n.astype(float), calls)
    off = [
        sum(draw.choice(b, 10, replace=False).mean() * len(b) for b in bad) / calls.sum() - truth
        for _ in range(1500)
    ]  # fmt: skip
    assert np.mean(np.abs(off) <= margin) == pytest.approx(0.9, abs=0.025)


def test_the_spread_between_agents_is_recovered() -> None:
    draw = np.random.default_rng(1)
    found = []
    for _ in range(200):
        true = np.clip(draw.normal(0.2, 0.06, 150), 0.01, 0.6)
        n = draw.integers(5, 40, 150).astype(float)
        found.append(spread_between(n, draw.binomial(n.astype(int), true).astype(float)))
    assert np.mean([f for f in found if f]) == pytest.approx(0.06, abs=0.004)


def test_agents_who_differ_by_chance_only_have_no_spread() -> None:
    assert spread_between(np.full(40, 10.0), np.full(40, 2.0)) is None
    assert spread_between(np.full(9, 10.0), np.arange(9.0)) is None


def test_weighing_against_others_never_widens_a_margin() -> None:
    margins = Margins(0.9, 0.1, 0.05)
    n, calls = np.array([0.0, 1.0, 10.0, 100.0]), np.array([500, 500, 500, 500])
    assisted = margins.assisted(n, calls)
    assert assisted is not None
    assert assisted[0] == pytest.approx(1.645 * 0.05, rel=1e-3)
    assert (assisted[1:] < margins.of_agents(n, calls)[1:]).all()
    assert (np.diff(assisted) < 0).all()


def test_only_the_random_part_of_past_inspections_tells_what_to_expect(facts_of: FactsOf) -> None:
    rows = [
        {
            "inspection_id": f"i{n}",
            "agent_id": f"a{n % 4}",
            "purpose": ["score", None, "coach", "audit"][n % 4],
            "passed": n % 8 != 0 and n % 4 != 2,
        }
        for n in range(160)
    ]
    # 80 of the random part, of whom every eighth number failed: 20 of the 40 scored, none without a purpose.
    found = expected(facts_of({"inspections": rows}), 0.1)
    assert found == Expected(pytest.approx(20.5 / 81), None, 80)
    assert expected(facts_of({"inspections": rows[:40]}), 0.1) == Expected(0.1, None, 0)
