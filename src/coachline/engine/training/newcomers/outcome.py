"""What the pipeline means for callers and the purse: capability, service level, mentor load, cost, at the end of every month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from coachline.engine.training.newcomers import pipeline
from coachline.engine.training.newcomers.calibration import Calibration
from coachline.engine.training.newcomers.pipeline import LICENSED, MENTORED, SEASONED, Settings, State
from coachline.engine.training.newcomers.plans import Plan
from coachline.engine.training.newcomers.staffing import Load, servers, service_level

Floats = NDArray[np.float64]

FEWEST_HEADS = 1e-9
COST_SOURCES = ("recruiting", "wages", "classroom", "mentoring", "exams", "school")


@dataclass(frozen=True)
class Costs:
    """Assumed prices, in the centre's currency.

    Attributes
    ----------
    cost_recruit : float
        A recruit.
    wage, class_wage : float
        A month of somebody licensed, and of somebody in the classroom.
    cost_classroom : float
        Teaching, a month and person.
    cost_mentor : float
        A mentor's allowance for a month.
    cost_exam : float
        A person sitting the licence exam.
    cost_school : float
        A recruit through a school.
    """

    cost_recruit: float
    wage: float
    class_wage: float
    cost_classroom: float
    cost_mentor: float
    cost_exam: float
    cost_school: float


@dataclass(frozen=True)
class Workforce:
    """What the people of one moment can do; (draws, plans).

    Attributes
    ----------
    seats : numpy.ndarray
        Full-time people on the phones, an apprentice counting with the part of the time spent there and a mentor without the time for apprentices.
    pace : numpy.ndarray
        Mean handle time relative to that of the seasoned.
    capability : numpy.ndarray
        Share of calls resolved.
    mentor_load : numpy.ndarray
        Share of the time of the seasoned that goes to apprentices.
    """

    seats: Floats
    pace: Floats
    capability: Floats
    mentor_load: Floats


def workforce(state: State, settings: Settings, found: Calibration) -> Workforce:
    """Seats, pace and capability of the people of a state."""
    heads = state.heads[LICENSED]
    apart = state.lacking[:, LICENSED]
    with np.errstate(divide="ignore", invalid="ignore"):
        behind = np.where(heads > FEWEST_HEADS, apart / heads, 0.0)
    working, _ = pipeline.mentors(state.heads, settings)
    seasoned = state.heads[SEASONED].sum(axis=0)
    busy = working * settings.mentor_time
    load = np.divide(busy, seasoned, out=np.zeros_like(busy), where=seasoned > FEWEST_HEADS)
    seats = heads.copy()
    seats[: MENTORED.stop - LICENSED.start] *= settings.practice
    seats[SEASONED.start - LICENSED.start :] *= 1.0 - load
    slow = np.exp(found["handle_gap"][:, None] * behind[1])
    calls = seats / slow
    total, served = seats.sum(axis=0), calls.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pace = np.where(total > FEWEST_HEADS, total / served, np.nan)
        capability = np.full_like(total, np.nan)
        if "resolved_seasoned" in found.draws:
            share = expit(logit(found["resolved_seasoned"])[:, None] - found["resolved_gap"][:, None] * behind[0] - behind[2])
            capability = np.where(total > FEWEST_HEADS, (calls * share).sum(axis=0) / served, np.nan)
    return Workforce(total, pace, capability, load)


def service_levels(path: Sequence[Workforce], found: Calibration, within_s: float) -> Floats:
    """(months + 1, draws, plans) share of callers answered within the threshold; NaN where nobody called or nobody is there today.

    Calls grow by the trend, take longer with slower people, and come back where they were not resolved. The first plan's present capacity stands for today's staffing.
    """
    if found.load is None:
        return np.full((len(path), *path[0].seats.shape), np.nan)
    today = path[0]
    seats, pace, solved = (values[:, :1] for values in (today.seats, today.pace, today.capability))
    staffed = servers(found.load, found["staffing"])[:, :, None]
    repeats = found["repeats"][:, None]
    levels = []
    for month, now in enumerate(path):
        grown = np.exp(found["growth"] * month)[:, None]
        again = (1.0 + repeats * (1.0 - now.capability)) / (1.0 + repeats * (1.0 - solved))
        slower = now.pace / pace
        factor = grown * np.where(np.isfinite(again), again, 1.0) * np.where(np.isfinite(slower), slower, 1.0)
        load = Load(found.load.erlangs[:, :, None] * factor, found.load.share)
        with np.errstate(divide="ignore", invalid="ignore"):
            capacity = now.seats / seats
        handle = found["handle_s"][:, None] * np.where(np.isfinite(slower), slower, 1.0)
        level = service_level(
            load, staffed * np.where(np.isfinite(capacity), capacity, 0.0), found["patience_s"][:, None] / handle, within_s / handle
        )
        levels.append(np.where(np.isfinite(capacity), level, np.nan))
    return np.array(levels)


def costs(path: Sequence[State], plans: Sequence[Plan], prices: Costs) -> Mapping[str, Floats]:
    """(months + 1, draws, plans) what has been spent by source from the beginning on."""
    total = {name: np.array([state.count(name) for state in path]) for name in pipeline.COUNTED}
    school = np.array([plan.school for plan in plans])
    return {
        "recruiting": total["hired"] * prices.cost_recruit,
        "wages": (total["paid"] - total["in_class"]) * prices.wage + total["in_class"] * prices.class_wage,
        "classroom": total["in_class"] * prices.cost_classroom,
        "mentoring": total["mentoring"] * prices.cost_mentor,
        "exams": total["sat"] * prices.cost_exam,
        "school": total["hired"] * school * prices.cost_school,
    }
