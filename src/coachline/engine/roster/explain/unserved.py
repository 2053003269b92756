"""Demand that nobody could serve, whatever the roster: who or what is missing, named."""

from __future__ import annotations

import numpy as np
import polars as pl

from coachline.engine.roster.plan.objective import Segments, presence
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Bools, Ints, Request

UNSERVED: dict[str, pl.DataType] = {
    "lacking": pl.String(), "business": pl.String(), "first": pl.Date(), "last": pl.Date(), "days": pl.Int64(), "half_hours": pl.Int64(), "calls": pl.Float64(),
    "need": pl.Float64(), "at_hand": pl.Int64(),
}  # fmt: skip
"""Demand by cause and business; ``need``: the most heads wanted at once, ``at_hand``: the fewest who could then be there at all."""

CAUSES = ("no_licence", "everybody_away", "no_kind_of_shift", "too_few_people")
"""In order: of several that hold, the first is named."""


def unserved_rows(request: Request) -> pl.DataFrame:
    """Schema `UNSERVED`; empty where somebody could serve everything."""
    calling = request.calls > 0
    licensed = np.broadcast_to(request.licensed.any(axis=0), calling.shape)
    at_hand = people_at_hand(request)
    covered = np.broadcast_to(worked_at(request)[:, None], calling.shape)
    # What only a shift of the evening before the first day could serve is none of this roster's business.
    calling[:SLOTS_A_DAY] &= today_works(request)[:, None]
    holds = np.select(
        [calling & ~licensed, calling & covered & (at_hand == 0), calling & ~covered, calling & (request.need > at_hand + 1e-9)],
        [0, 1, 2, 3],
        default=-1,
    )
    rows = []
    for number, cause in enumerate(CAUSES):
        for post, business in enumerate(request.posts):
            slots = np.flatnonzero(holds[:, post] == number)
            if not len(slots):
                continue
            days = np.unique(slots // SLOTS_A_DAY)
            rows.append(
                {
                    "lacking": cause,
                    "business": business,
                    "first": request.day(int(days[0])),
                    "last": request.day(int(days[-1])),
                    "days": len(days),
                    "half_hours": len(slots),
                    "calls": float(request.calls[slots, post].sum()),
                    "need": float(request.need[slots, post].max()),
                    "at_hand": int(at_hand[slots, post].min()),
                }
            )
    return pl.DataFrame(rows, schema=UNSERVED)


def people_at_hand(request: Request) -> Ints:
    """(slots, posts) people who hold the licence and could work a shift that lasts then, each by themselves."""
    works = _works(request)
    could = request.possible & ~request.leave[:, :, None]
    found = np.zeros((request.slots, len(request.posts)), np.int64)
    for half in range(SLOTS_A_DAY):
        today = _any_of(could, works[:, half])
        since_yesterday = _any_of(could, works[:, SLOTS_A_DAY + half])
        today[:, 1:] |= since_yesterday[:, :-1]
        found[half::SLOTS_A_DAY] = today.T.astype(np.int64) @ request.licensed.astype(np.int64)
    return found


def today_works(request: Request) -> Bools:
    """(48,) whether a kind of shift that begins on the same day works then, or else none does."""
    day = _works(request).any(axis=0).reshape(-1, SLOTS_A_DAY)
    return np.asarray(day[0] | ~day[1:].any(axis=0))


def worked_at(request: Request) -> Bools:
    """(slots,) whether any kind of shift works then."""
    return np.tile(_works(request).any(axis=0).reshape(-1, SLOTS_A_DAY).any(axis=0), request.days)


def _works(request: Request) -> Bools:
    """(shifts, half-hours of two days) when each kind works."""
    owner, shares = presence(request.shifts, Segments(np.arange(SLOTS_A_DAY + 1)))
    works = np.zeros((len(request.shifts), shares.shape[1]), np.bool_)
    np.logical_or.at(works, owner, shares > 0)
    return works


def _any_of(could: Bools, kinds: Bools) -> Bools:
    """(people, days) whether somebody could work one of these kinds."""
    return np.asarray(could[:, :, kinds].any(axis=2))
