"""Who listens to which call: every agent is heard by many inspectors, every inspector hears many agents, and the loads are even.

Severity of inspectors can be told from skill of agents only where they are crossed, so an agent's calls are dealt to as many inspectors as
possible. Loads are then evened out by moving calls along chains of inspectors, until no chain makes them more even: that is the optimum.

Source: Harvey, Ladner, Lovász, Tamir (2006), "Semi-matchings for bipartite graphs and load balancing", *J. Algorithms* 59, 53, theorem 3.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from coachline.engine.quality.sample.places import Ints

Bools = NDArray[np.bool_]
NOBODY = -1

_NONE = np.zeros(0, np.int64)


@dataclass(frozen=True)
class Assignment:
    """Inspectors by call, `NOBODY` where nobody may listen.

    Attributes
    ----------
    first, second : (calls,) int arrays
        `second` is `NOBODY` where a call is heard once.
    """

    first: Ints
    second: Ints

    def loads(self, inspectors: int) -> Ints:
        """Hearings of every inspector."""
        heard = np.concatenate([self.first, self.second])
        return np.bincount(heard[heard >= 0], minlength=inspectors).astype(np.int64)

    def groups(self, agent: Ints, inspectors: int) -> Ints:
        """Which inspectors are linked by common agents: (inspectors,) numbers of groups from 0; those who hear nobody stand alone."""
        heard = np.zeros((int(agent.max(initial=-1)) + 1, inspectors), bool)
        for inspector in (self.first, self.second):
            heard[agent[inspector >= 0], inspector[inspector >= 0]] = True
        linked = (heard.T.astype(np.float32) @ heard.astype(np.float32)) > 0
        group, found = np.full(inspectors, -1), 0
        for start in range(inspectors):
            if group[start] < 0:
                group[_reached(linked, start)[0] | (np.arange(inspectors) == start)] = found
                found += 1
        return group.astype(np.int64)


def assign(agent: Ints, allowed: Bools, tie: NDArray[np.uint64], doubled: Ints) -> Assignment:
    """Deal calls to inspectors.

    Parameters
    ----------
    agent : (calls,) int array
        Agent of each call, in order; the calls of one agent follow one another.
    allowed : (agents, inspectors) bool array
    tie : (agents, inspectors) array
        Random numbers that decide between inspectors with equal loads.
    doubled : int array
        Places of the calls that a second inspector hears, too.

    Returns
    -------
    Assignment
    """
    agents, inspectors = allowed.shape
    calls = np.bincount(agent, minlength=agents)
    dealt = np.zeros((agents, inspectors), np.int64)
    load = np.zeros(inspectors, np.int64)
    for who in np.argsort(tie[:, 0], kind="stable") if inspectors else _NONE:
        may = np.flatnonzero(allowed[who])
        if may.size:
            rounds, rest = divmod(int(calls[who]), may.size)
            least = may[np.lexsort((tie[who, may], load[may]))][:rest]
            dealt[who, may] = rounds
            dealt[who, least] += 1
            load += dealt[who]
    _even_out(dealt, allowed)

    first = np.full(len(agent), NOBODY, np.int64)
    ends = np.cumsum(calls)
    for who in np.flatnonzero(dealt.sum(axis=1)):
        order = np.argsort(tie[who], kind="stable")
        turns = [order[dealt[who, order] > turn] for turn in range(int(dealt[who].max()))]
        first[ends[who] - calls[who] : ends[who]] = np.concatenate(turns)
    return Assignment(first, _second(agent, allowed, tie, doubled, first))


def _second(agent: Ints, allowed: Bools, tie: NDArray[np.uint64], doubled: Ints, first: Ints) -> Ints:
    """Another inspector for each doubled call: the one with the fewest second hearings, and among those whoever met the first one least."""
    second = np.full(len(agent), NOBODY, np.int64)
    inspectors = allowed.shape[1]
    pairs, load = np.zeros((inspectors, inspectors), np.int64), np.zeros(inspectors, np.int64)
    for call in doubled[first[doubled] >= 0]:
        one = first[call]
        may = np.flatnonzero(allowed[agent[call]])
        may = may[may != one]
        if may.size:
            other = may[np.lexsort((tie[agent[call], may], pairs[one, may], load[may]))[0]]
            second[call] = other
            pairs[one, other] += 1
            pairs[other, one] += 1
            load[other] += 1
    return second


def _even_out(dealt: Ints, allowed: Bools) -> None:
    """Move calls in `dealt`, (agents, inspectors), until no chain of moves makes two loads more even."""
    load = dealt.sum(axis=0)
    may = allowed.astype(np.float32)
    movable = ((dealt > 0).astype(np.float32).T @ may) > 0
    settled = False
    while not settled:
        settled = True
        for start in np.argsort(-load, kind="stable"):
            if load[start] < load.min() + 2:
                break
            reached, before = _reached(movable, start)
            lightest = np.flatnonzero(reached & (load <= load[start] - 2))
            if not lightest.size:
                continue
            target = lightest[np.argmin(load[lightest])]
            while target != start:
                source = before[target]
                open_ = np.flatnonzero((dealt[:, source] > 0) & allowed[:, target])
                who = open_[np.argmax(dealt[open_, source] - dealt[open_, target])]
                dealt[who, source] -= 1
                dealt[who, target] += 1
                movable[[source, target]] = ((dealt[:, [source, target]] > 0).astype(np.float32).T @ may) > 0
                target = source
            load = dealt.sum(axis=0)
            settled = False
            break


def _reached(linked: Bools, start: int) -> tuple[Bools, Ints]:
    """What can be reached from `start` over `linked`, and from where each was first reached."""
    reached, before = np.zeros(len(linked), bool), np.full(len(linked), -1, np.int64)
    edge = np.array([start])
    reached[start] = True
    while edge.size:
        steps = linked[edge] & ~reached
        new = np.flatnonzero(steps.any(axis=0))
        before[new] = edge[np.argmax(steps[:, new], axis=0)]
        reached[new] = True
        edge = new
    return reached, before


def ties(agents: Ints, inspectors: Ints) -> NDArray[np.uint64]:
    """A random number for every pair, from one of each agent and one of each inspector, the same on every machine.

    Source: Steele, Lea, Flood (2014), "Fast splittable pseudorandom number generators", OOPSLA, 453: the mixing of SplitMix64.
    """
    mixed = agents.astype(np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15) + inspectors.astype(np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)))
