"""A plan as plain entries, and the checks that need no solver."""

from __future__ import annotations

from dataclasses import dataclass

from coachline.engine.training.plan.request import Request


@dataclass(frozen=True)
class Held:
    """A session that is held.

    Attributes
    ----------
    session : int
        Place in `Request.sessions`.
    start : int
        Slot.
    trainer : int
        Place in `Request.trainers`.
    room : int or None
        Place in `Request.rooms`.
    members : tuple of int
        Places in the session's members.
    """

    session: int
    start: int
    trainer: int
    room: int | None
    members: tuple[int, ...]


Plan = tuple[Held, ...]


def worth(request: Request, plan: Plan) -> float:
    """Calls gained less what the load costs: the figure that is maximised."""
    return sum(gain(request, held) - load(request, held) * request.limits.load_price for held in plan)


def hours(request: Request, held: Held) -> float:
    """Hours of those who come, together."""
    return request.sessions[held.session].hours * len(held.members)


def gain(request: Request, held: Held) -> float:
    """Calls gained by those who come."""
    return sum(request.sessions[held.session].gains[member] for member in held.members)


def load(request: Request, held: Held) -> float:
    """Calls that others take over meanwhile."""
    away = len(held.members) + request.misses_trainer(held.session)
    return away * float(request.load_of_one_away(request.sessions[held.session].halves)[held.start])
