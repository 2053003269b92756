"""The rules of a roster in plain Python, written apart from the solver, and small problems to try them on."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from coachline.engine.roster.solver.problem import OFF, Cover, Problem


def small_problem(rng: np.random.Generator, *, people: int = 1, days: int = 6, shifts: int = 2, posts: int = 1) -> Problem:
    """A problem of random costs with loose rules; a slot for each shift of a day."""
    slots = days * shifts
    steps = np.sort(rng.integers(-9, 4, (slots, posts, 3)), axis=2).astype(float)
    return Problem(
        minutes=np.array([480, 360, 480])[:shifts],
        follows=np.ones((shifts, shifts), np.bool_),
        weekend=np.where(np.arange(days) % 7 >= 5, np.arange(days) // 7, -1),
        period=np.zeros(days, np.int64),
        allowed=np.ones((people, days, shifts), np.bool_),
        may_be_off=np.ones((people, days), np.bool_),
        least_minutes=np.zeros((people, 1), np.int64),
        most_minutes=np.full((people, 1), 480 * days),
        longest_run=np.full(people, days),
        shortest_run=np.ones(people, np.int64),
        shortest_rest=np.ones(people, np.int64),
        night=np.zeros(shifts, np.bool_),
        longest_nights=np.full(people, days),
        most_weekends=np.full(people, days),
        counted=np.zeros((0, days, shifts), np.bool_),
        most=np.zeros((people, 0), np.int64),
        run_before=np.zeros(people, np.int64),
        shift_before=np.full(people, OFF),
        night_run_before=np.zeros(people, np.int64),
        cost=rng.integers(-5, 6, (people, days, shifts)).astype(float),
        off_cost=rng.integers(-3, 4, (people, days)).astype(float),
        cover=Cover(
            part_shift=np.arange(shifts),
            part_slots=np.eye(shifts),
            slots_a_day=shifts,
            may=np.ones((people, posts), np.bool_),
            skill=np.zeros((people, posts)),
            worth=np.zeros((slots, posts)),
            steps=steps,
            widths=np.ones((slots, posts, 3)),
        ),
    )


def with_rules(problem: Problem, rng: np.random.Generator) -> Problem:
    """The same problem, with rules drawn by lot."""
    people, days, shifts = problem.allowed.shape
    before = rng.integers(-3, 4, people)
    two_periods = rng.random() < 0.5
    shift_before = np.where(before > 0, rng.integers(0, shifts, people), OFF)
    night = rng.random(shifts) < 0.5
    after_night = (shift_before != OFF) & night[shift_before]
    return replace(
        problem,
        follows=np.ones((shifts, shifts), np.bool_) & ~(np.triu(rng.random((shifts, shifts)) < 0.5, 1).T),
        weekend=np.where(np.isin(np.arange(days), (1, 2, 4, 5)), np.arange(days) // 3, -1),
        period=(np.arange(days) >= days // 2).astype(np.int64) * int(two_periods),
        allowed=rng.random((people, days, shifts)) < 0.85,
        may_be_off=rng.random((people, days)) < 0.95,
        least_minutes=np.full((people, 1 + two_periods), 360),
        most_minutes=np.full((people, 1 + two_periods), 1080 + 480 * (not two_periods)),
        longest_run=rng.integers(2, 5, people),
        shortest_run=rng.integers(1, 3, people),
        shortest_rest=rng.integers(1, 3, people),
        most_weekends=rng.integers(1, 3, people),
        counted=rng.random((2, days, shifts)) < 0.5,
        most=rng.integers(1, 4, (people, 2)),
        run_before=before,
        shift_before=shift_before,
        night=night,
        longest_nights=rng.integers(1, 4, people),
        night_run_before=np.where(after_night, rng.integers(1, 4, people), 0),
    )


def keeps_rules(problem: Problem, person: int, shift: tuple[int, ...]) -> bool:
    """Whether one person's roster keeps every rule, looked at rule by rule."""
    days = range(problem.days)
    worked = [s != OFF for s in shift]
    for d in days:
        if worked[d] and not problem.allowed[person, d, shift[d]]:
            return False
        if not worked[d] and not problem.may_be_off[person, d]:
            return False
    sequence = [int(problem.shift_before[person]), *shift]
    if any(a != OFF and b != OFF and not problem.follows[a, b] for a, b in itertools.pairwise(sequence)):
        return False
    row = int(problem.night_run_before[person])
    for s in shift:
        row = row + 1 if s != OFF and problem.night[s] else 0
        if row > problem.longest_nights[person]:
            return False
    for period in set(problem.period.tolist()):
        minutes = sum(int(problem.minutes[shift[d]]) for d in days if worked[d] and problem.period[d] == period)
        if not problem.least_minutes[person, period] <= minutes <= problem.most_minutes[person, period]:
            return False
    weekends = {int(problem.weekend[d]) for d in days if worked[d] and problem.weekend[d] >= 0}
    if len(weekends) > problem.most_weekends[person]:
        return False
    for k, most in enumerate(problem.most[person].tolist()):
        if sum(bool(problem.counted[k, d, shift[d]]) for d in days if worked[d]) > most:
            return False
    return _runs_right(problem, person, worked)


def _runs_right(problem: Problem, person: int, worked: list[bool]) -> bool:
    before = int(problem.run_before[person])
    lasted = abs(before)
    began_unseen = before == 0
    state = before > 0 if before else worked[0]
    for today in [*worked, None]:
        if today is None:
            # What goes on behind the horizon may be as short as it likes, but not too long already.
            return not state or lasted <= problem.longest_run[person]
        if today == state:
            lasted += 1
        else:
            least = int((problem.shortest_run if state else problem.shortest_rest)[person])
            if lasted and lasted < least and not began_unseen:
                return False
            state, lasted, began_unseen = today, 1, False
        if state and lasted > problem.longest_run[person]:
            return False
    return True


def every_roster(problem: Problem, person: int) -> Iterator[tuple[int, ...]]:
    """All rosters of a person that keep the rules."""
    choices = range(OFF, problem.shifts)
    return (shift for shift in itertools.product(choices, repeat=problem.days) if keeps_rules(problem, person, shift))


def own_cost(problem: Problem, person: int, shift: tuple[int, ...]) -> float:
    return sum(float(problem.off_cost[person, d]) if s == OFF else float(problem.cost[person, d, s]) for d, s in enumerate(shift))
