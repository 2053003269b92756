"""Costs of cells taken at the heads that there can be, and straight between them.

A person is there or not; between one head and two there is nothing, but a relaxation would take one and a half where the cost has a kink. Straight lines
between the sums of shares that parts can add up to cost the same wherever a roster can be and never less elsewhere: bounds become sharper, costs stay.
"""

from __future__ import annotations

from dataclasses import replace
from heapq import heappop, heappush

import numpy as np

from coachline.engine.roster.solver.problem import Cover, Floats

MOST_LEVELS = 9
"""Sums of shares that are looked at, from none on; with more heads, kinks lie between sums that are near each other."""
SAME = 1e-9


def at_reachable_heads(cover: Cover) -> Cover:
    """A cover that costs the same at all heads that parts can add up to, and between them as much as a straight line.

    Parameters
    ----------
    cover : Cover
    """
    slots, posts, _ = cover.steps.shape
    begins = np.concatenate([np.zeros((slots, posts, 1)), np.cumsum(cover.widths[:, :, :-1], axis=2)], axis=2)
    before = np.cumsum(cover.steps[:, :, :-1] * cover.widths[:, :, :-1], axis=2)
    costs = np.concatenate([np.zeros((slots, posts, 1)), before], axis=2)
    points = []
    for slot in range(cover.slots_a_day):
        own = slice(slot, slots, cover.slots_a_day)
        levels = _sums(np.unique(cover.part_slots[:, slot :: cover.slots_a_day]), float(begins[own].max(initial=0.0)))
        kinks = np.where(begins[own] > levels[-1] + SAME, begins[own], np.nan)
        reached = np.broadcast_to(np.append(levels, np.full(MOST_LEVELS - len(levels), np.nan)), (*kinks.shape[:2], MOST_LEVELS))
        points.append(np.sort(np.concatenate([reached, kinks], axis=2), axis=2))
    # (slots, posts, points): those of all slots of a day in turn.
    at = np.empty((slots, posts, points[0].shape[2])) if points else begins
    for slot, of_slot in enumerate(points):
        at[slot :: cover.slots_a_day] = of_slot
    at = _without_straight(at, _cost(at, begins, costs, cover.steps), cover.steps[:, :, -1])
    values = _cost(at, begins, costs, cover.steps)
    widths = np.diff(at, axis=2)
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes = np.diff(values, axis=2) / widths
    endless = cover.steps[:, :, -1:]
    steps = np.concatenate([np.where(np.isfinite(slopes), slopes, endless), endless], axis=2)
    widths = np.concatenate([np.nan_to_num(widths, nan=0.0), cover.widths[:, :, -1:]], axis=2)
    # Rounding must not make a cost that is not convex.
    return replace(cover, steps=np.maximum.accumulate(steps, axis=2), widths=widths)


def _sums(shares: Floats, most: float) -> Floats:
    """The least sums of shares up to the first beyond `most`, at most `MOST_LEVELS`, from 0 on."""
    parts = [float(share) for share in shares if share > SAME]
    found: list[float] = []
    heap = [0.0]
    while heap and len(found) < MOST_LEVELS:
        level = heappop(heap)
        if found and level <= found[-1] + SAME:
            continue
        found.append(level)
        if level > most:
            break
        for share in parts:
            heappush(heap, level + share)
    return np.array(found)


def _cost(at: Floats, begins: Floats, costs: Floats, steps: Floats) -> Floats:
    """(slots, posts, points) cost of so many heads; NaN where there is no point."""
    step = np.maximum((begins[:, :, None, :] <= np.nan_to_num(at, nan=0.0)[:, :, :, None]).sum(axis=3) - 1, 0)
    return np.asarray(np.take_along_axis(costs, step, 2) + np.take_along_axis(steps, step, 2) * (at - np.take_along_axis(begins, step, 2)))


def _without_straight(at: Floats, values: Floats, endless: Floats) -> Floats:
    """The points at which the slope changes, as few columns as hold them."""
    with np.errstate(invalid="ignore", divide="ignore"):
        slopes = np.diff(values, axis=2) / np.diff(at, axis=2)
    # Behind the last point the cost goes on as the last step says.
    after = np.concatenate([np.where(np.isfinite(slopes), slopes, endless[:, :, None]), endless[:, :, None]], axis=2)
    bends = np.isfinite(at[:, :, 1:]) & (np.abs(after[:, :, 1:] - after[:, :, :-1]) > SAME * np.maximum(np.abs(after[:, :, 1:]), 1.0))
    kept = np.sort(np.where(np.concatenate([np.ones((*at.shape[:2], 1), np.bool_), bends], axis=2), at, np.nan), axis=2)
    return kept[:, :, : max(int(np.isfinite(kept).sum(axis=2).max(initial=1)), 1)]
