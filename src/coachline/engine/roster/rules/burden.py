"""Burdens shared: nights, weekends, and the busy shifts that would else all fall to the best."""

from __future__ import annotations

import math

import numpy as np

from coachline.engine.roster.plan.request import Bools, Floats, Ints, Request
from coachline.engine.roster.rules.draft import Draft
from coachline.engine.roster.rules.work import heads_wanted, in_shifts

FOUR_WEEKS = 28
EVENING_ENDS = 20 * 60
"""A shift that ends later, and is no night, is an evening."""
WORKED_SHARE = 5 / 7
"""Of the days on which somebody is there: what is taken for their number of shifts where a share of them is meant."""


def in_horizon(request: Request, in_four_weeks: int) -> int:
    """A number for four weeks, over the days planned; rounded up."""
    return math.ceil(in_four_weeks * request.days / FOUR_WEEKS - 1e-9)


def most_nights(draft: Draft) -> None:
    """At most `most_nights` in four weeks."""
    request = draft.request
    most = np.full(len(request.people), in_horizon(request, request.limits.most_nights))
    draft.limit("nights", _nights(request), most)


def weekends_off(draft: Draft) -> None:
    """On at most `most_weekends` of four weekends somebody works."""
    request = draft.request
    draft.most_weekends = np.minimum(draft.most_weekends, in_horizon(request, request.limits.most_weekends))


def quarter_share(draft: Draft) -> None:
    """Who has had more than `most_in_quarter` times the mean of nights (weekends) of those who had any gets none."""
    request = draft.request
    everything = request.days * np.ones(len(request.people), np.int64)
    most = request.limits.most_in_quarter
    full = _above(request.nights_before, most)
    if full.any():
        draft.limit("nights", _nights(request), np.where(full, 0, everything))
    draft.most_weekends = np.where(_above(request.weekends_before, most), 0, draft.most_weekends)


def strong_capped(draft: Draft) -> None:
    """Nobody, and so no strong one, gets more than `most_busy` times the fair share of busy shifts: being good is not punished."""
    request = draft.request
    busy, share = busy_shifts(request)
    days = (~request.leave).sum(axis=1) * WORKED_SHARE
    most = np.maximum(np.ceil(request.limits.most_busy * share * days - 1e-9), 1)
    draft.limit("busy", busy, most.astype(np.int64))


def fair_quarter(draft: Draft) -> None:
    """A night or weekend costs the more, the further somebody's number in the quarter lies above the mean."""
    request, limits = draft.request, draft.request.limits
    draft.cost += np.where(request.nights, limits.night_price * _excess(request.nights_before)[:, None, None], 0.0)
    # A weekend has two days.
    each = 0.5 * limits.weekend_price * _excess(request.weekends_before)
    draft.cost += np.where(request.weekend >= 0, each[:, None], 0.0)[:, :, None]


def busy_shifts(request: Request) -> tuple[Bools, float]:
    """(days, shifts) the busy ones, evenings and the quarter with most calls per head; and the share of all work that lies in them."""
    dense, wanted = density(request)
    highest = np.sort(dense, axis=None)[math.ceil(0.75 * dense.size) - 1] if dense.size else 0.0
    evening = np.array([kind.ends > EVENING_ENDS and not kind.night for kind in request.shifts], np.bool_)
    busy = (dense > highest) | evening[None, :]
    total = float(wanted.sum())
    return busy, float(wanted[busy].sum()) / total if total else 1.0


def density(request: Request) -> tuple[Floats, Floats]:
    """(days, shifts) calls per head wanted while a shift lasts, and these heads summed over its slots."""
    wanted = in_shifts(request, heads_wanted(request).sum(axis=1))
    calls = in_shifts(request, request.calls.sum(axis=1))
    return np.divide(calls, wanted, out=np.zeros_like(calls), where=wanted > 0), wanted


def _nights(request: Request) -> Bools:
    return np.tile(request.nights, (request.days, 1))


def _above(had: Ints, times: float) -> Bools:
    some = had[had > 0]
    return np.asarray(had > times * some.mean()) if len(some) else np.zeros(len(had), np.bool_)


def _excess(had: Ints) -> Floats:
    return np.maximum(had - had.mean(), 0.0) if len(had) else np.zeros(0)
