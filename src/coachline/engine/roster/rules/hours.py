"""Hours of a month: at most by law and house, at least by contract."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.request import Ints, Request
from coachline.engine.roster.rules.draft import Draft


def trained(request: Request) -> Ints:
    """(people, months) minutes of training."""
    found = np.zeros((len(request.people), len(request.month_days)), np.int64)
    np.add.at(found.T, request.month, request.training_minutes.T)
    return found


def month_hours(draft: Draft) -> None:
    """In no calendar month more than `cap_h`, with what was worked in it before and with training; hours are kept for days behind the horizon."""
    request = draft.request
    cap = int(60 * request.limits.cap_h + 1e-6)
    left = np.maximum(cap - request.counted_minutes - trained(request), 0)
    left[:, -1] -= _kept(request, left[:, -1])
    draft.most_minutes = np.minimum(draft.most_minutes, left)


def _kept(request: Request, left: Ints) -> Ints:
    """(people,) minutes of the last month that its days behind the horizon get; up to one shift less, for a day cannot be divided.

    Of those `left`, fixed days take theirs first; the rest is for the open ones and those behind the horizon alike.
    """
    last = request.month == len(request.month_days) - 1
    later = request.month_days[-1] - request.day(request.days - 1).day
    worked = request.fixed & (request.last_roster >= 0) & last
    fixed = np.where(worked, request.minutes[np.where(worked, request.last_roster, 0)], 0).sum(axis=1)
    open_ = (last & ~request.fixed & ~request.leave).sum(axis=1)
    even = np.maximum(left - fixed, 0) * later / np.maximum(open_ + later, 1)
    kept = np.floor(request.limits.later_share * even - request.minutes.max(initial=0))
    return np.asarray(np.maximum(kept, 0), np.int64)


def least_hours(draft: Draft) -> None:
    """The hours of the contract, in proportion to the days on which somebody can be planned.

    Up to one shift less is borne, for a day cannot be divided; and nobody has to make up for more than the month lacks.
    """
    request = draft.request
    there = np.zeros((len(request.people), len(request.month_days)))
    np.add.at(there.T, request.month, (~request.leave).T.astype(float))
    wanted = 60.0 * request.limits.least_h * there / request.month_days
    before = np.zeros(len(request.month_days))
    before[0] = request.first.day - 1
    to_come = 60.0 * request.limits.least_h * (there + before) / request.month_days - request.counted_minutes
    least = np.minimum(wanted, to_come) - trained(request) - request.minutes.max(initial=0)
    draft.least_minutes = np.maximum(draft.least_minutes, np.maximum(np.floor(least), 0).astype(np.int64))
