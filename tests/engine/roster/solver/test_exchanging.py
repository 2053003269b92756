"""Exchanges of two people's shifts on one day: each makes the roster cheaper by what it says, and no rule is broken."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from coachline.engine.roster.plan.request import Request
from coachline.engine.roster.rules import drafted
from coachline.engine.roster.solver.costs import roster_cost
from coachline.engine.roster.solver.exchanging import Exchanges, exchanged
from coachline.engine.roster.solver.keeping import in_the_way
from coachline.engine.roster.solver.pricing import Pricing
from coachline.engine.roster.solver.problem import OFF, Problem, Schedule
from tests.engine.roster.rules.small_roster import EARLY, LATE, NIGHT, calling, small


def world(seed: int) -> tuple[Request, Problem, Schedule]:
    """Twelve people of different skill at two posts for two weeks, each with a roster that keeps the rules, drawn at random prices."""
    draw = np.random.default_rng(seed)
    limits = {"rest_h": 11.0, "longest_run": 5, "cap_h": 90.0, "least_h": 100.0, "longest_nights": 1, "most_nights": 4, "most_weekends": 2}
    request = small(12, days=14, limits=limits)
    for post in (0, 1):
        for kind in (EARLY, LATE):
            request = calling(request, *((day, kind) for day in range(14)), heads=2.0, post=post)
    request = replace(request, skill=draw.uniform(0.6, 0.95, (12, 2)), licensed=draw.random((12, 2)) < 0.8)
    request = replace(request, licensed=request.licensed | ~request.licensed.any(axis=1)[:, None])
    problem = drafted(request)
    pricing, rosters = Pricing(problem), []
    for person in range(12):
        [(_, roster)] = pricing.cheapest(draw.uniform(-50.0, 0.0, problem.cover.worth.shape), [person])
        assert roster is not None
        rosters.append(roster)
    return request, problem, Schedule(np.array([each.shift for each in rosters]), np.array([each.post for each in rosters]))


@pytest.mark.parametrize("seed", range(5))
def test_exchanges_lower_the_cost_and_keep_the_rules(seed: int) -> None:
    _, problem, schedule = world(seed)
    before = schedule.shift.copy(), schedule.post.copy()
    found = exchanged(problem, schedule, time.monotonic() + 60.0)
    assert roster_cost(problem, found) < roster_cost(problem, schedule) - 1.0
    assert all(in_the_way(problem, person, found.shift[person]) is None for person in range(problem.people))
    worked = problem.cover.may[np.arange(12)[:, None, None], found.post] | (found.post < 0)
    assert worked.all()
    # The heads stay as they were, and so does the roster that was given.
    assert (np.sort(found.shift, axis=0) == np.sort(schedule.shift, axis=0)).all()
    assert (before[0] == schedule.shift).all() and (before[1] == schedule.post).all()


@pytest.mark.parametrize(("nights_before", "longest", "may"), [(0, 3, True), (0, 2, False), (2, 4, False), (2, 5, True)])
def test_nobody_exchanges_into_too_many_nights_in_a_row(nights_before: int, longest: int, may: bool) -> None:
    """a0 has nights on the first and third day and a late shift between them, for which a1 has a night; nights are what a0 is good at."""
    request = calling(small(2, days=3, limits={"longest_nights": longest}), (1, LATE), (1, NIGHT), heads=2.0)
    request = calling(request, (1, LATE), heads=2.0, post=1)
    eve = np.full(2, NIGHT if nights_before else OFF)
    request = replace(request, night_run_before=np.full(2, nights_before), shift_before=eve, run_before=np.full(2, nights_before))
    pricing = Pricing(drafted(request))
    shifts = np.array([[NIGHT, LATE, NIGHT], [OFF, NIGHT, OFF]])
    rosters = [pricing.roster(person, shifts[person], np.zeros((3, pricing.parts), np.int64)) for person in range(2)]
    exchanges = Exchanges(pricing.problem, Schedule(shifts, np.array([each.post for each in rosters])))
    assert (exchanges.best(0, 1, np.arange(2))[0] == 1) == may


def test_an_exchange_costs_what_it_says() -> None:
    _, problem, schedule = world(7)
    exchanges, everybody = Exchanges(problem, schedule), np.arange(problem.people)
    made = 0
    for person, day in np.argwhere(schedule.shift >= 0).tolist():
        other, cost = exchanges.best(person, day, everybody)
        if other is not None and cost is not None and cost < -1e-6:
            was = roster_cost(problem, schedule)
            exchanges.give(np.array([person, other]), day, np.array([other, person]))
            assert roster_cost(problem, schedule) - was == pytest.approx(cost, abs=1e-6)
            assert all(in_the_way(problem, who, schedule.shift[who]) is None for who in (person, other))
            made += 1
    assert made > 5


def test_a_day_given_anew_gains_what_it_says_and_leaves_no_exchange_of_two_that_helps() -> None:
    _, problem, schedule = world(8)
    exchanges, everybody = Exchanges(problem, schedule), np.arange(problem.people)
    for day in range(problem.days):
        was = roster_cost(problem, schedule)
        gain = exchanges.assign(day)
        assert was - roster_cost(problem, schedule) == pytest.approx(gain, abs=1e-6)
        costs = [exchanges.best(person, day, everybody)[1] for person in np.flatnonzero(schedule.shift[:, day] >= 0).tolist()]
        assert min((cost for cost in costs if cost is not None), default=0.0) >= -1e-6
