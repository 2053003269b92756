"""How much of what is known of a pair is older than its last training, and what that training has probably done since.

Whoever was weak, was trained, and has hardly had a call since still looks weak. What the training usually closes is taken off for the part of the evidence
that is older than it, with the doubt that there is about it; the calls since count as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis
import numpy as np
import polars as pl
import pyarrow as pa

from coachline.engine import clock
from coachline.engine.capability.profile.window import Window, collected
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.stats.hierarchical.design import Floats
from coachline.engine.training.method_effects import PRIOR_CLOSED, PRIOR_SD, MethodEffect

DAYS_A_MONTH = 30.4375


@dataclass(frozen=True)
class TrainedSince:
    """What trainings have probably done to pairs, all of shape (agents, businesses); 0 where there was none.

    Attributes
    ----------
    older : float array
        Share of the evidence that is older than the last training.
    closed, sd : float arrays
        Share of the gap that the evidence shows and that is closed by now, and its standard deviation.
    """

    older: Floats
    closed: Floats
    sd: Floats

    def moved(self, mean: Floats, variance: Floats, standard: Floats, sign: float, agents: slice) -> tuple[Floats, Floats]:
        """Levels of a block of agents as they probably are by now.

        Parameters
        ----------
        mean, variance : (agents, businesses) float arrays
        standard : (businesses,) float array
            On the scale of the levels; NaN where there is none.
        sign : float
            1 where more is better, -1 where less is.
        agents : slice
            The block.
        """
        short = np.nan_to_num(np.maximum(sign * (standard - mean), 0.0), nan=0.0, posinf=0.0)
        return mean + sign * self.closed[agents] * short, variance + (self.sd[agents] * short) ** 2


def trained_since(
    facts: Facts,
    window: Window,
    trained: pl.DataFrame,
    effects: Mapping[str, MethodEffect],
    half_life: float | None,
    agents: Sequence[str],
    businesses: Sequence[str],
) -> TrainedSince:
    """Weigh the calls before and after each pair's last training.

    Parameters
    ----------
    facts : Facts
    window : Window
    trained : polars.DataFrame
        agent_id, business, ``last_trained`` (day since 1970), ``last_method``; one row per pair.
    effects : mapping of str to MethodEffect
    half_life : float, optional
        Months after which evidence counts half.
    agents, businesses : sequence of str
    """
    older, closed, sd = (np.zeros((len(agents), len(businesses))) for _ in range(3))
    if trained.is_empty():
        return TrainedSince(older, closed, sd)
    calls = _calls(facts, window, trained, half_life)
    prior = MethodEffect("", PRIOR_CLOSED, PRIOR_SD, 0)
    rows = {name: n for n, name in enumerate(agents)}
    columns = {name: n for n, name in enumerate(businesses)}
    joined = trained.join(calls, on=["agent_id", "business"]).select("agent_id", "business", "last_method", "before", "all_weight")
    for agent, business, method, before, weight in joined.iter_rows():
        if agent in rows and business in columns and weight > 0.0:
            at, effect = (rows[agent], columns[business]), effects.get(method or "", prior)
            older[at] = before / weight
            closed[at], sd[at] = older[at] * min(max(effect.closed, 0.0), 1.0), older[at] * effect.sd
    return TrainedSince(older, closed, sd)


def _calls(facts: Facts, window: Window, trained: pl.DataFrame, half_life: float | None) -> pl.DataFrame:
    """agent_id, business, ``before``, ``all_weight``: weighed calls up to the training and in all."""
    known = ibis.memtable(
        pa.table(
            {
                "who": trained["agent_id"].to_arrow().cast(pa.string()),
                "what": trained["business"].to_arrow().cast(pa.string()),
                "last_trained": trained["last_trained"].to_arrow(),
            }
        )
    )
    rows = enriched_calls(facts, window.period)
    rows = rows.filter(rows.answered, rows.agent_id.notnull(), rows.business.notnull())
    rows = rows.select("agent_id", "business", day=rows.wall_s // clock.DAY_S)
    rows = rows.inner_join(known, (rows.agent_id == known.who) & (rows.business == known.what))
    fading = 0.0 if half_life is None else float(np.log(2.0) / (half_life * DAYS_A_MONTH))
    rows = rows.mutate(weight=((rows.day - window.day) * fading).exp())
    found = rows.group_by(["agent_id", "business"]).aggregate(
        before=(rows.day <= rows.last_trained).ifelse(rows.weight, 0.0).sum(), all_weight=rows.weight.sum()
    )
    return collected(facts, found).sort("agent_id", "business")
