"""What forms and addresses of this slice send, read and checked."""

from __future__ import annotations

from datetime import date
from typing import Any

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


def ticket_changes(given: QueryDict) -> dict[str, Any]:
    """What a ticket's form changes, as `actions.change_ticket` takes it.

    Raises
    ------
    CoachlineError
        ``bad_parameter``.
    """
    changes: dict[str, Any] = {"state": given.get("state") or None, "comment": given.get("comment", "")}
    if "owner" in given:
        pk = number(given, "owner")
        changes["owner"] = None if pk is None else User.objects.filter(pk=pk, is_active=True).first()
    if "due" in given:
        changes["due"] = day(given, "due")
    return changes
