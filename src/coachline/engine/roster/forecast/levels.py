"""The calendar model: the centre's day level by its effects, each business as a part of what stands above it, spread over the day by its shape."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from coachline.engine.roster.forecast.calendar import HOLIDAY, TYPES, Days
from coachline.engine.roster.forecast.effects import (
    CHILD_SCALE,
    YEARLY_FROM,
    Fitted,
    Seen,
    covariance,
    fit,
    kernels,
    learn,
    observed,
    usual_sizes,
)
from coachline.engine.roster.forecast.history import Bools, Floats
from coachline.engine.roster.forecast.profiles import profiles
from coachline.engine.roster.forecast.shares import Shares, alive, features, fit_shares
from coachline.engine.roster.forecast.tree import Tree

LEARNT_FROM = 400
"""Days at most from which the sizes of effects are learnt for the whole centre; for parts of it, and how many parts."""
LEARNT_FROM_PARTS, LEARNT_PARTS = 112, 8

BESIDE = 2
"""Days on either side of a special day that are looked at with it, however long ago."""

CLOSED_FROM = 2
"""Days of a type, none with a call, from which on days of this type count as closed."""


@dataclass(frozen=True)
class Past:
    """Calls up to some day, with the calendar beyond it.

    Attributes
    ----------
    tree : Tree
    whole : (long days,) float array
        Calls of the centre a day; NaN on days that do not count (closed, or nothing recorded).
    halves : (businesses, days, 48) float array
        The last of these days, by half-hour.
    totals : (businesses, long days) float array
    days : Days
        The long days and those ahead of them.
    """

    tree: Tree
    whole: Floats
    halves: Floats
    totals: Floats
    days: Days

    @property
    def known(self) -> int:
        """How many of the days are past."""
        return len(self.whole)

    @property
    def recent(self) -> int:
        """Place of the first day with half-hours."""
        return int(self.known - self.halves.shape[1])

    @property
    def telling(self) -> Bools:
        """(long days,) days from which shares are learnt: those with half-hours, and older ones at most `BESIDE` days from a special one, so that last year's campaign counts."""
        special = self.days.special[: self.known].astype(float)
        # Not "same": of fewer days than these it would be as long as they are many.
        near = np.convolve(special, np.ones(2 * BESIDE + 1))[BESIDE : BESIDE + self.known] > 0
        return np.asarray((np.arange(self.known) >= self.recent) | near)

    def until(self, end: int, ahead: int) -> Past:
        """The same as it was known before day number `end`, with so many days ahead."""
        place = end - int(self.days.number[0])
        halves = self.halves[:, : max(place - self.recent, 0)]
        return Past(self.tree, self.whole[:place], halves, self.totals[:, :place], self.days[slice(0, place + ahead)])


@dataclass(frozen=True)
class Sizes:
    """Logarithms of the sizes of effects.

    Attributes
    ----------
    whole : (effects + 1,) float array
        On the whole centre.
    parts : (effects + 1,) float array or None
        On parts of it; None where there are none.
    yearly : bool
        Whether seasons are among them.
    """

    whole: Floats
    parts: Floats | None
    yearly: bool


@dataclass(frozen=True)
class Levels:
    """Expected calls.

    Attributes
    ----------
    calls : (businesses, days ahead, 48) float array
    day : (businesses, days ahead) float array
    variance : (businesses, days ahead) float array
        Of the logarithm of the day's level, without the chance of counting.
    trust : (days,) float array
        How much each of the days with half-hours counted.
    fitted : Fitted
        Of the whole.
    """

    calls: Floats
    day: Floats
    variance: Floats
    trust: Floats
    fitted: Fitted


@dataclass(frozen=True)
class Covariances:
    """Of all days of a past with each other, at given sizes: exact for the whole, as features for the parts; and the names of the effects on the whole."""

    whole: Floats
    parts: tuple[Floats, Floats] | None
    sizes: Sizes
    names: tuple[str, ...]

    def levels(self, past: Past) -> Levels:
        """Forecast the days ahead of `past`, whose days must lie within those of the covariances."""
        tree = past.tree
        at = slice(0, len(past.days.number))
        fitted = fit(past.whole, self.whole[at, at], float(np.exp(self.sizes.whole[-1])))
        trust = fitted.trust[past.recent :]
        ahead = len(past.days.number) - past.known
        logs, variance = np.zeros((2, len(tree.parent), ahead))
        if self.parts is not None and self.sizes.parts is not None:
            found = self._parts(past)
            logs[1:], variance[1:] = found.mean, found.variance
        parts = tree.scaled(logs)
        parts[0] = np.exp(np.clip(fitted.mean, -30.0, 30.0)) * _open(past)
        variance[0] = fitted.variance
        # What is no more than a part of a sum that is known better can stray less from it the larger it is.
        variance[1:] *= (1.0 - np.minimum(parts[1:], 1.0)) ** 2
        day = tree.down(parts)[tree.leaf]
        past_days = past.days[slice(past.recent, past.known)]
        shape = profiles(past.halves, past_days, trust, tree, int(past_days.number[-1]) + 1)
        calls = day[:, :, None] * shape[:, past.days.type[past.known :]]
        return Levels(calls, day, tree.added(variance)[tree.leaf], trust, fitted)

    def _parts(self, past: Past) -> Shares:
        assert self.parts is not None
        assert self.sizes.parts is not None
        telling = np.flatnonzero(past.telling)
        rows = np.concatenate([telling, np.arange(past.known, len(past.days.number))])
        count = past.tree.sums(past.totals)
        recent, living = alive(count[1:, past.recent :])
        # Longer ago a business is there from its first call on.
        there = np.concatenate([(np.cumsum(count[1:], axis=1) > 0)[:, : past.recent], recent], axis=1)
        noise = float(np.exp(self.sizes.parts[-1]))
        above = count[past.tree.parent[1:]]
        basis = (self.parts[0][rows], self.parts[1][rows])
        found = fit_shares(count[1:, telling], above[:, telling], there[:, telling], basis, noise)
        return Shares(np.where(living[:, None], found.mean, -np.inf), np.where(living[:, None], found.variance, 0.0))


def _open(past: Past) -> Bools:
    """(days ahead,) days of types on which the centre is not always closed; on holidays never seen it is where it is on all other days off."""
    counted = np.isfinite(past.whole)
    types = past.days.type[: past.known]
    ahead = past.days.type[past.known :]
    closed = [kind for kind in range(TYPES) if (types == kind).sum() >= CLOSED_FROM and not counted[types == kind].any()]
    off = np.unique(types[~past.days.working[: past.known] & (types != HOLIDAY)])
    if not counted[types == HOLIDAY].any() and len(off) and np.isin(off, closed).all():
        closed.append(HOLIDAY)
    return np.asarray(~np.isin(ahead, closed))


def sizes_of(past: Past) -> Sizes:
    """Sizes of the effects, learnt from `past`."""
    first = max(0, past.known - LEARNT_FROM)
    days = past.days[slice(first, past.known)]
    yearly = past.known >= YEARLY_FROM
    parts = kernels(days, days, yearly=yearly)
    which = np.flatnonzero(np.isfinite(past.whole[first:]))
    usual = usual_sizes(tuple(parts))
    # Days that are outliers with effects of the usual sizes must not make effects or noise look large.
    trust = fit(past.whole[first:], covariance(parts, usual), float(np.exp(usual[-1]))).trust[which]
    ordinary = _seen(past.whole[first:], np.ones(len(days.number)), which, 1.0)
    doubt = (np.exp(2 * usual[-1]) + ordinary.chance) * (1.0 / np.maximum(trust, 1e-6) - 1.0)
    whole = learn(parts, [replace(ordinary, chance=ordinary.chance + doubt)], usual)
    if len(past.tree.parent) == 1:
        return Sizes(whole, None, yearly)
    recent = min(LEARNT_FROM_PARTS, past.halves.shape[1])
    days = past.days[slice(past.known - recent, past.known)]
    parts = _of_parts(days, days)
    count = past.tree.sums(past.halves[:, -recent:].sum(axis=2))
    above = count[past.tree.parent[1:]]
    usual = usual_sizes(tuple(parts), CHILD_SCALE)
    there, living = alive(count[1:])
    there &= above > 0
    # The smaller part of two says the same as the larger, and more of parts than of wholes.
    largest = np.argsort(-np.where(living, (count[1:] * there).sum(axis=1), 0.0))[:LEARNT_PARTS]
    seen = []
    for node in largest:
        which = np.flatnonzero(there[node])
        share = count[1 + node, which].sum() / max(above[node, which].sum(), 1.0)
        if len(which) >= 14 and count[1 + node, which].sum() > 0:
            seen.append(_seen(count[1 + node], above[node], which, 1.0 - min(share, 0.98)))
    return Sizes(whole, learn(parts, seen, usual, rounds=12) if seen else usual, yearly)


def covariances(past: Past, sizes: Sizes) -> Covariances:
    """Covariances of the days of `past` and those ahead of it."""
    of_whole = kernels(past.days, past.days, yearly=sizes.yearly)
    whole, names = covariance(of_whole, sizes.whole), tuple(of_whole)
    if sizes.parts is None:
        return Covariances(whole, None, sizes, names)
    telling = np.concatenate([past.telling, np.ones(len(past.days.number) - past.known, np.bool_)])
    chosen = past.days[telling]
    basis, left = features(covariance(_of_parts(chosen, chosen), sizes.parts))
    # Rows of other days are never asked for.
    parts = np.zeros((len(telling), basis.shape[1])), np.zeros(len(telling))
    parts[0][telling], parts[1][telling] = basis, left
    return Covariances(whole, parts, sizes, names)


def _of_parts(one: Days, other: Days) -> dict[str, Floats]:
    """What moves a share: the same but for what lasts few days, which parts share with the whole."""
    return {name: part for name, part in kernels(one, other, yearly=False).items() if name not in ("recent", "free")}


def _seen(count: Floats, exposure: Floats, which: np.ndarray, damped: float) -> Seen:
    n, e = count[which], exposure[which]
    level = max(n.sum(), 0.5) / e.sum()
    mean = (n**2 + 2 * e * level) / (n + 2)
    value, chance = observed(n, mean)
    value = value - np.log(e * level)
    # A day far off would pass for large effects.
    limit = 6 * np.median(np.abs(value)) + 1e-9
    return Seen(which, np.clip(value, -limit, limit), damped * chance)
