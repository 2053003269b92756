"""The parts of a change add up to the change, whatever the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from coachline.engine.operations.decomposition import contributions


@st.composite
def two_periods(draw: st.DrawFn) -> tuple[np.ndarray, ...]:
    members = draw(st.integers(1, 8))
    sides: list[np.ndarray] = []
    for _ in range(2):
        bottom = draw(arrays(np.int64, members, elements=st.integers(0, 10_000)).filter(lambda n: n.sum() > 0))
        share = draw(arrays(np.float64, members, elements=st.floats(0, 1)))
        sides += [np.floor(bottom * share), bottom.astype(float)]
    return tuple(sides)


def whole(top: np.ndarray, bottom: np.ndarray) -> float:
    return float(top.sum() / bottom.sum())


@given(two_periods())
def test_the_parts_add_up_to_the_whole(periods: tuple[np.ndarray, ...]) -> None:
    mix, rate = contributions(*periods)
    assert (mix + rate).sum() == pytest.approx(whole(*periods[2:]) - whole(*periods[:2]), abs=1e-12)


@given(two_periods())
def test_swapping_the_periods_changes_only_the_sign(periods: tuple[np.ndarray, ...]) -> None:
    there, back = contributions(*periods), contributions(*periods[2:], *periods[:2])
    np.testing.assert_allclose(there.mix, -back.mix, atol=1e-12)
    np.testing.assert_allclose(there.rate, -back.rate, atol=1e-12)


@given(two_periods())
def test_a_member_of_one_period_only_counts_as_mix(periods: tuple[np.ndarray, ...]) -> None:
    only_once = (periods[1] > 0) != (periods[3] > 0)
    assert not contributions(*periods).rate[only_once].any()


def test_kitagawas_components_of_two_populations() -> None:
    # Two strata: rates .1 and .5; shares move from (.8, .2) to (.6, .4), rates to (.15, .5).
    mix, rate = contributions(np.array([80.0, 100.0]), np.array([800.0, 200.0]), np.array([90.0, 200.0]), np.array([600.0, 400.0]))
    assert rate == pytest.approx([0.7 * 0.05, 0])
    # Kitagawa's composition component: sum of mean rates by change of share = .125 * -.2 + .5 * .2.
    assert mix.sum() == pytest.approx(0.075)
    # The stratum above the whole gains from growing, the one below from shrinking.
    assert (mix > 0).all()
