"""Dives: whole rosters out of shares, other ones every time, and none where nothing good enough is left."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest

from coachline.engine.roster.solver.costs import rosters_cost
from coachline.engine.roster.solver.diving import dive
from coachline.engine.roster.solver.master import Relaxed
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Problem
from coachline.engine.roster.solver.relaxation import Relaxation
from coachline.engine.roster.solver.solving import missing_cost
from tests.engine.roster.solver.plain_rules import keeps_rules, small_problem


@pytest.fixture
def problem() -> Problem:
    free = small_problem(np.random.default_rng(8), people=8, days=21, shifts=3)
    return replace(free, longest_run=np.full(8, 3), shortest_rest=np.full(8, 2), most_minutes=np.full((8, 1), 5000))


def relaxed(problem: Problem) -> tuple[Relaxation, Relaxed]:
    relaxation = Relaxation(problem, Pricing(problem), range(8), np.zeros(problem.cover.worth.size), missing_cost(problem))
    lp = relaxation.solve(np.inf)
    assert lp is not None
    return relaxation, lp


def dived(problem: Problem, limit: float = np.inf, rng: np.random.Generator | None = None) -> list[Roster] | None:
    return dive(*relaxed(problem), time.monotonic() + 20.0, limit, rng)


def test_rosters_keep_the_rules_and_cost_no_less_than_the_bound(problem: Problem) -> None:
    bound = relaxed(problem)[0].bound
    for rng in (None, *map(np.random.default_rng, range(5))):
        rosters = dived(problem, rng=rng)
        assert rosters is not None
        assert sorted(roster.person for roster in rosters) == list(range(8))
        assert all(keeps_rules(problem, roster.person, tuple(roster.shift.tolist())) for roster in rosters)
        assert rosters_cost(problem, rosters) >= bound - 1e-6


def test_chance_leads_to_other_rosters(problem: Problem) -> None:
    found = set()
    for seed in range(5):
        rosters = dived(problem, rng=np.random.default_rng(seed))
        assert rosters is not None
        found.add(frozenset(roster.key for roster in rosters))
    assert len(found) > 1


def test_a_dive_ends_where_nothing_within_the_limit_is_left(problem: Problem) -> None:
    bound = relaxed(problem)[0].bound
    assert dived(problem, limit=bound - 1.0) is None
    free = dived(problem)
    assert free is not None
    within = dived(problem, limit=rosters_cost(problem, free))
    assert within is not None
    assert {roster.key for roster in within} == {roster.key for roster in free}
