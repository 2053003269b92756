"""Intervals of shares against published values, and of products by coverage."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.stats.proportions import product, wilson


@pytest.mark.parametrize(
    ("share", "n", "low", "high"),
    [(81 / 263, 263, 0.2553, 0.3662), (15 / 148, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1 / 29, 29, 0.0061, 0.1718)],
)
def test_wilson_as_newcombe_prints_it(share: float, n: int, low: float, high: float) -> None:
    """Newcombe (1998), Stat. Med. 17, 857-872, table I, method 3."""
    assert wilson(share, n, 1.959964) == pytest.approx((low, high), abs=5e-5)


def test_no_cases_and_all_cases() -> None:
    assert wilson(0.5, 0, 1.96) == (0, 1)
    assert wilson(0.3, np.inf, 1.96) == (0.3, 0.3)


@pytest.mark.parametrize(("one", "other"), [(0.9, 0.89), (0.97, 0.99), (0.6, 0.5), (0.1, 0.3)])
def test_the_product_is_covered(one: float, other: float) -> None:
    rng = np.random.default_rng(1)
    first, second = rng.binomial(120, one, 2000) / 120, rng.binomial(60, other, 2000) / 60
    ends = [product(a, wilson(a, 120, 1.645), b, wilson(b, 60, 1.645)) for a, b in zip(first, second, strict=True)]
    assert 0.88 <= np.mean([low <= one * other <= high for low, high in ends]) <= 0.945


def test_a_product_at_the_edge_has_an_interval() -> None:
    low, high = product(1.0, wilson(1.0, 50, 1.96), 1.0, wilson(1.0, 50, 1.96))
    assert 0.85 < low < 0.95
    assert high == 1
    assert product(0.0, wilson(0.0, 50, 1.96), 0.5, (0.4, 0.6))[1] > 0
