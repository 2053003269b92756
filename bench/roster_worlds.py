"""Rosters by capability, made up: 28 days, three shifts, five queues, as many heads asked for as can be there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.special import expit

from coachline.engine.roster.solver.problem import OFF, Cover, Problem

DAYS, SHIFTS, QUEUES, CALLS = 28, 3, 5, 10.0
SURPLUS = 1e3
"""Cost of a head more than asked for, so that nobody is sent where nobody is needed."""


def strong_for_dense(people: int, seed: int = 1) -> Problem:
    """Named people with a share resolved for each queue; at most 20 shifts of 8 hours (160 of 167 hours), six days in seven, no early after a late shift.

    Parameters
    ----------
    people : int
    seed : int

    Returns
    -------
    Problem
        Costs are calls resolved, negative.
    """
    rng = np.random.default_rng(seed)
    usual = 1.83 + rng.normal(0.0, 0.35, people)[:, None] + rng.normal(0.0, 0.6, QUEUES)[None]
    skill = expit(usual + rng.normal(0.0, 0.6, (people, QUEUES)))
    share, day = rng.dirichlet(np.full(SHIFTS * QUEUES, 3.0)), rng.uniform(0.7, 1.3, DAYS)
    need = np.maximum(np.round(people * 20 * 0.97 * (day / day.sum())[:, None] * share), 1.0).reshape(DAYS * SHIFTS, QUEUES)
    follows = np.ones((SHIFTS, SHIFTS), np.bool_)
    follows[2, 0] = False
    steps, widths = np.zeros((*need.shape, 2)), np.ones((*need.shape, 2))
    steps[..., 1], widths[..., 0] = SURPLUS, need
    weekday = np.arange(DAYS) % 7
    each = np.full(people, 1)
    return Problem(
        minutes=np.full(SHIFTS, 480),
        follows=follows,
        weekend=np.where(weekday >= 5, np.arange(DAYS) // 7, -1),
        period=np.zeros(DAYS, np.int64),
        allowed=np.ones((people, DAYS, SHIFTS), np.bool_),
        may_be_off=np.ones((people, DAYS), np.bool_),
        least_minutes=np.zeros((people, 1), np.int64),
        most_minutes=np.full((people, 1), 9600),
        longest_run=6 * each,
        shortest_run=each,
        shortest_rest=each,
        night=np.zeros(SHIFTS, np.bool_),
        longest_nights=DAYS * each,
        most_weekends=4 * each,
        counted=np.zeros((0, DAYS, SHIFTS), np.bool_),
        most=np.zeros((people, 0), np.int64),
        run_before=0 * each,
        shift_before=OFF * each,
        night_run_before=0 * each,
        cost=np.zeros((people, DAYS, SHIFTS)),
        off_cost=np.zeros((people, DAYS)),
        cover=Cover(
            part_shift=np.arange(SHIFTS),
            part_slots=np.eye(SHIFTS),
            slots_a_day=SHIFTS,
            may=np.ones((people, QUEUES), np.bool_),
            skill=skill,
            worth=np.full(need.shape, CALLS),
            steps=steps,
            widths=widths,
        ),
    )


def by_heads_alone(problem: Problem) -> Problem:
    """The same problem where nobody is better than another: what a roster that counts heads would do."""
    flat = np.full_like(problem.cover.skill, problem.cover.skill.mean())
    return replace(problem, cover=replace(problem.cover, skill=flat))
