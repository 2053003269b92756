"""What a metric is."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coachline.report.page import WEB_SCRIPTS, WEB_STYLES
from coachline.report.terms import Terms
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.operations.queries import passports
from coachline.web.org.queries import perspective


@require_GET
def passport(request: HttpRequest, metric: str) -> HttpResponse:
    """What exactly a metric is, and the figures behind it; inside another page only the part for a dialog."""
    eyes = perspective(request.user, "operations.view", request.GET.get("centre", ""))
    found = passports.passport(metric, eyes)
    show, terms = figures(), Terms(words())
    rows = [{**row, "text": show.value(found.passport.unit, row["value"], row["denominator"])} for row in found.days]
    facts = {
        "found": found,
        "metric": metric,
        "rows": rows[: passports.LAST_DAYS],
        "columns": terms.columns(found.passport.needs),
        "unrecorded": [terms.columns([need]) for need in found.unrecorded],
        "outbound": metric.startswith("outbound"),
        "eyes": eyes,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "operations/passport_dialog.html", facts)
    drawing = {
        "picture": passports.history(found),
        "report_scripts": [f"report/{name}" for name in WEB_SCRIPTS],
        "report_styles": [f"report/{name}" for name in WEB_STYLES],
    }
    return render(request, "operations/passport.html", {**facts, **drawing})
