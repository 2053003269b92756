"""Who of the people at work sits at the phones, and for which queue."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from coachline.engine.simulate.arrivals import SLOT_S, SLOTS
from coachline.engine.simulate.people import People
from coachline.engine.simulate.roster import ACTIVITIES, DAY_S, Pieces, Roster, Shift

MEAN_HANDLE_S = 185.0
"""What the planner reckons with."""

NIGHT_SLOTS = np.array([*range(16), *range(44, 48)])
OPEN_SLOTS = slice(16, 44)


def heads(erlangs: np.ndarray) -> np.ndarray:
    """People whom a planner wants for a load: the square-root rule with a little for small queues."""
    return np.asarray(erlangs + 0.9 * np.sqrt(erlangs) + 0.5)


@dataclass(frozen=True)
class Seats:
    """Stretches at the phones: pieces of work, with the pool that each serves; the last pool is the night's."""

    agent: np.ndarray
    start: np.ndarray
    end: np.ndarray
    pool: np.ndarray

    def without(self, start: float, end: float) -> Seats:
        """The same seats with nobody taking a new call from `start` to `end`, in seconds of the day."""
        agent, pool = np.tile(self.agent, 2), np.tile(self.pool, 2)
        starts = np.concatenate([self.start, np.maximum(self.start, end)])
        ends = np.concatenate([np.minimum(self.end, start), self.end])
        left = starts < ends
        return Seats(agent[left], starts[left], ends[left], pool[left])


def night_heads(expected: float, profile: np.ndarray) -> int:
    """People for a night with the load of a usual day."""
    erlangs = expected * profile[NIGHT_SLOTS].max() * MEAN_HANDLE_S / SLOT_S
    return max(2, int(np.ceil(heads(np.array(erlangs)))))


def seat(
    roster: Roster, people: People, day: int, load: np.ndarray, night_load: float, last_night: np.ndarray, rng: np.random.Generator
) -> tuple[Seats, np.ndarray]:
    """Choose who takes calls on `day`.

    Where fewer are needed than are at work, the others have duties away from the phones; who sits there is drawn by eagerness.

    Parameters
    ----------
    roster : Roster
    people : People
    day : int
    load : numpy.ndarray
        (Q, 48) expected erlangs of each queue by half-hour.
    night_load : float
        Highest expected erlangs of a half-hour at night.
    last_night : numpy.ndarray
        Agents who took calls in the night that began yesterday.
    rng : numpy.random.Generator

    Returns
    -------
    tuple of Seats and numpy.ndarray
        The seats, and the agents of the night that begins on this day.
    """
    queues = load.shape[0]
    pieces = roster.pieces(day)
    work = pieces.only(pieces.activity == ACTIVITIES.index("work"))
    shift = roster.shift[day]
    queue = np.full(people.count, queues)
    wanted_heads = heads(load[:, OPEN_SLOTS].max(axis=1))
    for kind in (Shift.EARLY, Shift.DAY, Shift.LATE):
        members = np.flatnonzero(shift == kind)
        with np.errstate(divide="ignore"):
            wish = np.log(people.signs_in[members]) + rng.gumbel(size=(len(members), queues))
        queue[members] = _signed_in(wish, wanted_heads)
    race = rng.exponential(size=people.count) / people.eagerness

    # How much of each pool has to be at the phones for most half-hours to have heads enough.
    pool = queue[work.agent]
    cover = np.zeros((queues + 1, SLOTS + 17))
    first, last = (work.start + SLOT_S - 1) // SLOT_S, work.end // SLOT_S
    np.add.at(cover, (pool, first.astype(int)), 1)
    np.add.at(cover, (pool, np.maximum(last, first).astype(int)), -1)
    cover = cover.cumsum(axis=1)[:, :SLOTS]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(cover[:queues, OPEN_SLOTS] > 0, heads(load[:, OPEN_SLOTS]) / cover[:queues, OPEN_SLOTS], np.nan)
        night_ratio = heads(np.array(night_load)) / max(1, int(((shift == Shift.NIGHT) & ~roster.leave[day]).sum()))
    part = np.append([np.nanquantile(r, 0.9) if np.isfinite(r).any() else 1.0 for r in ratio], night_ratio).clip(0, 1)

    on_phones = np.zeros(people.count, bool)
    at_work = np.unique(work.agent)
    group = queue[at_work] * len(Shift) + shift[at_work]
    order = np.lexsort((race[at_work], group))
    begins = np.searchsorted(group[order], group[order])
    place = np.arange(len(order)) - begins
    size = np.bincount(group, minlength=(queues + 1) * len(Shift))
    wanted = np.ceil(part.repeat(len(Shift)) * size)
    on_phones[at_work[order]] = place < wanted[group[order]]

    chosen = work.only(on_phones[work.agent])
    tonight = np.flatnonzero(on_phones & (shift == Shift.NIGHT))
    yesterday = _of_last_night(roster, day, last_night)
    whole = Pieces.joined([chosen, yesterday])
    pools = np.concatenate([queue[chosen.agent], np.full(len(yesterday.agent), queues)])
    return Seats(whole.agent, whole.start, whole.end, pools), tonight


def _signed_in(wish: np.ndarray, wanted_heads: np.ndarray) -> np.ndarray:
    """(N,) queue of each agent: the one most wished for that still has room, room being shared out by the heads wanted."""
    count, queues = wish.shape
    room = np.floor(np.cumsum(count * wanted_heads / wanted_heads.sum()) + 0.5)
    room = np.diff(room, prepend=0).astype(np.int64)
    queue = np.full(count, -1)
    while (left := np.flatnonzero(queue < 0)).size:
        choice = np.where(room > 0, wish[left], -np.inf).argmax(axis=1)
        strength = wish[left, choice]
        order = np.lexsort((-strength, choice))
        place = np.arange(len(left)) - np.searchsorted(choice[order], choice[order])
        taken = order[place < room[choice[order]]]
        queue[left[taken]] = choice[taken]
        room = room - np.bincount(choice[taken], minlength=queues)
    return queue


def _of_last_night(roster: Roster, day: int, agents: np.ndarray) -> Pieces:
    """Yesterday's night shift as seen from this day's midnight."""
    pieces = roster.pieces(day - 1)
    keep = np.isin(pieces.agent, agents) & (pieces.activity == ACTIVITIES.index("work")) & (pieces.end > DAY_S)
    night = pieces.only(keep)
    return Pieces(night.agent, night.start - DAY_S, night.end - DAY_S, night.activity)


def stand_ins(seats: Seats, queues: int) -> np.ndarray:
    """(Q + 1,) which pool serves each queue: its own, or the largest one where nobody sits there."""
    size = np.bincount(seats.pool, minlength=queues + 1)
    largest = int(np.argmax(size[:queues])) if queues else 0
    serves = np.arange(queues + 1)
    return np.where((size == 0) & (serves < queues), largest, serves)
