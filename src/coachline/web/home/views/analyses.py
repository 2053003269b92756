"""Every analysis of the table of contents: its form, its runs, its results."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from coachline.engine.analyses import ANALYSES
from coachline.engine.result import Result
from coachline.errors import CoachlineError
from coachline.report.page import WEB_SCRIPTS, WEB_STYLES, Fragment, Section, fragment
from coachline.report.result_page import result_blocks, table_title
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.downloads import result_download, table_download
from coachline.web.base.language import short, words
from coachline.web.base.paging import page_of
from coachline.web.home.forms import AnalysisForm
from coachline.web.home.queries.contents import contents, differences, run_of, runs_of
from coachline.web.home.queries.rows import Rows, rows_of
from coachline.web.org.queries import Perspective, perspective
from coachline.web.runs import queries
from coachline.web.runs.actions import start_analysis
from coachline.web.runs.drawing import LINKS, PASSPORT_LINK

RUNS_SHOWN = 20
DRAWN_S = 24 * 3600


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """All analyses that the reader may see, by domain."""
    return render(request, "home/analyses.html", {"domains": contents(request.user)})


@require_http_methods(["GET", "POST"])
def analysis(request: HttpRequest, name: str) -> HttpResponse:
    """The form of one analysis and its earlier runs; sent, it asks for a run."""
    eyes = _eyes(request, name)
    form = AnalysisForm(name, request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and form.valid():
        run = start_analysis(name, form.values, by=request.user, centre=eyes.centre)
        return redirect("runs:detail", run.pk)
    page = page_of(runs_of(name, eyes), request, RUNS_SHOWN)
    settings = centre_settings()
    for run in page.object_list:
        run.differences = differences(run, settings)
    facts = {"fields": form.fields(), "problems": form.problems, "page": page, "may_start": request.user.has_perm("runs.start")}
    return render(request, "home/analysis.html", {**_about(name, eyes), **facts}, status=422 if form.problems else 200)


@require_GET
def result(request: HttpRequest, name: str, run_id: UUID) -> HttpResponse:
    """Everything that a result holds: pictures, tables, checks, notes, where it comes from."""
    eyes = _eyes(request, name)
    run = run_of(name, run_id, eyes)
    found = queries.result(run, eyes)
    whom = "*" if eyes.people is None else hashlib.sha256("\n".join(sorted(eyes.people)).encode()).hexdigest()
    drawn, tables = cache.get_or_set(f"result-page:{run.pk}:{whom}:{short()}", lambda: (_drawn(found), _tables(found)), DRAWN_S)  # type: ignore[misc]
    facts = {
        "run": run,
        "drawn": drawn,
        "tables": tables,
        "again": urlencode(differences(run, centre_settings())),
        "report_scripts": [f"report/{script}" for script in WEB_SCRIPTS],
        "report_styles": [f"report/{style}" for style in WEB_STYLES],
    }
    return render(request, "home/result.html", {**_about(name, eyes), **facts})


@require_GET
def table(request: HttpRequest, name: str, run_id: UUID, which: str) -> HttpResponse:
    """One table of a result, a page at a time, sorted and searched on the server."""
    eyes = _eyes(request, name)
    run = run_of(name, run_id, eyes)
    found = queries.result(run, eyes)
    if which not in found.tables:
        raise CoachlineError("not_there", what=which)
    rows = Rows(rows_of(found, which), request.GET.get("q", ""), request.GET.get("sort", ""))
    facts = {"run": run, "which": which, "table_title": table_title(found, which, words()), "heads": rows.heads(name, which), "rows": rows}
    return render(request, "home/table.html", {**_about(name, eyes), **facts, "page": page_of(rows, request)})


@require_GET
def download(request: HttpRequest, name: str, run_id: UUID, kind: str) -> HttpResponse:
    """The whole result, or with ``?table=`` one table of it, as a file."""
    eyes = _eyes(request, name)
    found = queries.result(run_of(name, run_id, eyes), eyes)
    which = request.GET.get("table", "")
    if not which:
        return result_download(found, name, kind)
    if which not in found.tables:
        raise CoachlineError("not_there", what=which)
    return table_download(found.table(which), f"{name}.{which}", kind)


def _eyes(request: HttpRequest, name: str) -> Perspective:
    return perspective(request.user, queries.verb_of(name), request.GET.get("centre", ""))


def _about(name: str, eyes: Perspective) -> dict[str, Any]:
    """What every page of one analysis says."""
    return {
        "analysis": ANALYSES[name],
        "title_code": f"analysis.{name}.title",
        "summary_code": f"analysis.{name}.summary",
        "eyes": eyes,
        "centre_query": urlencode({"centre": eyes.centre.name}) if eyes.centre else "",
    }


def _drawn(found: Result) -> Fragment:
    say = words()
    blocks = result_blocks(found, say, centre_settings().zone)
    section = Section(found.provenance.analysis, blocks)
    return fragment([section], words=say, passports=frozenset(), passport_link=PASSPORT_LINK, links=LINKS, headings=False)


def _tables(found: Result) -> list[dict[str, Any]]:
    return [{"code": code, "title": table_title(found, code, words()), "rows": found.table(code).num_rows} for code in found.tables]
