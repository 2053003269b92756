"""How many calls every agent is to expect on every business in the coming weeks.

Recent calls count most: a call `half_life` days ago counts half. What is left to chance is shrunk towards what somebody with as many calls would get if
everybody handled the same mix. How much, the calls themselves say: where people specialise, their own past counts nearly alone.

Source: the gamma-Poisson model, e.g. Gelman et al., *Bayesian Data Analysis*, section 2.6; its shape by moments.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.capability.profile.window import Window, collected
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.stats.hierarchical.design import Floats, Ints

LEAST_SHAPE, MOST_SHAPE = 0.05, 50.0
"""Of the gamma distribution; beyond them nothing changes any more."""


@dataclass(frozen=True)
class RecentCalls:
    """The answered inbound calls of a window, by agent and business.

    Attributes
    ----------
    cells : polars.DataFrame
        agent_id, business, ``calls`` (all of them), ``weighed`` (each by its age), ``last`` (day of the last one); sorted.
    first : mapping of str to int
        Day of each agent's first call.
    day : int
        The last day, in days since 1970.
    half_life : float
        Days.
    """

    cells: pl.DataFrame
    first: dict[str, int]
    day: int
    half_life: float


def recent_calls(facts: Facts, window: Window, half_life: float) -> RecentCalls:
    """One pass over the calls of the window.

    Parameters
    ----------
    facts : Facts
    window : Window
    half_life : float
        Days after which a call counts half.
    """
    rows = enriched_calls(facts, window.period)
    rows = rows.filter(rows.answered, rows.agent_id.notnull(), rows.business.notnull())
    rows = rows.select("agent_id", "business", day=rows.wall_s // clock.DAY_S)
    rows = rows.mutate(weight=((rows.day - window.day) * (np.log(2.0) / half_life)).exp())
    found = rows.group_by(["agent_id", "business"]).aggregate(
        calls=rows.count(), weighed=rows.weight.sum(), first=rows.day.min(), last=rows.day.max()
    )
    cells = collected(facts, found).sort("agent_id", "business")
    first = dict(cells.group_by("agent_id").agg(pl.col("first").min()).iter_rows())
    return RecentCalls(cells.drop("first"), first, window.day, half_life)


@dataclass(frozen=True)
class ExpectedCalls:
    """Calls to expect.

    Attributes
    ----------
    per_day : (agents, businesses) float array
        Calls on a calendar day.
    calls : (agents, businesses) int array
        Those of the whole window.
    """

    per_day: Floats
    calls: Ints


def expected_calls(recent: RecentCalls, agents: tuple[str, ...], businesses: tuple[str, ...]) -> ExpectedCalls:
    """The calls to expect of `agents` on `businesses`; none of those who had no call at all.

    A weighed sum of Poisson counts scatters less or more than a count. Sum and days are scaled by the same factor so that mean and variance agree again.
    """
    shape = (len(agents), len(businesses))
    place = {name: n for n, name in enumerate(agents)}, {name: n for n, name in enumerate(businesses)}
    known = recent.cells.filter(pl.col("agent_id").is_in(agents), pl.col("business").is_in(businesses))
    at = tuple(
        np.array([where[name] for name in known[column]], np.int64) for where, column in zip(place, ("agent_id", "business"), strict=True)
    )
    calls, weighed = np.zeros(shape, np.int64), np.zeros(shape)
    calls[at], weighed[at] = known["calls"].to_numpy(), known["weighed"].to_numpy()
    days, factor = _at_work(recent, agents)
    return ExpectedCalls(shrunk(weighed * factor[:, None], days * factor), calls)


def _at_work(recent: RecentCalls, agents: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Weighed days since each agent's first call, and the factor that makes a weighed sum scatter like a count."""
    days = np.array([recent.day - recent.first.get(agent, recent.day) + 1 for agent in agents], float)
    kept = 0.5 ** (1.0 / recent.half_life)
    total = (1.0 - kept**days) / (1.0 - kept)
    squared = (1.0 - kept ** (2.0 * days)) / (1.0 - kept**2)
    return total, total / squared


def shrunk(count: Floats, days: Floats) -> Floats:
    """Posterior mean of the rates of Poisson counts whose rates scatter about agent's rate x business's share as a gamma distribution.

    Parameters
    ----------
    count : (agents, businesses) float array
    days : (agents,) float array
        Over which each agent's calls were counted.

    Returns
    -------
    (agents, businesses) float array
        Calls per day.
    """
    everything = count.sum()
    if everything <= 0.0:
        return np.zeros_like(count)
    usual = count.sum(axis=1, keepdims=True) * (count.sum(axis=0) / everything)
    beyond = ((count - usual) ** 2).sum() - everything
    shape = float(np.clip((usual**2).sum() / beyond if beyond > 0.0 else MOST_SHAPE, LEAST_SHAPE, MOST_SHAPE))
    # (shape + count) / (shape / usual + 1) of the usual count, and then per day.
    return np.asarray((shape + count) * usual / (shape + usual) / days[:, None])
