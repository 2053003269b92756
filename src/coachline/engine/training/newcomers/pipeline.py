"""The pipeline of newcomers as stocks and flows (system dynamics), for many draws of what is uncertain and several plans at once.

Stocks, in people::

    recruits -> classroom (3 stages) -> licence exam -> with a mentor (2) -> newcomers (3) -> experienced (4) -> experts
                     |                     |                 |                  |                 |              |
                     +--------- leavers <--+ (failed) <------+------------------+-----------------+--------------+

Delays are chains of equal stages (Erlang distributed times). With every stock travels what its people still lack (a co-flow; Sterman, *Business
Dynamics*, ch. 12): everybody's gap shrinks by the fraction speed / time constant, those who move on or leave take theirs with them. The mean of the gaps is
exact for people who learn along an exponential curve. The one feedback: where more apprentices than planned share a mentor, they learn more slowly.

Time is in months. Every array is (draws, plans) unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from coachline.engine.training.newcomers.leaving import EDGES

Floats = NDArray[np.float64]

CLASS, MENTORED, NEW, EXPERIENCED, EXPERT = slice(0, 3), slice(3, 5), slice(5, 8), slice(8, 12), slice(12, 13)
STAGES = 13
LICENSED = slice(3, 13)
"""Everybody who has passed the licence exam, apprentices among them: they take calls."""
SEASONED = slice(8, 13)
"""At least a year there: those who can be mentors."""

NEW_UNTIL, EXPERIENCED_UNTIL = 12.0, 36.0
"""Months of tenure at which somebody counts as experienced, and as an expert."""
SHORTEST = 0.25
"""Months of the shortest delay that is followed; about a week."""
LEAST_RATE = 1e-12
"""Of leaving, so that nothing is divided by 0."""
STEPS = 16
"""Steps of the integration in a month."""
MENTORS_AT_MOST = 0.5
"""Share of the seasoned who can be mentors at the same time."""
SLOWEST = 0.1
"""Learning speed where there is nobody to learn from."""

COUNTED = ("hired", "left", "failed", "sat", "paid", "in_class", "mentored", "mentoring", "licensed")
"""What is added up: people (the first four) and person-months."""


@dataclass(frozen=True)
class Settings:
    """What drives the pipeline; arrays broadcast to (draws, plans).

    Attributes
    ----------
    hires : numpy.ndarray
        Recruits a month.
    class_months, mentor_months : numpy.ndarray
        Mean time in the classroom and with a mentor.
    passing : numpy.ndarray
        Share that passes the licence exam.
    ratio, ratio_now : numpy.ndarray
        Apprentices per mentor, planned and at present.
    elasticity : numpy.ndarray
        By what power of mentors per apprentice the speed of learning rises.
    leaving : numpy.ndarray
        (4, draws, plans) rate of leaving by band of tenure: 0-3, 3-12, 12-36 months and more.
    starting : numpy.ndarray
        (curve, draws, plans) part of the gap that a recruit has on the day of the licence.
    times : numpy.ndarray
        (curve, draws, plans) time constant of each learning curve.
    mentor_time : numpy.ndarray
        Share of a mentor's time that the apprentices take.
    practice : numpy.ndarray
        Share of an apprentice's time on the phones.
    """

    hires: Floats
    class_months: Floats
    mentor_months: Floats
    passing: Floats
    ratio: Floats
    ratio_now: Floats
    elasticity: Floats
    leaving: Floats
    starting: Floats
    times: Floats
    mentor_time: Floats
    practice: Floats


@dataclass(frozen=True)
class State:
    """People by stage and what they lack, at one moment.

    Attributes
    ----------
    heads : numpy.ndarray
        (STAGES, draws, plans).
    lacking : numpy.ndarray
        (curve, STAGES, draws, plans) sum over the people of a stage of the part of the gap that each still has.
    counted : numpy.ndarray
        (len(COUNTED), draws, plans), from the beginning on.
    """

    heads: Floats
    lacking: Floats
    counted: Floats

    def count(self, name: str) -> Floats:
        return np.asarray(self.counted[COUNTED.index(name)])

    def stepped(self, rate: State, months: float) -> State:
        return State(self.heads + months * rate.heads, self.lacking + months * rate.lacking, self.counted + months * rate.counted)


def mentors(heads: Floats, settings: Settings) -> tuple[Floats, Floats]:
    """Mentors at work, and apprentices that each of them really has."""
    apprentices, seasoned = heads[MENTORED].sum(axis=0), heads[SEASONED].sum(axis=0)
    working = np.minimum(apprentices / settings.ratio, MENTORS_AT_MOST * seasoned)
    with np.errstate(divide="ignore", invalid="ignore"):
        each = np.where(apprentices > 0, apprentices / working, settings.ratio)
    return np.asarray(working), np.asarray(each)


def speed(each: Floats, settings: Settings) -> Floats:
    """Speed of learning of apprentices of whom a mentor has `each`, 1 being the present one."""
    return np.asarray(np.maximum((settings.ratio_now / each) ** settings.elasticity, SLOWEST))


def integrate(start: State, settings: Settings, months: int, steps: int = STEPS) -> list[State]:
    """Follow the pipeline by the classical Runge-Kutta method of fourth order.

    Parameters
    ----------
    start : State
    settings : Settings
    months : int
        From 0 on.
    steps : int
        In a month.

    Returns
    -------
    list of State
        At the beginning and at the end of every month, ``months + 1`` in all.
    """
    onward, leaving = _flows(settings)
    step = 1.0 / steps
    state, path = start, [start]
    for _ in range(months):
        for _ in range(steps):
            one = _rates(state, settings, onward, leaving)
            two = _rates(state.stepped(one, step / 2), settings, onward, leaving)
            three = _rates(state.stepped(two, step / 2), settings, onward, leaving)
            four = _rates(state.stepped(three, step), settings, onward, leaving)
            state = state.stepped(one, step / 6).stepped(two, step / 3).stepped(three, step / 3).stepped(four, step / 6)
        path.append(state)
    return path


def chance(start: State, settings: Settings, months: int) -> Floats:
    """Standard deviation of heads after some months by the chance of single people alone, rates being known.

    Who is there stays or goes (binomial), who comes later is Poisson.

    Returns
    -------
    numpy.ndarray
        (draws, plans).
    """
    stays = integrate(start, replace(settings, hires=np.zeros_like(settings.hires)), months)[-1].heads.sum(axis=0)
    end = integrate(start, settings, months)[-1].heads.sum(axis=0)
    share = stays / np.maximum(start.heads.sum(axis=0), 1e-9)
    return np.asarray(np.sqrt(np.maximum(stays * (1.0 - share) + end - stays, 0.0)))


def _flows(settings: Settings) -> tuple[Floats, Floats]:
    """Rates of going on and of leaving of every stage, (STAGES, draws, plans) each.

    A stage stands for a stretch of tenure. Its two rates are such that the share that gets through it, and the mean time spent in it, are those of the survival model
    over that stretch, which may reach over the end of a band: mean stays are then exact. Where nobody leaves, the rate of going on is one over the length.
    """
    class_months = np.maximum(settings.class_months, SHORTEST)
    mentor_months = np.maximum(settings.mentor_months, SHORTEST)
    new_months = np.maximum(NEW_UNTIL - class_months - mentor_months, 3 * SHORTEST)
    experienced = np.full_like(class_months, EXPERIENCED_UNTIL - NEW_UNTIL)
    lengths = [*[class_months / 3] * 3, *[mentor_months / 2] * 2, *[new_months / 3] * 3, *[experienced / 4] * 4]
    edges = np.cumsum([np.zeros_like(class_months), *lengths], axis=0)
    begin, end = edges[:-1], edges[1:]
    hazard, time = np.zeros_like(begin), np.zeros_like(begin)
    for rate, (low, high) in zip(np.maximum(settings.leaving, LEAST_RATE), pairwise(EDGES), strict=True):
        within = np.maximum(np.minimum(end, high) - np.maximum(begin, low), 0.0)
        time += np.exp(-hazard) * -np.expm1(-rate * within) / rate
        hazard += rate * within
    last = np.broadcast_to(settings.leaving[-1:], edges[:1].shape)
    return np.concatenate([np.exp(-hazard) / time, np.zeros_like(last)]), np.concatenate([-np.expm1(-hazard) / time, last])


def _rates(state: State, settings: Settings, onward: Floats, leaving: Floats) -> State:
    """What changes in a month, at this moment."""
    heads = state.heads
    moving, gone = onward * heads, leaving * heads
    working, each = mentors(heads, settings)
    sitting = moving[CLASS.stop - 1]
    passed = settings.passing * sitting

    change = -moving - gone
    change[0] += settings.hires
    change[1:] += moving[:-1]
    change[MENTORED.start] += passed - sitting

    taken = onward * state.lacking
    lacking = -taken - leaving * state.lacking
    lacking[:, 1:] += taken[:, :-1]
    # In the classroom nobody is on a curve yet: who is licensed starts on it.
    lacking[:, CLASS] = 0.0
    lacking[:, MENTORED.start] += settings.starting * passed - taken[:, CLASS.stop - 1]
    learning = 1.0 / settings.times
    lacking[:, MENTORED] -= state.lacking[:, MENTORED] * (learning * speed(each, settings))[:, None]
    lacking[:, NEW.start :] -= state.lacking[:, NEW.start :] * learning[:, None]

    counted = [
        np.broadcast_to(settings.hires, sitting.shape), gone.sum(axis=0), sitting - passed, sitting, heads.sum(axis=0), heads[CLASS].sum(axis=0),
        heads[MENTORED].sum(axis=0), working, heads[LICENSED].sum(axis=0),
    ]  # fmt: skip
    return State(change, lacking, np.stack(counted))
