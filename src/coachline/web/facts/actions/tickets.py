"""What people do about faults in the data, and what each new reading of the data says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.report.issues import names
from coachline.web.accounts.models import User
from coachline.web.base.centre_folder import centre_settings
from coachline.web.facts.models import Event, Finding, Reading, Ticket
from coachline.web.facts.permissions import covers, require_cover
from coachline.web.journal.actions import record
from coachline.web.org.models import Centre
from coachline.web.org.queries import Perspective
from coachline.web.runs.keys import key_of, settled
from coachline.web.runs.models import Run
from coachline.web.runs.queries import result

QUALITY = "facts.quality"
LONGEST_EXAMPLE = 300


def open_ticket(table: str, columns: Sequence[str], issue: str, *, by: Any, centre: Centre | None = None) -> Ticket:
    """Have somebody answer for a fault; there is one ticket for each, and an old one is opened again.

    Parameters
    ----------
    table, columns, issue
        As the newest reading names them; several columns where the same rows are at fault.
    centre : Centre, optional
        Whose facts; none for all of them.

    Raises
    ------
    NoPermission
    CoachlineError
        ``not_there``: the newest reading has no such fault.
    """
    require_cover(by, "facts.tickets", centre)
    take_up()
    with transaction.atomic():
        reading = Reading.objects.filter(centre=centre).first()
        found = _found(reading, table, columns, issue) if reading is not None else []
        if reading is None or not found:
            raise CoachlineError("not_there", what=issue)
        known = Ticket.objects.select_for_update().filter(centre=centre, key=_key(table, found[0].column, issue)).first()
        ticket = known or Ticket(centre=centre, table=table, columns=[f.column for f in found], issue=issue, opened_by=by)
        ticket.key, ticket.seen_at = _key(table, found[0].column, issue), reading.at
        _copy(ticket, found)
        if known is not None and known.state in Ticket.ACTIVE:
            return known
        ticket.state, ticket.settled_at, ticket.gone_since = Ticket.State.OPEN, None, None
        ticket.save()
        _event(ticket, Event.Kind.OPENED, by)
        record("facts.ticket_open", by=by, subject=ticket, centre=centre.name if centre else "")
    return ticket


def change_ticket(
    ticket: Ticket, *, by: Any, state: str | None = None, owner: Any = ..., due: date | Any | None = ..., comment: str = ""
) -> list[Event]:
    """Set state, owner or day, or add a comment; what stays as it was makes no entry.

    Raises
    ------
    NoPermission
    CoachlineError
        ``ticket_state_unknown``, ``ticket_owner_unfit``.
    """
    require_cover(by, "facts.tickets", ticket.centre)
    events: list[Event] = []
    with transaction.atomic():
        fresh = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
        if state and state != fresh.state:
            if state not in Ticket.State.values:
                raise CoachlineError("ticket_state_unknown", state=state)
            fresh.state = state
            fresh.settled_at = None if state in Ticket.ACTIVE else timezone.now()
            events.append(_event(fresh, Event.Kind.STATE, by, state))
        if owner is not ... and (owner.pk if owner else None) != fresh.owner_id:
            if owner is not None and not covers(owner, QUALITY, fresh.centre):
                raise CoachlineError("ticket_owner_unfit", name=str(owner))
            fresh.owner = owner
            events.append(_event(fresh, Event.Kind.OWNER, by, str(owner or "")))
        if due is not ... and due != fresh.due:
            fresh.due = due
            events.append(_event(fresh, Event.Kind.DUE, by, due.isoformat() if due else ""))
        if comment.strip():
            events.append(_event(fresh, Event.Kind.COMMENT, by, text=comment.strip()[:2000]))
        fresh.save()
        if events:
            record(
                "facts.ticket_change",
                by=by,
                subject=fresh,
                centre=fresh.centre.name if fresh.centre else "",
                **{str(e.kind): e.value for e in events if e.kind != Event.Kind.COMMENT},
            )
    ticket.refresh_from_db()
    return events


def take_up() -> int:
    """Enter every finished reading of the data that has not been entered yet, oldest first, and say to each ticket what it showed.

    A fault that is found again after it was called mended opens its ticket again; one that is found no longer says since when. Asking
    twice does nothing twice. Returns how many were entered.
    """
    keys = {
        key_of("analysis", QUALITY, settled(QUALITY, {}, centre_settings()), pk): pk
        for pk in (None, *Centre.objects.values_list("pk", flat=True))
    }
    known = set(Reading.objects.values_list("run_id", flat=True))
    runs = Run.objects.filter(key__in=keys, state=Run.State.DONE).select_related("centre").order_by("finished_at")
    entered = 0
    for run in runs:
        if run.pk in known or run.finished_at is None or not run.folder.exists():
            continue
        issues = result(run, Perspective(run.centre)).table("issues").to_pylist()
        with transaction.atomic():
            reading, fresh = Reading.objects.get_or_create(run_id=run.pk, defaults={"centre": run.centre, "at": run.finished_at})
            if not fresh:
                continue
            Finding.objects.bulk_create(_findings(reading, issues))
            for ticket in Ticket.objects.select_for_update().filter(centre=run.centre):
                _follow(ticket, reading)
        entered += 1
    return entered


def _findings(reading: Reading, issues: Sequence[dict[str, Any]]) -> list[Finding]:
    """Faults by table, column and kind: cases of one kind concern different rows, so they add up."""
    found: dict[tuple[str, str, str], Finding] = {}
    for issue in issues:
        place = (issue["table"], issue["column"] or "", issue["issue"])
        if place in found:
            found[place].rows += issue["rows"] or 0
            found[place].share = min(1.0, (found[place].share or 0) + (issue["share"] or 0))
            continue
        found[place] = Finding(
            reading=reading,
            table=place[0],
            column=place[1],
            issue=place[2],
            severity=issue["severity"],
            rows=issue["rows"] or 0,
            share=issue["share"],
            example=(issue["example"] or "")[:LONGEST_EXAMPLE],
            harms=names(issue["harms"]),
        )
    return list(found.values())


def _follow(ticket: Ticket, reading: Reading) -> None:
    """What a reading says of a ticket."""
    found = _found(reading, ticket.table, ticket.columns, ticket.issue)
    if not found:
        if ticket.gone_since is None:
            ticket.gone_since = reading.at
            _event(ticket, Event.Kind.GONE, None)
            ticket.save(update_fields=["gone_since"])
        return
    if ticket.gone_since is not None and ticket.state != Ticket.State.MENDED:
        _event(ticket, Event.Kind.BACK, None)
    if ticket.state == Ticket.State.MENDED and _after(reading.at, ticket.settled_at):
        ticket.state, ticket.settled_at = Ticket.State.OPEN, None
        _event(ticket, Event.Kind.REOPENED, None)
        record("facts.ticket_reopen", by=None, subject=ticket, centre=ticket.centre.name if ticket.centre else "")
    ticket.gone_since, ticket.seen_at = None, reading.at
    _copy(ticket, found)
    ticket.save()


def _copy(ticket: Ticket, found: Sequence[Finding]) -> None:
    worst = max(found, key=lambda f: f.rows)
    ticket.severity, ticket.rows, ticket.share, ticket.example = worst.severity, worst.rows, worst.share, worst.example
    ticket.harms = list(dict.fromkeys(name for f in found for name in f.harms))


def _found(reading: Reading, table: str, columns: Sequence[str], issue: str) -> list[Finding]:
    return sorted(reading.findings.filter(table=table, issue=issue, column__in=list(columns)), key=lambda f: list(columns).index(f.column))


def _key(table: str, column: str, issue: str) -> str:
    return f"{table}.{column}.{issue}"


def _after(moment: datetime, than: datetime | None) -> bool:
    return than is None or moment > than


def _event(ticket: Ticket, kind: Event.Kind, by: Any, value: str = "", text: str = "") -> Event:
    name = str(by) if isinstance(by, User) else ""
    return Event.objects.create(ticket=ticket, kind=kind, by=by, by_name=name[:150], value=value[:150], text=text)
