"""Alerts as the reader sees them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from coachline.web.accounts.permissions import require
from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.operations.actions import seeing
from coachline.web.operations.forms.filters import day
from coachline.web.operations.permissions import VIEW
from coachline.web.operations.queries import alerts
from coachline.web.org.queries import known_centres


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Alerts, those that the reader has not seen first to be asked for."""
    require(request.user, VIEW)
    everything = request.GET.get("which") == "all"
    visible = alerts.visible_to(request.user)
    filters: dict[str, Any] = {
        "metric": request.GET.get("metric", ""),
        "since": day(request.GET, "since"),
        "until": day(request.GET, "until"),
    }
    found = alerts.chosen(visible if everything else alerts.unseen_by(request.user), **filters)
    page = page_of(alerts.with_seen(found, request.user).select_related("centre"), request)
    facts = {
        "page": page,
        "told": alerts.told(page.object_list),
        "which": "all" if everything else "unseen",
        "filters": filters,
        "metrics": list(visible.order_by("metric").values_list("metric", flat=True).distinct()),
        "any": visible.exists(),
        "several": known_centres().count() > 1,
        "unseen": alerts.unseen_by(request.user).count(),
    }
    return render(request, "operations/alerts.html", facts)


@require_GET
def alert(request: HttpRequest, pk: int) -> HttpResponse:
    """One alert: what was seen, why, and who was told."""
    require(request.user, VIEW)
    mine = alerts.with_seen(alerts.visible_to(request.user), request.user)
    found = get_object_or_404(mine.select_related("centre", "rule"), pk=pk)
    return render(
        request,
        "operations/alert.html",
        {"alert": found, "told": alerts.told([found])[0], "may_set": request.user.has_perm("operations.alerts")},
    )


@require_POST
def see(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one alert as seen, and go back."""
    seeing.mark_seen(pk, by=request.user)
    return redirect(_back(request))


@require_POST
def see_all(request: HttpRequest) -> HttpResponse:
    """Mark all as seen, and go back."""
    count = seeing.mark_all_seen(by=request.user)
    messages.success(request, words()("web.operations.alerts.all_seen", count=count))
    return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    back = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return back if back and safe else "operations:alerts"
