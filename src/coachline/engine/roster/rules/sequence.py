"""What may follow what: rest between shifts, days in a row, days off."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.request import DAY_MINUTES, Ints, Request
from coachline.engine.roster.rules.draft import Draft


def between(request: Request) -> Ints:
    """(shifts, shifts) minutes from the end of the first to the start of the second on the next day."""
    starts = np.array([kind.starts for kind in request.shifts], np.int64)
    ends = np.array([kind.ends for kind in request.shifts], np.int64)
    return np.asarray(starts[None, :] + DAY_MINUTES - ends[:, None])


def one_shift_a_day(draft: Draft) -> None:
    """One shift begins on a day, and those of successive days do not overlap."""
    draft.follows &= between(draft.request) >= 0


def rest_between_shifts(draft: Draft) -> None:
    """At least `rest_h` lie between two shifts."""
    draft.follows &= between(draft.request) >= 60 * draft.request.limits.rest_h - 1e-6


def after_night(draft: Draft) -> None:
    """After a night comes another night, or at least `after_night_h` of rest."""
    request = draft.request
    early = between(request) < 60 * request.limits.after_night_h - 1e-6
    draft.follows &= ~(request.nights[:, None] & ~request.nights[None, :] & early)


def longest_nights(draft: Draft) -> None:
    """At most `longest_nights` nights in a row, with those before the first day."""
    draft.longest_nights = np.minimum(draft.longest_nights, draft.request.limits.longest_nights)


def longest_run(draft: Draft) -> None:
    """At most `longest_run` days in a row are worked, with those before the first day: six are six in any seven."""
    draft.longest_run = np.minimum(draft.longest_run, draft.request.limits.longest_run)


def shortest_run(draft: Draft) -> None:
    """Nobody comes for fewer days in a row than `shortest_run`."""
    draft.shortest_run = np.maximum(draft.shortest_run, draft.request.limits.shortest_run)


def shortest_rest(draft: Draft) -> None:
    """Days off come at least `shortest_rest` in a row."""
    draft.shortest_rest = np.maximum(draft.shortest_rest, draft.request.limits.shortest_rest)
