"""Answer patterns that ability does not explain: one person's, and two people's together.

References
----------
Snijders, T. A. B. (2001), Psychometrika 66, 331-342 (lz*, person fit with estimated ability). van der Linden, W. J. & Sotaridona, L. (2006), J. Educ.
Behav. Stat. 31, 283-304 (number of matching answers as a sum of unequal Bernoulli variables). Hall, P. (1992), *The Bootstrap and Edgeworth
Expansion*, section 2.5 (correction for skewness).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from coachline.engine.stats.items.answers import Floats, Places
from coachline.engine.stats.items.calibration import Calibration

BLOCK = 512
"""Rows of pairs that are looked at in one go."""

LOOK_CLOSER = 1e-3
"""Approximate tail below which the exact one is computed."""


def person_fit(fit: Calibration) -> tuple[Floats, Floats]:
    """lz* of every sitting, and the probability of one so low.

    The ability is the mode of the posterior, whose prior the correction takes into account.

    Returns
    -------
    tuple of (sittings,) float arrays
        NaN where a sitting has no answers that could differ.
    """
    answers, at = fit.answers, _modes(fit)
    slope = fit.slope[answers.item]
    level = slope * at[answers.sitting] + fit.intercept[answers.item]
    chance = expit(level)
    spread = chance * (1.0 - chance)

    def summed(values: Floats) -> Floats:
        return np.asarray(np.bincount(answers.sitting, values, minlength=answers.sittings))

    with np.errstate(divide="ignore", invalid="ignore"):
        pull = summed(slope * spread * level) / summed(slope**2 * spread)
        weight = level - pull[answers.sitting] * slope
        deviation = np.sqrt(summed(weight**2 * spread))
        z = summed((answers.correct - chance) * weight) / deviation
        skew = summed(weight**3 * spread * (1.0 - 2.0 * chance)) / deviation**3
    z = np.where(deviation > 1e-6, z, np.nan)
    return z, _lower_tail(z, skew)


def _modes(fit: Calibration) -> Floats:
    """(sittings,) mode of each posterior, by Newton's method, which cannot miss: the posterior is log-concave."""
    answers, centre = fit.answers, fit.mean[fit.answers.paper]
    at = centre.copy()
    for _ in range(50):
        slope = fit.slope[answers.item]
        chance = expit(slope * at[answers.sitting] + fit.intercept[answers.item])
        score = np.bincount(answers.sitting, slope * (answers.correct - chance), minlength=answers.sittings) - (at - centre)
        curve = np.bincount(answers.sitting, slope**2 * chance * (1.0 - chance), minlength=answers.sittings) + 1.0
        step = np.clip(score / curve, -1.0, 1.0)
        at = at + step
        if np.abs(step).max(initial=0.0) < 1e-10:
            break
    return np.asarray(at)


def _lower_tail(z: Floats, skew: Floats) -> Floats:
    """P(Z <= z) of a standardised sum with some skewness (first Edgeworth term)."""
    density = np.exp(-0.5 * z**2) / np.sqrt(2.0 * np.pi)
    return np.asarray(np.clip(ndtr(z) - skew / 6.0 * (z**2 - 1.0) * density, 0.0, 1.0))


@dataclass(frozen=True)
class Pairs:
    """Pairs of sittings of one paper that agree more than ability explains.

    Attributes
    ----------
    compared : int
        All pairs that were compared.
    one, other : (n,) integer arrays
        Sittings.
    items, alike : (n,) integer arrays
        Items that both answered, and equal answers among these.
    expected : (n,) float array
        Equal answers to be expected of two people of these abilities.
    p : (n,) float array
        Exact probability of as many equal answers or more.
    """

    compared: int
    one: Places
    other: Places
    items: Places
    alike: Places
    expected: Floats
    p: Floats


def alike_pairs(fit: Calibration, fewest: int) -> Pairs:
    """Compare all pairs within each paper that answered `fewest` items or more in common.

    The number of equal answers of two people who work alone is a sum of independent Bernoulli variables; it is computed by its first moments for all pairs
    (a few matrix products) and exactly for those far out.
    """
    answers, at = fit.answers, _modes(fit)
    compared = 0
    found: list[tuple[int, int, int, int, float, float]] = []
    for paper in range(answers.papers):
        people = np.flatnonzero(answers.paper == paper)
        given = answers.given[people]
        items = np.flatnonzero(np.asarray(given.sum(axis=0)).ravel())
        if len(people) < 2 or len(items) < fewest:
            continue
        seen = (given[:, items] > 0).toarray().astype(float)
        right = (answers.right[people][:, items] > 0).toarray().astype(float)
        tilt = seen * (1.0 - 2.0 * expit(fit.slope[items] * at[people, None] + fit.intercept[items]))
        sign = seen * (1.0 - 2.0 * right)
        for start in range(0, len(people), BLOCK):
            rows = slice(start, start + BLOCK)
            n = seen[rows] @ seen.T
            ahead = (np.arange(len(people)) > np.arange(start, min(start + BLOCK, len(people)))[:, None]) & (n >= fewest)
            compared += int(ahead.sum())
            product, square, cube = (tilt[rows] ** k @ (tilt**k).T for k in (1, 2, 3))
            mean, variance, third = (n + product) / 2, (n - square) / 4, (cube - product) / 4
            alike = (n + sign[rows] @ sign.T) / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                deviation = np.sqrt(np.maximum(variance, 1e-12))
                upper = _lower_tail(-(alike - 0.5 - mean) / deviation, -third / deviation**3)
            for i, j in zip(*np.nonzero(ahead & (upper < LOOK_CLOSER)), strict=True):
                both = (seen[start + i] * seen[j]) > 0
                equal = (1.0 + tilt[start + i, both] * tilt[j, both]) / 2
                p = _at_least(equal, round(float(alike[i, j])))
                found.append((people[start + i], people[j], int(n[i, j]), round(float(alike[i, j])), float(mean[i, j]), p))
    columns = list(zip(*found, strict=True)) or [()] * 6
    counts = [np.array(c, np.int64) for c in columns[:4]]
    return Pairs(compared, counts[0], counts[1], counts[2], counts[3], np.array(columns[4], float), np.array(columns[5], float))


def _at_least(chances: Floats, count: int) -> float:
    """P(at least `count` of independent events), by convolution."""
    spread = np.ones(1)
    for chance in chances:
        spread = np.append(spread * (1.0 - chance), 0.0) + np.append(0.0, spread * chance)
    return float(spread[count:].sum())


def adjusted(p: Floats, tests: int) -> Floats:
    """Holm's adjusted p-values of the smallest among `tests` tests; an error anywhere among them stays below the level.

    NaN stays NaN and counts as no test.
    """
    out = np.full(len(p), np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    out[order] = np.minimum(np.maximum.accumulate(p[order] * (tests - np.arange(len(order)))), 1.0)
    return out
