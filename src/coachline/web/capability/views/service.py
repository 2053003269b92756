"""How satisfaction, resolution and inspection hang together, and which changes are real: chapters of the report as pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from coachline.web.capability.pages import CORRELATION, TREND
from coachline.web.capability.permissions import require_overview
from coachline.web.runs.page_view import result_page


@require_GET
def correlation(request: HttpRequest) -> HttpResponse:
    """Who satisfies without resolving, and how sure that is; what foretells repeat calls."""
    require_overview(request.user)
    return result_page(request, CORRELATION, "capability/correlation.html")


@require_GET
def trend(request: HttpRequest) -> HttpResponse:
    """Which agents and businesses have really changed over the months."""
    require_overview(request.user)
    return result_page(request, TREND, "capability/trend.html")
