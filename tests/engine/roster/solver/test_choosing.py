"""The best choice of one known roster a person."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from coachline.engine.roster.solver.choosing import choose
from coachline.engine.roster.solver.costs import rosters_cost
from coachline.engine.roster.solver.pricing import Pricing, Roster
from coachline.engine.roster.solver.problem import Problem
from tests.engine.roster.solver.plain_rules import small_problem


@pytest.fixture
def problem() -> Problem:
    return small_problem(np.random.default_rng(3), people=4, days=7, shifts=2)


def known(problem: Problem, each: int = 5) -> list[list[Roster]]:
    """Rosters of each person that are cheapest at prices drawn by lot."""
    pricing, rng = Pricing(problem), np.random.default_rng(4)
    rosters: list[dict[tuple[int, bytes, bytes], Roster]] = [{} for _ in range(problem.people)]
    for _ in range(each):
        for _, roster in pricing.cheapest(rng.normal(0.0, 5.0, problem.cover.worth.shape), range(problem.people)):
            assert roster is not None
            rosters[roster.person][roster.key] = roster
    return [list(own.values()) for own in rosters]


@pytest.mark.parametrize("least_gain", [0.0, 0.5, 6.0])
def test_no_choice_saves_more_than_the_least_gain(problem: Problem, least_gain: float) -> None:
    rosters = known(problem)
    choices = sorted(itertools.product(*rosters), key=lambda choice: rosters_cost(problem, choice))
    best, worst = rosters_cost(problem, choices[0]), choices[-1]
    chosen = choose(problem, list(itertools.chain(*rosters)), np.zeros(problem.cover.worth.size), 20.0, worst, least_gain)
    assert chosen is not None
    assert best - 1e-6 <= rosters_cost(problem, chosen) <= best + least_gain + 1e-6
