"""Calls as far as the reader may see them, a page at a time by key. Nobody sees a customer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from coachline.errors import CoachlineError
from coachline.web.base.schemas import Day, Text, refusals
from coachline.web.facts.call_words import FLAGS
from coachline.web.facts.forms.calls import Asked
from coachline.web.facts.queries.calls import BROWSE, page
from coachline.web.org.queries import perspective
from coachline.web.runs.days import Days

router = Router()
LONGEST_CURSOR = 2_000


class CallOut(Schema):
    """A call, without the customer and without the place of its recording."""

    source: str
    call_id: str
    channel: str | None
    direction: str | None
    arrived_at: datetime
    business: str | None
    queue: str | None
    agent_id: str | None
    ivr_s: float | None
    wait_s: float | None
    talk_s: float | None
    hold_s: float | None
    wrap_s: float | None
    outcome: str | None
    transferred: bool | None
    ticketed: bool | None
    resolved: bool | None
    invited: bool | None
    rating: int | None
    recorded: bool


class Calls(Schema):
    """A page of calls; `after` is where the next one begins, null on the last. `count` goes no further than some thousand, then `more_than` is true."""

    items: list[CallOut]
    after: str | None
    count: int
    more_than: bool


class CallsWanted(Schema):
    """Which calls are asked for. `agent` is a number or a name, `business` one of them or a level above."""

    since: Day | None = None
    until: Day | None = None
    agent: Text = ""
    team_id: int | None = Field(None, ge=1, le=2**31)
    business: Text = ""
    queue: Text = ""
    outcome: Literal["", "answered", "abandoned", "ivr_only", "ignored"] = ""
    rating: int | None = Field(None, ge=1, le=5)
    call_id: Text = ""
    transferred: bool | None = None
    ticketed: bool | None = None
    resolved: bool | None = None
    invited: bool | None = None
    centre: Text = ""
    after: str = Field("", max_length=LONGEST_CURSOR)


@router.get("", response={200: Calls, **refusals(422, 503)})
def list_calls(request: HttpRequest, wanted: Annotated[CallsWanted, Query()]) -> dict[str, Any]:
    """Calls, the newest first."""
    eyes = perspective(request.user, BROWSE, wanted.centre)
    found = page(eyes, _asked(wanted), after=wanted.after)
    return {"items": found.rows, "after": found.older or None, "count": found.count, "more_than": found.more_than}


def _asked(wanted: CallsWanted) -> Asked:
    if wanted.since and wanted.until and wanted.since > wanted.until:
        raise CoachlineError("period_backwards", since=wanted.since, until=wanted.until)
    flags = {name: "yes" if answer else "no" for name in FLAGS if (answer := getattr(wanted, name)) is not None}
    texts = {name: getattr(wanted, name) for name in ("agent", "business", "queue", "outcome", "call_id")}
    rating = str(wanted.rating) if wanted.rating else ""
    return Asked(Days(wanted.since, wanted.until), team=wanted.team_id, rating=rating, flags=flags, **texts)
