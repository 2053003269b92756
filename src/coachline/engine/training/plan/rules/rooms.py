"""Rooms: one session at a time, and a seat for everybody."""

from __future__ import annotations

import numpy as np

from coachline.engine.training.plan.draft import Draft
from coachline.engine.training.plan.request import Bools, Request


def fits_a_room(request: Request, number: int, come: Bools, teach: Bools, starts: Bools) -> None:
    """A session for which no room has seats enough for the fewest that make a session cannot be held."""
    session = request.sessions[number]
    if session.in_room and session.least > max((room.seats for room in request.rooms), default=0):
        starts[:] = False


def room_free(draft: Draft) -> None:
    """A room holds one session at a time."""
    request = draft.request
    held_in = [[(number, takes[room]) for number, takes in enumerate(draft.takes) if takes] for room in range(len(request.rooms))]
    for sessions in held_in:
        if len(sessions) > 1:
            draft.model.add_no_overlap(draft.interval(number, there, request.sessions[number].halves) for number, there in sessions)
    # Never more sessions at once than there are rooms: follows from the above, and tells it to the linear relaxation.
    in_rooms = [number for number, session in enumerate(request.sessions) if session.in_room]
    if len(in_rooms) <= len(request.rooms) or draft.lean:
        return
    for slot in np.flatnonzero(draft.chances.starts[in_rooms].any(axis=0)):
        here = [
            variable
            for number in in_rooms
            for begun in range(int(slot) - request.sessions[number].halves + 1, int(slot) + 1)
            if (variable := draft.at[number].get(begun)) is not None
        ]
        if len(here) > len(request.rooms):
            draft.model.add(sum(here) <= len(request.rooms))


def room_seats(draft: Draft) -> None:
    """No more people come than the room has seats."""
    for session, comes, takes in zip(draft.request.sessions, draft.comes, draft.takes, strict=True):
        if session.in_room and any(room.seats < len(session.members) for room in draft.request.rooms):
            draft.model.add(sum(comes) <= sum(room.seats * takes[n] for n, room in enumerate(draft.request.rooms)))
