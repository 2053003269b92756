"""The rostering problem as the solver sees it: people, days, shifts, and posts that should be manned; nothing but arrays.

Costs are minimised. A roster costs what each person's shifts and days off cost by themselves, plus, for every cell (a slot of time and a post), what the
heads that are there cost: convex in their number, so that the first heads relieve most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

OFF = -1
"""A day without a shift."""


@dataclass(frozen=True)
class Cover:
    """What shifts do for the posts.

    Attributes
    ----------
    part_shift : (parts,) int array
        The shift to which each part belongs; whoever works a shift mans one post in each of its parts.
    part_slots : (parts, slots per window) float array
        Share of each slot that the part covers, counted from the beginning of its day; the window may be longer than a day (nights), what lies beyond
        the horizon is dropped.
    slots_a_day : int
    may : (people, posts) bool array
        Who may man which post.
    skill : (people, posts) float array
        Counts times `worth` for every slot that the person mans the post.
    worth : (slots, posts) float array
        Gain for each unit of skill; slots of all days in a row.
    steps : (slots, posts, steps) float array
        Cost of the first, second, … head in a cell, never falling from one step to the next; further heads cost as much as the last step.
    widths : (slots, posts, steps) float array
        Heads for which each step holds; the last one is taken as endless.
    """

    part_shift: Ints
    part_slots: Floats
    slots_a_day: int
    may: Bools
    skill: Floats
    worth: Floats
    steps: Floats
    widths: Floats


@dataclass(frozen=True)
class Problem:
    """Who could work when, by which rules, and what it costs.

    Attributes
    ----------
    minutes : (shifts,) int array
        What a shift counts against the hours.
    follows : (shifts, shifts) bool array
        Whether the second may come on the day after the first.
    weekend : (days,) int array
        Number of the weekend, -1 on other days.
    period : (days,) int array
        Accounting period (month) of each day from 0 on, never falling.
    allowed : (people, days, shifts) bool array
    may_be_off : (people, days) bool array
    least_minutes, most_minutes : (people, periods) int array
    longest_run, shortest_run, shortest_rest : (people,) int array
        Days worked in a row, at most and at least; days off in a row, at least. Runs and rests that began before the horizon or go on behind it may be
        shorter in it.
    night : (shifts,) bool array
    longest_nights : (people,) int array
        Nights on days in a row, at most; 1 or more.
    most_weekends : (people,) int array
    counted : (classes, days, shifts) bool array
        Kinds of shifts whose number is limited: nights, busy evenings, each shift by itself.
    most : (people, classes) int array
    run_before : (people,) int array
        Days worked (positive) or off (negative) just before the horizon, 0 where unknown.
    shift_before : (people,) int array
        Shift on the day before the horizon, `OFF` where none or unknown.
    night_run_before : (people,) int array
        Nights in a row up to that shift; 0 where it is none.
    cost : (people, days, shifts) float array
    off_cost : (people, days) float array
    cover : Cover
    """

    minutes: Ints
    follows: Bools
    weekend: Ints
    period: Ints
    allowed: Bools
    may_be_off: Bools
    least_minutes: Ints
    most_minutes: Ints
    longest_run: Ints
    shortest_run: Ints
    shortest_rest: Ints
    night: Bools
    longest_nights: Ints
    most_weekends: Ints
    counted: Bools
    most: Ints
    run_before: Ints
    shift_before: Ints
    night_run_before: Ints
    cost: Floats
    off_cost: Floats
    cover: Cover

    @property
    def people(self) -> int:
        return len(self.longest_run)

    @property
    def days(self) -> int:
        return len(self.weekend)

    @property
    def shifts(self) -> int:
        return len(self.minutes)


@dataclass(frozen=True)
class Schedule:
    """A roster.

    Attributes
    ----------
    shift : (people, days) int array
        `OFF` where none.
    post : (people, days, parts) int array
        Post manned in each part of the day's shift (parts of all shifts; -1 where the part is not worked).
    """

    shift: Ints
    post: Ints


@dataclass(frozen=True)
class Solved:
    """What was found by the deadline.

    Attributes
    ----------
    schedule : Schedule or None
        None only where somebody has no roster at all that keeps their rules: see `without`.
    cost, bound : float
        Of the roster, and below which none can be; equal where proven.
    without : tuple of int
        People for whom the rules leave no roster.
    seconds : float
    """

    schedule: Schedule | None
    cost: float
    bound: float
    without: tuple[int, ...]
    seconds: float

    @property
    def gap(self) -> float:
        """(cost - bound) / |cost|, 0 where proven."""
        return max(self.cost - self.bound, 0.0) / max(abs(self.cost), 1e-9)
