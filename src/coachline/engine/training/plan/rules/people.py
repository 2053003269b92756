"""Those who are trained: at work, in one place at a time, not day after day, within their hours, and enough of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from coachline.engine.training.plan.draft import Draft
from coachline.engine.training.plan.request import HALVES_A_DAY, Bools, Request

if TYPE_CHECKING:
    from ortools.sat.python import cp_model


def on_shift(request: Request, number: int, come: Bools, teach: Bools, starts: Bools) -> None:
    """Sessions lie within the shift of everybody who comes, or at most `beyond_shift` before or behind it."""
    session = request.sessions[number]
    for row, person in enumerate(session.members):
        come[row] &= request.attends(person, session.halves, request.limits.beyond_shift)


def enough_could_come(request: Request, number: int, come: Bools, teach: Bools, starts: Bools) -> None:
    """A session begins only when enough of its group could come."""
    starts &= come.sum(axis=0) >= request.sessions[number].least


def enough_present(draft: Draft) -> None:
    """Enough of the group come, or the session is not held."""
    for session, at, count in zip(draft.request.sessions, draft.at, draft.count, strict=True):
        if session.least > 0:
            for t, variable in at.items():
                draft.model.add(count[t] >= session.least * variable)


def person_free(draft: Draft) -> None:
    """Nobody is in two sessions at once."""
    _apart(draft, 0)


def cool_down(draft: Draft) -> None:
    """Between two sessions of one person lie at least `cool_down_days`."""
    _apart(draft, round(draft.request.limits.cool_down_days * HALVES_A_DAY))


def _apart(draft: Draft, pause: int) -> None:
    for attended in _by_person(draft).values():
        if len(attended) > 1:
            draft.model.add_no_overlap(
                draft.interval(number, there, draft.request.sessions[number].halves + pause) for number, there in attended
            )


def _by_person(draft: Draft) -> dict[int, list[tuple[int, cp_model.IntVar]]]:
    """Sessions of each person, with the variable that says whether they come."""
    found: dict[int, list[tuple[int, cp_model.IntVar]]] = defaultdict(list)
    for number, session in enumerate(draft.request.sessions):
        for person, variable in zip(session.members, draft.comes[number], strict=True):
            found[person].append((number, variable))
    return found


def hours_cap(draft: Draft) -> None:
    """Hours beyond the shift go no further than the cap leaves, for every person and month."""
    request = draft.request
    if request.limits.beyond_shift == 0:
        return
    for person, attended in _by_person(draft).items():
        spent: dict[int, list[cp_model.IntVar]] = defaultdict(list)
        for number, comes in attended:
            beyond = request.beyond(person, request.sessions[number].halves)
            for month in np.unique(request.month):
                outside = {t: int(beyond[t]) for t in draft.at[number] if beyond[t] > 0 and request.month[t] == month}
                if not outside:
                    continue
                most = max(outside.values())
                extra = draft.model.new_int_var(0, most, "")
                draft.model.add(extra >= sum(halves * draft.at[number][t] for t, halves in outside.items()) - most * (1 - comes))
                spent[int(month)].append(extra)
        for month, parts in spent.items():
            left = request.hours_left[person, month]
            if np.isfinite(left):
                draft.model.add(sum(parts) <= max(int(2 * left + 1e-9), 0))
