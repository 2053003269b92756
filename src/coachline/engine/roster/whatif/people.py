"""People as they would be: how fast each is, trained more, or no longer there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.operations.period import Period
from coachline.engine.roster.plan.request import Bools, Floats, Ints, Request

SLOWEST, FASTEST = 0.5, 2.0
"""Limits of a person's factor of handle time."""


def paces(facts: Facts, period: Period, people: Sequence[str]) -> Floats:
    """(people,) handle time of each over that of all on the same businesses; of few calls little is believed.

    The mean log ratio would need single calls; ratios of sums are shrunk instead, by their own variance against that between people (moments).
    """
    rows = enriched_calls(facts, period)
    rows = rows.mutate(took=rows.talk_s + rows.hold_s.fill_null(0.0) + rows.wrap_s.fill_null(0.0), business=rows.business.fill_null(""))
    rows = rows.filter(rows.answered, rows.took > 0, rows.agent_id.notnull())
    sums = rows.group_by(["agent_id", "business"]).aggregate(n=rows.count(), took=rows.took.sum(), twice=(rows.took * rows.took).sum())
    frame = collected(facts, sums)
    factors = np.ones(len(people))
    if not frame.height:
        return factors
    businesses, of = np.unique(frame["business"].to_numpy(), return_inverse=True)
    n, took, twice = (frame[name].to_numpy().astype(float) for name in ("n", "took", "twice"))
    count, total, squares = (np.bincount(of, values, len(businesses)) for values in (n, took, twice))
    mean = total / count
    variance = np.maximum(squares / count - mean**2, 0.0)
    place = {name: number for number, name in enumerate(people)}
    who = np.array([place.get(name, -1) for name in frame["agent_id"]])
    known = who >= 0
    seen, usual, noise = (np.bincount(who[known], values[known], len(people)) for values in (took, n * mean[of], n * variance[of]))
    some = usual > 0
    ratio = np.where(some, seen / np.where(some, usual, 1.0), 1.0)
    own = np.where(some, noise / np.where(some, usual, 1.0) ** 2, np.inf)
    between = max(float(((ratio[some] - 1.0) ** 2 - own[some]).mean()), 0.0) if some.any() else 0.0
    return np.asarray(np.clip(1.0 + (ratio - 1.0) * between / (between + own), SLOWEST, FASTEST)) if between > 0 else factors


@dataclass(frozen=True)
class Trained:
    """Who is trained at which post.

    Attributes
    ----------
    post : int
    people : int array
    level : float
        Share that those resolve who are there for it already.
    """

    post: int
    people: Ints
    level: float


def to_train(request: Request, post: int, count: int, hours: Floats) -> Trained:
    """The people whom training at a post would bring most: first those who may not take its calls yet, the ones with the most hours first, then the weakest there.

    Parameters
    ----------
    request : Request
    post, count : int
    hours : (people,) float array
        On the roster.
    """
    able = request.licensed[:, post]
    there = able & (hours > 0)
    skill = request.skill[:, post]
    level = float((skill * hours)[there].sum() / hours[there].sum()) if there.any() else float(skill.mean())
    at_work = np.flatnonzero(hours > 0)
    order = sorted(at_work, key=lambda who: (able[who], -hours[who] if not able[who] else skill[who], who))
    chosen = [who for who in order if not able[who] or skill[who] < level][:count]
    return Trained(post, np.array(chosen, np.int64), level)


def without(request: Request, people: Ints) -> Request:
    """The request with `people` away all the time."""
    leave: Bools = request.leave.copy()
    leave[people] = True
    return replace(request, leave=leave, fixed=request.fixed & ~leave)
