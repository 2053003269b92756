"""Faults in the data that somebody follows up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from coachline.errors import CoachlineError
from coachline.web.accounts.models import User
from coachline.web.base.schemas import Day, Paging, Part, Text, part_of, refusals
from coachline.web.facts import actions
from coachline.web.facts.models import Ticket
from coachline.web.facts.queries.desk import QUALITY, listed, owners, tickets
from coachline.web.org.queries import perspective

router = Router()
LONGEST_COMMENT = 2_000


class TicketOut(Schema):
    """A fault, how many rows have it, which analyses it harms, and what has been done."""

    id: int
    centre: str | None
    table: str
    columns: list[str]
    issue: str
    severity: str
    rows: int
    share: float | None
    example: str
    harms: list[str]
    state: str
    owner: str | None
    due: date | None
    opened_at: datetime
    seen_at: datetime
    gone_since: datetime | None


class TicketsWanted(Paging):
    """Which tickets are asked for; `state` may be ``active``, `owner` is a user name."""

    state: Text = ""
    owner: Text = ""
    table: Text = ""


class TicketIn(Schema):
    """A fault as the newest reading of the data names it."""

    table: Text
    columns: list[Text] = Field(max_length=100)
    issue: Text
    centre: Text = ""


class TicketChange(Schema):
    """What is to be another; what is left out stays. `owner` is a user name, or null for nobody."""

    state: Text = ""
    owner: Text | None = None
    due: Day | None = None
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT, pattern=r"^[^\x00]*$")] = ""


@router.get("", response={200: Part[TicketOut], **refusals(422)})
def list_tickets(request: HttpRequest, wanted: Annotated[TicketsWanted, Query()]) -> dict[str, Any]:
    """Tickets, those that wait longest first."""
    visible = tickets(request.user)
    if wanted.owner:
        visible = visible.filter(owner__username=wanted.owner)
    return part_of(listed(visible, state=wanted.state, table=wanted.table), wanted, _shown)


@router.post("", response={201: TicketOut, **refusals(404, 422)})
def open_ticket(request: HttpRequest, given: TicketIn) -> Status[dict[str, Any]]:
    """Have somebody answer for a fault; there is one ticket for each, and an old one is opened again."""
    eyes = perspective(request.user, QUALITY, given.centre)
    return Status(201, _shown(actions.open_ticket(given.table, given.columns, given.issue, by=request.user, centre=eyes.centre)))


@router.get("/{int:ticket_id}", response={200: TicketOut, **refusals(404)})
def one_ticket(request: HttpRequest, ticket_id: int) -> dict[str, Any]:
    """One ticket."""
    return _shown(_found(request, ticket_id))


@router.patch("/{int:ticket_id}", response={200: TicketOut, **refusals(404, 422)})
def change_ticket(request: HttpRequest, ticket_id: int, given: TicketChange) -> dict[str, Any]:
    """Set state, owner or day, or add a comment."""
    found = _found(request, ticket_id)
    changes: dict[str, Any] = given.dict(exclude_unset=True)
    if "owner" in changes:
        changes["owner"] = _owner(request, changes["owner"]) if changes["owner"] else None
    actions.change_ticket(found, by=request.user, **changes)
    return _shown(found)


def _found(request: HttpRequest, ticket_id: int) -> Ticket:
    found = tickets(request.user).filter(pk=ticket_id).first()
    if found is None:
        raise CoachlineError("not_there", what=str(ticket_id))
    return found


def _owner(request: HttpRequest, username: str) -> User:
    found = owners(request.user).filter(username=username).first()
    if found is None:
        raise CoachlineError("ticket_owner_unfit", name=username)
    return found


def _shown(ticket: Ticket) -> dict[str, Any]:
    plain = ("id", "table", "columns", "issue", "severity", "rows", "share", "example", "harms", "state", "due", "opened_at", "seen_at")
    return {
        **{name: getattr(ticket, name) for name in plain},
        "gone_since": ticket.gone_since,
        "centre": ticket.centre.name if ticket.centre else None,
        "owner": ticket.owner.get_username() if ticket.owner else None,
    }
