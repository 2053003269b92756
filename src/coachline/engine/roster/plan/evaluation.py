"""What a roster is expected to resolve, with the doubt about people's skill."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.plan.breaks import DAY_STEPS, ON_BREAK, STEP, STEPS_A_SLOT, Placed
from coachline.engine.roster.plan.objective import Segments, answered, presence
from coachline.engine.roster.plan.posts import COMMON
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Bools, Floats, Ints, Request
from coachline.engine.stats.intervals import HALF


@dataclass(frozen=True)
class Worth:
    """Calls that a roster answers and resolves.

    Attributes
    ----------
    heads : (slots, posts) float array
    answered : float
        Calls of the horizon that are expected to be answered.
    taken : (people, posts) float array
        Of these, how many each person takes.
    """

    heads: Floats
    answered: float
    taken: Floats


@dataclass(frozen=True)
class Estimate:
    """A figure with its interval, of 90 %."""

    value: float
    low: float
    high: float


def worth_of_placed(request: Request, placed: Sequence[Placed], heads: Floats) -> Worth:
    """Of shifts with their breaks; those at a post share its calls alike."""
    rate, total = _rates(request, heads)
    steps = np.repeat(rate.T, STEPS_A_SLOT, axis=1) / STEPS_A_SLOT
    summed = np.concatenate([np.zeros((len(steps), 1)), np.cumsum(steps, axis=1)], axis=1)
    last = summed.shape[1] - 1
    taken = np.zeros((len(request.people), len(request.posts)))
    for shift in placed:
        for each in shift.stretches(request):
            if each.post != ON_BREAK:
                ends = [min(shift.day * DAY_STEPS + minute // STEP, last) for minute in (each.start, each.end)]
                taken[shift.person, each.post] += summed[each.post, ends[1]] - summed[each.post, ends[0]]
    return Worth(heads, total, taken)


def worth_of_usual(request: Request, shift: Ints, mix: Floats) -> Worth:
    """Of shifts of which nobody has said who takes what: everybody shares their time out as in the past; breaks are spread over their windows.

    Parameters
    ----------
    request : Request
    shift : (people, days) int array
        Kinds, negative where none.
    mix : (people, posts) float array
        Share of each person's past calls, by the post at which a business is answered while that is open.
    """
    every = Segments(np.arange(SLOTS_A_DAY + 1))
    owner, shares = presence(request.shifts, every)
    of_kind = np.zeros((len(request.shifts), shares.shape[1]))
    np.add.at(of_kind, owner, shares)
    there = np.zeros((len(request.people), request.slots + shares.shape[1]))
    for person, day in np.argwhere(shift >= 0):
        there[person, day * SLOTS_A_DAY : day * SLOTS_A_DAY + shares.shape[1]] += of_kind[shift[person, day]]
    there = there[:, : request.slots]
    heads, taken = np.zeros((request.slots, len(request.posts))), np.zeros(mix.shape)
    mixes = [(slots, _shared_out(request, mix, open_)) for open_, slots in _patterns(request)]
    for slots, mixed in mixes:
        heads[slots] = there[:, slots].T @ mixed
    rate, total = _rates(request, heads)
    for slots, mixed in mixes:
        taken += mixed * (there[:, slots] @ rate[slots])
    return Worth(heads, total, taken)


def _patterns(request: Request) -> Iterator[tuple[Bools, Ints]]:
    """Each set of posts with calls, (posts,) bool, and the slots in which it is just these."""
    some, of_slot = np.unique(request.calls > 0, axis=0, return_inverse=True)
    for number, open_ in enumerate(some):
        yield open_, np.flatnonzero(of_slot.ravel() == number)


def _shared_out(request: Request, mix: Floats, open_: Bools) -> Floats:
    """(people, posts) how everybody's time is shared out over the posts with calls: as in the past; whose posts have none helps at the others."""
    if not open_.any():
        return np.zeros_like(mix)
    closed = mix[:, ~open_].sum(axis=1, keepdims=True)
    helping = request.licensed & open_
    # At quiet hours the common post is where all help.
    if COMMON in request.posts and open_[request.posts.index(COMMON)]:
        helping = helping & (np.array(request.posts) == COMMON)
    able = helping.sum(axis=1, keepdims=True)
    spread = np.where(able > 0, helping / np.maximum(able, 1), open_ / open_.sum())
    without = mix.sum(axis=1, keepdims=True) <= 0
    return np.asarray(np.where(without, spread, mix * open_ + closed * spread))


def _rates(request: Request, heads: Floats) -> tuple[Floats, float]:
    """(slots, posts) calls that one head takes in a half-hour, and the calls answered."""
    calls = request.calls * np.where(heads > 0, answered(request, np.maximum(heads, 1e-3)), 0.0)
    return np.divide(calls, heads, out=np.zeros_like(calls), where=heads > 0), float(calls.sum())


def resolved(request: Request, worth: Worth, against: Worth | None = None) -> Estimate:
    """Calls resolved, or how many more than `against`.

    The doubts about one person's posts are taken as one and the same, those about different people as independent; the forecast is taken as it is.
    """
    taken = worth.taken if against is None else worth.taken - against.taken
    value = float((taken * request.skill).sum())
    spread = float(np.sqrt(((taken * request.skill_sd).sum(axis=1) ** 2).sum()))
    return Estimate(value, value - HALF * spread, value + HALF * spread)
