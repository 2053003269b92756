"""Pages about runs, and the buttons that start them."""

from __future__ import annotations

from datetime import datetime, time
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRefresh

from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.org.queries import perspective
from coachline.web.runs import actions, wording
from coachline.web.runs.days import asked
from coachline.web.runs.jobs import JOBS, link_of
from coachline.web.runs.models import Run
from coachline.web.runs.page_view import recalculation
from coachline.web.runs.pages import PAGES, ResultPage
from coachline.web.runs.queries import listed, next_night, timetable, visible_to

STATES = ("open", *Run.State.values)
PARTS_ON_PAGE = 100


@require_GET
def list_runs(request: HttpRequest) -> HttpResponse:
    """What is being done, waits and was done; refreshes itself while something is open."""
    require(request.user, "runs.view")
    state, kind = request.GET.get("state", ""), request.GET.get("kind", "")
    mine = request.GET.get("mine") == "1"
    runs = listed(request.user, state=state if state in STATES else "", kind=kind if kind in JOBS else "", mine=mine)
    page = page_of(runs, request)
    facts = {
        "page": page,
        "moving": any(run.open for run in page),
        "states": STATES,
        "kinds": list(JOBS),
        "state": state,
        "kind": kind,
        "mine": mine,
        "filtered": bool(state or kind or mine),
    }
    return render(request, "runs/table.html" if request.htmx else "runs/list.html", facts)  # type: ignore[attr-defined]


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One run: how far it is, what it says, what came of it."""
    run = _run(request, pk)
    say = words()
    facts = {
        "run": run,
        "name": wording.name(run, say),
        "error": wording.error(run, say),
        "log": wording.lines(run, say),
        "versions": wording.versions(run, say),
        "link": link_of(run, request.user),
        "may_cancel": run.open and not run.cancel_asked and (run.asked_by_id == request.user.pk or request.user.has_perm("runs.start")),
        "parts": [] if run.open else listed(request.user, of=run)[:PARTS_ON_PAGE],
    }
    if request.htmx and not run.open:  # type: ignore[attr-defined]
        return HttpResponseClientRefresh()
    return render(request, "runs/state.html" if request.htmx else "runs/detail.html", facts)  # type: ignore[attr-defined]


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Call a run off."""
    actions.cancel(_run(request, pk), by=request.user)
    return redirect("runs:detail", pk)


@require_http_methods(["GET", "POST"])
def schedule(request: HttpRequest) -> HttpResponse:
    """When everything is calculated each night."""
    require(request.user, "runs.schedule")
    if request.method == "POST":
        actions.set_timetable(_hour(request.POST.get("at", "")), "enabled" in request.POST, by=request.user)
        messages.success(request, words()("web.runs.timetable.saved"))
        return redirect("runs:timetable")
    found = timetable()
    last = Run.objects.filter(kind=actions.EVERYTHING).order_by("-asked_at").first()
    following = next_night(found, datetime.now(centre_settings().zone))
    zone = centre_settings().zone.key
    return render(request, "runs/timetable.html", {"timetable": found, "last": last, "next": following, "zone": zone})


@require_POST
def start_everything(request: HttpRequest) -> HttpResponse:
    """Calculate everything now."""
    return redirect("runs:detail", actions.start_everything(by=request.user).pk)


def _run(request: HttpRequest, pk: UUID) -> Run:
    """A run that the reader may see: whoever asked for it may, even without the verb."""
    found = visible_to(request.user).select_related("centre", "asked_by", "within").filter(pk=pk).first()
    if found is None:
        require(request.user, "runs.view")
        raise CoachlineError("not_there", what=words()("web.menu.runs"))
    return found


def _hour(given: str) -> time:
    try:
        return time.fromisoformat(given).replace(second=0, microsecond=0, tzinfo=None)
    except ValueError:
        raise CoachlineError("bad_hour", given=given) from None


@require_POST
def start_page(request: HttpRequest) -> HttpResponse:
    """Calculate a page, and go back to it."""
    page = _page(request.POST.get("page", ""))
    eyes = perspective(request.user, page.verb, request.POST.get("centre", ""))
    actions.start_page(page, asked(request.POST), by=request.user, centre=eyes.centre)
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
