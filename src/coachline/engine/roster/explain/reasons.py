"""Why this person works then: what would be lost without them, who or which shift comes next, and what that would cost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl

from coachline.engine.roster.explain.weighing import Scales, Weighed, without_must
from coachline.engine.roster.plan.request import OFF, UNKNOWN, Request
from coachline.engine.roster.rules.wanted import together
from coachline.engine.roster.solver.problem import Problem, Schedule

REASONS: dict[str, pl.DataType] = {
    "agent_id": pl.String(), "date": pl.Date(), "shift": pl.String(), "business": pl.String(), "why": pl.String(), "gain": pl.Float64(),
    "skill": pl.Float64(), "better_at_hand": pl.Int64(), "bound_by": pl.String(), "other_agent_id": pl.String(), "other_way": pl.String(), "other_agent_cost": pl.Float64(),
    "other_shift": pl.String(), "other_shift_cost": pl.Float64(),
}  # fmt: skip
"""A row per person and shift. ``gain``: calls resolved fewer if nobody came; ``better_at_hand``: people of higher skill at the business who could have had this
shift by its own and by their licence; ``bound_by``: the rule that a day off would break; ``other_way``: the other one ``comes`` from a day off, or
``exchanges`` shifts or posts of the day."""

TOP = 0.2
"""Share of those at hand who count as the best."""


def reason_rows(
    request: Request, problem: Problem, schedule: Schedule, without: tuple[int, ...] = (), until: float = np.inf
) -> pl.DataFrame:
    """Schema `REASONS`, in order of person and day; what is not reached by `until` is left out.

    Parameters
    ----------
    request : Request
    problem : Problem
    schedule : Schedule
    without : tuple of int
        People who have no roster and so stand for nobody.
    until : float
        Moment of the monotonic clock.
    """
    scales = Scales(problem, schedule, without_must(request, problem.cover.may))
    among = np.setdiff1d(np.arange(problem.people), np.array(without, np.int64))
    share = together(request)
    mentors = {apprentice: mentor for mentor, apprentice in request.pairs}
    rows: list[dict[str, Any]] = []
    for person, day in np.argwhere(schedule.shift != OFF).tolist():
        if time.monotonic() > until:
            break
        shift, post = int(schedule.shift[person, day]), main_post(problem, schedule, person, day)
        found = scales.weigh(person, day, among)
        at_hand = np.flatnonzero(problem.allowed[:, day, shift] & problem.cover.may[:, post])
        better = int((request.skill[at_hand, post] > request.skill[person, post] + 1e-9).sum())
        mentor = mentors.get(person)
        beside = mentor is not None and schedule.shift[mentor, day] >= 0 and share[schedule.shift[mentor, day], shift] > 0
        worse = int((request.skill[at_hand, post] < request.skill[person, post] - 1e-9).sum())
        facts = {"fixed": _fixed(request, person, day), "better": better, "worse": worse, "at_hand": len(at_hand), "beside": beside}
        rows.append(
            {
                "agent_id": request.people[person],
                "date": request.day(day),
                "shift": request.shifts[shift].code,
                "business": request.posts[post],
                "why": why(request, person, day, shift, found, facts),
                "gain": found.calls,
                "skill": float(request.skill[person, post]),
                "better_at_hand": better,
                "bound_by": found.bound_by,
                "other_agent_id": None if found.other_person is None else request.people[found.other_person],
                "other_way": found.other_way,
                "other_agent_cost": found.other_person_cost,
                "other_shift": None if found.other_shift is None else request.shifts[found.other_shift].code,
                "other_shift_cost": found.other_shift_cost,
            }
        )
    return pl.DataFrame(rows, schema=REASONS)


def why(request: Request, person: int, day: int, shift: int, found: Weighed, facts: Mapping[str, Any]) -> str:
    """The first code that holds.

    Parameters
    ----------
    request : Request
    person, day, shift : int
    found : Weighed
    facts : mapping
        ``fixed``; ``better``, ``worse`` and ``at_hand``, how many of those who could come are better and worse, and how many these are with the person;
        ``beside``.
    """
    limits = request.limits
    if facts["fixed"]:
        return "fixed_day"
    if facts["at_hand"] <= 1:
        return "only_one"
    if found.gain - found.calls > 0.5 * limits.must_price and limits.least_heads > 0:
        return "must_be_manned"
    if facts["better"] < TOP * facts["at_hand"] <= facts["worse"] and found.calls > 0:
        return "best_here"
    if request.wish_shift[person, day, shift] > 0:
        return "wished_for"
    if facts["beside"]:
        return "with_mentor"
    if found.bound_by == "least_hours":
        return "contract_hours"
    if found.bound_by is not None:
        return "days_in_row"
    if (
        request.last_roster[person, day] == shift
        and found.other_person_cost is not None
        and found.other_person_cost <= limits.stability_price
    ):
        return "as_before"
    return "better_ones_elsewhere" if facts["better"] else "calls_need_it"


def main_post(problem: Problem, schedule: Schedule, person: int, day: int) -> int:
    """The post at which most of a shift is spent."""
    part = np.flatnonzero(problem.cover.part_shift == schedule.shift[person, day])
    time_at = np.bincount(
        schedule.post[person, day, part], problem.cover.part_slots[part].sum(axis=1), minlength=problem.cover.may.shape[1]
    )
    return int(time_at.argmax())


def _fixed(request: Request, person: int, day: int) -> bool:
    return bool(request.fixed[person, day] and request.last_roster[person, day] != UNKNOWN)
