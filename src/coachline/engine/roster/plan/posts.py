"""Which businesses make a post that is worth manning, and when it is open.

A post queues for itself, so one with hardly any calls would bind somebody to wait. Small businesses therefore share posts, and so do the small hours: a post
is open from its first to its last half-hour of the day with some load, and what comes outside is answered at the common post.
"""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.request import SLOTS_A_DAY, Bools, Floats, Ints

COMMON = "*"
"""The post of businesses that are too small for one of their own, and of all of them at quiet hours."""
MOST_POSTS = 20
BUSY = 0.9
"""Loads are compared over the half-hours from this quantile of all calls on."""
OPEN_FROM = 0.2
"""Share of the least load of a post from which on it is open."""


def posts_of(businesses: tuple[str, ...], erlangs: Floats, level: int | None, least_load: float) -> tuple[Ints, tuple[str, ...]]:
    """Which post each business belongs to, and the posts: paths cut to `level`, the small ones joined to what stands above them, at last to `COMMON`.

    Parameters
    ----------
    businesses : tuple of str
    erlangs : (slots, businesses) float array
    level : int, optional
        The first, unless given.
    least_load : float
        Erlangs in busy half-hours.

    Returns
    -------
    post_of : (businesses,) int array
    names : tuple of str
        In order, `COMMON` last.
    """
    total = erlangs.sum(axis=1)
    busy = (total >= np.quantile(total[total > 0], BUSY)) if (total > 0).any() else np.ones(len(total), np.bool_)
    load = erlangs[busy].mean(axis=0)
    of_business = ["/".join(business.split("/")[: level or 1]) for business in businesses]
    while True:
        loads: dict[str, float] = {}
        for name, own in zip(of_business, load, strict=True):
            loads[name] = loads.get(name, 0.0) + float(own)
        single = [name for name in loads if name != COMMON]
        small = [name for name in single if loads[name] < least_load]
        if len(single) > MOST_POSTS - 1 and not small:
            small = sorted(single, key=lambda name: loads[name])[: len(single) - MOST_POSTS + 1]
        if not small or len(loads) == 1:
            break
        # The deepest first, so that a parent may be large enough with its children.
        deepest = max(name.count("/") for name in small)
        joined = {name: _above(name) for name in small if name.count("/") == deepest}
        of_business = [joined.get(name, name) for name in of_business]
    names = tuple(sorted(set(of_business), key=lambda name: (name == COMMON, name)))
    place = {name: n for n, name in enumerate(names)}
    return np.array([place[name] for name in of_business], np.int64), names


def _above(name: str) -> str:
    return name.rpartition("/")[0] or COMMON


def open_at(load: Floats, least: float) -> Bools:
    """(slots, posts) when each post is open: every day from its first to its last half-hour with at least `least` erlangs in the mean over the days.

    The hours are one stretch of the day, the shortest that holds them all, so that they may pass midnight.
    """
    by_slot = load.reshape(-1, SLOTS_A_DAY, load.shape[1]).mean(axis=0)
    hours = np.zeros(by_slot.shape, np.bool_)
    for post in range(load.shape[1]):
        busy = np.flatnonzero(by_slot[:, post] >= least)
        if len(busy):
            gaps = np.diff(np.append(busy, busy[0] + SLOTS_A_DAY))
            begins = busy[(int(gaps.argmax()) + 1) % len(busy)]
            length = SLOTS_A_DAY - int(gaps.max()) + 1
            hours[(begins + np.arange(length)) % SLOTS_A_DAY, post] = True
    return np.tile(hours, (len(load) // SLOTS_A_DAY, 1))
