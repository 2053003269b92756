"""The matrix: as a map, as a table, to take along, and one cell of it."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from coachline.report.capability import Measure
from coachline.report.page import embedded, spoken
from coachline.web.accounts.permissions import require
from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.base.templatetags.say import figures
from coachline.web.capability.charts.cells import meaning, scale_of, written
from coachline.web.capability.charts.strips import Scale
from coachline.web.capability.pages import MATRIX
from coachline.web.capability.permissions import VIEW, only_self
from coachline.web.capability.queries import cells, sources
from coachline.web.capability.queries.frames import FrameRows
from coachline.web.capability.queries.heat_map import finding, heat_map
from coachline.web.capability.queries.people import eyes_on
from coachline.web.capability.queries.sources import Source, chosen, measures_of
from coachline.web.capability.queries.wanted import Wanted
from coachline.web.capability.views.frame import choices, frame, overview, results
from coachline.web.capability.views.frame import download as take_along
from coachline.web.runs.drawing import LINKS

SCRIPTS = ("charts.js", "elements.js", "capability.js", "pages.js", "matrix.js")
"""Of the report: what writes figures and chooses colours."""

COLUMNS = (
    "agent_id", "business", "outcome", "n", "successes", "raw", "estimate", "low", "high", "standard", "p_below", "verdict", "certainty",
)  # fmt: skip
ORDERS = ("likeness", "agent", "team", "calls", "weak")
SIZES = ("usual", "large", "small")
MAP_WORDS: Mapping[str, tuple[str, ...]] = {
    "reading": (),
    "failed": (),
    "shown": ("agents", "all_agents", "businesses", "all_businesses"),
    "nobody": (),
    "group": ("family", "n"),
    "of_team": ("team", "n"),
    "no_team": ("n",),
}
"""What the map's script says, with the places that it fills in itself."""


@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """Everybody on every business for one outcome, as a map."""
    eyes = overview(request)
    found = results(eyes, sources.MATRIX)
    context = {**frame(request, MATRIX, eyes, found), **_judged(found[sources.MATRIX], Wanted.of(request.GET))}
    if context.get("measure"):
        known, offered = choices(request, eyes)
        measure: Measure = context["measure"]
        say = words()
        data = {
            "words": spoken(say),
            "links": dict(LINKS),
            "said": {
                name: say(f"web.capability.map.{name}", **{fact: f"{{{fact}}}" for fact in facts}) for name, facts in MAP_WORDS.items()
            },
            "people": {agent: [person.name, person.team] for agent, person in known.items()},
            "cells": reverse("capability:matrix-cells"),
            "cell": reverse("capability:cell"),
            "centre": eyes.centre.name if eyes.centre else "",
        }
        context |= {
            **offered,
            "families": cells.families(found[sources.MATRIX]),  # type: ignore[arg-type]
            "data": embedded(data),
            "finding": finding(found[sources.MATRIX], measure),  # type: ignore[arg-type]
            "sorts": ORDERS,
            "sizes": SIZES,
            "report_scripts": [f"report/{name}" for name in SCRIPTS],
        }
    return render(request, "capability/matrix.html", context)


@require_GET
def cells_of_outcome(request: HttpRequest) -> HttpResponse:
    """The cells of one outcome for the map's script: those of whom may be seen, compressed once."""
    eyes = overview(request)
    found = sources.source(sources.MATRIX, eyes)
    measure = None if found is None else next((m for m in measures_of(found) if m.code == request.GET.get("outcome")), None)
    if found is None or measure is None or not measure.judged:
        raise Http404
    mark = f'"{hashlib.sha256(f"{found.marks}:{measure.code}".encode()).hexdigest()[:32]}"'
    if request.headers.get("If-None-Match") == mark:
        response: HttpResponse = HttpResponseNotModified()
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(heat_map(found, measure), content_type="application/json", headers={"Content-Encoding": "gzip"})
    else:
        response = HttpResponse(gzip.decompress(heat_map(found, measure)), content_type="application/json")
    # Kept by the browser, but asked for each time: the next person at this computer may see fewer people.
    response.headers["ETag"], response.headers["Cache-Control"] = mark, "private, no-cache"
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    return response


@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """The same as the map, as a table, a page at a time."""
    eyes = overview(request)
    found = results(eyes, sources.MATRIX)
    context = {**frame(request, MATRIX, eyes, found), **_judged(found[sources.MATRIX], Wanted.of(request.GET))}
    if context.get("measure"):
        known, offered = choices(request, eyes)
        source: Source = found[sources.MATRIX]  # type: ignore[assignment]
        listed = cells.cells(source, context["measure"], context["wanted"], known)
        page = page_of(FrameRows(listed), request)
        scale = Scale.of(*(row[end] for row in page for end in ("low", "high", "standard")))
        show = figures()
        rows = [{"row": row, "person": known.get(row["agent_id"]), "cell": written(context["measure"], row, show, scale)} for row in page]
        context |= {**offered, "families": cells.families(source), "page": page, "rows": rows, "sorts": list(cells.SORTS)}
    return render(request, "capability/matrix_table.html", context)


@require_GET
def download(request: HttpRequest, kind: str) -> HttpResponse:
    """What the table lists, all of it."""
    eyes = overview(request)
    found = sources.source(sources.MATRIX, eyes)
    wanted = Wanted.of(request.GET)
    measure = None if found is None else chosen([m for m in measures_of(found) if m.judged], wanted.outcome)
    if found is None or measure is None:
        raise Http404
    known, _ = choices(request, eyes)
    return take_along(cells.cells(found, measure, wanted, known), COLUMNS, f"capability-matrix-{measure.code}", kind)


@require_GET
def cell(request: HttpRequest) -> HttpResponse:
    """Everything about an agent on a business: beside the map, or as a page of its own."""
    require(request.user, VIEW)
    agent_id, business = request.GET.get("agent", ""), request.GET.get("business", "")
    looked = eyes_on(request.user, agent_id, request.GET.get("centre"))
    found = None if looked is None else sources.source(sources.MATRIX, looked[0])
    rows = {} if found is None else cells.cell(found, agent_id, business)
    if looked is None or found is None or not rows:
        raise Http404
    known = {measure.code: measure for measure in measures_of(found)}
    measure = known.get(request.GET.get("outcome", "")) or chosen([known[code] for code in known if code in rows], "")
    if measure is None or measure.code not in rows:
        raise Http404
    show, own = figures(), only_self(request.user)
    others = [known[code] for code in known if code in rows and code != measure.code and rows[code]["n"]]
    context = {
        "agent_id": agent_id,
        "business": business,
        "person": looked[1],
        "measure": measure,
        "cell": _written(found, measure, rows[measure.code], show),
        "meaning": meaning(measure, rows[measure.code], show, own=own),
        "others": [_written(found, other, rows[other.code], show) for other in others],
        "own": own,
        "may_browse": request.user.has_perm("facts.browse"),
        "report_styles": ["report/theme.css", "report/blocks.css", "report/profile.css"],
    }
    part = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(request, "capability/cell_part.html" if part else "capability/cell.html", context)


def _written(found: Source, measure: Measure, row: dict[str, Any], show: Any) -> Any:
    band = cells.band(found, row["business"], measure.code)
    return written(measure, row, show, scale_of(row, band), band)


def _judged(found: Source | None, wanted: Wanted) -> dict[str, Any]:
    """Outcomes by which somebody can be told from somebody else, which of them is shown, and those by which nobody can."""
    if found is None:
        return {}
    known = measures_of(found)
    judged = [measure for measure in known if measure.judged]
    return {
        "measures": judged,
        "measure": chosen(judged, wanted.outcome),
        "alike": [measure for measure in known if measure.sign and measure.alike],
    }
