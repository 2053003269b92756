"""Which calls are inspected: by stratum, with known probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.simulate.ledger import ANSWERED

STRATA = ("不满意", "重复来电", "派单", "普通")
ORDINARY = 3
HABIT = (6, 3, 1)
"""Calls drawn from the first three strata per agent and month: dissatisfied : repeat : ticketed."""
PER_AGENT_MONTH = 20


@dataclass(frozen=True)
class Sample:
    """Drawn calls: their numbers, strata and selection probabilities, in order of time."""

    call: np.ndarray
    stratum: np.ndarray
    probability: np.ndarray


def draw(ledger: dict[str, np.ndarray], month: np.ndarray, agents: int, rng: np.random.Generator) -> Sample:
    """Draw about 20 calls per agent and month.

    Half the places go to risky calls 6 : 3 : 1, the other half and what stays empty to ordinary calls. Within agent, month and stratum
    every call has the same chance, so the selection probability is places / calls.

    Parameters
    ----------
    ledger : mapping of str to numpy.ndarray
        Columns of the ledger.
    month : numpy.ndarray
        Number of the calendar month of each call, from 0.
    agents : int
    rng : numpy.random.Generator

    Returns
    -------
    Sample
    """
    call = np.flatnonzero((ledger["outcome"] == ANSWERED) & ~ledger["outbound"] & ~ledger["chat"])
    rating = ledger["rating"][call]
    stratum = np.select([(rating == 1) | (rating == 2), ledger["cause"][call] >= 0, ledger["ticketed"][call] == 1], [0, 1, 2], ORDINARY)
    months = int(month[call].max(initial=0)) + 1
    group = (month[call].astype(np.int64) * agents + ledger["agent"][call]) * len(STRATA) + stratum
    calls = np.bincount(group, minlength=months * agents * len(STRATA)).reshape(-1, len(STRATA))
    places = np.minimum(calls, [*HABIT, PER_AGENT_MONTH])
    places[:, ORDINARY] = np.minimum(calls[:, ORDINARY], PER_AGENT_MONTH - places[:, :ORDINARY].sum(axis=1))

    order = np.argsort(group + rng.random(len(group)), kind="stable")
    rank = np.arange(len(order)) - np.searchsorted(group[order], group[order])
    chosen = np.sort(order[rank < places.ravel()[group[order]]])
    probability = places.ravel()[group[chosen]] / calls.ravel()[group[chosen]]
    return Sample(call[chosen], stratum[chosen], probability)
