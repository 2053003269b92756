"""Who is at which post when, and what each can do."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Crew:
    """People over a time that begins at second 0.

    Attributes
    ----------
    agent, post : (stretches,) int array
        Who is at the phones, and for which business first of all.
    starts_s, ends_s : (stretches,) float array
        From when to when; a call that is going on at the end is brought to its end. Stretches of one person do not overlap.
    skilled : (agents, businesses) bool array
        Whose calls may go to whom.
    handle_s : (agents, businesses) float array
        Mean handle time, above 0.
    resolves : (agents, businesses) float array
        Chance that a call is resolved.
    urgency : (businesses,) float array
        Calls of a higher figure are answered first; equal ones by how long they wait.
    """

    agent: Ints
    post: Ints
    starts_s: Floats
    ends_s: Floats
    skilled: Bools
    handle_s: Floats
    resolves: Floats
    urgency: Floats

    @property
    def events(self) -> tuple[Floats, Ints, Ints]:
        """Moments at which somebody comes, changes post or goes, in order: seconds, agents, posts (-1 for gone)."""
        at = np.concatenate([self.ends_s, self.starts_s])
        who = np.concatenate([self.agent, self.agent])
        where = np.concatenate([np.full(len(self.agent), -1), self.post])
        # At the same moment people go before they come.
        order = np.lexsort((where >= 0, at))
        return at[order], who[order].astype(np.int64), where[order].astype(np.int64)

    def present_s(self, edges: Floats) -> Floats:
        """(slots, businesses) seconds that people are at each post between successive `edges`."""
        found = np.zeros((len(edges) - 1, len(self.urgency)))
        for post in range(found.shape[1]):
            own = self.post == post
            found[:, post] = np.diff(_passed(self.starts_s[own], edges) - _passed(self.ends_s[own], edges))
        return found


def _passed(moments: Floats, at: Floats) -> Floats:
    """Seconds from each of `moments` to `at`, summed over those that lie before."""
    ordered = np.sort(moments)
    count = np.searchsorted(ordered, at)
    total = np.concatenate([[0.0], np.cumsum(ordered)])
    return np.asarray(count * at - total[count])


def same_people(heads: Ints, handle_s: Floats, *, slot_s: float = 1800.0, resolves: Floats | None = None) -> Crew:
    """A crew of interchangeable people, each for one business only: what the formulas of queues are about.

    Parameters
    ----------
    heads : (slots, businesses) int array
        People at each post in each slot.
    handle_s : (businesses,) float array
    slot_s : float
        Seconds of a slot.
    resolves : (businesses,) float array, optional
        Chance that a call is resolved; all of them by default.
    """
    most = heads.max(axis=0)
    businesses = heads.shape[1]
    post_of = np.repeat(np.arange(businesses), most)
    number = np.concatenate([np.arange(n) for n in most]) if len(post_of) else np.zeros(0, np.int64)
    there = number[:, None] < heads.T[post_of]
    agent, slot = np.nonzero(there)
    alone = post_of[:, None] == np.arange(businesses)
    chance = np.ones(businesses) if resolves is None else resolves
    return Crew(
        agent,
        post_of[agent],
        np.asarray(slot * slot_s, float),
        np.asarray((slot + 1) * slot_s, float),
        alone,
        np.broadcast_to(handle_s, alone.shape).copy(),
        np.broadcast_to(chance, alone.shape).copy(),
        np.zeros(businesses),
    )
