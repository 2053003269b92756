"""Evidence month by month: how far each person, business or cell was from its level of the whole time."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from coachline.engine.capability.outcome_fit import FittedOutcome, likelihood_of
from coachline.engine.stats.hierarchical.design import Floats, Ints
from coachline.engine.stats.hierarchical.likelihood import Likelihood, Ratings, Times
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.engine.stats.hierarchical.walk import Averaged, Wandering, averaged, wandering


@dataclass(frozen=True)
class Series:
    """Series of one kind, by month: what was observed of their levels, and where they start from.

    Attributes
    ----------
    agent, business : (series,) int arrays or None
        Places in the roll; None where the series is over all of them.
    n, observed, variance : (series, months) arrays
        Cases; level and its noise variance, infinite where nothing was seen.
    prior_mean, prior_variance : (series,) float arrays
    centre : (series,) float array
        The level at which a value stands for the whole time; values of months are read relative to it.
    """

    agent: Ints | None
    business: Ints | None
    n: Ints
    observed: Floats
    variance: Floats
    prior_mean: Floats
    prior_variance: Floats
    centre: Floats

    def wandering(self) -> Wandering:
        return wandering(self.observed, self.variance, self.prior_mean, self.prior_variance)

    def averaged(self, moving: Wandering) -> Averaged:
        return averaged(self.observed, self.variance, self.prior_mean, self.prior_variance, moving)


def all_series(fitted: FittedOutcome, rows: pl.DataFrame, months: int, kinds: Collection[str]) -> dict[str, Series]:
    """The series of an outcome that are asked for: ``centre``, ``agent``, ``business``, ``cell``.

    Parameters
    ----------
    fitted : FittedOutcome
    rows : polars.DataFrame
        Evidence by month as `coded` gives it, with the number of the month from 0, ``t``.
    months : int
    kinds : collection of str
    """
    fit, roll = fitted.fit, fitted.roll
    agent, business, t = (rows[name].to_numpy() for name in ("agent", "b", "t"))
    shape = (len(roll.agents), len(roll.businesses))
    level, structure, unsure = (np.empty(shape) for _ in range(3))
    general = fit.effects.team[fitted.design.team] + fit.effects.agent + fit.leaning.mean
    for found in levels(fit):
        level[found.block.agents], structure[found.block.agents] = found.mean, found.structure
        unsure[found.block.agents] = found.structure_variance + fit.spread.cell
    likelihood = _of_months(fitted, rows)
    n = rows["n"].to_numpy()
    slope, curvature = likelihood.score(level[agent, business])
    spread = fit.spread

    def summed(place: Ints, series: int) -> tuple[Ints, Floats, Floats]:
        """Cases, and one scoring step from the whole time's level with its variance, by series and month."""
        at = place * months + t
        counts, pulls, information = (np.bincount(at, part, series * months).reshape(series, months) for part in (n, slope, curvature))
        seen = information > 0.0
        step = np.divide(pulls, information, out=np.zeros_like(information), where=seen)
        return counts.astype(np.int64), step, np.divide(1.0, information, out=np.full_like(information, np.inf), where=seen)

    def one(place: Ints, centre: Floats, prior: Floats, variance: Floats, agents: Ints | None, businesses: Ints | None) -> Series:
        counts, step, noise = summed(place, len(centre))
        return Series(agents, businesses, counts, step + centre[:, None], noise, prior, variance, centre)

    found_series = {}
    if "centre" in kinds:
        found_series["centre"] = one(np.zeros(len(agent), np.int64), np.zeros(1), np.zeros(1), np.ones(1), None, None)
    if "agent" in kinds:
        own, place = np.unique(agent, return_inverse=True)
        variance = np.full(len(own), spread.team + spread.agent)
        found_series["agent"] = one(place, general[own], fit.leaning.mean[own], variance, own, None)
    if "business" in kinds:
        own, place = np.unique(business, return_inverse=True)
        height = fit.effects.business + fit.offset
        variance = np.full(len(own), spread.business_side)
        found_series["business"] = one(place, height[own], np.full(len(own), height.mean()), variance, None, own)
    if "cell" in kinds:
        keys, place = np.unique(agent * shape[1] + business, return_inverse=True)
        a, b = keys // shape[1], keys % shape[1]
        found_series["cell"] = one(place, level[a, b], structure[a, b], unsure[a, b], a, b)
    return found_series


def _of_months(fitted: FittedOutcome, rows: pl.DataFrame) -> Likelihood:
    """The likelihood of cells by month, with the parameters of the fit."""
    likelihood, known = likelihood_of(fitted.outcome, rows), fitted.likelihood
    if isinstance(likelihood, Times) and isinstance(known, Times):
        return replace(likelihood, within=known.within)
    if isinstance(likelihood, Ratings) and isinstance(known, Ratings):
        return replace(likelihood, thresholds=known.thresholds)
    return likelihood
