"""Answering: first come, first served, by whoever has been free longest; callers who lose patience hang up.

Every call is played through its pool one after the other, so waits, abandonment and occupancy follow from load and roster, no agent
ever has two calls at a time, and nobody answers outside a stretch of work.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace

import numpy as np

from coachline.engine.simulate.seats import Seats

BETWEEN_S = 3.0
"""Shortest pause of an agent between two calls."""


@dataclass(frozen=True)
class Work:
    """What each call asks for, in order of its time; one entry each."""

    ready: np.ndarray
    """Second of the day at which the call joins the queue."""
    patience: np.ndarray
    """Seconds that the caller waits."""
    talk: np.ndarray
    """Talk time of an agent of average pace."""
    wrap: np.ndarray
    """Wrap-up of an agent of average pace."""
    other: np.ndarray
    """Ringing and hold, whoever answers."""
    pool: np.ndarray


def serve(
    work: Work, seats: Seats, talk_factor: np.ndarray, wrap_factor: np.ndarray, busy_until: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Play the calls of a day.

    Parameters
    ----------
    work : Work
    seats : Seats
    talk_factor, wrap_factor : numpy.ndarray
        (A,) pace of each agent.
    busy_until : numpy.ndarray
        (A,) second of the day until which a call of yesterday keeps an agent; brought up to date in place.

    Returns
    -------
    tuple of numpy.ndarray
        Second at which each call is answered, or its caller hangs up; and the agent, -1 for none.
    """
    start = np.zeros(len(work.ready))
    agent = np.full(len(work.ready), -1)
    pace, wrap_pace = talk_factor.tolist(), wrap_factor.tolist()
    for pool in np.unique(work.pool):
        mine = np.flatnonzero(work.pool == pool)
        there = seats.pool == pool
        line = list(
            zip(
                np.maximum(seats.start[there], busy_until[seats.agent[there]]).tolist(),
                seats.end[there].tolist(),
                seats.agent[there].tolist(),
                strict=True,
            )
        )
        heapify(line)
        starts, agents = [], []
        calls = zip(
            work.ready[mine].tolist(), work.patience[mine].tolist(), work.talk[mine].tolist(), work.wrap[mine].tolist(), work.other[mine].tolist(),
            strict=True,
        )  # fmt: skip
        for ready, patience, talk, wrap, other in calls:
            while line:
                free, ends, who = line[0]
                begin = ready if free < ready else free
                if begin < ends:
                    break
                heappop(line)
            else:
                begin = np.inf
            if begin - ready > patience:
                starts.append(ready + patience)
                agents.append(-1)
                continue
            heapreplace(line, (begin + talk * pace[who] + wrap * wrap_pace[who] + other + BETWEEN_S, ends, who))
            starts.append(begin)
            agents.append(who)
        start[mine], agent[mine] = starts, agents
    taken = agent >= 0
    who = agent[taken]
    done = start[taken] + work.talk[taken] * talk_factor[who] + work.wrap[taken] * wrap_factor[who] + work.other[taken] + BETWEEN_S
    np.maximum.at(busy_until, who, done)
    return start, agent
