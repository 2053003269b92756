"""The journal, page by page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from coachline.errors import CoachlineError
from coachline.report.figures import Figures
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.downloads import rows_download
from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.journal.models import Entry
from coachline.web.journal.permissions import require_reader
from coachline.web.journal.queries import Filter, centres_named, entries, facts_of, sentence, told, verbs_used

MOST = 100_000
"""Rows of one download."""


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first."""
    require_reader(request.user)
    chosen = Filter.of(request.GET)
    page = page_of(entries(chosen), request)
    facts = {"page": page, "rows": told(page), "chosen": chosen, "verbs": verbs_used(), "centres": centres_named()}
    return render(request, "journal/list.html", facts)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One entry with everything that was kept."""
    require_reader(request.user)
    entry = get_object_or_404(Entry, pk=pk)
    facts = facts_of(entry)
    return render(
        request,
        "journal/entry.html",
        {"entry": entry, "sentence": sentence(entry), "facts": facts, "changes": any(fact.before is not None for fact in facts)},
    )


@require_GET
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """The entries that fit, as a table."""
    require_reader(request.user)
    found = entries(Filter.of(request.GET))
    if found.count() > MOST:
        raise CoachlineError("journal_too_long", most=MOST)
    say = words()
    figures = Figures(say, centre_settings().zone)
    headers = [say(f"web.journal.{part}") for part in ("at", "who", "what", "subject", "reason", "centre", "verb", "facts")]
    rows = [
        [
            figures.instant(each.entry.at),
            each.entry.user_name,
            each.sentence,
            each.entry.subject,
            each.entry.reason,
            each.entry.centre,
            each.entry.verb,
            "; ".join(
                f"{fact.name}: {fact.before} -> {fact.after}" if fact.before else f"{fact.name}: {fact.after}"
                for fact in facts_of(each.entry)
            ),
        ]
        for each in told(found.iterator())
    ]
    return rows_download(headers, rows, say("web.menu.journal"), kind)
