"""The same centre in plain Python, written apart: every hang-up is an event of its own and everybody is looked at every time."""

from __future__ import annotations

import heapq
from itertools import count

import numpy as np
from numpy.typing import NDArray

from coachline.engine.roster.simulation.calls import Calls
from coachline.engine.roster.simulation.crew import Crew

FREE, GOES, COMES, HANGS_UP, ARRIVES = range(5)
"""At the same moment in this order."""


def plain_play(crew: Crew, calls: Calls, within_s: float, slots: int, slot_s: float) -> NDArray[np.float64]:
    """(slots, businesses, 7) offered, answered, answered within, abandoned, abandoned within, seconds waited by those answered, resolved."""
    sums = np.zeros((slots, len(crew.urgency), 7))
    number = count()
    agenda: list[tuple[float, int, int, int]] = []

    def plan(at: float, kind: int, whom: int) -> None:
        heapq.heappush(agenda, (at, kind, next(number), whom))

    for n in range(len(calls.arrives_s)):
        plan(float(calls.arrives_s[n]), ARRIVES, n)
    for n in range(len(crew.agent)):
        plan(float(crew.starts_s[n]), COMES, n)
        plan(float(crew.ends_s[n]), GOES, n)
    post: dict[int, int] = {}
    busy: set[int] = set()
    idle_since: dict[int, float] = {}
    queue: list[int] = []

    def cell(call: int) -> NDArray[np.float64]:
        return np.asarray(sums[int(calls.arrives_s[call] // slot_s), calls.business[call]])

    def answer(now: float, who: int, call: int) -> None:
        business = calls.business[call]
        wait = now - calls.arrives_s[call]
        row = sums[int(calls.arrives_s[call] // slot_s), business]
        row[1] += 1
        row[2] += wait <= within_s
        row[5] += wait
        row[6] += calls.fate[call] < crew.resolves[who, business]
        idle_since.pop(who, None)
        busy.add(who)
        plan(now + float(crew.handle_s[who, business] * calls.work[call]), FREE, who)

    def look(now: float, who: int) -> None:
        mine = [c for c in queue if crew.skilled[who, calls.business[c]]]
        if not mine:
            idle_since[who] = now
            return
        call = min(mine, key=lambda c: (-crew.urgency[calls.business[c]], calls.business[c] != post[who], calls.arrives_s[c]))
        queue.remove(call)
        answer(now, who, call)

    while agenda:
        now, kind, _, whom = heapq.heappop(agenda)
        if kind == FREE:
            busy.discard(whom)
            if whom in post:
                look(now, whom)
        elif kind == GOES:
            who = int(crew.agent[whom])
            post.pop(who)
            idle_since.pop(who, None)
        elif kind == COMES:
            who = int(crew.agent[whom])
            post[who] = int(crew.post[whom])
            if who not in busy:
                look(now, who)
        elif kind == HANGS_UP:
            if whom in queue:
                queue.remove(whom)
                row = cell(whom)
                row[3] += 1
                row[4] += calls.patience_s[whom] <= within_s
        else:
            business = calls.business[whom]
            cell(whom)[0] += 1
            able = [who for who in idle_since if crew.skilled[who, business]]
            if able:
                answer(now, min(able, key=lambda who: (post[who] != business, idle_since[who])), whom)
            else:
                queue.append(whom)
                if np.isfinite(calls.patience_s[whom]):
                    plan(float(calls.arrives_s[whom] + calls.patience_s[whom]), HANGS_UP, whom)
    return sums
