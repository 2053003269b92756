"""What moves people apart from training: weeks that are hard for everybody, and each person's own rise or fall, told by the work that was not trained."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine.facts import Facts
from coachline.engine.stats.half_lives import Floats
from coachline.engine.stats.hierarchical.walk import averaged, wandering

CALM = 25.0
"""Cases' worth of belief, in units of information, that a week is like any other: a prior standard deviation of 0.2 logits."""

LEANING = 4.0
"""Cases' worth of what is usual on the business that are added to a person's own share there."""

BLOCK_WEEKS = 4
"""Weeks in which a person's own level counts as one."""


@dataclass(frozen=True)
class Calendar:
    """Logits by which a week differs from the usual.

    Attributes
    ----------
    weeks : mapping of week to float
        For everybody.
    own : mapping of agent to float array
        By week from `first` on, beyond that: the person's level less its mean.
    first : int
    """

    weeks: Mapping[int, float]
    own: Mapping[str, Floats]
    first: int

    def of(self, agents: Collection[str], weeks: Collection[int]) -> Floats:
        """Of pairs of agent and week, in order."""
        found = np.array([self.weeks.get(week, 0.0) for week in weeks])
        for place, (agent, week) in enumerate(zip(agents, weeks, strict=True)):
            own = self.own.get(agent)
            if own is not None and 0 <= week - self.first < len(own):
                found[place] += own[week - self.first]
        return found


def calendar(facts: Facts, weekly: ir.Table, trained: pl.DataFrame) -> Calendar:
    """Estimate both from everything that nobody was trained in.

    Parameters
    ----------
    facts : Facts
    weekly : ibis table
        agent_id, business, week, n, successes; of all businesses.
    trained : polars.DataFrame
        agent_id, business: pairs to leave out.
    """
    found = pl.DataFrame(facts.collect(_scores(weekly, trained))).sort("agent_id", "week")
    if found.is_empty():
        return Calendar({}, {}, 0)
    sums = found.group_by("week").agg(pl.col("more", "weight").sum()).sort("week")
    weeks = {int(week): more / (weight + CALM) for week, more, weight in sums.select("week", "more", "weight").rows()}
    first, last = min(weeks), max(weeks)
    agents = found["agent_id"].unique().sort().to_list()
    place = found["agent_id"].replace_strict({a: k for k, a in enumerate(agents)}, return_dtype=pl.Int64).to_numpy()
    week = found["week"].to_numpy()
    blocks = (last - first) // BLOCK_WEEKS + 1
    more, information = np.zeros((len(agents), blocks)), np.zeros((len(agents), blocks))
    common = np.array([weeks[int(w)] for w in week])
    cell = place, (week - first) // BLOCK_WEEKS
    np.add.at(more, cell, found["more"].to_numpy() - common * found["weight"].to_numpy())
    np.add.at(information, cell, found["weight"].to_numpy())
    with np.errstate(divide="ignore", invalid="ignore"):
        observed = np.where(information > 0, more / information, 0.0)
        variance = np.where(information > 0, 1.0 / information, np.inf)
    prior = np.zeros(len(agents)), np.ones(len(agents))
    levels = averaged(observed, variance, *prior, wandering(observed, variance, *prior)).deviation
    middles = first + BLOCK_WEEKS * np.arange(blocks) + (BLOCK_WEEKS - 1) / 2
    own = {agent: np.interp(np.arange(first, last + 1), middles, levels[k]) for k, agent in enumerate(agents)}
    return Calendar(weeks, own, first)


def _scores(weekly: ir.Table, trained: pl.DataFrame) -> ir.Table:
    """By agent and week: successes beyond what the person's own shares let expect, and the information in them."""
    cell, business = ibis.window(group_by=["agent_id", "business"]), ibis.window(group_by="business")
    rows = weekly.mutate(
        own_n=weekly.n.sum().over(cell),
        own=weekly.successes.sum().over(cell),
        usual=weekly.successes.sum().over(business) / weekly.n.sum().over(business),
    )
    rows = rows.mutate(p=(rows.own + LEANING * rows.usual) / (rows.own_n + LEANING))
    pairs = trained.select(trained_agent="agent_id", trained_business="business").to_arrow()
    pairs = ibis.memtable(pairs.cast(pa.schema([(name, pa.string()) for name in pairs.schema.names])))
    rows = rows.left_join(pairs, [rows.agent_id == pairs.trained_agent, rows.business == pairs.trained_business])
    rows = rows.filter(rows.trained_agent.isnull())
    rows = rows.mutate(more=rows.successes - rows.n * rows.p, weight=rows.n * rows.p * (1.0 - rows.p))
    return rows.group_by("agent_id", "week").aggregate(more=rows.more.sum(), weight=rows.weight.sum())
