"""People are chosen because they were low: what each design makes of that, a few worlds each (three hundred are in the bench)."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.simulate.chosen_world import ChosenWorld, chosen_world
from coachline.engine.training.designs.differences import differences
from coachline.engine.training.designs.shares import Compared, Shares
from coachline.engine.training.designs.waiting_list import waiting_list

SEEDS = range(30)


def period(world: ChosenWorld, number: int) -> Shares:
    return Shares(world.cases[number], world.successes[number])


def observed(world: ChosenWorld, base: int = 0) -> Compared:
    found = differences(period(world, base), period(world, 2), world.chosen)
    assert found is not None
    return found


def by_lot(world: ChosenWorld) -> Compared:
    pool = world.chosen | world.waiting
    before = Shares(world.cases[:2].sum(axis=0)[pool], world.successes[:2].sum(axis=0)[pool])
    found = waiting_list((before,), period(world, 2).only(pool), world.chosen[pool])
    assert found is not None
    return found


@pytest.mark.parametrize("passing", [0.0, 0.25])
@pytest.mark.parametrize("effect", [0.0, 0.02])
@pytest.mark.parametrize("lot", [False, True])
def test_the_effect_is_found_with_and_without_passing_form(lot: bool, effect: float, passing: float) -> None:
    found = [(by_lot if lot else observed)(chosen_world(seed, effect=effect, passing=passing, by_lot=lot)) for seed in SEEDS]
    off = np.array([f.effect for f in found]) - effect
    # Thirty worlds know the bias to a tenth of a point only; the bench holds it to that.
    assert abs(off.mean()) < 0.003
    assert np.sqrt((off**2).mean()) < 0.0075
    assert sum(f.low <= effect <= f.high for f in found) >= 25


def test_before_and_after_sees_seven_points_where_there_are_none() -> None:
    worlds = [chosen_world(seed, effect=0.0) for seed in SEEDS]
    naive = [(period(w, 2).share - period(w, 1).share)[w.chosen].mean() for w in worlds]
    assert 0.065 < np.mean(naive) < 0.085
    assert np.mean([observed(w, base=1).effect for w in worlds]) > 0.03  # and the period of choice as a base hardly helps


def test_by_hand() -> None:
    base = Shares(np.full(4, 100.0), np.array([50.0, 50, 80, 80]))
    after = Shares(np.full(4, 100.0), np.array([70.0, 70, 85, 85]))
    treated = np.array([True, True, False, False])
    found = differences(base, after, treated)
    assert found is not None
    assert found.effect == pytest.approx(0.15)
    assert (found.treated, found.controls, found.between) == (2, 2, 0.0)
    assert found.per(1.5).effect == pytest.approx(0.10)


def test_a_newcomers_own_progress_is_no_effect() -> None:
    rng = np.random.default_rng(2)
    learning = np.concatenate([np.full(20, 1.0), rng.choice([0.0, 1.0], 200, p=[0.8, 0.2])])
    treated = np.arange(220) < 20
    cases = np.full(220, 400.0)
    base = Shares(cases, rng.binomial(400, 0.7, 220).astype(float))
    after = Shares(cases, rng.binomial(400, 0.7 + 0.1 * learning).astype(float))
    plain, allowing = differences(base, after, treated), differences(base, after, treated, learning)
    assert plain is not None
    assert allowing is not None
    assert plain.low > 0.04
    assert allowing.low < 0 < allowing.high


def test_without_anybody_to_compare_with_there_is_nothing_to_say() -> None:
    some = Shares(np.full(5, 10.0), np.full(5, 5.0))
    assert differences(some, some, np.ones(5, bool)) is None
    assert differences(some, some, np.zeros(5, bool)) is None
    assert differences(Shares(np.zeros(5), np.zeros(5)), some, np.arange(5) < 2) is None
    assert waiting_list((some,), some, np.array([True, False, False, False, False])) is None
    one = differences(some, some, np.arange(5) < 1)
    assert one is not None
    assert one.low < 0 < one.high


def test_those_who_never_failed_are_not_certain() -> None:
    perfect = Shares(np.full(12, 6.0), np.full(12, 6.0))
    found = waiting_list((perfect,), perfect, np.arange(12) < 6)
    assert found is not None
    assert found.effect == pytest.approx(0, abs=1e-9)
    assert found.high > 0.01
