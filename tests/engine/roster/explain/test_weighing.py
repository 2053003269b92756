"""What a shift is worth agrees with what the whole roster costs with and without it, by the solver's own count."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coachline.engine.roster.explain.weighing import Scales, without_must
from coachline.engine.roster.plan.request import OFF, Request
from coachline.engine.roster.rules import RULES, drafted
from coachline.engine.roster.rules.check import broken
from coachline.engine.roster.solver.costs import roster_cost
from coachline.engine.roster.solver.keeping import in_the_way
from coachline.engine.roster.solver.problem import Problem, Schedule
from tests.engine.roster.rules.small_roster import DAWN, EARLY, KINDS, LATE, calling, small, table


def at_first_post(problem: Problem, shift: np.ndarray) -> Schedule:
    worked = problem.cover.part_shift[None, None, :] == np.where(shift == OFF, -2, shift)[:, :, None]
    return Schedule(shift, np.where(worked, 0, -1))


def wanting() -> Request:
    """Two heads early and one late on day 0; of three people the first is the best, the last has been away at nights most often."""
    request = calling(small(3, limits={"least_heads": 1, "must_price": 5.0}), (0, EARLY), heads=2.0)
    return replace(request, skill=np.array([[0.9, 0.9], [0.8, 0.8], [0.6, 0.6]]))


def scales(request: Request, shift: np.ndarray) -> tuple[Scales, Problem]:
    problem = drafted(request)
    return Scales(problem, at_first_post(problem, shift), without_must(request, problem.cover.may)), problem


def test_each_figure_is_a_difference_of_whole_rosters() -> None:
    request = wanting()
    shift = np.full((3, 7), OFF)
    shift[0, 0] = shift[2, 0] = EARLY
    weighing, problem = scales(request, shift)
    found = weighing.weigh(0, 0, np.arange(3))

    def cost(**changes: int) -> float:
        other = shift.copy()
        for person, kind in changes.items():
            other[int(person[1:]), 0] = kind
        return roster_cost(problem, at_first_post(problem, other))

    assert found.gain == pytest.approx(cost(p0=OFF) - cost())
    assert (found.other_person, found.other_way) == (1, "comes")
    assert found.other_person_cost == pytest.approx(cost(p0=OFF, p1=EARLY) - cost())
    assert found.other_person_cost > 0
    # From five to eleven three of the hours are with callers; late, two.
    assert found.other_shift == DAWN
    assert found.other_shift_cost == pytest.approx(cost(p0=DAWN) - cost())
    assert cost(p0=DAWN) < cost(p0=LATE)
    # One head stays, so that none is missing that must be there: what is lost are calls, but for the wish to be off.
    assert found.calls == pytest.approx(found.gain + 0.01, abs=0.2)


def test_an_exchange_costs_what_two_whole_rosters_differ_by() -> None:
    """The best is early, the least good late, both at all hours wanted; nobody is free, as the third is on leave."""
    request = calling(wanting(), (0, LATE), heads=1.0)
    leave = request.leave.copy()
    leave[1] = True
    wish = request.wish_shift.copy()
    wish[2, 0, LATE] = 0.5
    request = replace(request, leave=leave, wish_shift=wish)
    shift = np.full((3, 7), OFF)
    shift[0, 0], shift[2, 0] = EARLY, LATE
    weighing, problem = scales(request, shift)
    found = weighing.weigh(0, 0, np.arange(3))
    exchanged = shift.copy()
    exchanged[0, 0], exchanged[2, 0] = LATE, EARLY
    differ = roster_cost(problem, at_first_post(problem, exchanged)) - roster_cost(problem, at_first_post(problem, shift))
    assert (found.other_person, found.other_way) == (2, "exchanges")
    assert found.other_person_cost == pytest.approx(differ)
    # Where rest forbids one of them the other's shift, there is no exchange.
    tight = replace(request, limits=replace(request.limits, rest_h=11.0), shift_before=np.array([LATE, OFF, LATE]))
    late_before = scales(tight, shift)[0].weigh(0, 0, np.arange(3))
    assert late_before.other_person is None


def test_who_could_come_is_named_only_where_rules_allow_it() -> None:
    request = wanting()
    leave = request.leave.copy()
    leave[1, 0] = True
    shift = np.full((3, 7), OFF)
    shift[0, 0] = shift[2, 0] = EARLY
    weighing, _ = scales(replace(request, leave=leave), shift)
    assert weighing.weigh(0, 0, np.arange(3)).other_person is None


def test_who_is_bound_by_hours_is_said_to_be() -> None:
    request = replace(wanting(), limits=replace(wanting().limits, least_h=62.0))
    shift = np.full((3, 7), OFF)
    shift[:, 0] = EARLY
    weighing, _ = scales(request, shift)
    found = weighing.weigh(0, 0, np.arange(3))
    assert (found.bound_by, found.other_person) == ("least_hours", None)


def test_whether_a_row_fits_agrees_with_the_checker_on_rows_drawn_at_random() -> None:
    """Rows of which about half break a rule; codes may differ, as rows can break several."""
    draw = np.random.default_rng(4)
    limits = {
        "rest_h": 11.0, "after_night_h": 24.0, "longest_nights": 2, "longest_run": 4, "shortest_run": 2, "shortest_rest": 2, "most_nights": 8, "most_weekends": 2,
        "cap_h": 60.0, "least_h": 60.0,
    }  # fmt: skip
    request = small(days=14, limits=limits)
    request = replace(request, run_before=np.array([2]), shift_before=np.array([LATE]))
    problem = drafted(request, [code for code in RULES if code != "strong_capped"])
    agreed = 0
    for _ in range(400):
        works = np.repeat(draw.random(7) < 0.55, 2)
        row = np.where(works, np.repeat(draw.integers(len(KINDS), size=7), 2), OFF)
        row[draw.integers(14)] = OFF
        rows = table(request, {0: {int(day): int(row[day]) for day in np.flatnonzero(row != OFF)}})
        right = not broken(request, rows)
        assert (in_the_way(problem, 0, row) is None) == right
        agreed += right
    assert 20 < agreed < 380
