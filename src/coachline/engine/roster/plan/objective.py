"""What a head at a post is worth: calls resolved, as costs that the solver can add up.

Half-hours between which no shift begins, ends or breaks are seen by every shift alike. They are merged into segments, their gains added: what the solver
sees is a dozen segments a day instead of 48 half-hours, and nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from coachline.engine.roster.plan.request import DAY_MINUTES, MEAL_FROM, SLOT_MINUTES, SLOTS_A_DAY, Bools, Floats, Ints, Request, ShiftKind
from coachline.engine.roster.solver.problem import Cover
from coachline.engine.roster.staffing.service import service

WINDOW_DAYS = 2
"""Days, from the midnight of a shift's day, within which it ends."""
GRID = 5
"""Minutes by which presence is averaged."""
KNOTS = (0.0, 0.25, 0.45, 0.6, 0.75, 0.9, 1.05, 1.3)
"""Heads, as shares of the need, between which calls answered are taken as linear; beyond the last nothing is gained."""


@dataclass(frozen=True)
class Segments:
    """A day cut where any shift begins, ends or may break.

    Attributes
    ----------
    edges : (segments + 1,) int array
        Slots of the day, from 0 to 48.
    """

    edges: Ints

    @classmethod
    def of(cls, kinds: tuple[ShiftKind, ...]) -> Segments:
        """The segments between all edges of `kinds`, rounded to half-hours."""
        minutes = [0]
        for kind in kinds:
            minutes += [kind.starts, kind.ends]
            for pause in kind.breaks:
                minutes += [pause.earliest, pause.latest + pause.minutes] if pause.minutes >= MEAL_FROM else []
        slots = np.unique(np.round(np.array(minutes) / SLOT_MINUTES).astype(np.int64) % SLOTS_A_DAY)
        return cls(np.append(slots, SLOTS_A_DAY))

    @property
    def count(self) -> int:
        return len(self.edges) - 1

    @cached_property
    def of_slot(self) -> Ints:
        """(48,) the segment of each half-hour."""
        return np.repeat(np.arange(self.count), np.diff(self.edges))

    def summed(self, per_slot: Floats) -> Floats:
        """(slots, ...) figures of half-hours as sums of segments, those of all days in a row."""
        by_day = per_slot.reshape(-1, SLOTS_A_DAY, *per_slot.shape[1:])
        found = np.add.reduceat(by_day, self.edges[:-1], axis=1)
        return np.asarray(found.reshape(-1, *per_slot.shape[1:]))

    def highest(self, per_slot: Floats) -> Floats:
        """The same, the highest of each segment."""
        by_day = per_slot.reshape(-1, SLOTS_A_DAY, *per_slot.shape[1:])
        return np.asarray(np.maximum.reduceat(by_day, self.edges[:-1], axis=1).reshape(-1, *per_slot.shape[1:]))


def cover(request: Request, may: Bools, least: Floats, must_cost: Floats) -> Cover:
    """Posts and shifts as the solver sees them.

    Parameters
    ----------
    request : Request
    may : (people, posts) bool array
        Who may man which post.
    least, must_cost : (slots, posts) float array
        Heads that must be there in each half-hour, and what each that is missing costs.

    Notes
    -----
    With V calls, A(h) the share of them that h heads answer, N the need and p the mean skill, the h-th head gains ``V p (A(h) - A(h - 1))``, whoever it is, and
    somebody of skill q gains ``(q - p) V A(N) / N`` beside. A surplus head costs what the best would gain beside, so that nobody gains by not being needed.
    """
    segments = Segments.of(request.shifts)
    owner, shares = presence(request.shifts, segments)
    usual = usual_skill(request.skill, may)
    above = np.where(may, request.skill - usual, 0.0)
    answered_at_need = request.calls * answered(request, request.need)
    worth = segments.summed(np.divide(answered_at_need, request.need, out=np.zeros_like(request.need), where=request.need > 0))
    must = segments.summed(must_cost)
    first = segments.highest(np.where(must_cost > 0, least, 0.0))
    heads, gains = _gains(request, segments, first)
    slopes = concave(heads, gains) * usual[None, :, None]
    steps = np.concatenate([-slopes, (worth * above.max(axis=0, initial=0.0))[:, :, None]], axis=2)
    steps[:, :, 0] -= must
    widths = np.concatenate([np.diff(heads, axis=2), np.full((*worth.shape, 1), 1e9)], axis=2)
    return Cover(owner, shares, segments.count, may, above, worth, np.maximum.accumulate(steps, axis=2), widths)


def usual_skill(skill: Floats, may: Bools) -> Floats:
    """(posts,) mean skill of those who may man each post; of all where nobody may."""
    count = may.sum(axis=0)
    of_those = np.where(may, skill, 0.0).sum(axis=0) / np.maximum(count, 1)
    return np.where(count > 0, of_those, skill.mean(axis=0) if len(skill) else 0.0)


def answered(request: Request, heads: Floats) -> Floats:
    """(slots, posts) share of callers who are answered with so many heads on the roster; 1 where nobody calls.

    Of the heads a share of `shrinkage` is away from the phones. Where callers are not known to hang up, those count who are answered within 20 seconds.

    Where posts are pooled, whoever is free takes calls of other posts, too: waits are those of one queue as large as all posts together, and a post is served
    as that queue would be if it were as well manned everywhere. With two skills each people already come near to that (Wallace and Whitt, 2005,
    *Manufacturing & Service Operations Management* 7, 276-294).
    """
    calls, handle = request.calls, request.handle_s
    load = calls * handle / (60.0 * SLOT_MINUTES)
    patience = np.broadcast_to(request.patience_s, load.shape)
    if request.pooled:
        total = load.sum(axis=1, keepdims=True)
        heads = heads * np.divide(total, load, out=np.zeros_like(load), where=load > 0)
        every = calls.sum(axis=1, keepdims=True)
        handle = np.broadcast_to(
            np.divide((calls * handle).sum(axis=1, keepdims=True), every, out=handle.max(axis=1, keepdims=True), where=every > 0),
            load.shape,
        )
        gone = (calls / patience).sum(axis=1, keepdims=True)
        patience = np.broadcast_to(np.divide(every, gone, out=np.full_like(every, np.inf), where=gone > 0), load.shape)
        load = np.where(load > 0, total, 0.0)
    found = service(load, heads * (1.0 - request.shrinkage), handle, patience)
    share = np.where(np.isinf(patience), found.answered_within, 1.0 - found.abandoned)
    return np.where(calls > 0, np.nan_to_num(share, nan=0.0), 1.0)


def _gains(request: Request, segments: Segments, least: Floats) -> tuple[Floats, Floats]:
    """(segments, posts, knots) heads, and the calls of the segment that they answer."""
    top = segments.highest(request.need)
    usual = np.maximum(top[:, :, None] * np.array(KNOTS), least[:, :, None] * (np.array(KNOTS) > 0))
    heads = np.concatenate([usual[:, :, :1], least[:, :, None], usual[:, :, 1:]], axis=2)
    day = np.arange(request.days)[:, None] * segments.count
    of_slot = (day + segments.of_slot).ravel()
    gains = np.zeros_like(heads)
    for knot in range(1, heads.shape[2]):
        calls = request.calls * answered(request, heads[of_slot, :, knot])
        gains[:, :, knot] = segments.summed(calls)
    return heads, gains


def concave(heads: Floats, gains: Floats) -> Floats:
    """(..., knots - 1) slopes of the least concave function that is nowhere below `gains`; 0 where a piece has no width.

    Parameters
    ----------
    heads, gains : (..., knots) float array
        Heads never fall.
    """
    knots = heads.shape[-1]
    chords = np.full((knots, knots, *heads.shape[:-1]), -np.inf)
    for i in range(knots):
        for j in range(i + 1, knots):
            wide = heads[..., j] - heads[..., i]
            slope = np.divide(gains[..., j] - gains[..., i], wide, out=np.zeros_like(wide), where=wide > 0)
            chords[i, j] = np.where(wide > 0, slope, np.where(gains[..., j] > gains[..., i], np.inf, 0.0))
    found = np.empty((*heads.shape[:-1], knots - 1))
    for piece in range(knots - 1):
        highest = [chords[i, piece + 1 :].max(axis=0) for i in range(piece + 1)]
        found[..., piece] = np.min(highest, axis=0)
    return np.maximum(np.where(np.isfinite(found), found, 0.0), 0.0)


def presence(kinds: tuple[ShiftKind, ...], segments: Segments) -> tuple[Ints, Floats]:
    """Parts of all kinds of shifts: (parts,) whose each is, and (parts, segments of two days) which share of each segment it is expected to cover.

    As breaks are staggered over their windows, each part ends when its meal begins at a time drawn evenly from the window, and the next begins after it.
    """
    at: Floats = np.arange(0.0, WINDOW_DAYS * DAY_MINUTES, GRID) + GRID / 2.0
    owner, shares = [], []
    for number, kind in enumerate(kinds):
        meals = [pause for pause in kind.breaks if pause.minutes >= MEAL_FROM]
        short = [pause for pause in kind.breaks if pause.minutes < MEAL_FROM]
        there = 1.0 - sum(
            (_begun(at, p.earliest, p.latest) - _begun(at, p.earliest + p.minutes, p.latest + p.minutes) for p in short), np.zeros_like(at)
        )
        begins = [_begun(at, kind.starts, kind.starts), *(_begun(at, m.earliest + m.minutes, m.latest + m.minutes) for m in meals)]
        ends = [*(_begun(at, m.earliest, m.latest) for m in meals), _begun(at, kind.ends, kind.ends)]
        for begun, ended in zip(begins, ends, strict=True):
            owner.append(number)
            shares.append(np.clip(begun - ended, 0.0, 1.0) * there)
    edges = np.concatenate([segments.edges[:-1] * SLOT_MINUTES + day * DAY_MINUTES for day in range(WINDOW_DAYS)]) // GRID
    lengths = np.diff(np.append(edges, WINDOW_DAYS * DAY_MINUTES // GRID))
    summed = np.add.reduceat(np.array(shares).reshape(-1, len(at)), edges, axis=1)
    return np.array(owner, np.int64), summed / lengths


def _begun(at: Floats, earliest: float, latest: float) -> Floats:
    """Chance that something which begins evenly between two times has begun."""
    if latest <= earliest:
        return (at >= earliest).astype(float)
    return np.asarray(np.clip((at - earliest) / (latest - earliest), 0.0, 1.0))
