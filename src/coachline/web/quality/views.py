"""Pages of inspection. Each shows the last stored results; none calculates."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from coachline.web.quality.pages import INSPECTION, MYSTERY
from coachline.web.runs.page_view import result_page


@require_GET
def inspection(request: HttpRequest) -> HttpResponse:
    """Sample, scores, severity, agreement, audit, items and remedies."""
    return result_page(request, INSPECTION)


@require_GET
def mystery(request: HttpRequest) -> HttpResponse:
    """Centres side by side by mystery calls."""
    return result_page(request, MYSTERY)
