"""The simulator proper, compiled: one try of calls against one crew, event by event.

Events are arrivals, people who come, change post or go, and people who become free. Callers who hang up need no event of their own: nobody else is touched by it before
somebody looks into the queue, and is then told who has gone. Idle people stand in a line per post, the longest idle first.

A call goes to the longest idle at its post, else to the longest idle of the others who can take it. Whoever becomes free takes the most urgent call that they can, of equally
urgent ones one of their own post, of these the one that waits longest.
"""

# Numba finds the types of compiled functions where they are called.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

import numpy as np
from numba import njit

OFFERED, ANSWERED, ANSWERED_WITHIN, ABANDONED, ABANDONED_WITHIN, WAIT_S, RESOLVED, BUSY_S = range(8)
"""Sums by slot and business. ``BUSY_S`` goes by the slots in which a call is handled and the post of whoever handles it, all else by slot of arrival and business."""
SUMS = 8


@njit(cache=True)
def _push(times, items, size, at, item):
    """A heap ordered by time."""
    place = size
    while place > 0:
        above = (place - 1) >> 1
        if times[above] <= at:
            break
        times[place] = times[above]
        items[place] = items[above]
        place = above
    times[place] = at
    items[place] = item
    return size + 1


@njit(cache=True)
def _pop(times, items, size):
    """Take the earliest away; it was at place 0."""
    size -= 1
    at, item = times[size], items[size]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size:
            break
        if below + 1 < size and times[below + 1] < times[below]:
            below += 1
        if times[below] >= at:
            break
        times[place] = times[below]
        items[place] = items[below]
        place = below
    times[place] = at
    items[place] = item
    return size


@njit(cache=True)
def _uniform(seed, call, attempt, stream):
    """A number between 0 and 1 that hangs on its four arguments only (SplitMix64), for calls that come again."""
    z = np.uint64(seed) + np.uint64(call) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(attempt * 8 + stream) * np.uint64(0xD1B54A32D192ED03)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return (np.float64(z >> np.uint64(11)) + 0.5) / 9007199254740992.0


@njit(cache=True)
def _enter_line(agent, post, first, last, before, after):
    """Join the end of the line of idle people at a post."""
    before[agent] = last[post]
    after[agent] = -1
    if last[post] >= 0:
        after[last[post]] = agent
    else:
        first[post] = agent
    last[post] = agent


@njit(cache=True)
def _leave_line(agent, post, first, last, before, after):
    if before[agent] >= 0:
        after[before[agent]] = after[agent]
    else:
        first[post] = after[agent]
    if after[agent] >= 0:
        before[after[agent]] = before[agent]
    else:
        last[post] = before[agent]


@njit(cache=True)
def _idle_for(business, own_only, first, after, since, skilled):
    """The longest idle at the post of a business who can take its calls, else the longest idle of all who can; -1 if there is none."""
    agent = first[business]
    while agent >= 0:
        if skilled[agent, business]:
            return agent
        agent = after[agent]
    if own_only:
        return -1
    best = -1
    for post in range(len(first)):
        agent = first[post]
        while agent >= 0:
            if skilled[agent, business]:
                if best < 0 or since[agent] < since[best]:
                    best = agent
                break
            agent = after[agent]
    return best


@njit(cache=True)
def _spread_busy(sums, start, length, post, slot_s):
    """Add the time of a call to the slots over which it goes."""
    slots = sums.shape[0]
    at, end = start, start + length
    slot = int(at / slot_s)
    while at < end and slot < slots:
        edge = min((slot + 1) * slot_s, end)
        sums[slot, post, BUSY_S] += edge - at
        at = edge
        slot += 1


@njit(cache=True)
def play(
    arrives, business, patience, work, fate, event_at, event_who, event_post, skilled, handle, resolves, urgency, within_s, slot_s, slots, own_only,
    repeat_share, repeat_after_s, patience_mean, sigma, seed,
):  # fmt: skip
    """Play the calls.

    Parameters
    ----------
    arrives, business, patience, work, fate : arrays
        `Calls`.
    event_at, event_who, event_post : arrays
        `Crew.events`.
    skilled, handle, resolves, urgency : arrays
        `Crew`.
    within_s : float
        Threshold of the service level.
    slot_s, slots : float, int
    own_only : bool
        Whether nobody takes calls of other posts.
    repeat_share, repeat_after_s : float
        Share of the callers without a solution who call again, and after how many seconds on average.
    patience_mean, sigma : (businesses,) arrays
        For calls that come again: mean patience, and spread of log handle time (NaN for exponential).
    seed : int

    Returns
    -------
    (slots, businesses, `SUMS`) float array
    """
    agents, businesses = skilled.shape
    fresh = len(arrives)
    room = fresh + (fresh + 16 if repeat_share > 0.0 else 0)
    sums = np.zeros((slots, businesses, SUMS))
    # Calls, with room for those that come again.
    if repeat_share > 0.0:
        all_at, all_patience, all_work, all_fate = np.empty(room), np.empty(room), np.empty(room), np.empty(room)
        all_business, origin, attempt = np.empty(room, np.int64), np.empty(room, np.int64), np.zeros(room, np.int64)
        all_at[:fresh], all_patience[:fresh], all_work[:fresh], all_fate[:fresh] = arrives, patience, work, fate
        all_business[:fresh] = business
        origin[:fresh] = np.arange(fresh)
        again_at, again_call = np.empty(room - fresh), np.empty(room - fresh, np.int64)
    else:
        all_at, all_patience, all_work, all_fate, all_business = arrives, patience, work, fate, business
        origin, attempt = np.empty(0, np.int64), np.empty(0, np.int64)
        again_at, again_call = np.empty(0), np.empty(0, np.int64)
    again, total = 0, fresh
    # Queues: the first and last call of each business, and who follows whom.
    next_call = np.empty(room, np.int64)
    head, tail = np.full(businesses, -1), np.full(businesses, -1)
    waiting = 0
    # People.
    at_post = np.full(agents, -1)
    idle, busy = np.zeros(agents, np.bool_), np.zeros(agents, np.bool_)
    since = np.zeros(agents)
    first, last = np.full(businesses, -1), np.full(businesses, -1)
    before, after = np.full(agents, -1), np.full(agents, -1)
    idlers = 0
    free_at, free_who = np.empty(agents + 1), np.empty(agents + 1, np.int64)
    frees = 0
    event, coming = 0, 0
    events = len(event_at)
    while True:
        t_free = free_at[0] if frees > 0 else np.inf
        t_event = event_at[event] if event < events else np.inf
        t_call = arrives[coming] if coming < fresh else np.inf
        t_again = again_at[0] if again > 0 else np.inf
        t = min(t_free, t_event, t_call, t_again)
        if t == np.inf:
            break
        ready = -1
        answering = -1
        if t == t_free:
            who = free_who[0]
            frees = _pop(free_at, free_who, frees)
            busy[who] = False
            if at_post[who] >= 0:
                ready = who
        elif t == t_event:
            who, post = event_who[event], event_post[event]
            event += 1
            if idle[who]:
                _leave_line(who, at_post[who], first, last, before, after)
                idle[who] = False
                idlers -= 1
            at_post[who] = post
            if post >= 0 and not busy[who]:
                ready = who
        else:
            if t == t_call:
                call = coming
                coming += 1
            else:
                call = again_call[0]
                again = _pop(again_at, again_call, again)
            b = all_business[call]
            slot = int(t / slot_s)
            if slot < slots:
                sums[slot, b, OFFERED] += 1.0
            if idlers > 0:
                answering = _idle_for(b, own_only, first, after, since, skilled)
            if answering >= 0:
                _leave_line(answering, at_post[answering], first, last, before, after)
                idle[answering] = False
                idlers -= 1
            else:
                next_call[call] = -1
                if tail[b] >= 0:
                    next_call[tail[b]] = call
                else:
                    head[b] = call
                tail[b] = call
                waiting += 1
        if ready >= 0:
            # Somebody looks into the queues.
            own = at_post[ready]
            chosen = -1
            if waiting > 0:
                for b in range(businesses):
                    if head[b] < 0 or not skilled[ready, b] or (own_only and b != own):
                        continue
                    while head[b] >= 0 and all_at[head[b]] + all_patience[head[b]] <= t:
                        _hang_up(head[b], b, all_at, all_patience, sums, within_s, slot_s, slots)
                        head[b] = next_call[head[b]]
                        waiting -= 1
                    if head[b] < 0:
                        tail[b] = -1
                        continue
                    if chosen < 0:
                        chosen = b
                    elif urgency[b] != urgency[chosen]:
                        if urgency[b] > urgency[chosen]:
                            chosen = b
                    elif b == own or (chosen != own and all_at[head[b]] < all_at[head[chosen]]):
                        chosen = b
            if chosen >= 0:
                call = head[chosen]
                head[chosen] = next_call[call]
                if head[chosen] < 0:
                    tail[chosen] = -1
                waiting -= 1
                answering = ready
            else:
                idle[ready] = True
                since[ready] = t
                idlers += 1
                _enter_line(ready, own, first, last, before, after)
        if answering >= 0:
            b = all_business[call]
            wait = t - all_at[call]
            length = handle[answering, b] * all_work[call]
            slot = int(all_at[call] / slot_s)
            solved = all_fate[call] < resolves[answering, b]
            if slot < slots:
                sums[slot, b, ANSWERED] += 1.0
                sums[slot, b, WAIT_S] += wait
                if wait <= within_s:
                    sums[slot, b, ANSWERED_WITHIN] += 1.0
                if solved:
                    sums[slot, b, RESOLVED] += 1.0
            _spread_busy(sums, t, length, at_post[answering], slot_s)
            busy[answering] = True
            frees = _push(free_at, free_who, frees, t + length, answering)
            if not solved and repeat_share > 0.0 and total < room:
                source, tries = origin[call], attempt[call] + 1
                if _uniform(seed, source, tries, 0) < repeat_share:
                    all_at[total] = t + length - np.log(_uniform(seed, source, tries, 1)) * repeat_after_s
                    all_business[total] = b
                    all_patience[total] = -np.log(_uniform(seed, source, tries, 2)) * patience_mean[b]
                    u, v = _uniform(seed, source, tries, 3), _uniform(seed, source, tries, 4)
                    if np.isnan(sigma[b]):
                        all_work[total] = -np.log(u)
                    else:
                        normal = np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v)
                        all_work[total] = np.exp(sigma[b] * normal - sigma[b] * sigma[b] / 2.0)
                    all_fate[total] = _uniform(seed, source, tries, 5)
                    origin[total], attempt[total] = source, tries
                    again = _push(again_at, again_call, again, all_at[total], total)
                    total += 1
    # Who still waits when all has ended hangs up, too, unless they would wait for ever.
    for b in range(businesses):
        call = head[b]
        while call >= 0:
            if all_patience[call] < np.inf:
                _hang_up(call, b, all_at, all_patience, sums, within_s, slot_s, slots)
            call = next_call[call]
    return sums


@njit(cache=True)
def _hang_up(call, b, at, patience, sums, within_s, slot_s, slots):
    slot = int(at[call] / slot_s)
    if slot < slots:
        sums[slot, b, ABANDONED] += 1.0
        if patience[call] <= within_s:
            sums[slot, b, ABANDONED_WITHIN] += 1.0
