"""Posts and what comes in at them: businesses joined to posts that are worth manning, with calls, handle time, patience and need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Note
from coachline.engine.roster.plan.request import SLOT_MINUTES, Floats, Ints
from coachline.engine.roster.staffing.demand import Demand as Coming
from coachline.engine.roster.staffing.demand import forecast_demand
from coachline.engine.roster.staffing.heads import Target, needed_heads, rostered_heads
from coachline.engine.roster.staffing.patience import Patience, patience_of
from coachline.engine.roster.staffing.waits import waits_of

COMMON = "*"
"""The post of businesses that are too small for one of their own."""
MOST_POSTS = 20
LEAST_CALLS = 1e-9
"""Businesses without calls take part in means by this weight, so that posts without calls have a mean."""
WAITS_DAYS = 182
"""Past days from which patience is told."""
OPEN_SHARE = 0.1
"""Half-hours with fewer calls than this share of the mean half-hour with calls do not count as open when loads are compared."""


@dataclass(frozen=True)
class Demand:
    """Posts over the horizon.

    Attributes
    ----------
    posts : tuple of str
    businesses : tuple of str
        Of the forecast.
    post_of : (businesses,) int array
    weight : (businesses,) float array
        Share of the calls of its post.
    calls, handle_s, need : (slots, posts) float array
    patience_s : (posts,) float array
    spread : (slots, posts) float array
        Relative standard deviation of the mean number of calls, as far as the forecast does not know it.
    notes : tuple of Note
    """

    posts: tuple[str, ...]
    businesses: tuple[str, ...]
    post_of: Ints
    weight: Floats
    calls: Floats
    handle_s: Floats
    need: Floats
    patience_s: Floats
    spread: Floats
    notes: tuple[Note, ...]

    @property
    def common(self) -> int:
        """Businesses at the common post."""
        return int((self.post_of == self.posts.index(COMMON)).sum()) if COMMON in self.posts else 0


def demand(facts: Facts, first: date, days: int, *, level: int | None, least_load: float, target: Target, shrinkage: float) -> Demand:
    """What is to come at which posts.

    Parameters
    ----------
    facts : Facts
    first : date
    days : int
    level : int, optional
        Levels of a business's path that make a post; without it, the first one.
    least_load : float
        Erlangs, in the mean of open half-hours, below which businesses share the post above them.
    target : Target
    shrinkage : float

    Raises
    ------
    CoachlineError
        ``no_calls_before``.
    """
    waits = waits_of(facts, Period(first - timedelta(WAITS_DAYS), first - timedelta(1)))
    ahead = forecast_demand(facts, first, days, waits)
    post_of, names = posts_of(ahead, level, least_load)
    total = ahead.calls.sum(axis=0)
    calls, busy, variance = (np.zeros((ahead.calls.shape[0], len(names))) for _ in range(3))
    for posts, businesses in ((calls, ahead.calls), (busy, ahead.calls * ahead.handle_s), (variance, (ahead.calls * ahead.spread) ** 2)):
        np.add.at(posts.T, post_of, businesses.T)
    mean = float(busy.sum() / calls.sum()) if calls.any() else float(ahead.handle_s.mean())
    handle = np.divide(busy, calls, out=np.full_like(calls, mean), where=calls > 0)
    spread = np.divide(np.sqrt(variance), calls, out=np.zeros_like(calls), where=calls > 0)
    patience = _patience(_known(patience_of(waits), ahead.businesses), total, post_of, len(names))
    load = calls * handle / (60.0 * SLOT_MINUTES)
    at_phones = needed_heads(load, handle, np.broadcast_to(patience, load.shape), target, spread=spread)
    of_post = np.bincount(post_of, total, minlength=len(names))[post_of]
    weight = np.divide(total, of_post, out=1.0 / np.bincount(post_of, minlength=len(names))[post_of], where=of_post > 0)
    heads = rostered_heads(at_phones, shrinkage).astype(float)
    return Demand(names, ahead.businesses, post_of, weight, calls, handle, heads, patience, spread, ahead.notes)


def posts_of(ahead: Coming, level: int | None, least_load: float) -> tuple[Ints, tuple[str, ...]]:
    """Which post each business belongs to, and the posts: paths cut to `level`, the small ones joined to what stands above them, at last to `COMMON`."""
    erlangs, total = ahead.erlangs, ahead.calls.sum(axis=1)
    open_ = total > OPEN_SHARE * (total[total > 0].mean() if (total > 0).any() else 0.0)
    load = erlangs[open_].mean(axis=0) if open_.any() else np.zeros(len(ahead.businesses))
    depth = 1 if level is None else level
    of_business = ["/".join(business.split("/")[:depth]) for business in ahead.businesses]
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


def _patience(seconds: Floats, calls: Floats, post_of: Ints, posts: int) -> Floats:
    """(posts,) mean patience: the one at which as many give up as of the post's businesses together; infinite where nobody is known to."""
    rate = np.bincount(post_of, np.maximum(calls, LEAST_CALLS) / seconds, minlength=posts)
    total = np.bincount(post_of, np.maximum(calls, LEAST_CALLS), minlength=posts)
    return np.asarray(np.divide(total, rate, out=np.full(posts, np.inf), where=rate > 0))


def _known(found: Patience, businesses: tuple[str, ...]) -> Floats:
    """(businesses,) patience in the order of the forecast; the centre's for those that are new."""
    place = dict(zip(found.businesses, found.seconds.tolist(), strict=True))
    return np.array([place.get(name, found.overall) for name in businesses])
