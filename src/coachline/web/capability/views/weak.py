"""The list of weak cells with what it costs to believe it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coachline.report.capability import measure as measure_of
from coachline.report.chapters.weak_cells import expected_wrong
from coachline.web.base.paging import page_of
from coachline.web.base.templatetags.say import figures
from coachline.web.capability.charts.cells import written
from coachline.web.capability.charts.strips import Scale
from coachline.web.capability.pages import WEAK
from coachline.web.capability.queries import sources
from coachline.web.capability.queries import weak as queries
from coachline.web.capability.queries.cells import families
from coachline.web.capability.queries.frames import FrameRows
from coachline.web.capability.queries.sources import measures_of
from coachline.web.capability.queries.wanted import Wanted
from coachline.web.capability.views.frame import choices, frame, overview, results
from coachline.web.capability.views.frame import download as take_along

COLUMNS = ("agent_id", "business", "outcome", "n", "estimate", "standard", "gap", "p_below", "wrong_so_far", "lost")


@require_GET
def weak(request: HttpRequest) -> HttpResponse:
    """Who is surely below the standard at what, with how many of these are expected to be wrong."""
    eyes = overview(request)
    found = results(eyes, sources.MATRIX)
    context = frame(request, WEAK, eyes, found)
    matrix = found[sources.MATRIX]
    if matrix is not None:
        known, offered = choices(request, eyes)
        listed = queries.weak(matrix, context["wanted"], known)
        page = page_of(FrameRows(listed), request)
        shown = queries.with_intervals(matrix, listed[page.start_index() - 1 if len(listed) else 0 : page.end_index()])
        show = figures()
        rows = []
        for row in shown.iter_rows(named=True):
            row |= {"verdict": "below"}
            cell = written(measure_of(row["outcome"], alike=False), row, show, Scale.of(row["low"], row["high"], row["standard"]))
            rows.append(
                {
                    "row": row,
                    "person": known.get(row["agent_id"]),
                    "cell": cell,
                    "cost": show.number(row["cost"], 0 if row["cost"] >= 10 else 1),
                }
            )
        measured = measures_of(matrix)
        context |= {
            **offered,
            "families": families(matrix),
            "outcomes": queries.outcomes_listed(matrix),
            "page": page,
            "rows": rows,
            "sorts": list(queries.SORTS),
            "people_listed": listed["agent_id"].n_unique(),
            "wrong": expected_wrong(listed),
            "fdr": matrix.account.provenance.parameters.get("fdr"),
            "judged": [measure for measure in measured if measure.judged],
            "alike": [measure for measure in measured if measure.sign and measure.alike],
        }
    return render(request, "capability/weak.html", context)


@require_GET
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """What the list shows, all of it."""
    eyes = overview(request)
    found = sources.source(sources.MATRIX, eyes)
    if found is None:
        raise Http404
    known, _ = choices(request, eyes)
    return take_along(queries.weak(found, Wanted.of(request.GET), known), COLUMNS, "capability-weak", kind)
