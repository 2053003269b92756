"""The journal through the API, for those who may read it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from coachline.web.base.schemas import Day, Paging, Part, Text, part_of, refusals
from coachline.web.journal.permissions import require_reader
from coachline.web.journal.queries import Filter, entries, sentence

router = Router()


class EntryOut(Schema):
    """Somebody did something; `sentence` says it in the language of the request."""

    id: int
    at: datetime
    user: str
    verb: str
    sentence: str
    subject: str
    reason: str
    centre: str
    facts: dict[str, Any]


class EntriesWanted(Paging):
    """Which entries are asked for; `who` and `subject` are parts of names."""

    who: Text = ""
    verb: Text = ""
    subject: Text = ""
    centre: Text = ""
    since: Day | None = None
    until: Day | None = None


@router.get("/entries", response={200: Part[EntryOut], **refusals(422)})
def list_entries(request: HttpRequest, wanted: Annotated[EntriesWanted, Query()]) -> dict[str, Any]:
    """Entries, the newest first."""
    require_reader(request.user)
    chosen = Filter(wanted.who, wanted.verb, wanted.subject, wanted.centre, wanted.since, wanted.until)
    return part_of(entries(chosen), wanted, _entry)


def _entry(entry: Any) -> dict[str, Any]:
    plain = {name: getattr(entry, name) for name in ("id", "at", "verb", "subject", "reason", "centre", "facts")}
    return {**plain, "user": entry.user_name, "sentence": sentence(entry)}
