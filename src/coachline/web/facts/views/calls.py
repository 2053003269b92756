"""Calls, one call, and the other tables, as far as somebody may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coachline.errors import CoachlineError
from coachline.web.base.centre_folder import centre, centre_settings
from coachline.web.base.downloads import table_download
from coachline.web.base.language import words
from coachline.web.facts import call_words
from coachline.web.facts.forms import number
from coachline.web.facts.forms.calls import asked
from coachline.web.facts.queries import calls as found_by
from coachline.web.journal.actions import record
from coachline.web.org.permissions import scope_of
from coachline.web.org.queries import perspective
from coachline.web.runs.days import SPANS, Days, last_whole_day, newest_day

BROWSE = "facts.browse"


@require_GET
def call_list(request: HttpRequest) -> HttpResponse:
    """Calls, the newest first, a page at a time."""
    eyes = perspective(request.user, BROWSE, request.GET.get("centre", ""))
    if centre().lake.snapshot("calls") is None:
        return render(request, "facts/calls.html", {"found": None})
    wanted = asked(request.GET)
    if kind := request.GET.get("download"):
        return _download(request, eyes, wanted, kind)
    found = found_by.page(eyes, wanted, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    newest = newest_day()
    last = last_whole_day(datetime.now(centre_settings().zone).date(), newest)
    context = {
        "eyes": eyes,
        "all_centres": scope_of(request.user, BROWSE).everything,
        "asked": wanted,
        "since": wanted.days.since,
        "until": wanted.days.until,
        "spans": [{"code": code, "days": span(last), "chosen": span(last) == wanted.days} for code, span in SPANS.items()],
        "all_days": wanted.days == Days(),
        "behind": newest if newest is not None and newest == last else None,
        "found": {**vars(found), "rows": call_words.listed(found.rows, found_by.names(found.rows))},
        "cut": found.count > found_by.MOST or found.more_than,
        "most": found_by.MOST,
        **found_by.choices(request.user, eyes),
        "outcomes": call_words.choices("outcome"),
        "ratings": call_words.choices("rating"),
        "flags": [{"name": name, "asked": wanted.flags.get(name, "")} for name in call_words.FLAGS],
    }
    return render(request, "facts/calls.html", context)


@require_GET
def call(request: HttpRequest, source: str, call_id: str) -> HttpResponse:
    """One call with its inspections and the customer's other calls in the days around it."""
    eyes = perspective(request.user, BROWSE, request.GET.get("centre", ""))
    source, call_id = call_words.part(source), call_words.part(call_id)
    seconds = number(request.GET, "at")
    found = found_by.one(eyes, source, call_id, None if seconds is None else datetime.fromtimestamp(seconds, UTC))
    if found is None:
        raise CoachlineError("not_there", what=words()("web.facts.call.gone", id=call_id))
    [shown, *others] = call_words.listed([found.call, *found.others], found_by.names([found.call, *found.others]))
    context = {
        "eyes": eyes,
        "call": shown,
        "details": call_words.details("calls", found.call),
        "inspections": [{"details": call_words.details("inspections", sheet), "items": items} for sheet, items in found.inspections],
        "others": others,
    }
    return render(request, "facts/call.html", context)


def _download(request: HttpRequest, eyes: Any, wanted: Any, kind: str) -> HttpResponse:
    """The chosen calls as a file, the newest ones where there are too many."""
    say = words()
    table, cut = found_by.rows(eyes, wanted)
    record("facts.download", by=request.user, named="calls", centre=eyes.centre.name if eyes.centre else "", rows=table.num_rows, kind=kind)
    name = say("web.facts.calls.cut_file", most=found_by.MOST) if cut else say("web.facts.calls.file")
    return table_download(call_words.headed(table), name, kind)
