"""When shifts work, and what is wanted of them then."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.request import SLOT_MINUTES, SLOTS_A_DAY, Floats, Ints, Request

WINDOW = 2 * SLOTS_A_DAY
"""Slots from the midnight of a shift's day on within which it ends."""


def heads_wanted(request: Request) -> Floats:
    """(slots, posts) heads wanted, never fewer than the load itself; none where nobody calls."""
    load = request.calls * request.handle_s / (60.0 * SLOT_MINUTES)
    return np.where(request.calls > 0, np.maximum(request.need, load), 0.0)


def parts(request: Request) -> tuple[Ints, Floats]:
    """The stretches of all kinds of shifts: (parts,) whose it is, and (parts, slots of two days) which share of each slot it covers."""
    begins = np.arange(WINDOW) * SLOT_MINUTES
    owner, shares = [], []
    for number, kind in enumerate(request.shifts):
        for start, end in kind.parts:
            owner.append(number)
            shares.append(np.clip(np.minimum(end, begins + SLOT_MINUTES) - np.maximum(start, begins), 0, SLOT_MINUTES) / SLOT_MINUTES)
    return np.array(owner, np.int64), np.array(shares, np.float64).reshape(-1, WINDOW)


def in_shifts(request: Request, per_slot: Floats) -> Floats:
    """(days, shifts) sum of `per_slot` (slots,) over the work of each shift on each day; what lies behind the last day is not counted."""
    owner, shares = parts(request)
    padded = np.concatenate([per_slot, np.zeros(WINDOW)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[: request.slots : SLOTS_A_DAY]
    by_part = windows @ shares.T
    total = np.zeros((request.days, len(request.shifts)))
    np.add.at(total.T, owner, by_part.T)
    return total
