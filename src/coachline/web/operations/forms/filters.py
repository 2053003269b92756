"""Filters in the address."""

from __future__ import annotations

from datetime import date

from django.http import QueryDict

from coachline.errors import CoachlineError
from coachline.web.operations.queries.intervals import BY, SHAPES, Wanted


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


def wanted(given: QueryDict) -> Wanted:
    """What of the half-hours is asked for; what is not known counts as not said.

    Raises
    ------
    CoachlineError
        ``bad_parameter``.
    """
    by = given.get("by", "")
    shape = next((one for one in SHAPES if one == given.get("shape")), SHAPES[0])
    weekday = given.get("weekday", "")
    chosen = by if by in BY else BY[0]
    # A name chosen among queues says nothing once teams are looked at.
    member = given.get("member", "") if chosen != BY[0] and given.get("of", chosen) == chosen else ""
    return Wanted(chosen, member, shape, day(given, "day"), int(weekday) if weekday in set("0123456") else 0)
