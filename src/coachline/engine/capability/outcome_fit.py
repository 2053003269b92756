"""The model of one outcome: its cells placed in a roll of agents and businesses, and fitted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from threadpoolctl import threadpool_limits

from coachline.engine.capability.memory import Memory
from coachline.engine.capability.outcomes import RATINGS, Outcome
from coachline.engine.stats.hierarchical.design import Design, Floats, Ints, levels_of
from coachline.engine.stats.hierarchical.fit import Fit, fit
from coachline.engine.stats.hierarchical.likelihood import Likelihood, Ratings, Shares, Times


@dataclass(frozen=True)
class Roll:
    """Who and what is spoken of: the same rows and columns for every outcome.

    Attributes
    ----------
    agents, businesses : tuple of str
        In alphabetical order. Agents with evidence of any outcome; businesses with evidence or in the table of businesses.
    team : (agents,) int array
        An agent without a known team belongs to one of its own kind, the team of those without.
    covariates : (agents, k) float array, optional
        What is known of agents beforehand, standardised; see `tenure`.
    """

    agents: tuple[str, ...]
    businesses: tuple[str, ...]
    team: Ints
    covariates: Floats | None = None

    @cached_property
    def levels(self) -> list[Ints]:
        return levels_of(self.businesses)

    @cached_property
    def family(self) -> Ints:
        """The top level of the paths; one family where they have no levels."""
        return self.levels[0] if self.levels else np.zeros(len(self.businesses), np.int64)


@dataclass(frozen=True)
class FittedOutcome:
    """The model of one outcome, with the plain counts of its seen cells in the order of the design.

    Attributes
    ----------
    outcome : Outcome
    roll : Roll
    fit : Fit
    n : (cells,) int array
    successes : (cells,) int array or None
        None where the outcome is not a share.
    total, total_sq : (cells,) float arrays
        Sum and sum of squares of single values: 0 or 1, grade, ln seconds.
    """

    outcome: Outcome
    roll: Roll
    fit: Fit
    n: Ints
    successes: Ints | None
    total: Floats
    total_sq: Floats

    @property
    def design(self) -> Design:
        return self.fit.design

    @property
    def likelihood(self) -> Likelihood:
        return self.fit.likelihood

    @cached_property
    def plain(self) -> Fit:
        """The same data as agents and businesses alone."""
        with threads():
            return fit(self.design, self.likelihood, plain=True)


def fit_outcome(outcome: Outcome, cells: pl.DataFrame, roll: Roll, memory: Memory, *, low_rank: bool = True) -> FittedOutcome:
    """Fit one outcome on its cells, months weighted as `memory` says."""
    plain, weighed = memory.collapsed(coded(cells, roll))
    design = Design(plain["agent"].to_numpy(), plain["b"].to_numpy(), roll.team, roll.levels, roll.family, roll.covariates)
    with threads():
        likelihood = likelihood_of(outcome, weighed)
        fitted = fit(design, likelihood, low_rank=low_rank)
    n = plain["n"].to_numpy()
    share = outcome.kind == "share"
    successes = plain["successes"].to_numpy() if share else None
    total = successes.astype(float) if successes is not None else plain["total"].to_numpy()
    return FittedOutcome(outcome, roll, fitted, n, successes, total, total if share else plain["total_sq"].to_numpy())


def coded(cells: pl.DataFrame, roll: Roll) -> pl.DataFrame:
    """`cells` with agent and business as places in the roll, ``agent`` and ``b``."""
    agents = pl.DataFrame({"agent_id": roll.agents, "agent": np.arange(len(roll.agents))})
    businesses = pl.DataFrame({"business": roll.businesses, "b": np.arange(len(roll.businesses))})
    return cells.join(agents, on="agent_id").join(businesses, on="business")


def likelihood_of(outcome: Outcome, cells: pl.DataFrame) -> Likelihood:
    """The likelihood of an outcome's cells: frame with n, and successes or total, total_sq or rating_1 ... rating_5."""
    tries = cells["n"].to_numpy().astype(float)
    if outcome.kind == "share":
        return Shares.of(tries, cells["successes"].to_numpy().astype(float))
    if outcome.kind == "time":
        return Times.of(tries, cells["total"].to_numpy(), cells["total_sq"].to_numpy())
    return Ratings.of(cells.select(f"rating_{grade}" for grade in RATINGS).to_numpy().astype(float))


def threads() -> threadpool_limits:
    """A context in which products of matrices take one thread: on a busy machine several wait for each other longer than they work."""
    return threadpool_limits(limits=1, user_api="blas")
