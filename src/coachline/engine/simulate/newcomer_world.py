"""A pipeline of newcomers, person by person: each moves on, fails, learns and leaves by chance of their own.

It is the individual counterpart of the stocks and flows in `coachline.engine.training.newcomers.pipeline` and knows nothing of them: with many people its counts must
be theirs.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Ladder:
    """The stages of a career, in order; rates are per month.

    Attributes
    ----------
    onward, leaving : (stage,) float arrays
        Rate of going on, 0 in the last stage, and of leaving.
    exam_after : int
        Stage at whose end the licence exam is.
    passing : float
        Chance of passing it; who fails is gone.
    lacking : float
        What somebody lacks on the day of the licence.
    learning : (stage,) float array
        Rate at which it vanishes.
    """

    onward: Floats
    leaving: Floats
    exam_after: int
    passing: float
    lacking: float
    learning: Floats


@dataclass(frozen=True)
class Careers:
    """What became of everybody.

    Attributes
    ----------
    heads : (month, stage) int array
    lacking : (month, stage) float array
        Sum over the people of a stage.
    left, failed : (month,) int arrays
        From the beginning on.
    """

    heads: Ints
    lacking: Floats
    left: Ints
    failed: Ints


def careers(ladder: Ladder, begins: Floats, stage: Ints, lacking: Floats, months: int, rng: np.random.Generator) -> Careers:
    """Play the careers of people.

    Parameters
    ----------
    ladder : Ladder
    begins : numpy.ndarray
        (people,) month of entering, 0 for those who are there at the beginning.
    stage : numpy.ndarray
        (people,) stage then.
    lacking : numpy.ndarray
        (people,) what each lacks then; 0 before the licence.
    months : int
    rng : numpy.random.Generator

    Returns
    -------
    Careers
        At the beginning and at the end of every month.
    """
    stages, at = len(ladder.onward), np.arange(months + 1.0)
    heads, sums = np.zeros((months + 1, stages), np.int64), np.zeros((months + 1, stages))
    left, failed = np.zeros(months + 1, np.int64), np.zeros(months + 1, np.int64)
    time, behind, there = begins.astype(float), lacking.astype(float), np.ones(len(begins), bool)
    for s in range(stages):
        here = there & (stage <= s)
        total = ladder.onward[s] + ladder.leaving[s]
        until = time + (rng.exponential(1.0 / total, len(time)) if total > 0 else np.inf)
        for month in range(months + 1):
            now = here & (time <= at[month]) & (at[month] < until)
            heads[month, s] = now.sum()
            sums[month, s] = (behind[now] * np.exp(-ladder.learning[s] * (at[month] - time[now]))).sum()
        goes = here & (rng.random(len(time)) * total < ladder.leaving[s])
        left += (until[goes][:, None] <= at).sum(axis=0)
        there &= ~goes
        on = here & ~goes
        if s == ladder.exam_after:
            fails = on & (rng.random(len(time)) >= ladder.passing)
            failed += (until[fails][:, None] <= at).sum(axis=0)
            there &= ~fails
            on &= ~fails
            behind = np.where(on, ladder.lacking, behind)
        else:
            stayed = np.where(on & np.isfinite(until), until - time, 0.0)
            behind = np.where(on, behind * np.exp(-ladder.learning[s] * stayed), behind)
        time = np.where(on, until, time)
    return Careers(heads, sums, left, failed)
