"""Those who are trained: at work, in one place at a time, not day after day, within their hours, and enough of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from coachline.engine.training.plan.draft import Draft
from coachline.engine.training.plan.request import HALVES_A_DAY, Bools, Ints, Request

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
    for session, at, count, comes, held in zip(draft.request.sessions, draft.at, draft.count, draft.comes, draft.held, strict=True):
        for t, variable in at.items():
            draft.model.add(count[t] >= session.least * variable)
        if draft.lean:
            draft.model.add(sum(comes) >= session.least * held)


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
        beyond = {
            number: np.where(draft.chances.starts[number], request.beyond(person, request.sessions[number].halves), 0)
            for number, _ in attended
        }
        for month in np.unique(request.month):
            left = request.hours_left[person, month]
            outside = {number: np.where(request.month == month, halves, 0) for number, halves in beyond.items()}
            allowed = max(int(2 * left + 1e-9), 0) if np.isfinite(left) else None
            if allowed is None or sum(int(halves.max()) for halves in outside.values()) <= allowed:
                continue
            parts = [_extra(draft, number, comes, outside[number]) for number, comes in attended if outside[number].any()]
            draft.model.add(sum(parts) <= allowed)


def _extra(draft: Draft, number: int, comes: cp_model.IntVar, outside: Ints) -> cp_model.IntVar:
    """Halves beyond the shift that a session costs somebody, if they come."""
    most = int(outside.max())
    extra = draft.model.new_int_var(0, most, "")
    if draft.lean:
        whole = draft.model.new_int_var(0, most, "")
        draft.model.add_element(draft.start[number], [int(halves) for halves in outside], whole)
        draft.model.add(extra >= whole - most * (1 - comes))
    else:
        draft.model.add(
            extra >= sum(int(outside[t]) * variable for t, variable in draft.at[number].items() if outside[t]) - most * (1 - comes)
        )
    return extra
