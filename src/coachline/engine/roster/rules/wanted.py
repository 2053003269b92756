"""What is wanted and has its price: wishes kept, few changes, apprentices beside their mentors."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.request import UNKNOWN, Floats, Request
from coachline.engine.roster.rules.burden import density
from coachline.engine.roster.rules.draft import Draft
from coachline.engine.roster.rules.work import parts


def wishes(draft: Draft) -> None:
    """A kept wish gains its strength times `wish_price`."""
    request = draft.request
    draft.cost -= request.limits.wish_price * request.wish_shift
    draft.off_cost -= request.limits.wish_price * request.wish_off


def stability(draft: Draft) -> None:
    """Every day that differs from the last roster costs `stability_price`."""
    request = draft.request
    price = np.where(request.last_roster != UNKNOWN, request.limits.stability_price, 0.0)
    other = request.last_roster[:, :, None] != np.arange(len(request.shifts))
    draft.cost += price[:, :, None] * other
    draft.off_cost += price * (request.last_roster >= 0)


def mentor_and_apprentice(draft: Draft) -> None:
    """In quiet hours an apprentice gains by the shift in which the mentor works.

    A person's costs cannot depend on another one's roster. So the apprentice is drawn to where the mentor works in the first pass of the solver, or else
    in the last roster; the mentor is not moved.
    """
    request = draft.request
    where = request.last_roster if request.first_pass is None else request.first_pass
    calm, beside = quiet(request), together(request)
    for mentor, apprentice in request.pairs:
        days = np.flatnonzero(where[mentor] >= 0)
        gain = request.limits.pair_price * beside[where[mentor, days]] * calm[days]
        draft.cost[apprentice, days] -= gain


def quiet(request: Request) -> np.ndarray:
    """(days, shifts) whether a shift lies in the half with fewer calls per head."""
    dense, _ = density(request)
    return np.asarray(dense <= (np.median(dense) if dense.size else 0.0))


def together(request: Request) -> Floats:
    """(shifts, shifts) share of the second's work during which the first works, too."""
    owner, shares = parts(request)
    works = np.zeros((len(request.shifts), shares.shape[1]))
    np.add.at(works, owner, shares)
    shared = np.minimum(works[:, None, :], works[None, :, :]).sum(axis=2)
    own = works.sum(axis=1)
    return np.asarray(np.divide(shared, own[None, :], out=np.zeros_like(shared), where=own[None, :] > 0))
