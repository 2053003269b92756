"""How many calls are drawn from each stratum of each agent, and the chance that this gives to every call.

The random part (purpose ``score``) gives all calls of an agent the same chance, places / calls, so its plain mean is fair. Proportional places
are seldom whole numbers; they are rounded up or down by one random number per agent, so that on average over the draws they are exact and
the sum is always kept. The risk part (purpose ``coach``) then takes from what is left of each stratum, by weights; where a stratum has too few
calls its places pass to the others.

Sources: systematic rounding after Madow (1949), *Ann. Math. Statist.* 20, 333; apportionment by Sainte-Laguë (1910), *Ann. sci. Éc. norm. sup.* 27,
529, which gives 6 : 3 : 1 of ten places exactly and needs no rule of its own for seats that cannot be filled.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

ROUNDING_BITS = 32
"""Bits of the random number by which an agent's places are rounded."""


@dataclass(frozen=True)
class Places:
    """Places of every agent, and what they mean for a single call.

    Attributes
    ----------
    score, coach : (agents, strata) int arrays
        Calls that this draw takes.
    score_chance : (agents,) float array
        Chance of any one call of the agent to be drawn for the score; 0 without calls.
    coach_chance : (agents, strata) float array
        Chance of any one call of the stratum to be drawn for coaching, over all draws; 0 in an empty stratum.
    wanted : (agents, strata) int array
        Places for coaching if no stratum were short of calls.
    rounding : (agents,) int array
        Random numbers by which the places of the random part were rounded.
    """

    score: Ints
    coach: Ints
    score_chance: Floats
    coach_chance: Floats
    wanted: Ints
    rounding: Ints

    @property
    def drawn(self) -> Ints:
        """Calls taken from each stratum for either purpose."""
        return self.score + self.coach


def places(calls: Ints, budget: Ints, share_random: float, weights: Floats, quota: Ints, rounding: Ints) -> Places:
    """Allot the places of every agent.

    Parameters
    ----------
    calls : (agents, strata) int array
        Calls that can be drawn, strata in order of priority.
    budget : (agents,) int array
        Calls to listen to; an agent with fewer calls is heard in full.
    share_random : float
        Share of the places for the random part, rounded up; what the risk part cannot fill is added to it.
    weights : (strata,) float array
        Of the risk part. A stratum with weight 0 serves it only where the random part has left no other call.
    quota : (strata,) int array
        Places of the risk part that are given first, in order of priority.
    rounding : (agents,) int array
        Random numbers from 0 to 2^32 - 1.

    Returns
    -------
    Places
    """
    total = np.minimum(budget, calls.sum(axis=1))
    risky = (weights > 0) | (quota > 0)
    score = np.ceil(share_random * total - 1e-9).astype(np.int64)
    coach = np.minimum(total - score, calls[:, risky].sum(axis=1))
    score = total - coach

    outcomes, lengths = _roundings(calls, score)
    by_outcome = np.stack([_risk_places(calls - taken, coach, calls, weights, quota) for taken in outcomes])
    expected = (lengths[:, :, None] * by_outcome).sum(axis=0)
    chosen = _outcome(lengths, rounding)
    rows = np.arange(len(calls))
    return Places(
        score=outcomes[chosen, rows],
        coach=by_outcome[chosen, rows],
        score_chance=score / np.maximum(calls.sum(axis=1), 1),
        coach_chance=expected / np.maximum(calls, 1),
        wanted=_risk_places(np.full_like(calls, np.iinfo(np.int32).max), coach, calls, weights, quota),
        rounding=rounding,
    )


def shared_budget(calls: Ints, budget: int, least: int) -> Ints:
    """Split `budget` calls over the agents: `least` for each as far as there are calls, the rest in proportion to their calls.

    Parameters
    ----------
    calls : (agents,) int array
    budget, least : int

    Returns
    -------
    (agents,) int array
        Its sum is `budget`, or all calls if these are fewer; where the budget does not reach for `least`, everybody gets about the same.
    """
    given = np.minimum(calls, least)
    if given.sum() > budget:
        return _apportioned(np.zeros_like(calls), given, np.ones(len(calls)), budget)
    return _apportioned(given, calls, calls.astype(float), budget)


def _apportioned(given: Ints, most: Ints, weights: Floats, total: int) -> Ints:
    """`given` filled up to `total`, in proportion to `weights` and nowhere beyond `most`; largest remainders settle the last places."""
    given = given.copy()
    while (left := min(total, int(most.sum())) - int(given.sum())) > 0:
        open_ = given < most
        share = np.where(open_, weights, 0.0)
        exact = left * share / share.sum()
        step = np.minimum(np.floor(exact).astype(np.int64), most - given)
        if step.any():
            given += step
            continue
        given[np.argsort(-exact, kind="stable")[:left]] += 1
    return given


def _roundings(calls: Ints, score: Ints) -> tuple[Ints, Floats]:
    """Every way in which the random part of an agent can be rounded, and how likely each is.

    Cumulated places c are rounded to floor(c + u) with u uniform in [0, 1): as u grows, one stratum after the other gains by it.

    Returns
    -------
    (strata + 1, agents, strata) int array, (strata + 1, agents) float array
    """
    total = np.maximum(calls.sum(axis=1), 1)[:, None]
    below, rest = np.divmod(score[:, None] * np.cumsum(calls, axis=1), total)
    steps = np.sort(rest, axis=1)[:, ::-1].T
    outcomes = []
    for step in (None, *steps):
        upward = np.zeros_like(rest) if step is None else ((rest >= step[:, None]) & (rest > 0)).astype(np.int64)
        outcomes.append(np.diff(below + upward, axis=1, prepend=0))
    edges = np.vstack([total.T, steps, np.zeros_like(total.T)])
    return np.stack(outcomes), -np.diff(edges, axis=0) / total.T


def _outcome(lengths: Floats, rounding: Ints) -> Ints:
    """The way of rounding that each agent's random number falls on."""
    u = (rounding + 0.5) / 2.0**ROUNDING_BITS
    return np.asarray(np.minimum((np.cumsum(lengths, axis=0) <= u).sum(axis=0), len(lengths) - 1))


def _risk_places(room: Ints, places: Ints, calls: Ints, weights: Floats, quota: Ints) -> Ints:
    """Places of the risk part: quotas first, then one by one to the stratum with the largest weight / (2 x places + 1) that has a call left."""
    first = np.minimum(quota, room)
    given: Ints = np.diff(np.minimum(np.cumsum(first, axis=1), places[:, None]), axis=1, prepend=0)
    left = places - given.sum(axis=1)
    while (open_rows := np.flatnonzero(left > 0)).size:
        free = given[open_rows] < room[open_rows]
        by_weight = free & (weights > 0)
        claim = np.where(np.any(by_weight, axis=1, keepdims=True), np.where(by_weight, weights, 0.0), np.where(free, calls[open_rows], 0))
        winner = np.argmax(claim / (2 * given[open_rows] + 1), axis=1)
        given[open_rows, winner] += 1
        left[open_rows] -= 1
    return given
