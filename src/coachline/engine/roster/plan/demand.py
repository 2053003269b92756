"""Posts and what comes in at them: businesses joined to posts that are worth manning, with calls, handle time, patience and need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.result import Note
from coachline.engine.roster.plan.posts import COMMON, OPEN_FROM, open_at, posts_of
from coachline.engine.roster.plan.request import SLOT_MINUTES, Bools, Floats, Ints
from coachline.engine.roster.staffing.demand import Demand as Coming
from coachline.engine.roster.staffing.demand import forecast_demand
from coachline.engine.roster.staffing.heads import Target, needed_heads, rostered_heads
from coachline.engine.roster.staffing.patience import Patience, patience_of
from coachline.engine.roster.staffing.waits import waits_of

LEAST_CALLS = 1e-9
"""Businesses without calls take part in means by this weight, so that posts without calls have a mean."""
WAITS_DAYS = 182
"""Past days from which patience is told."""


@dataclass(frozen=True)
class Demand:
    """Posts over the horizon.

    Attributes
    ----------
    posts : tuple of str
    businesses : tuple of str
        Of the forecast.
    post_of : (businesses,) int array
        Where the calls of a business are answered while that post is open; else at the common one.
    weight : (businesses,) float array
        Share of the calls of its post, at any hour.
    weights : (businesses, posts) float array
        Share of the calls that are answered at each post.
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
    weights: Floats
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


def demand(
    facts: Facts,
    first: date,
    days: int,
    *,
    level: int | None,
    least_load: float,
    target: Target,
    shrinkage: float,
    pooled: bool,
    country: str = "CN",
    events: Mapping[str, str] | None = None,
) -> Demand:
    """What is to come at which posts.

    Parameters
    ----------
    facts : Facts
    first : date
    days : int
    level : int, optional
        Levels of a business's path that make a post; without it, the first one.
    least_load : float
        Erlangs, in busy half-hours, below which businesses share the post above them.
    target : Target
    shrinkage : float
    pooled : bool
        Whether the need is that of all posts together, each with its share of it, or that of posts that queue for themselves.
    country : str
    events : mapping of str to str, optional
        See `forecast_slots`.

    Raises
    ------
    CoachlineError
        What `forecast_demand` refuses.
    """
    waits = waits_of(facts, Period(first - timedelta(WAITS_DAYS), first - timedelta(1)))
    ahead = forecast_demand(facts, first, days, waits, country=country, events=events)
    post_of, names = posts_of(ahead.businesses, ahead.erlangs, level, least_load)
    names, open_ = _open(ahead, post_of, names, least_load)
    calls, busy, variance = (
        _at_posts(values, post_of, names, open_)
        for values in (ahead.calls, ahead.calls * ahead.handle_s, (ahead.calls * ahead.spread) ** 2)
    )
    mean = float(busy.sum() / calls.sum()) if calls.any() else float(ahead.handle_s.mean())
    handle = np.divide(busy, calls, out=np.full_like(calls, mean), where=calls > 0)
    spread = np.divide(np.sqrt(variance), calls, out=np.zeros_like(calls), where=calls > 0)
    each = _of_businesses(ahead, post_of, names, open_)
    patience = _patience(_known(patience_of(waits), ahead.businesses), each)
    heads = _need(calls, handle, patience, spread, target, shrinkage, pooled)
    total = ahead.calls.sum(axis=0) + LEAST_CALLS
    weight = total / np.bincount(post_of, total, minlength=len(names))[post_of]
    of_post = each.sum(axis=0)
    weights = np.divide(each, of_post, out=np.full_like(each, 1.0 / max(len(each), 1)), where=of_post > 0)
    return Demand(names, ahead.businesses, post_of, weight, weights, calls, handle, heads, patience, spread, ahead.notes)


def _open(ahead: Coming, post_of: Ints, names: tuple[str, ...], least_load: float) -> tuple[tuple[str, ...], Bools]:
    """The posts, with the common one where some hours need it, and (slots, posts) when each is open."""
    own = post_of[:, None] == np.arange(len(names))
    open_ = open_at(ahead.erlangs @ own, OPEN_FROM * least_load)
    if len(names) == 1 or (open_ | (np.array(names) == COMMON)).all():
        return names, np.ones_like(open_)
    if COMMON not in names:
        names, open_ = (*names, COMMON), np.pad(open_, ((0, 0), (0, 1)))
    open_[:, names.index(COMMON)] = True
    return names, open_


def _at_posts(values: Floats, post_of: Ints, names: tuple[str, ...], open_: Bools) -> Floats:
    """(slots, posts) sums of what comes in (slots, businesses), at the common post where a business's own is closed."""
    inside = values * open_[:, post_of]
    found = np.asarray(inside @ (post_of[:, None] == np.arange(len(names))))
    if COMMON in names:
        found[:, names.index(COMMON)] += (values - inside).sum(axis=1)
    return found


def _of_businesses(ahead: Coming, post_of: Ints, names: tuple[str, ...], open_: Bools) -> Floats:
    """(businesses, posts) calls of the horizon; a business without any counts a trace at its own post."""
    found = np.zeros((len(post_of), len(names)))
    inside = (ahead.calls * open_[:, post_of]).sum(axis=0)
    found[np.arange(len(post_of)), post_of] = inside + LEAST_CALLS
    if COMMON in names:
        found[:, names.index(COMMON)] += ahead.calls.sum(axis=0) - inside
    return found


def _need(calls: Floats, handle: Floats, patience: Floats, spread: Floats, target: Target, shrinkage: float, pooled: bool) -> Floats:
    """(slots, posts) heads on the roster for a target."""
    load = calls * handle / (60.0 * SLOT_MINUTES)
    if not pooled:
        at_phones = needed_heads(load, handle, np.broadcast_to(patience, load.shape), target, spread=spread)
        return rostered_heads(at_phones, shrinkage).astype(float)
    every, total, gone = calls.sum(axis=1), load.sum(axis=1), (calls / patience).sum(axis=1)
    mean = np.divide((calls * handle).sum(axis=1), every, out=handle.max(axis=1), where=every > 0)
    staying = np.divide(every, gone, out=np.full_like(every, np.inf), where=gone > 0)
    unsure = np.divide(np.sqrt(((calls * spread) ** 2).sum(axis=1)), every, out=np.zeros_like(every), where=every > 0)
    together = rostered_heads(needed_heads(total, mean, staying, target, spread=unsure), shrinkage)
    return np.asarray(together[:, None] * np.divide(load, total[:, None], out=np.zeros_like(load), where=total[:, None] > 0))


def _patience(seconds: Floats, calls: Floats) -> Floats:
    """(posts,) mean patience: the one at which as many give up as of the post's businesses together; infinite where nobody is known to.

    Parameters
    ----------
    seconds : (businesses,) float array
    calls : (businesses, posts) float array
    """
    rate, total = (calls / seconds[:, None]).sum(axis=0), calls.sum(axis=0)
    return np.asarray(np.divide(total, rate, out=np.full(len(total), np.inf), where=rate > 0))


def _known(found: Patience, businesses: tuple[str, ...]) -> Floats:
    """(businesses,) patience in the order of the forecast; the centre's for those that are new."""
    place = dict(zip(found.businesses, found.seconds.tolist(), strict=True))
    return np.array([place.get(name, found.overall) for name in businesses])
