"""Whether there is anything to tell apart at all: more difference between people, cells or businesses than chance alone makes.

Score tests of "all alike" against differences of any kind. Given the business, each call is a draw from the same urn; sums of squares of what
people are above or below it are compared with what draws without replacement give.

Source: the score test for random effects, Lin (1997), "Variance component testing in generalised linear models with random effects",
Biometrika 84, 309-326; the sum of squares follows a scaled chi-square with the same mean and variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincc

from coachline.engine.capability.outcome_fit import FittedOutcome
from coachline.engine.stats.hierarchical.design import Floats

LEVEL = 0.01
"""Above this probability people are not told apart. Several outcomes are looked at, so one in twenty would be too often wrong."""


@dataclass(frozen=True)
class Differences:
    """Probabilities of at least such differences if there were none; NaN where there is nothing to compare.

    Attributes
    ----------
    agents : float
        Between agents, over all that they handle.
    cells : float
        Between agents within a business.
    businesses : float
        Between businesses.
    """

    agents: float
    cells: float
    businesses: float

    @property
    def people_differ(self) -> bool:
        """Whether agents, or agents on single businesses, can be told apart; the level is shared by the two tests."""
        return bool(np.nanmin([self.agents, self.cells, 1.0]) < LEVEL / 2)

    @property
    def businesses_differ(self) -> bool:
        return bool(self.businesses < LEVEL)


def differences(outcome: FittedOutcome) -> Differences:
    """Test the cells of an outcome, on plain counts: every call counts alike, however old."""
    design = outcome.design
    n, total = outcome.n.astype(float), outcome.total
    size = design.businesses
    calls = np.bincount(design.business, n, size)
    mean = np.bincount(design.business, total, size) / np.maximum(calls, 1.0)
    variance = np.maximum(np.bincount(design.business, outcome.total_sq, size) / np.maximum(calls, 1.0) - mean**2, 0.0)
    variance *= calls / np.maximum(calls - 1.0, 1.0)

    above = total - n * mean[design.business]
    urn = calls[design.business]
    spread = n * variance[design.business] * (1.0 - n / urn)
    tail = _excess(outcome, n, mean[design.business], spread)
    by_agent = [np.asarray(np.bincount(design.agent, part, design.agents), float) for part in (above, spread, tail)]
    centre = total.sum() / n.sum()
    overall = max(float(outcome.total_sq.sum() / n.sum() - centre**2), 0.0)
    of_business = calls * overall * (1.0 - calls / calls.sum())
    return Differences(
        agents=_probability(*by_agent),
        cells=_probability(above, spread, tail),
        businesses=_probability(calls * (mean - centre), of_business, np.zeros(size)),
    )


def _excess(outcome: FittedOutcome, n: Floats, mean: Floats, spread: Floats) -> Floats:
    """Fourth cumulant of each cell's sum: what rare outcomes add to the scatter of squares. Grades and logarithms have little of it."""
    if outcome.successes is None:
        return np.zeros_like(n)
    p = mean * (1.0 - mean)
    return spread * np.abs(1.0 - 6.0 * p)


def _probability(above: Floats, spread: Floats, excess: Floats) -> float:
    """Probability of a sum of squares of `above` at least as large, if its parts have variance `spread` and fourth cumulant `excess`."""
    used = spread > 0.0
    expected = float(spread[used].sum())
    if used.sum() < 2 or expected <= 0.0:
        return float("nan")
    # The sums add up to nothing: what one is above, the others are below. Their variances allow for it, their squares scatter a little more.
    variance = float((2.0 * spread[used] ** 2 + excess[used]).sum()) * used.sum() / (used.sum() - 1.0)
    return float(gammaincc(expected**2 / variance, float((above[used] ** 2).sum()) * expected / variance))
