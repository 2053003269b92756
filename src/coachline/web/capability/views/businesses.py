"""Businesses: how hard each is, and who handles it how well."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coachline.report.capability import Measure
from coachline.web.base.paging import page_of
from coachline.web.base.templatetags.say import figures
from coachline.web.capability.charts.cells import written
from coachline.web.capability.charts.chapters import business_part
from coachline.web.capability.charts.strips import Scale
from coachline.web.capability.pages import BUSINESSES
from coachline.web.capability.queries import businesses as queries
from coachline.web.capability.queries import sources
from coachline.web.capability.queries.cells import families
from coachline.web.capability.queries.frames import FrameRows
from coachline.web.capability.queries.sources import Source, chosen, measures_of
from coachline.web.capability.queries.wanted import Wanted
from coachline.web.capability.views.frame import download as take_along
from coachline.web.capability.views.frame import frame, overview, results

LIST = "capability.businesses"
TREND = "capability.trend"
COLUMNS = ("business", "outcome", "n", "agents", "estimate", "low", "high", "observed", "verdict")


@require_GET
def businesses(request: HttpRequest) -> HttpResponse:
    """Every business by one outcome, a page at a time."""
    eyes = overview(request)
    found = results(eyes, sources.MATRIX, LIST)
    context = frame(request, BUSINESSES, eyes, found)
    matrix, listed_of = found[sources.MATRIX], found[LIST]
    known = [] if matrix is None else _measured(matrix)
    measure = chosen(known, context["wanted"].outcome)
    if matrix is not None and listed_of is not None and measure is not None:
        listed = queries.businesses_listed(listed_of, measure, context["wanted"])
        page = page_of(FrameRows(listed), request)
        scale, show = Scale.of(*queries.ends(listed)), figures()
        rows = [{"row": row, "cell": written(measure, row, show, scale)} for row in page]
        ends = [show.estimate(measure.unit, end) for end in (scale.low, scale.high)]
        context |= {"measure": measure, "measures": known, "families": families(matrix), "page": page, "rows": rows}
        context |= {
            "ends": ends,
            "sorts": list(queries.SORTS),
            "hard": listed.filter(listed["verdict"] == "harder").height,
            "told": measure.sign,
        }
    return render(request, "capability/businesses.html", context)


@require_GET
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """What the list shows, all of it."""
    found = results(overview(request), sources.MATRIX, LIST)
    matrix, listed_of = found[sources.MATRIX], found[LIST]
    wanted = Wanted.of(request.GET)
    measure = None if matrix is None else chosen(_measured(matrix), wanted.outcome)
    if listed_of is None or measure is None:
        raise Http404
    return take_along(queries.businesses_listed(listed_of, measure, wanted), COLUMNS, f"capability-businesses-{measure.code}", kind)


@require_GET
def business(request: HttpRequest, business: str) -> HttpResponse:
    """One business: its difficulty, and those of its agents who may be seen."""
    eyes = overview(request)
    found = results(eyes, sources.MATRIX, LIST, TREND)
    matrix, listed_of = found[sources.MATRIX], found[LIST]
    part, unseen = None, False
    if matrix is not None and listed_of is not None:
        unseen = not queries.is_handled(listed_of, business)
        if unseen and not queries.is_in_matrix(matrix, business):
            raise Http404
        part = None if unseen else business_part(business, matrix, listed_of, found[TREND])
    needed = {name: found[name] for name in (sources.MATRIX, LIST)}
    context = {**frame(request, BUSINESSES, eyes, needed), "business": business, "part": part, "unseen": unseen}
    return render(request, "capability/business.html", context)


def _measured(matrix: Source) -> list[Measure]:
    """The index says nothing of how hard a business is: it is the same for all."""
    return [measure for measure in measures_of(matrix) if measure.unit != "index"]
