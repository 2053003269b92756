"""Centres, teams and agents."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.org import actions
from coachline.web.org.permissions import require_scope
from coachline.web.org.queries import AGENT_STATES, VIEW, AgentFilter, agents, agents_listed, centre_counts, teams, teams_with_leaders


@require_GET
def organisation(request: HttpRequest) -> HttpResponse:
    """Centres and their teams, who leads them and how many people they have."""
    require_scope(request.user, VIEW)
    counts = centre_counts(request.user)
    facts = {
        "centres": counts,
        "people": sum(each.people for each in counts),
        "loose": sum(each.loose for each in counts),
        "page": page_of(teams_with_leaders(request.user), request),
    }
    return render(request, "org/organisation.html", facts)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Agents, narrowed and searched."""
    require_scope(request.user, VIEW)
    chosen = AgentFilter.of(request.GET)
    facts = {
        "page": page_of(agents_listed(request.user, chosen), request),
        "chosen": chosen,
        "states": AGENT_STATES,
        "centres": [each.centre for each in centre_counts(request.user) if each.centre],
        "teams": teams(request.user).select_related("centre"),
    }
    return render(request, "org/agents.html", facts)


@require_GET
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """One agent: where they are and were, and who they are when they sign in."""
    require_scope(request.user, VIEW)
    found = get_object_or_404(agents(request.user, VIEW).select_related("centre", "team", "user"), pk=pk)
    return render(request, "org/agent.html", {"agent": found, "page": page_of(found.memberships.select_related("team__centre"), request)})


@require_POST
def sync(request: HttpRequest) -> HttpResponse:
    """Bring the organisation up to what the facts say now."""
    done = actions.sync_from_facts(by=request.user)
    say = words()
    if done:
        messages.success(request, say("web.org.synced", agents=done.agents, teams=done.teams, moved=done.moved, left=done.left))
    else:
        messages.success(request, say("web.org.synced_nothing"))
    return redirect("org:list")
