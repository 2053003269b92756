"""Pages about runs, and the buttons that start them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from coachline.errors import CoachlineError
from coachline.web.org.queries import perspective
from coachline.web.runs.actions import start_page as start
from coachline.web.runs.days import asked
from coachline.web.runs.page_view import recalculation
from coachline.web.runs.pages import PAGES, ResultPage


@require_POST
def start_page(request: HttpRequest) -> HttpResponse:
    """Calculate a page, and go back to it."""
    page = _page(request.POST.get("page", ""))
    eyes = perspective(request.user, page.verb, request.POST.get("centre", ""))
    start(page, asked(request.POST), by=request.user, centre=eyes.centre)
    return HttpResponseRedirect(_back(request))


@require_GET
def page_state(request: HttpRequest) -> HttpResponse:
    """How far it is; the page is loaded anew when it is done."""
    page = _page(request.GET.get("page_code", ""))
    eyes = perspective(request.user, page.verb, request.GET.get("centre", ""))
    days = asked(request.GET)
    state = recalculation(request.user, page.code, eyes.centre, days, None)
    if state.run is None or not state.run.open:
        return HttpResponseClientRefresh()
    facts = {"state": state, "page_code": page.code, "eyes": eyes, "since": days.since, "until": days.until}
    return render(request, "runs/recalculation_state.html", facts)


def _page(code: str) -> ResultPage:
    if code not in PAGES:
        raise CoachlineError("unknown_page", name=code)
    return PAGES[code]


def _back(request: HttpRequest) -> str:
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return back if safe else "/"
