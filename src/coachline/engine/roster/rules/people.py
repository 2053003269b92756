"""Who can be planned when, and for what."""

from __future__ import annotations

import numpy as np

from coachline.engine.roster.plan.request import UNKNOWN
from coachline.engine.roster.rules.draft import Draft


def leave(draft: Draft) -> None:
    """Nobody works who is away."""
    draft.allowed &= ~draft.request.leave[:, :, None]


def training_kept(draft: Draft) -> None:
    """Training that is fixed stays: no shift that clashes with it."""
    draft.allowed &= draft.request.possible


def licence(draft: Draft) -> None:
    """A post is manned only by who holds its licence; who holds none is not rostered."""
    draft.may &= draft.request.licensed
    draft.allowed[np.flatnonzero(~draft.request.licensed.any(axis=1))] = False


def fixed_days(draft: Draft) -> None:
    """On days that are fixed the last roster stays, shift or day off."""
    request = draft.request
    person, day = np.nonzero(request.fixed & (request.last_roster != UNKNOWN))
    last = request.last_roster[person, day]
    draft.allowed[person, day] &= last[:, None] == np.arange(len(request.shifts))
    draft.may_be_off[person, day] &= last < 0
