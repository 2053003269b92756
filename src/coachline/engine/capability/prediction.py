"""Which measure of this month tells how often an agent's customers call again next month."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from coachline.engine.capability.agent_measures import AgentMeasures, Monthly
from coachline.engine.capability.reliability import Measured, Relation, relation, true_spread

NEXT = "repeat"
"""Share of calls after which the same customer called again on the same business."""


class Prediction(NamedTuple):
    """What a measure of one month says about the repeats of the next, between agents of the same month.

    Attributes
    ----------
    relation : Relation
        This month's measure against next month's repeat rate.
    pairs, months : int
        Agents in months with both, and pairs of consecutive months.
    out_of_sample : float
        R2 of next month's repeat rates when slope and reliability come from the other months; NaN with fewer than two pairs of months. At best it
        is the reliability of the repeat rate, below zero where the prediction is worse than none.
    """

    relation: Relation
    pairs: int
    months: int
    out_of_sample: float


def prediction(measures: AgentMeasures, measure: str) -> Prediction:
    """Relate `measure` of every month to the repeat rate of the month after, both with the mix of businesses taken out.

    Parameters
    ----------
    measures : AgentMeasures
        Knows `measure` and `NEXT`.
    measure : str
    """
    now, then, agent, month = _consecutive(measures.monthly(measure, True), measures.monthly(NEXT, True))
    found = relation(now, then, unit=agent, stratum=month)
    return Prediction(found, len(agent), len(np.unique(month)), _out_of_sample(now, then, agent, month))


def _consecutive(now: Monthly, then: Monthly) -> tuple[Measured, Measured, np.ndarray, np.ndarray]:
    """Rows of an agent in a month and in the one after, both with a known noise; agent and (first) month of each."""
    widest = 1 + max((int(m.agent.max()) for m in (now, then) if len(m.agent)), default=0)
    _, here, there = np.intersect1d(now.month * widest + now.agent, (then.month - 1) * widest + then.agent, return_indices=True)
    known = np.isfinite(now.measured.noise[here]) & np.isfinite(then.measured.noise[there])
    here, there = here[known], there[known]
    return now.measured.at(here), then.measured.at(there), now.agent[here], now.month[here]


def _out_of_sample(now: Measured, then: Measured, agent: np.ndarray, month: np.ndarray) -> float:
    months = np.unique(month)
    if len(months) < 2:
        return np.nan
    missed = whole = 0.0
    for left_out in months:
        known, asked = np.flatnonzero(month != left_out), np.flatnonzero(month == left_out)
        learnt = relation(now.at(known), then.at(known), unit=agent[known], stratum=month[known])
        slope = learnt.slope.value if np.isfinite(learnt.slope.value) else 0.0
        _, variance = true_spread(now.at(known), month[known])
        chance = np.average(now.noise[known] * now.n[known], weights=now.n[known]) / now.n[asked]
        kept = max(variance, 0.0) / (max(variance, 0.0) + chance) if variance > 0 else np.zeros(len(asked))
        weight = then.n[asked]
        ahead = slope * kept * (now.value[asked] - np.average(now.value[asked], weights=now.n[asked]))
        seen = then.value[asked] - np.average(then.value[asked], weights=weight)
        missed += float(weight @ (seen - ahead + np.average(ahead, weights=weight)) ** 2)
        whole += float(weight @ seen**2)
    return 1 - missed / whole if whole > 0 else np.nan
