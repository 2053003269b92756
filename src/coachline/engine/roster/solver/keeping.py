"""Whether one person's row of shifts keeps the rules of a problem; the first that it breaks."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from coachline.engine.roster.solver.kinds_in_row import longest_row
from coachline.engine.roster.solver.problem import OFF, Ints, Problem


def in_the_way(problem: Problem, person: int, shift: Ints) -> str | None:
    """The first rule that a row breaks, as a code of `RULES`; None where it keeps all.

    Parameters
    ----------
    problem : Problem
    person : int
    shift : (days,) int array
    """
    worked = np.flatnonzero(shift != OFF)
    off = np.flatnonzero(shift == OFF)
    if not problem.allowed[person, worked, shift[worked]].all():
        return "not_allowed"
    if not problem.may_be_off[person, off].all():
        return "fixed_days"
    before = np.concatenate([[problem.shift_before[person]], shift])
    pairs = (before[:-1] != OFF) & (before[1:] != OFF)
    if not problem.follows[before[:-1][pairs], before[1:][pairs]].all():
        return "rest_between_shifts"
    if (problem.counted[:, worked, shift[worked]].sum(axis=1) > problem.most[person]).any():
        return "too_many_of_kind"
    nights = (problem.night[shift] & (shift != OFF)).tolist()
    if longest_row(nights, int(problem.night_run_before[person])) > problem.longest_nights[person]:
        return "longest_nights"
    weekends = problem.weekend[worked]
    if len(np.unique(weekends[weekends >= 0])) > problem.most_weekends[person]:
        return "weekends_off"
    minutes = np.zeros(problem.least_minutes.shape[1], np.int64)
    np.add.at(minutes, problem.period[worked], problem.minutes[shift[worked]])
    if (minutes > problem.most_minutes[person]).any():
        return "month_hours"
    if (minutes < problem.least_minutes[person]).any():
        return "least_hours"
    return _in_row(problem, person, shift != OFF)


def _in_row(problem: Problem, person: int, works: np.ndarray) -> str | None:
    days = len(works)
    before = int(problem.run_before[person])
    edges = [0, *(np.flatnonzero(np.diff(works)) + 1).tolist(), days]
    for begins, ends in pairwise(edges):
        on = bool(works[begins])
        goes_on = begins == 0 and before != 0 and (before > 0) == on
        length = ends - begins + (abs(before) if goes_on else 0)
        if on and length > problem.longest_run[person]:
            return "longest_run"
        if ends == days or goes_on or (begins == 0 and before == 0):
            continue
        if on and length < problem.shortest_run[person]:
            return "shortest_run"
        if not on and length < problem.shortest_rest[person]:
            return "shortest_rest"
    return None
