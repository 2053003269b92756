"""Agents: the list, one of them, and one's own page."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from coachline.web.accounts.permissions import require
from coachline.web.base.paging import page_of
from coachline.web.base.templatetags.say import figures
from coachline.web.capability.charts.cells import written
from coachline.web.capability.charts.chapters import agent_part
from coachline.web.capability.charts.profile import profile_of
from coachline.web.capability.charts.strips import Scale
from coachline.web.capability.pages import AGENTS
from coachline.web.capability.permissions import VIEW, only_self
from coachline.web.capability.queries import sources
from coachline.web.capability.queries.agents import SORTS, agents_listed, spread, tags
from coachline.web.capability.queries.frames import FrameRows
from coachline.web.capability.queries.people import Person, eyes_on
from coachline.web.capability.queries.sources import chosen, measures_of
from coachline.web.capability.queries.wanted import Wanted
from coachline.web.capability.views.frame import choices, frame, overview, results
from coachline.web.capability.views.frame import download as take_along
from coachline.web.org.models import Agent
from coachline.web.org.queries import Perspective

LIST = "capability.agents"
TREND = "capability.trend"
PROFILE = "capability.profile"
COLUMNS = (
    "agent_id", "outcome", "n", "estimate", "low", "high", "observed", "expected", "standard", "p_below", "verdict", "rank_low", "rank_high",
)  # fmt: skip


@require_GET
def agents(request: HttpRequest) -> HttpResponse:
    """Everybody over all their businesses by one outcome, a page at a time."""
    if only_self(request.user):
        return redirect("capability:mine")
    eyes = overview(request)
    found = results(eyes, sources.MATRIX, LIST)
    context = frame(request, AGENTS, eyes, found)
    matrix, listed_of = found[sources.MATRIX], found[LIST]
    measure = None if matrix is None else chosen(measures_of(matrix), context["wanted"].outcome)
    if matrix is not None and listed_of is not None and measure is not None:
        known, offered = choices(request, eyes)
        page = page_of(FrameRows(agents_listed(listed_of, measure, context["wanted"], known)), request)
        about = spread(listed_of, measure)
        band = None if about["least"] is None else (about["least"], about["most"])
        scale, show = Scale.of(about["low"], about["high"], *(band or ())), figures()
        rows = [{"row": row, "person": known.get(row["agent_id"]), "cell": written(measure, row, show, scale, band)} for row in page]
        ends = [show.estimate(measure.unit, end) for end in (scale.low, scale.high)]
        context |= {**offered, "measure": measure, "measures": measures_of(matrix), "page": page, "rows": rows, "about": about}
        context |= {"ends": ends, "sorts": list(SORTS), "told": measure.judged}
    return render(request, "capability/agents.html", context)


@require_GET
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """What the list shows, all of it."""
    eyes = overview(request)
    found = results(eyes, sources.MATRIX, LIST)
    matrix, listed_of = found[sources.MATRIX], found[LIST]
    wanted = Wanted.of(request.GET)
    measure = None if matrix is None else chosen(measures_of(matrix), wanted.outcome)
    if listed_of is None or measure is None:
        raise Http404
    known, _ = choices(request, eyes)
    return take_along(agents_listed(listed_of, measure, wanted, known), COLUMNS, f"capability-agents-{measure.code}", kind)


@require_GET
def agent(request: HttpRequest, agent_id: str) -> HttpResponse:
    """One agent. Whether there is no such agent or the reader may not see them, the answer is the same."""
    require(request.user, VIEW)
    looked = eyes_on(request.user, agent_id)
    if looked is None:
        raise Http404
    return _about(request, agent_id, *looked)


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """The reader's own page."""
    require(request.user, VIEW)
    own = Agent.objects.filter(user=request.user.pk).values_list("agent_id", flat=True).first()
    looked = None if own is None else eyes_on(request.user, own)
    if own is None or looked is None:
        return render(request, "capability/no_agent.html", {"own": True})
    return _about(request, own, *looked)


def _about(request: HttpRequest, agent_id: str, eyes: Perspective, person: Person) -> HttpResponse:
    user: Any = request.user
    own = only_self(user) or Agent.objects.filter(agent_id=agent_id, user=user.pk).exists()
    found = results(eyes, sources.MATRIX, LIST, TREND, PROFILE)
    matrix, listed_of, profile = found[sources.MATRIX], found[LIST], found[PROFILE]
    part = None if matrix is None or listed_of is None else agent_part(agent_id, matrix, listed_of, found[TREND], own=own)
    rows = [] if profile is None else tags(profile, agent_id, own=own)
    if eyes.whole and not person.name and not rows and part is None and not Agent.objects.filter(agent_id=agent_id).exists():
        raise Http404
    needed = {name: found[name] for name in (sources.MATRIX, LIST)}
    context = {
        **frame(request, AGENTS, eyes, needed),
        "agent_id": agent_id,
        "person": person,
        "own": own,
        "part": part,
        "profile": profile_of(rows, figures()),
    }
    return render(request, "capability/agent.html", context)
