"""Who takes which business in shifts that stand: each in turn the one where they help most, until nobody could help more elsewhere."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.request import Floats, Ints
from coachline.engine.roster.solver.problem import Cover, Schedule

ROUNDS = 5


def given_posts(cover: Cover, shift: Ints) -> Schedule:
    """A schedule of given shifts.

    Heads help ever less, so that going on from person to person comes to rest; days whose nights overlap are gone through in order.

    Parameters
    ----------
    cover : Cover
    shift : (people, days) int array
        Whoever may man no post at all must be off.
    """
    people, days = shift.shape
    a_day, window = cover.slots_a_day, cover.part_slots.shape[1]
    heads = np.zeros((cover.worth.shape[0] + window, cover.worth.shape[1]))
    post = np.full((people, days, len(cover.part_shift)), -1, np.int64)
    before = np.concatenate([np.zeros((*cover.widths.shape[:2], 1)), np.cumsum(cover.widths, axis=2)[:, :, :-1]], axis=2)
    for day in range(days):
        slots = np.arange(day * a_day, min(day * a_day + window, cover.worth.shape[0]))
        for _ in range(ROUNDS):
            moved = False
            for person in np.flatnonzero(shift[:, day] >= 0):
                for part in np.flatnonzero(cover.part_shift == shift[person, day]):
                    share = cover.part_slots[part, : len(slots)]
                    at = slots[share > 0]
                    share, old = share[share > 0], int(post[person, day, part])
                    if old >= 0:
                        heads[at, old] -= share
                    gain = _gain(cover, before, heads, at, share, int(person))
                    new = int(gain.argmax())
                    # Ties leave people where they are, so that the rounds end.
                    if old >= 0 and gain[old] >= gain[new] - 1e-9:
                        new = old
                    heads[at, new] += share
                    post[person, day, part] = new
                    moved |= new != old
            if not moved:
                break
    return Schedule(shift, post)


def _gain(cover: Cover, before: Floats, heads: Floats, at: Ints, share: Floats, person: int) -> Floats:
    """(posts,) what somebody gains at each post who covers `share` of the segments `at`; nothing where they may not be."""
    now, then = heads[at][:, :, None], (heads[at] + share[:, None])[:, :, None]
    filled = np.clip(then - before[at], 0.0, cover.widths[at]) - np.clip(now - before[at], 0.0, cover.widths[at])
    steps = -(cover.steps[at] * filled).sum(axis=(0, 2))
    skill = cover.skill[person] * (cover.worth[at] * share[:, None]).sum(axis=0)
    return np.where(cover.may[person], steps + skill, -np.inf)
