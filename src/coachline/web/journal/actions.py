"""The one way into the journal."""

from __future__ import annotations

from typing import Any

from django.db import models

from coachline.web.journal.models import Entry

SYSTEM = "system"
"""Who did what nobody asked for: the nightly timetable, the recovery of interrupted work."""


def record(
    verb: str, *, by: Any, subject: models.Model | None = None, named: str = "", reason: str = "", centre: str = "", **facts: Any
) -> Entry:
    """Enter that `by` did `verb`.

    Parameters
    ----------
    verb : str
        ``slice.verb``; ``journal.<verb>`` words it.
    by : User or None
        None for the system itself.
    subject : model, optional
        What it was done to.
    named : str
        What the subject was called then, or what was done where it is no row.
    reason : str
        Why, in the user's words.
    centre : str
        Name of the centre concerned.
    **facts
        What changed: plain values, never a password, token or customer.
    """
    return Entry.objects.create(
        verb=verb,
        user_id=getattr(by, "pk", None),
        user_name=by.get_username() if by is not None else SYSTEM,
        subject_kind=subject._meta.label_lower if subject is not None else "",
        subject_id=str(subject.pk) if subject is not None else "",
        subject=(named or (str(subject) if subject is not None else ""))[:200],
        reason=reason[:500],
        centre=centre,
        facts=facts,
    )
