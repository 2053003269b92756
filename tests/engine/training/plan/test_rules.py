"""Every rule: a plan that breaks it is caught by the checker, one that keeps it is not, and the solver keeps it where it would pay to break it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from coachline.engine.training.plan.check import broken
from coachline.engine.training.plan.draft import chances
from coachline.engine.training.plan.request import Request, Room
from coachline.engine.training.plan.rules import RULES
from coachline.engine.training.plan.solution import Plan
from coachline.engine.training.plan.solving import exact, solve
from tests.engine.training.plan.small_centre import at, held, rows, session, small


@dataclass(frozen=True)
class Case:
    """A request, a plan that breaks one rule and no other, and one that keeps them all."""

    request: Request
    breaks: Plan
    keeps: Plan


def unlicensed() -> Case:
    request = small(session("A"), trainers=(4, 5))
    request = replace(request, licensed=np.array([[True], [False]]))
    return Case(request, (held(0, at(0, 8), trainer=1),), (held(0, at(0, 8)),))


def trainer_off() -> Case:
    request = small(session("A"))
    work, here = request.at_work.copy(), request.here.copy()
    work[4, : at(1, 0)] = here[4, : at(1, 0)] = False
    return Case(replace(request, at_work=work, here=here), (held(0, at(0, 8)),), (held(0, at(1, 8)),))


def always_there(request: Request) -> Request:
    """The same, with a trainer who works day and night: trainers teach within their own shift."""
    work = request.at_work.copy()
    work[4] = True
    return replace(request, at_work=work, here=work | request.here)


def trainer_learns() -> Case:
    request = small(session("A", (0, 4)), trainers=(4, 5))
    return Case(request, (held(0, at(0, 8)),), (held(0, at(0, 8), trainer=1),))


def two(**limits: float) -> Request:
    return small(session("A"), session("B", (2, 3)), rooms=(Room("R", 10), Room("S", 10)), trainers=(4, 5), **limits)


def same_person(**limits: float) -> Request:
    return small(session("A"), session("B"), rooms=(Room("R", 10), Room("S", 10)), trainers=(4, 5), **limits)


CASES: dict[str, Callable[[], Case]] = {
    "working_hours": lambda: Case(small(session("A"), opens=9.0), (held(0, at(0, 8)),), (held(0, at(0, 9)),)),
    "on_shift": lambda: Case(always_there(small(session("A", hours=2.0))), (held(0, at(0, 11)),), (held(0, at(0, 13)),)),
    "trainer_licensed": unlicensed,
    "trainer_at_work": trainer_off,
    "trainer_not_taught": trainer_learns,
    "trainer_free": lambda: Case(two(), (held(0, at(0, 8)), held(1, at(0, 8.5), room=1)), (held(0, at(0, 8)), held(1, at(0, 9), room=1))),
    "room_free": lambda: Case(
        two(), (held(0, at(0, 8)), held(1, at(0, 8.5), trainer=1)), (held(0, at(0, 8)), held(1, at(0, 8.5), trainer=1, room=1))
    ),
    "room_seats": lambda: Case(small(session("A"), rooms=(Room("R", 1),)), (held(0, at(0, 8)),), (held(0, at(0, 8), members=(0,)),)),
    "person_free": lambda: Case(
        same_person(),
        (held(0, at(0, 8)), held(1, at(0, 8.5), trainer=1, room=1)),
        (held(0, at(0, 8)), held(1, at(0, 9), trainer=1, room=1)),
    ),
    "cool_down": lambda: Case(
        same_person(cool_down_days=1.0), (held(0, at(0, 8)), held(1, at(0, 13))), (held(0, at(0, 8)), held(1, at(1, 9)))
    ),
    "enough_present": lambda: Case(
        small(session("A", (0, 1, 2), least=2)), (held(0, at(0, 8), members=(0,)),), (held(0, at(0, 8), members=(0, 1)),)
    ),
    # 20 at work, of whom half may be away at the usual load (10); twice that load leaves a little more than half of them.
    "valley": lambda: Case(
        small(session("A", (0, 1, 2, 3)), most_away=0.25),
        (held(0, at(0, 10), members=(0, 1, 2, 3)),),
        (held(0, at(0, 9), members=(0, 1, 2, 3)),),
    ),
    "hours_cap": lambda: Case(
        always_there(small(session("A", (0,), 1.5), session("B", (0,), 1.5), beyond_shift=3, opens=6.0)),
        (held(0, at(0, 6.5), members=(0,), trainer=0), held(1, at(1, 6.5), members=(0,))),
        (held(0, at(0, 6.5), members=(0,)), held(1, at(1, 8), members=(0,))),
    ),
    "budget": lambda: Case(
        two(budget_hours=3.0), (held(0, at(0, 8)), held(1, at(1, 8))), (held(0, at(0, 8)), held(1, at(1, 8), members=(0,)))
    ),
}


def test_every_rule_has_its_case() -> None:
    assert set(CASES) == set(RULES)


@pytest.mark.parametrize("rule", CASES)
def test_the_checker_catches_what_breaks_a_rule_and_nothing_else(rule: str) -> None:
    case = CASES[rule]()
    assert {fault.rule for fault in broken(case.request, rows(case.request, case.breaks))} == {rule}
    assert broken(case.request, rows(case.request, case.keeps)) == []


@pytest.mark.parametrize("rule", CASES)
def test_the_model_keeps_each_rule_that_it_is_given(rule: str) -> None:
    request = CASES[rule]().request
    found = solve(request, seconds=10, seed=1)
    assert found.plan and found.possible
    assert broken(request, rows(request, found.plan)) == []


@pytest.mark.parametrize("rule", ["trainer_licensed", "room_seats", "budget", "enough_present", "valley"])
def test_without_the_rule_the_model_would_break_it(rule: str) -> None:
    tight = {
        "trainer_licensed": lambda: replace(small(session("A"), required="places"), licensed=np.array([[False]])),
        "room_seats": lambda: small(session("A"), rooms=(Room("R", 1),), required="places"),
        "budget": lambda: small(session("A"), budget_hours=1.0, required="places"),
        "enough_present": lambda: small(session("A", least=3), required="sessions"),
        "valley": lambda: small(session("A", (0, 1, 2, 3)), most_away=0.1, required="places"),
    }[rule]()
    with_it = exact(tight, chances(tight, RULES), RULES, until=1e12, seed=1, only_possible=True)
    others = [code for code in RULES if code != rule]
    without = exact(tight, chances(tight, others), others, until=1e12, seed=1, only_possible=True)
    assert with_it.possible is False
    assert without.plan is not None
    assert rule in {fault.rule for fault in broken(tight, rows(tight, without.plan))}
