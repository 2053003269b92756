"""What forms and addresses of this slice send, read and checked."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from coachline.errors import CoachlineError
from coachline.web.accounts.models import User


def day(given: QueryDict, name: str) -> date | None:
    """A day as a date field sends it.

    Raises
    ------
    CoachlineError
        ``bad_parameter``.
    """
    text = given.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CoachlineError("bad_parameter", name=name, given=text, accepted="2026-03-01") from None


def number(given: QueryDict, name: str) -> int | None:
    """A whole number; None where none was sent, or something else."""
    text = given.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else None


def ticket_changes(given: QueryDict, owners: QuerySet[User]) -> dict[str, Any]:
    """What a ticket's form changes, as `actions.change_ticket` takes it; one of `owners` may be put in charge.

    Raises
    ------
    CoachlineError
        ``bad_parameter``, ``ticket_owner_unfit``.
    """
    changes: dict[str, Any] = {"state": given.get("state") or None, "comment": given.get("comment", "")}
    if "owner" in given:
        pk = number(given, "owner")
        changes["owner"] = None if pk is None else _owner(pk, owners)
    if "due" in given:
        changes["due"] = day(given, "due")
    return changes


def _owner(pk: int, owners: QuerySet[User]) -> User:
    found = owners.filter(pk=pk).first()
    if found is None:
        # Called by number: who that may be elsewhere is nobody's business.
        raise CoachlineError("ticket_owner_unfit", name=pk)
    return found
