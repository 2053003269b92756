"""Rosters of a request as stretches at the phones, and the crews that work them in one try."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.plan.breaks import ON_BREAK, placed_breaks
from coachline.engine.roster.plan.request import Bools, Floats, Ints, Request
from coachline.engine.roster.simulation.crew import Crew
from coachline.engine.roster.solver.problem import Schedule
from coachline.engine.roster.whatif.people import Trained

SURE = 1e-4
"""Skill stays this far from never and always."""
MOST_CLOSED = 1.5
"""A training closes at most so much of the gap, however uncertain its effect is."""


@dataclass(frozen=True)
class Stretches:
    """Who is at which post when.

    Attributes
    ----------
    person, day, post : (stretches,) int array
        `day` is that of the shift.
    starts_s, ends_s : (stretches,) float array
        Seconds of the wall clock from midnight of the first day.
    hours : (people,) float array
        Paid: work that counts against the cap.
    """

    person: Ints
    day: Ints
    post: Ints
    starts_s: Floats
    ends_s: Floats
    hours: Floats


def stretches(request: Request, schedule: Schedule, part_shift: Ints) -> Stretches:
    """A schedule with its breaks placed where calls need their takers least."""
    placed, _ = placed_breaks(request, schedule, part_shift)
    rows = [
        (shift.person, shift.day, each.post, shift.day * 1440 + each.start, shift.day * 1440 + each.end)
        for shift in placed
        for each in shift.stretches(request)
        if each.post != ON_BREAK
    ]
    table = np.array(rows, np.int64).reshape(-1, 5)
    kept = schedule.shift >= 0
    minutes = np.where(kept, request.minutes[np.where(kept, schedule.shift, 0)], 0).sum(axis=1)
    starts, ends = (np.asarray(60.0 * table[:, column], float) for column in (3, 4))
    return Stretches(table[:, 0], table[:, 1], table[:, 2], starts, ends, minutes / 60.0)


def present(request: Request, usual: Ints, mix: Floats, seed: int) -> Stretches:
    """The roster of today. Nobody says who takes what in it: each shift is given to a business by what its worker handled in the past."""
    rng = np.random.default_rng(seed)
    part_shift = np.repeat(np.arange(len(request.shifts)), [len(kind.parts) for kind in request.shifts])
    shift = np.where(request.leave, -1, usual)
    weight = np.where(request.licensed, np.maximum(mix, 1e-9), 0.0)
    weight = np.where(weight.sum(axis=1, keepdims=True) > 0, weight, 1.0)
    edges = np.cumsum(weight, axis=1) / weight.sum(axis=1, keepdims=True)
    chosen = (rng.random(shift.shape)[:, :, None] > edges[:, None, :-1]).sum(axis=2)
    post = np.where((shift >= 0)[:, :, None], chosen[:, :, None], -1)
    return stretches(request, Schedule(shift, np.repeat(post, len(part_shift), axis=2)), part_shift)


@dataclass(frozen=True)
class Circumstances:
    """What all rosters are worked under: differing from try to try, but alike for all rosters in the same one.

    Attributes
    ----------
    seed : int
    absence : float
        Share of the shifts that fall out at short notice.
    closed, closed_sd : float
        Share of the gap that a training closes.
    urgency : (posts,) float array
        See `Crew`.
    """

    seed: int
    absence: float
    closed: float
    closed_sd: float
    urgency: Floats


def crew_of(
    request: Request, roster: Stretches, handle_s: Floats, pace: Floats, under: Circumstances, trained: Trained | None
) -> Callable[[int], Crew]:
    """The crew of every try.

    Parameters
    ----------
    request : Request
    roster : Stretches
    handle_s : (posts,) float array
    pace : (people,) float array
    under : Circumstances
    trained : Trained, optional
    """
    licensed: Bools = request.licensed.copy()
    if trained is not None:
        licensed[trained.people, trained.post] = True
    # Whoever is put at a post by the roster takes its calls.
    licensed[roster.person, roster.post] = True

    def crew(number: int) -> Crew:
        rng = np.random.default_rng((under.seed, number, 1))
        sure = rng.standard_normal(len(request.people))
        skill = request.skill + request.skill_sd * sure[:, None]
        closed = float(np.clip(under.closed + under.closed_sd * rng.standard_normal(), 0.0, MOST_CLOSED))
        there = rng.random((len(request.people), request.days)) >= under.absence
        if trained is not None:
            own = skill[trained.people, trained.post]
            skill[trained.people, trained.post] = own + closed * np.maximum(trained.level - own, 0.0)
        kept = there[roster.person, roster.day]
        return Crew(
            roster.person[kept], roster.post[kept], roster.starts_s[kept], roster.ends_s[kept], licensed, np.outer(pace, handle_s),
            skill.clip(SURE, 1.0 - SURE), under.urgency,
        )  # fmt: skip

    return crew
