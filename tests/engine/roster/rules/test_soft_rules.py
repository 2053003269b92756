"""Every soft rule: what it costs a roster to break it, where it gave way, and that the solver keeps it where nothing speaks against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from coachline.engine.roster.plan.request import OFF, Request
from coachline.engine.roster.rules import RULES, drafted
from coachline.engine.roster.rules.check import Broken
from coachline.engine.roster.rules.given_way import given_way
from coachline.engine.roster.solver.problem import Problem
from tests.engine.roster.rules.small_roster import EARLY, LATE, NIGHT, calling, small, table


def ways(request: Request, roster: dict[int, dict[int, int]], rule: str) -> list[tuple[str, date | None]]:
    """Who gave way, and when; other rules do not matter."""
    return [(each.who, each.day) for each in given_way(request, table(request, roster)) if each.rule == rule]


def own_cost(problem: Problem, person: int, roster: dict[int, int]) -> float:
    """What somebody's shifts and days off cost by themselves."""
    return float(
        sum(problem.cost[person, day, roster[day]] if day in roster else problem.off_cost[person, day] for day in range(problem.days))
    )


def test_all_soft_rules_are_tried_here() -> None:
    assert {code for code, rule in RULES.items() if not rule.hard} == {
        "least_heads", "wishes", "fair_quarter", "stability", "mentor_and_apprentice",
    }  # fmt: skip


def test_a_post_where_somebody_calls_is_manned() -> None:
    request = calling(small(limits={"least_heads": 1, "must_price": 20.0}), (1, EARLY))
    assert ways(request, {}, "least_heads") == [("包裹", request.day(1))]
    assert ways(request, {0: {1: EARLY}}, "least_heads") == []
    others = [code for code in RULES if code != "least_heads"]
    # Sixteen half-hours of 20 each, beside the calls that one head answers.
    assert of_one_head(drafted(request, others)) - of_one_head(drafted(request)) == pytest.approx(16 * 20.0, abs=0.5)


def of_one_head(problem: Problem) -> float:
    """Cost of one head at every post all the time."""
    cover = problem.cover
    before = np.cumsum(cover.widths, axis=2) - cover.widths
    return float((cover.steps * np.clip(1.0 - before, 0.0, cover.widths)).sum())


def test_wishes_are_worth_their_strength() -> None:
    request = small(limits={"wish_price": 2.0})
    shift, off = request.wish_shift.copy(), np.zeros_like(request.wish_off)
    shift[0, 1, LATE], shift[0, 2, EARLY], off[0, 3] = 1.0, -1.0, 0.5
    request = replace(request, wish_shift=shift, wish_off=off)
    kept, broken = {1: LATE, 2: LATE}, {1: EARLY, 2: EARLY, 3: EARLY}
    problem = drafted(request)
    assert own_cost(problem, 0, kept) == pytest.approx(-3.0)
    assert own_cost(problem, 0, broken) == pytest.approx(2.0)
    assert ways(request, {0: kept}, "wishes") == []
    assert ways(request, {0: broken}, "wishes") == [("a0", request.day(day)) for day in (1, 2, 3)]


def test_nights_and_weekends_cost_those_most_who_have_had_most() -> None:
    request = small(3, limits={"night_price": 1.0, "weekend_price": 2.0, "wish_price": 0.0})
    request = replace(request, nights_before=np.array([6, 3, 0]), weekends_before=np.array([0, 3, 3]))
    problem = drafted(request)
    nights = [own_cost(problem, person, {0: NIGHT}) for person in range(3)]
    whole_weekend = [own_cost(problem, person, {5: EARLY, 6: EARLY}) for person in range(3)]
    assert nights == pytest.approx([3.0, 0.0, 0.0])
    assert whole_weekend == pytest.approx([0.0, 2.0, 2.0])
    assert ways(request, {0: {0: NIGHT}, 1: {5: EARLY}, 2: {0: NIGHT}}, "fair_quarter") == [("a0", request.day(0)), ("a1", request.day(5))]


def test_a_day_that_differs_from_the_last_roster_costs() -> None:
    request = small(limits={"stability_price": 0.5, "wish_price": 0.0})
    last = request.last_roster.copy()
    last[0, :3] = (EARLY, OFF, LATE)
    request = replace(request, last_roster=last)
    problem = drafted(request)
    same, other = {0: EARLY, 2: LATE, 5: NIGHT}, {0: LATE, 1: EARLY}
    assert own_cost(problem, 0, same) == 0.0
    assert own_cost(problem, 0, other) == pytest.approx(1.5)
    assert ways(request, {0: same}, "stability") == []
    assert ways(request, {0: other}, "stability") == [("a0", request.day(day)) for day in (0, 1, 2)]


def pair() -> Request:
    """The mentor is late on day 0, when few call, and on day 1, when most do."""
    request = calling(small(2, limits={"pair_price": 2.0, "wish_price": 0.0}), (1, LATE), heads=8.0)
    last = request.last_roster.copy()
    last[0, :2] = LATE
    return replace(request, pairs=((0, 1),), last_roster=last)


def test_an_apprentice_is_drawn_to_the_mentor_in_quiet_hours_only() -> None:
    request = pair()
    problem = drafted(request)
    assert problem.cost[1, 0, LATE] == pytest.approx(-2.0)
    # Two of eight hours are shared.
    assert problem.cost[1, 0, EARLY] == pytest.approx(-0.5)
    assert problem.cost[1, 0, NIGHT] == 0.0 and (problem.cost[1, 1] == 0.0).all() and (problem.cost[0] == 0.0).all()
    assert ways(request, {0: {0: LATE}, 1: {0: NIGHT}}, "mentor_and_apprentice") == [("a1", request.day(0))]
    assert ways(request, {0: {0: LATE}, 1: {0: LATE}}, "mentor_and_apprentice") == []


def test_a_first_pass_goes_before_the_last_roster() -> None:
    request = pair()
    first = np.full_like(request.last_roster, OFF)
    first[0, 3] = EARLY
    problem = drafted(replace(request, first_pass=first))
    assert problem.cost[1, 3, EARLY] == pytest.approx(-2.0)
    assert (problem.cost[1, 0] == 0.0).all()


def test_a_roster_that_keeps_everything_gives_way_nowhere() -> None:
    assert given_way(replace(small(), wish_off=np.zeros((1, 7))), []) == []
    assert Broken("wishes", "a0", small().day(0)) in given_way(small(), table(small(), {0: {0: EARLY}}))
