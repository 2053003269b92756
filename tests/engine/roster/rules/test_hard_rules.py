"""Every hard rule: the checker names who breaks it on which day and nothing else; what keeps it passes; the solver keeps it where it would pay to break it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from coachline.engine.roster.plan.request import OFF, Request
from coachline.engine.roster.rules import BREAK_RULES, RULES, drafted
from coachline.engine.roster.rules.check import Broken, broken
from coachline.engine.roster.solver.pricing import Pricing
from coachline.engine.roster.solver.problem import Problem, Schedule
from tests.engine.roster.rules.small_roster import DAWN, EARLY, KINDS, LATE, MEAL, MONDAY, NIGHT, calling, row, small, table

Roster = Mapping[int, Mapping[int, int]]


@dataclass(frozen=True)
class Case:
    """A request whose callers want the rule broken, a roster that breaks it and no other one, where, and a roster that keeps it."""

    request: Request
    breaks: Roster
    who: str
    day: int | None
    keeps: Roster
    posts: Mapping[tuple[int, int], int] | None = None


def every_day(kind: int, days: int) -> dict[int, int]:
    return dict.fromkeys(range(days), kind)


def at(request: Request, field: str, where: Any, value: Any) -> Request:
    array = getattr(request, field).copy()
    array[where] = value
    return replace(request, **{field: array})


def run_of_days(days: int, **limits: Any) -> Request:
    return calling(small(days=days, limits=limits), *((day, EARLY) for day in range(days)))


def licence() -> Case:
    request = at(calling(small(), (0, EARLY), post=1), "licensed", (0, 1), False)
    return Case(request, {0: {0: EARLY}}, "a0", 0, {0: {1: EARLY}}, {(0, 0): 1})


def leave() -> Case:
    return Case(at(calling(small(), (2, EARLY)), "leave", (0, 2), True), {0: {2: EARLY}}, "a0", 2, {0: {1: EARLY}})


def training() -> Case:
    request = at(calling(small(), (1, EARLY)), "possible", (0, 1, EARLY), False)
    return Case(request, {0: {1: EARLY}}, "a0", 1, {0: {1: LATE}})


def fixed() -> Case:
    request = at(at(calling(small(), (0, EARLY)), "fixed", (0, 0), True), "last_roster", (0, 0), OFF)
    return Case(request, {0: {0: EARLY}}, "a0", 0, {0: {1: EARLY}})


def quarter() -> Case:
    """Nine nights against two of each of the others: more than twice the mean of 3.75."""
    request = calling(small(4, limits={"most_in_quarter": 2.0}), *((day, NIGHT) for day in range(3)), heads=4.0)
    return Case(replace(request, nights_before=np.array([9, 2, 2, 2])), {0: {0: NIGHT}}, "a0", None, {1: {0: NIGHT}})


def busy() -> Case:
    """16 half-hours of late shifts and 4 that early ones share with them: 0.8 of five days' work, of which half are two shifts."""
    request = calling(small(limits={"most_busy": 0.5}), *((day, LATE) for day in range(7)))
    return Case(request, {0: every_day(LATE, 3)}, "a0", None, {0: every_day(LATE, 2)})


def month_hours() -> Case:
    """March has 12 hours left beside four of training; April, which begins with day 2, has them all."""
    request = replace(
        calling(small(days=4, first=MONDAY + timedelta(28), limits={"cap_h": 100.0}), *((day, EARLY) for day in range(4))),
        counted_minutes=np.array([[84 * 60, 0]]),
        training_minutes=np.array([[240, 0, 0, 0]]),
    )
    return Case(request, {0: {0: EARLY, 1: EARLY}}, "a0", 0, {0: {1: EARLY, 2: EARLY, 3: EARLY}})


def least_hours() -> Case:
    """93 of 31 days are 21 of seven; a shift of eight less is 13 and so two shifts."""
    return Case(small(limits={"least_h": 93.0}), {0: {0: EARLY}}, "a0", 0, {0: {0: EARLY, 3: EARLY}})


HARD: dict[str, Callable[[], Case]] = {
    "licence": licence,
    "leave": leave,
    "training_kept": training,
    "fixed_days": fixed,
    "one_shift_a_day": lambda: Case(
        calling(small(), (0, NIGHT), (1, DAWN)), {0: {0: NIGHT, 1: DAWN}}, "a0", 1, {0: {0: NIGHT, 2: DAWN}}
    ),
    "rest_between_shifts": lambda: Case(
        calling(small(limits={"rest_h": 11.0}), (0, LATE), (1, EARLY)), {0: {0: LATE, 1: EARLY}}, "a0", 1, {0: {0: LATE, 1: LATE, 3: EARLY}}
    ),
    "after_night": lambda: Case(
        calling(small(limits={"after_night_h": 24.0}), (0, NIGHT), (1, LATE)), {0: {0: NIGHT, 1: LATE}}, "a0", 1, {0: {0: NIGHT, 1: NIGHT, 3: EARLY}}
    ),
    "longest_nights": lambda: Case(
        replace(
            calling(small(limits={"longest_nights": 3}), *((day, NIGHT) for day in range(7))),
            run_before=np.array([2]), shift_before=np.array([NIGHT]), night_run_before=np.array([2]),
        ),
        {0: every_day(NIGHT, 2)}, "a0", 1, {0: {0: NIGHT, 2: NIGHT, 3: NIGHT, 4: NIGHT, 6: NIGHT}},
    ),
    "longest_run": lambda: Case(
        replace(run_of_days(7, longest_run=6), run_before=np.array([2])), {0: every_day(EARLY, 5)}, "a0", 0, {0: {**every_day(EARLY, 4), 5: EARLY, 6: EARLY}}
    ),
    "shortest_run": lambda: Case(calling(small(limits={"shortest_run": 2}), (3, EARLY)), {0: {3: EARLY}}, "a0", 3, {0: {3: EARLY, 4: EARLY}}),
    "shortest_rest": lambda: Case(
        calling(small(limits={"shortest_rest": 2}), (0, EARLY), (1, EARLY), (3, EARLY), (4, EARLY)),
        {0: {0: EARLY, 1: EARLY, 3: EARLY, 4: EARLY}}, "a0", 2, {0: {0: EARLY, 1: EARLY, 4: EARLY}},
    ),
    "month_hours": month_hours,
    "least_hours": least_hours,
    "most_nights": lambda: Case(
        calling(small(limits={"most_nights": 8}), *((day, NIGHT) for day in range(3))), {0: every_day(NIGHT, 3)}, "a0", None, {0: every_day(NIGHT, 2)}
    ),
    "weekends_off": lambda: Case(
        calling(small(days=14, limits={"most_weekends": 2}), (5, EARLY), (6, EARLY), (12, EARLY), (13, EARLY)),
        {0: {6: EARLY, 12: EARLY}}, "a0", None, {0: {5: EARLY, 6: EARLY, 7: EARLY}},
    ),
    "quarter_share": quarter,
    "strong_capped": busy,
}  # fmt: skip


def meals(roster: Roster, **limits: Any) -> tuple[Request, list[dict[str, Any]]]:
    request = small(4, kinds=(*KINDS, MEAL), limits=limits)
    return request, table(request, roster)


def test_every_hard_rule_has_its_case() -> None:
    assert set(HARD) == {code for code, rule in RULES.items() if rule.hard}


@pytest.mark.parametrize("rule", HARD)
def test_the_checker_names_who_breaks_a_rule_and_when(rule: str) -> None:
    case = HARD[rule]()
    found = broken(case.request, table(case.request, case.breaks, case.posts))
    assert set(found) == {Broken(rule, case.who, None if case.day is None else case.request.day(case.day))}
    assert broken(case.request, table(case.request, case.keeps)) == []


IMPLIED_BY = {"one_shift_a_day": ("rest_between_shifts",)}
"""Rules that would keep another one, too; left out where that is tried."""


def best(problem: Problem) -> Schedule:
    """The cheapest roster of everybody by themselves: exact, as nobody here is at a post with enough heads."""
    cover = problem.cover
    before = np.cumsum(cover.widths, axis=2) - cover.widths
    one_head = (cover.steps * np.clip(1.0 - before, 0.0, cover.widths)).sum(axis=2)
    found = [roster for _, roster in Pricing(problem).cheapest(one_head, range(problem.people)) if roster is not None]
    assert len(found) == problem.people
    return Schedule(np.array([roster.shift for roster in found]), np.array([roster.post for roster in found]))


def broken_by(request: Request, found: Schedule) -> set[str]:
    roster = {person: {int(day): int(own[day]) for day in np.flatnonzero(own >= 0)} for person, own in enumerate(found.shift)}
    posts = {(person, day): int(found.post[person, day].max()) for person, own in roster.items() for day in own}
    return {each.rule for each in broken(request, table(request, roster, posts))}


@pytest.mark.parametrize("rule", HARD)
def test_the_solver_keeps_a_rule_that_it_would_break_without_it(rule: str) -> None:
    request = HARD[rule]().request
    others = [code for code in RULES if code not in (rule, *IMPLIED_BY.get(rule, ()))]
    kept = best(drafted(request, [*others, rule]))
    assert broken_by(request, kept) == set()
    assert rule in broken_by(request, best(drafted(request, others)))


@pytest.mark.parametrize(("fixed_days", "share", "shifts"), [(0, 1.0, 3), (0, 0.5, 7), (5, 1.0, 6), (0, 0.0, 7)])
def test_hours_are_kept_for_the_days_behind_the_horizon(fixed_days: int, share: float, shifts: int) -> None:
    """80 hours for seven days and the 23 behind them: 61.3 less a shift are kept of all, half of that a shift less, 28.8 of what five fixed shifts leave."""
    request = run_of_days(7, cap_h=80.0, later_share=share)
    request = at(at(request, "fixed", (0, slice(fixed_days)), True), "last_roster", (0, slice(fixed_days)), EARLY)
    assert len(np.flatnonzero(best(drafted(request)).shift >= 0)) == shifts
    for worked in range(max(fixed_days, 1), 8):
        kept = broken(request, table(request, {0: every_day(EARLY, worked)})) == []
        assert kept == (worked <= shifts)


def test_hours_are_kept_in_the_last_month_alone_and_none_where_it_ends_with_the_horizon() -> None:
    """Five days of March and two of April: March has all its hours, April 2.67 of 40 and what a shift is."""
    request = run_of_days(7, cap_h=40.0, later_share=1.0)
    limits = {"cap_h": 40.0, "later_share": 1.0}
    two = calling(small(first=MONDAY + timedelta(25), limits=limits), *((day, EARLY) for day in range(7)))
    assert two.month.tolist() == [0] * 5 + [1] * 2
    assert np.flatnonzero(best(drafted(two)).shift[0] >= 0).tolist() in ([0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 6])
    assert broken(two, table(two, {0: every_day(EARLY, 6)})) == []
    assert broken(two, table(two, {0: every_day(EARLY, 7)})) == [Broken("month_hours", "a0", two.day(5))]
    end = replace(request, first=MONDAY + timedelta(23))
    assert (drafted(end).most_minutes == 40 * 60).all()


def test_a_break_is_taken_within_its_window_and_whole() -> None:
    request, rows = meals({0: {0: 4}})
    assert broken(request, rows) == []
    moved = [dict(each) for each in rows]
    moved[0]["ends_at"] = moved[1]["starts_at"] = request.instant(0, 14 * 60)
    moved[1]["ends_at"] = moved[2]["starts_at"] = request.instant(0, 15 * 60)
    assert broken(request, moved) == [Broken("break_in_window", "a0", request.day(0))]
    moved[0]["ends_at"] = moved[1]["starts_at"] = request.instant(0, 12 * 60)
    moved[1]["ends_at"] = moved[2]["starts_at"] = request.instant(0, 12 * 60 + 30)
    assert broken(request, moved) == [Broken("break_in_window", "a0", request.day(0))]


def test_not_all_of_a_post_are_in_their_break_at_once() -> None:
    both = {0: {0: 4}, 1: {0: 4}}
    request, rows = meals(both, most_on_break=0.5)
    assert broken(request, rows) == [Broken("few_on_break", "包裹", request.day(0))]
    request, rows = meals({**both, 2: {0: EARLY}, 3: {0: EARLY}}, most_on_break=0.5)
    assert broken(request, rows) == []


@pytest.mark.parametrize("limits", [{"longest_stretch_h": 4.0}, {"least_stretch_h": 3.5}])
def test_nobody_works_too_long_or_too_short_between_breaks(limits: Mapping[str, float]) -> None:
    request, rows = meals({0: {0: 4}}, **limits)
    # Nine to eighteen with an hour's break from 11:00, 12:30 or 13:00 on.
    for begins, kept in ((11 * 60, False), (12 * 60 + 30, "least_stretch_h" in limits), (13 * 60, True)):
        moved = [dict(each) for each in rows]
        moved[0]["ends_at"] = moved[1]["starts_at"] = request.instant(0, begins)
        moved[1]["ends_at"] = moved[2]["starts_at"] = request.instant(0, begins + 60)
        assert broken(request, moved) == ([] if kept else [Broken("work_stretches", "a0", request.day(0))])
    assert set(BREAK_RULES) == {"break_in_window", "work_stretches", "few_on_break"}


def test_training_within_a_shift_is_part_of_it_and_beyond_it_none() -> None:
    request = small(limits={"cap_h": 8.0})
    [shift] = table(request, {0: {0: EARLY}})
    course = row(request, 0, 0, 10 * 60, 12 * 60, "training", None)
    before = {**shift, "ends_at": course["starts_at"]}
    after = {**shift, "starts_at": course["ends_at"]}
    evening = row(request, 0, 0, 18 * 60, 19 * 60, "training", None)
    assert broken(request, [before, course, after, evening]) == []
    assert broken(replace(request, limits=replace(request.limits, cap_h=7.5)), [before, course, after]) == [
        Broken("month_hours", "a0", MONDAY)
    ]


def test_two_shifts_on_one_day_are_named() -> None:
    request = small()
    rows = [*table(request, {0: {0: DAWN}}), *table(request, {0: {0: LATE}})]
    assert ("one_shift_a_day", "a0") in {(each.rule, each.who) for each in broken(request, rows)}
    over = [*table(request, {0: {0: EARLY}}), *table(request, {0: {0: LATE}})]
    assert ("one_shift_a_day", "a0") in {(each.rule, each.who) for each in broken(request, over)}


def test_whom_the_request_does_not_know_holds_no_licence() -> None:
    rows = [{**each, "agent_id": "x"} for each in table(small(), {0: {0: EARLY}})]
    assert broken(small(), rows) == [Broken("licence", "x", MONDAY)]


def test_a_week_in_which_nobody_calls_nobody_works_and_nothing_is_broken() -> None:
    assert broken(small(), []) == []
    problem = drafted(small())
    assert problem.allowed.all() and (problem.cover.worth == 0).all()
