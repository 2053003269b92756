"""Why somebody works then: each reason in a case in which it is the one that holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coachline.engine.roster.explain.reasons import reason_rows
from coachline.engine.roster.plan.request import OFF, Request
from coachline.engine.roster.rules import drafted
from coachline.engine.roster.solver.problem import Schedule
from tests.engine.roster.rules.small_roster import EARLY, LATE, calling, small

PEOPLE = 10


def reasons(request: Request, roster: Mapping[int, Mapping[int, int]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Rows by person and day; everybody is at the first post."""
    shift = np.full((len(request.people), request.days), OFF)
    for person, own in roster.items():
        for day, kind in own.items():
            shift[person, day] = kind
    problem = drafted(request)
    worked = problem.cover.part_shift[None, None, :] == np.where(shift == OFF, -2, shift)[:, :, None]
    found = reason_rows(request, problem, Schedule(shift, np.where(worked, 0, -1)))
    return {(row["agent_id"], (row["date"] - request.first).days): row for row in found.iter_rows(named=True)}


def ten(**limits: Any) -> Request:
    """Three heads early on day 0; the first of ten people is the best, each further one a little worse."""
    request = calling(small(PEOPLE, limits=limits), (0, EARLY), heads=3.0)
    skill = np.linspace(0.9, 0.6, PEOPLE)[:, None] * np.ones(2)
    return replace(request, skill=skill, wish_off=np.zeros((PEOPLE, 7)))


def fixed() -> Request:
    request = ten()
    last, days = request.last_roster.copy(), request.fixed.copy()
    last[5, 0], days[5, 0] = EARLY, True
    return replace(request, last_roster=last, fixed=days)


def alone() -> Request:
    request = ten()
    leave = request.leave.copy()
    leave[:, 0] = True
    leave[5, 0] = False
    return replace(request, leave=leave)


def wished() -> Request:
    request = ten()
    wish = request.wish_shift.copy()
    wish[5, 0, EARLY] = 1.0
    return replace(request, wish_shift=wish)


def kept() -> Request:
    """All are alike, so that nobody would be better; the shift stays with who had it."""
    request = ten(stability_price=0.5)
    last = request.last_roster.copy()
    last[5, 0] = EARLY
    return replace(request, last_roster=last, skill=np.full((PEOPLE, 2), 0.8), licensed=np.ones((PEOPLE, 2), np.bool_))


CASES: dict[str, tuple[Callable[[], Request], Mapping[int, Mapping[int, int]]]] = {
    "fixed_day": (fixed, {5: {0: EARLY}}),
    "only_one": (alone, {5: {0: EARLY}}),
    "must_be_manned": (lambda: ten(least_heads=1, must_price=50.0), {5: {0: EARLY}}),
    "wished_for": (wished, {0: {0: EARLY}, 5: {0: EARLY}}),
    "with_mentor": (lambda: replace(ten(), pairs=((0, 5),)), {0: {0: EARLY}, 5: {0: EARLY}}),
    "contract_hours": (lambda: ten(least_h=70.0), {0: {0: EARLY}, 5: {0: EARLY}}),
    "days_in_row": (lambda: ten(shortest_run=3), {0: {0: EARLY}, 5: {4: EARLY, 5: EARLY, 6: EARLY, 0: EARLY, 1: EARLY, 2: EARLY}}),
    "better_ones_elsewhere": (ten, {0: {0: EARLY}, 5: {0: EARLY}}),
}


@pytest.mark.parametrize("why", CASES)
def test_each_reason(why: str) -> None:
    make, roster = CASES[why]
    request = make()
    day = 5 if why == "days_in_row" else 0
    assert reasons(request, roster)["a5", day]["why"] == why


def test_the_best_are_told_so_with_who_comes_next() -> None:
    found = reasons(ten(), {0: {0: EARLY}, 5: {0: EARLY}})["a0", 0]
    assert (found["why"], found["better_at_hand"], found["bound_by"]) == ("best_here", 0, None)
    assert found["other_agent_id"] == "a1" and found["other_agent_cost"] > 0
    # The sixth of ten has five better ones; the best of these who is free comes instead, and would be the better choice.
    sixth = reasons(ten(), {0: {0: EARLY}, 5: {0: EARLY}})["a5", 0]
    assert (sixth["better_at_hand"], sixth["other_agent_id"]) == (5, "a1")
    assert sixth["other_agent_cost"] < 0 < sixth["gain"]


def test_among_equals_the_last_roster_tells_and_else_the_calls() -> None:
    found = reasons(kept(), {5: {0: EARLY}})["a5", 0]
    assert (found["why"], found["other_agent_cost"]) == ("as_before", pytest.approx(0.5))
    assert reasons(kept(), {4: {0: EARLY}})["a4", 0]["why"] == "calls_need_it"
    assert reasons(kept(), {5: {1: LATE}})["a5", 1]["gain"] == pytest.approx(0.0, abs=1e-9)
