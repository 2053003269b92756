"""What rosters resolve, counted by hand."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from coachline.engine.roster.plan.breaks import Placed
from coachline.engine.roster.plan.evaluation import resolved, worth_of_placed
from coachline.engine.roster.plan.giving import given_posts
from coachline.engine.roster.plan.objective import answered, cover
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Request, ShiftKind
from coachline.engine.roster.rules import drafted
from coachline.engine.roster.solver.costs import roster_cost
from coachline.engine.roster.solver.problem import Schedule
from coachline.engine.stats.intervals import HALF
from tests.engine.roster.rules.small_roster import small

KIND = ShiftKind.of("k", 9 * 60, 17 * 60)


def asked(people: int = 2) -> Request:
    """Six calls a half-hour at the first post from 9 to 17."""
    calls = np.zeros((SLOTS_A_DAY, 2))
    calls[18:34, 0] = 6.0
    skill, sd = np.array([[0.9, 0.5], [0.7, 0.5]])[:people], np.array([[0.1, 0.2], [0.05, 0.2]])[:people]
    return small(people, days=1, kinds=(KIND,), calls=calls, need=np.ceil(calls / 3), skill=skill, skill_sd=sd)


def test_those_at_a_post_share_its_calls_alike() -> None:
    request = asked()
    heads = np.zeros_like(request.calls)
    heads[18:34, 0] = 2.0
    placed = [Placed(person, 0, 0, (0,), []) for person in range(2)]
    worth = worth_of_placed(request, placed, heads)
    both = 16 * 6.0 * float(answered(request, heads)[20, 0])
    assert worth.answered == pytest.approx(both)
    assert worth.taken == pytest.approx(np.array([[both / 2, 0.0], [both / 2, 0.0]]))
    estimate = resolved(request, worth)
    assert estimate.value == pytest.approx(both * 0.8)
    assert estimate.high - estimate.value == pytest.approx(HALF * both / 2 * np.hypot(0.1, 0.05))
    # Against itself nothing is gained, for sure.
    same = resolved(request, worth, worth)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_nobody_answers_where_nobody_is() -> None:
    worth = worth_of_placed(asked(), [], np.zeros((SLOTS_A_DAY, 2)))
    assert worth.answered == 0.0 and resolved(asked(), worth).value == 0.0


def test_todays_shifts_are_given_their_businesses_as_well_as_trying_everything() -> None:
    draw = np.random.default_rng(3)
    hour = np.arange(SLOTS_A_DAY) / 2.0
    calls = np.where((hour >= 9) & (hour < 17), draw.uniform(2.0, 10.0, (2, SLOTS_A_DAY)), 0.0).T
    request = small(6, days=1, kinds=(KIND,), calls=calls, need=np.ceil(calls / 3), skill=draw.uniform(0.5, 0.95, (6, 2)))
    seen = cover(request, request.licensed, np.zeros_like(calls), np.zeros_like(calls))
    shift = np.array([[0]] * 5 + [[-1]])
    found = given_posts(seen, shift)
    costs = {}
    for posts in product(range(2), repeat=5):
        post = np.array([*posts, -1])[:, None, None]
        costs[posts] = roster_cost(drafted(request, ()), Schedule(shift, post))
    mine = tuple(found.post[:5, 0, 0].tolist())
    assert found.post[5, 0, 0] == -1
    assert costs[mine] <= min(costs.values()) + 0.01 * abs(min(costs.values()))
