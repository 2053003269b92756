"""A plan made better by taking some sessions out and putting them in again, over and over.

Source: Schrimpf et al. (2000), "Record breaking optimization results using the ruin and recreate principle", *Journal of Computational Physics* 159.
"""

from __future__ import annotations

import time

import numpy as np

from coachline.engine.training.plan.draft import Chances
from coachline.engine.training.plan.first_plan import Taken
from coachline.engine.training.plan.request import Ints, Request
from coachline.engine.training.plan.solution import Held, Plan, hours, worth

MOST_OUT = 6
"""Sessions that are taken out at once."""


def improved(request: Request, chances: Chances, plan: Plan, *, rounds: int, until: float, seed: int, hour: float = 0.0) -> Plan:
    """A plan worth at least as much, less the price of its hours.

    Parameters
    ----------
    request : Request
    chances : Chances
        With all rules.
    plan : Plan
    rounds : int
        Attempts; the same number gives the same plan, unless time runs out first.
    until : float
        Moment of the monotonic clock after which no further attempt begins.
    seed : int
    hour : float
        Price of an hour of a person, in calls, by which plans are compared; see `Taken`.
    """
    draw = np.random.default_rng(seed)
    starts = [np.flatnonzero(each) for each in chances.starts]
    possible = [n for n, own in enumerate(starts) if len(own)]
    related = _related(request)
    held = {each.session: each for each in plan}
    taken = Taken(request, hour)
    for each in plan:
        taken.take(each)
    brings = {number: _brings(request, each, hour) for number, each in held.items()}
    for _ in range(rounds if possible else 0):
        if time.monotonic() > until:
            break
        out = _chosen(draw, possible, related, held, int(draw.integers(2, MOST_OUT + 1)))
        before = {number: held[number] for number in out if number in held}
        for each in before.values():
            taken.release(each)
        again = [int(n) for n in draw.permutation([*out, *(n for n in possible if n not in held and n not in out)])]
        after: dict[int, Held] = {}
        for number in again:
            found = best_start(request, chances, taken, number, starts[number])
            if found is not None:
                taken.take(found)
                after[number] = found
        gained = {number: _brings(request, each, hour) for number, each in after.items()}
        if sum(gained.values()) >= sum(brings[number] for number in before) - 1e-12:
            for number in before:
                del held[number], brings[number]
            held |= after
            brings |= gained
        else:
            for each in after.values():
                taken.release(each)
            for each in before.values():
                taken.take(each)
    return tuple(held[number] for number in sorted(held))


def best_start(request: Request, chances: Chances, taken: Taken, number: int, starts: Ints) -> Held | None:
    """Session `number` where it brings most beside what is taken; None where it brings nothing."""
    most = taken.offers(chances, number, starts)
    best, found = 0.0, None
    for place in np.argsort(-most, kind="stable"):
        if most[place] <= best:
            break
        tried = taken.possible(chances, number, int(starts[place]))
        if isinstance(tried, Held) and (value := _brings(request, tried, taken.hour)) > best:
            best, found = value, tried
    return found


def _brings(request: Request, held: Held, hour: float) -> float:
    return worth(request, (held,)) - hour * hours(request, held)


def _related(request: Request) -> list[list[int]]:
    """Sessions that share people, by session."""
    people = [set(session.members) for session in request.sessions]
    return [[n for n, theirs in enumerate(people) if n != number and theirs & own] for number, own in enumerate(people)]


def _chosen(draw: np.random.Generator, possible: list[int], related: list[list[int]], held: dict[int, Held], size: int) -> list[int]:
    """Sessions that have to do with each other: a first one, then such as share people with it, or lie near it."""
    first = possible[int(draw.integers(len(possible)))]
    near = [n for n in related[first] if n in held]
    if first in held:
        at = held[first].start
        near += sorted((n for n in held if n != first), key=lambda n: (abs(held[n].start - at), n))[:size]
    picked = draw.permutation(np.array(sorted(set(near)), np.int64))[: size - 1]
    return [first, *(int(n) for n in picked)]
