"""Rosters of several people: the best of all, an answer in any case, and a bound that is one."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.shift_instances import Instance
from coachline.engine.roster.solver import master, solving
from coachline.engine.roster.solver.compact import CompactModel
from coachline.engine.roster.solver.costs import heads, roster_cost
from coachline.engine.roster.solver.pricing import Pricing
from coachline.engine.roster.solver.problem import OFF, Problem, Schedule
from coachline.engine.roster.solver.relaxation import Relaxation
from coachline.engine.roster.solver.solving import missing_cost, solve
from tests.engine.roster.solver.plain_rules import every_roster, keeps_rules, own_cost, small_problem, with_rules

INSTANCES = Path(__file__).parents[5] / "shared" / "data" / "shifts"


def cost_by_hand(problem: Problem, shifts: tuple[tuple[int, ...], ...]) -> float:
    """Steps of width one, head by head."""
    total = sum(own_cost(problem, person, shift) for person, shift in enumerate(shifts))
    for slot in range(len(problem.cover.worth)):
        there = sum(shift[slot // problem.shifts] == slot % problem.shifts for shift in shifts)
        steps = problem.cover.steps[slot, 0]
        total += sum(float(steps[min(head, len(steps) - 1)]) for head in range(there))
    return total


def best_by_hand(problem: Problem) -> float:
    each = [list(every_roster(problem, person)) for person in range(problem.people)]
    return min((cost_by_hand(problem, shifts) for shifts in itertools.product(*each)), default=np.inf)


@pytest.mark.parametrize("seed", range(8))
def test_the_best_of_all_rosters_is_found(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = with_rules(small_problem(rng, people=2, days=5), rng)
    best = best_by_hand(problem)
    solved = solve(problem, 20.0)
    if best == np.inf:
        assert solved.schedule is None
        assert solved.without == tuple(person for person in range(2) if not any(every_roster(problem, person)))
        return
    assert solved.schedule is not None
    assert solved.cost == pytest.approx(best)
    assert solved.bound <= best + 1e-6
    shifts = tuple(tuple(own) for own in solved.schedule.shift.tolist())
    assert cost_by_hand(problem, shifts) == pytest.approx(best)
    assert roster_cost(problem, solved.schedule) == pytest.approx(best)


@pytest.mark.parametrize("seed", range(8))
def test_one_programme_says_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = with_rules(small_problem(rng, people=2, days=5), rng)
    best = best_by_hand(problem)
    found = CompactModel(problem, Pricing(problem)).solve(10.0)
    if best == np.inf:
        assert found.rosters is None
        return
    assert found.rosters is not None
    assert found.bound == pytest.approx(best, abs=1e-4)
    shifts = tuple(tuple(roster.shift.tolist()) for roster in found.rosters)
    assert all(keeps_rules(problem, person, shift) for person, shift in enumerate(shifts))
    assert cost_by_hand(problem, shifts) == pytest.approx(best)


def many_posts(rng: np.random.Generator, people: int = 8) -> Problem:
    """Two weeks, three shifts, four posts; heads save less and less."""
    problem = small_problem(rng, people=people, days=14, shifts=3, posts=4)
    saved = -np.sort(-rng.random((42, 4, 5)) * 10.0, axis=2)
    cover = replace(
        problem.cover, steps=np.concatenate([-saved, np.zeros((42, 4, 1))], axis=2), widths=np.ones((42, 4, 6)),
        skill=rng.normal(0.0, 0.1, (people, 4)), worth=np.full((42, 4), 5.0), may=rng.random((people, 4)) < 0.7,
    )  # fmt: skip
    cover.may[:, 0] = True
    return replace(problem, cover=cover, longest_run=np.full(people, 5), most_minutes=np.full((people, 1), 4200), cost=problem.cost / 10.0)


def test_one_programme_and_shares_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = many_posts(np.random.default_rng(1))
    one_programme = solve(problem, 20.0)
    assert one_programme.gap < 1e-5
    monkeypatch.setattr(solving, "SMALL", 0)
    by_shares = solve(problem, 3.0)
    assert by_shares.bound <= one_programme.cost + 1e-6 <= by_shares.cost + 2e-6
    assert by_shares.gap < 0.03
    for solved in (one_programme, by_shares):
        assert solved.schedule is not None
        assert roster_cost(problem, solved.schedule) == pytest.approx(solved.cost)
        assert all(keeps_rules(problem, person, tuple(own)) for person, own in enumerate(solved.schedule.shift.tolist()))


def test_columns_and_one_programme_agree() -> None:
    rng = np.random.default_rng(6)
    free = small_problem(rng, people=8, days=14, shifts=2)
    problem = replace(free, longest_run=np.full(8, 4), shortest_rest=np.full(8, 2), most_minutes=np.full((8, 1), 4000))
    by_columns, one_programme = solve(problem, 5.0), CompactModel(problem, Pricing(problem)).solve(20.0)
    assert by_columns.gap == 0.0
    assert by_columns.cost == pytest.approx(one_programme.bound, abs=1e-3)


def test_the_other_solver_finds_the_same_optimum_where_the_first_one_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem(np.random.default_rng(7), people=8, days=14, shifts=2)
    pricing, nobody = Pricing(problem), np.zeros(problem.cover.worth.size)
    both = []
    for failing in (False, True):
        relaxation = Relaxation(problem, pricing, range(8), nobody, missing_cost(problem))
        if failing:
            # A solver that may take no step gives up.
            monkeypatch.setattr(master, "_PRIMAL", "max_number_of_iterations: 0")
            relaxation.master._simplex = master._PRIMAL
        lp = relaxation.solve(np.inf)
        both.append((lp, relaxation.bound))
    (one, bound), (other, other_bound) = both
    assert one is not None and other is not None
    assert other.cost == pytest.approx(one.cost, abs=1e-6)
    assert other_bound == pytest.approx(bound, abs=1e-3)


def test_there_is_an_answer_however_short_the_time() -> None:
    problem = many_posts(np.random.default_rng(2), people=30)
    solved = solve(problem, 0.01)
    assert solved.schedule is not None
    assert all(keeps_rules(problem, person, tuple(own)) for person, own in enumerate(solved.schedule.shift.tolist()))


def test_a_good_start_is_kept_and_a_broken_one_is_mended() -> None:
    problem = many_posts(np.random.default_rng(3))
    known = solve(problem, 5.0)
    assert known.schedule is not None
    again = solve(problem, 0.01, start=known.schedule)
    assert again.cost <= known.cost + 1e-9
    shift = known.schedule.shift.copy()
    shift[0] = 0
    mended = solve(problem, 0.01, start=Schedule(shift, known.schedule.post))
    assert mended.schedule is not None
    assert keeps_rules(problem, 0, tuple(mended.schedule.shift[0].tolist()))
    assert (mended.schedule.shift[1:] == known.schedule.shift[1:]).mean() > 0.8


def test_heads_of_a_schedule_are_counted() -> None:
    problem = small_problem(np.random.default_rng(4), people=2, days=3)
    shift = np.array([[0, 1, OFF], [0, OFF, OFF]])
    post = np.full((2, 3, 2), -1)
    post[0, 0, 0] = post[1, 0, 0] = post[0, 1, 1] = 0
    assert heads(problem, Schedule(shift, post))[:, 0].tolist() == [2, 0, 0, 1, 0, 0]


def test_nobody_at_all_is_an_answer_too() -> None:
    problem = small_problem(np.random.default_rng(5), people=0)
    solved = solve(problem, 0.1)
    assert solved.schedule is not None
    assert solved.cost == 0.0


@pytest.mark.skipif(not INSTANCES.is_dir(), reason="the public instances are not here")
@pytest.mark.parametrize(("number", "best"), [(2, 828), (3, 1001), (4, 1716)])
def test_public_instances_are_solved_and_proven(number: int, best: int) -> None:
    instance = Instance.read(INSTANCES / f"Instance{number}.txt")
    solved = solve(instance.problem(), 30.0)
    assert solved.schedule is not None
    assert instance.cost(solved.schedule.shift) == best
    assert solved.gap == 0.0
