"""How busy shifts are, for the checker, in plain Python."""

from __future__ import annotations

import math
from functools import cache

from coachline.engine.roster.plan.request import Request


def busy_days(request: Request) -> tuple[set[tuple[int, int]], float]:
    """Busy shifts as (day, kind), evenings and the quarter with most calls per head; and the share of all work that lies in them."""
    dense, work = densities(request)
    ordered = sorted(dense.values())
    bar = ordered[math.ceil(0.75 * len(ordered)) - 1] if ordered else 0.0
    busy = {
        (day, number)
        for (day, number), value in dense.items()
        if value > bar + 1e-12 or (request.shifts[number].ends > 1200 and not _night(request, number))
    }
    total = sum(work.values())
    return busy, sum(work[which] for which in busy) / total if total else 1.0


def densities(request: Request) -> tuple[dict[tuple[int, int], float], dict[tuple[int, int], float]]:
    """Calls per head wanted while each shift lasts, and these heads summed over its half-hours, by (day, kind)."""
    posts = range(len(request.posts))
    heads = [sum(heads_of(request, slot, post) for post in posts) for slot in range(request.days * 48)]
    calls = [sum(float(value) for value in request.calls[slot]) for slot in range(request.days * 48)]
    dense: dict[tuple[int, int], float] = {}
    work: dict[tuple[int, int], float] = {}
    for number, kind in enumerate(request.shifts):
        shares = shares_of(kind.parts)
        for day in range(request.days):
            inside = [(day * 48 + slot, share) for slot, share in shares if day * 48 + slot < len(heads)]
            wanted = sum(heads[slot] * share for slot, share in inside)
            work[day, number] = wanted
            dense[day, number] = sum(calls[slot] * share for slot, share in inside) / wanted if wanted else 0.0
    return dense, work


def heads_of(request: Request, slot: int, post: int) -> float:
    """Heads wanted at a post in a half-hour."""
    calls = float(request.calls[slot, post])
    return max(float(request.need[slot, post]), calls * float(request.handle_s[slot, post]) / 1800) if calls > 0 else 0.0


@cache
def shares_of(parts: tuple[tuple[int, int], ...]) -> tuple[tuple[int, float], ...]:
    """Slots that a shift works, with the share of each."""
    shares: dict[int, float] = {}
    for start, end in parts:
        for slot in range(start // 30, math.ceil(end / 30)):
            shares[slot] = shares.get(slot, 0.0) + (min(end, 30 * slot + 30) - max(start, 30 * slot)) / 30
    return tuple(shares.items())


def _night(request: Request, number: int) -> bool:
    kind = request.shifts[number]
    return kind.starts < 360 or kind.ends > 1500
