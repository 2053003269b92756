"""Every soft rule: what it costs a roster to break it, where it gave way, and that the solver keeps it where nothing speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest

from coachline.engine.roster.plan.request import OFF, Request
from coachline.engine.roster.rules import RULES, drafted
from coachline.engine.roster.rules.check import Broken
from coachline.engine.roster.rules.given_way import given_way
from coachline.engine.roster.solver.costs import roster_cost
from coachline.engine.roster.solver.problem import Problem, Schedule
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


def cheapest(problem: Problem) -> tuple[tuple[int, int], ...]:
    """(shift, post) of each person on the only day, by trying everything."""
    choices = [(OFF, 0), *product(range(problem.shifts), range(problem.cover.may.shape[1]))]
    owner = problem.cover.part_shift

    def cost(tried: tuple[tuple[int, int], ...]) -> float:
        if any(kind != OFF and not problem.allowed[person, 0, kind] for person, (kind, _) in enumerate(tried)):
            return np.inf
        shift = np.array([[kind] for kind, _ in tried])
        post = np.array([[np.where(owner == kind, at, -1)] for kind, at in tried])
        return roster_cost(problem, Schedule(shift, post))

    return min(product(choices, repeat=problem.people), key=cost)


def a_day(people: int, early: float, late: float, **limits: float) -> Request:
    """One day with as many heads wanted at the first post by early and by late shifts, which overlap for two hours."""
    request = small(people, days=1, limits={"wish_price": 0.0, **limits})
    both = [calling(request, (0, kind), heads=heads).calls for kind, heads in ((EARLY, early), (LATE, late))]
    need = [calling(request, (0, kind), heads=heads).need for kind, heads in ((EARLY, early), (LATE, late))]
    return replace(request, calls=np.maximum(*both), need=np.maximum(*need))


def wished() -> Request:
    request = a_day(1, 1.05, 1.0, wish_price=20.0)
    wish = request.wish_shift.copy()
    wish[0, 0, LATE] = 1.0
    return replace(request, wish_shift=wish)


def stable() -> Request:
    return replace(a_day(1, 1.05, 1.0, stability_price=20.0), last_roster=np.array([[LATE]]))


def nights() -> Request:
    """One night for two people, of whom the better one has had six."""
    request = calling(small(2, days=1, limits={"night_price": 2.0, "wish_price": 0.0}), (0, NIGHT))
    return replace(request, skill=np.array([[0.82, 0.82], [0.8, 0.8]]), nights_before=np.array([6, 0]))


def beside() -> Request:
    """The mentor is late; for the apprentice early would be a little better."""
    request = a_day(2, 1.05, 1.0, pair_price=80.0)
    never = np.array([[[False] * 4], [[True] * 4]])
    return replace(request, pairs=((0, 1),), first_pass=np.array([[LATE], [OFF]]), possible=never)


WANTED: dict[str, tuple[Callable[[], Request], int, int, int]] = {
    # Request, person, shift with the rule, shift without it.
    "wishes": (wished, 0, LATE, EARLY),
    "stability": (stable, 0, LATE, EARLY),
    "fair_quarter": (nights, 0, OFF, NIGHT),
    "mentor_and_apprentice": (beside, 1, LATE, EARLY),
}


@pytest.mark.parametrize("rule", WANTED)
def test_the_best_roster_keeps_a_soft_rule_that_it_would_not_without(rule: str) -> None:
    make, person, kept, otherwise = WANTED[rule]
    request = make()
    assert cheapest(drafted(request))[person][0] == kept
    assert cheapest(drafted(request, [code for code in RULES if code != rule]))[person][0] == otherwise


def test_a_post_is_manned_before_a_better_one() -> None:
    """One person; the first post has twenty times the calls of the second, at which one must be while another is at the first already."""
    request = calling(calling(small(2, days=1, limits={"wish_price": 0.0}), (0, EARLY), heads=2.0), (0, EARLY), post=1, heads=0.1)
    limits = replace(request.limits, least_heads=1, must_price=50.0)
    of_posts = [cheapest(drafted(replace(request, limits=replace(limits, must_price=price)))) for price in (50.0, 0.0)]
    assert [sorted(post for _, post in found) for found in of_posts] == [[0, 1], [0, 0]]
