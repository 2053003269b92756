"""From the calibration and the plans to what the pipeline starts from and is driven by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from coachline.engine.training.newcomers import pipeline
from coachline.engine.training.newcomers.calibration import RATIO_NOW, WEEKS_PER_MONTH, Calibration
from coachline.engine.training.newcomers.leaving import MONTH_DAYS
from coachline.engine.training.newcomers.pipeline import Settings, State
from coachline.engine.training.newcomers.plans import Plan
from coachline.engine.training.newcomers.records import People

Floats = NDArray[np.float64]

CURVES = ("resolved", "handle", "selected")
"""What people lack on their way: of resolution and of pace, learnt with time; and what a stricter exam selects, which stays."""
SCHOOL_CLASS = 0.5
"""Part of the classroom that is still needed by who comes through a school."""
MOST_BEHIND = 2.0
"""Largest starting gap, in gaps of today's newcomers, that a shorter classroom can leave."""


def settings_of(found: Calibration, plans: Sequence[Plan], present: float, months: int) -> Settings:
    """What drives the pipeline under each plan, (draws, plans).

    Parameters
    ----------
    found : Calibration
    plans : sequence of Plan
        The present state first.
    present : float
        People there today.
    months : int
        Horizon, over which recruits may be spread.
    """
    school = np.array([plan.school for plan in plans])
    now_weeks, now_mentored = found["class_weeks"][:, None], found["mentor_weeks"][:, None]
    asked = np.concatenate([_or_now(plan.class_weeks, now_weeks) + plan.more_class_weeks for plan in plans], axis=1)
    mentored = np.concatenate([_or_now(plan.mentor_weeks, now_mentored) for plan in plans], axis=1)
    passing_now = found["passing"][:, None]
    passing = np.concatenate([_or_now(plan.passing, passing_now) for plan in plans], axis=1)
    times = np.stack([np.broadcast_to(found[f"{curve}_months"][:, None], asked.shape) for curve in CURVES[:2]])
    practice = (asked - now_weeks) / WEEKS_PER_MONTH * found["class_worth"][:, None]
    starting = np.minimum(np.exp(-practice / times), MOST_BEHIND)
    selected = found["exam_validity"][:, None] * found["resolved_spread"][:, None] * (advantage(passing) - advantage(passing_now))
    kinder = 1.0 - school * (1.0 - found["school_leaving"][:, None])
    leaving = np.repeat(found.leaving[:, :, None], len(plans), axis=2)
    leaving[:2] *= kinder
    usual = found["hires"][:, None]
    hires = np.concatenate(
        [np.full_like(usual, plan.heads("monthly", present)) if plan.monthly is not None else usual for plan in plans],
        axis=1,
    ) + np.array([plan.heads("spread", present) / max(months, 1) for plan in plans])
    shape = asked.shape
    return Settings(
        hires=hires,
        class_months=asked / WEEKS_PER_MONTH * (1.0 - school * (1.0 - SCHOOL_CLASS)),
        mentor_months=mentored / WEEKS_PER_MONTH,
        passing=passing,
        ratio=np.broadcast_to([RATIO_NOW if plan.mentor_ratio is None else plan.mentor_ratio for plan in plans], shape),
        ratio_now=np.full(shape, RATIO_NOW),
        elasticity=np.broadcast_to(found["mentor_elasticity"][:, None], shape),
        leaving=leaving,
        starting=np.concatenate([starting, -selected[None]]),
        times=np.concatenate([times, np.full((1, *shape), np.inf)]),
        mentor_time=np.broadcast_to(found["mentor_time"][:, None], shape),
        practice=np.broadcast_to(found["practice"][:, None], shape),
    )


def _or_now(given: float | None, now: Floats) -> Floats:
    return now if given is None else np.full_like(now, given)


def advantage(passing: Floats) -> Floats:
    """Mean, in standard deviations, of the best `passing` of a normal population: what selection by a perfect exam brings (Brogden, 1949)."""
    share = np.clip(passing, 1e-9, 1.0 - 1e-9)
    return np.asarray(np.exp(-0.5 * ndtri(share) ** 2) / np.sqrt(2.0 * np.pi) / share)


def start_of(found: Calibration, people: People, settings: Settings, plans: Sequence[Plan]) -> State:
    """Today's people in the stages that their tenure puts them in, and the batch that a plan recruits today.

    Whoever has no date of hiring counts as an expert: it is old records that lack it.
    """
    present = people.present
    months = np.sort((people.closed - people.hired[present & np.isfinite(people.hired)]) / MONTH_DAYS)
    unknown = int((present & ~np.isfinite(people.hired)).sum())
    # Stages by tenure are those of the present state, whatever the plan.
    class_months = np.maximum(settings.class_months[:, 0], 0.0)
    mentored = settings.mentor_months[:, 0]
    licensed = class_months + mentored
    new = np.maximum(pipeline.NEW_UNTIL - licensed, 0.0)
    edges = [np.zeros_like(class_months)]
    for length, count in ((class_months, 3), (mentored, 2), (new, 3)):
        edges += [edges[-1] + length / count for _ in range(count)]
    edges[-1] = np.maximum(edges[-1], pipeline.NEW_UNTIL)
    quarter = (pipeline.EXPERIENCED_UNTIL - pipeline.NEW_UNTIL) / 4
    edges += [np.maximum(edges[8], pipeline.NEW_UNTIL + k * quarter) for k in range(1, 5)]
    place = np.searchsorted(months, np.array([*edges[1:]]), side="left")
    place = np.concatenate([np.zeros_like(place[:1]), place, np.full_like(place[:1], len(months))])
    heads = np.diff(place, axis=0).astype(float)
    lacking = np.zeros((len(CURVES), pipeline.STAGES, len(class_months)))
    for curve in range(2):
        behind = np.exp(-np.maximum(months[:, None] - class_months, 0.0) / settings.times[curve, :, 0])
        total = np.concatenate([np.zeros((1, behind.shape[1])), np.cumsum(behind, axis=0)])
        lacking[curve] = np.diff(np.take_along_axis(total, place, axis=0), axis=0)
    lacking[:, pipeline.CLASS] = 0.0
    heads[-1] += unknown
    count = len(plans)
    heads, lacking = np.repeat(heads[:, :, None], count, axis=2), np.repeat(lacking[:, :, :, None], count, axis=3)
    counted = np.zeros((len(pipeline.COUNTED), *heads.shape[1:]))
    batch = np.array([plan.heads("once", float(present.sum())) for plan in plans])
    heads[0] += batch
    counted[pipeline.COUNTED.index("hired")] += batch
    return State(heads, lacking, counted)
