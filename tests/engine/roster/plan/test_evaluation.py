"""What rosters resolve, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from coachline.engine.roster.plan.breaks import Placed
from coachline.engine.roster.plan.evaluation import resolved, worth_of_placed
from coachline.engine.roster.plan.objective import answered
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Request, ShiftKind
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
