"""Pages of running figures. Each shows the last stored results; none calculates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coachline.report.terms import Terms
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.operations import queries
from coachline.web.operations.pages import DAILY, INTERVALS, SERVICE
from coachline.web.org.queries import perspective
from coachline.web.runs.page_view import result_page


@require_GET
def daily(request: HttpRequest) -> HttpResponse:
    """What fell on the last day, since when, why, and who was told."""
    return result_page(request, DAILY, "operations/daily.html")


@require_GET
def service(request: HttpRequest) -> HttpResponse:
    """Service level, satisfaction, resolution, handling, outbound calls and hours."""
    return result_page(request, SERVICE)


@require_GET
def intervals(request: HttpRequest) -> HttpResponse:
    """When calls come, and when they wait."""
    return result_page(request, INTERVALS)


@require_GET
def passport(request: HttpRequest, metric: str) -> HttpResponse:
    """What exactly a metric is, and the figures behind it."""
    eyes = perspective(request.user, "operations.view", request.GET.get("centre", ""))
    found = queries.passport(metric, eyes)
    show = figures()
    rows = [{**row, "text": show.value(found.passport.unit, row["value"], row["denominator"])} for row in found.days]
    columns = Terms(words()).columns(found.passport.needs)
    return render(request, "operations/passport.html", {"found": found, "metric": metric, "rows": rows, "columns": columns})
