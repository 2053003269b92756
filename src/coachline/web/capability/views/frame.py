"""What the pages of this slice have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse

from coachline.report.page import WEB_SCRIPTS, WEB_STYLES
from coachline.web.base.centre_folder import centre
from coachline.web.base.downloads import table_download
from coachline.web.base.language import words
from coachline.web.capability.permissions import VIEW, require_overview
from coachline.web.capability.queries.people import Person, people, teams
from coachline.web.capability.queries.sources import Source, source
from coachline.web.capability.queries.wanted import Wanted
from coachline.web.org.permissions import scope_of
from coachline.web.org.queries import Perspective, perspective
from coachline.web.runs.drawing import Drawn
from coachline.web.runs.pages import ResultPage

DRAWN_WITHOUT_CHARTS = tuple(name for name in WEB_SCRIPTS if not name.startswith("echarts"))
"""Scripts of pages whose pictures are made of elements."""


def overview(request: HttpRequest) -> Perspective:
    """Whose results a page about many people shows.

    Raises
    ------
    NoPermission
        For those who see only themselves, too.
    """
    require_overview(request.user)
    return perspective(request.user, VIEW, request.GET.get("centre", ""))


def frame(request: HttpRequest, page: ResultPage, eyes: Perspective, sources: Mapping[str, Source | None]) -> dict[str, Any]:
    """What ``capability/page.html`` needs of a page that reads these results."""
    missing = tuple(name for name, found in sources.items() if found is None)
    as_of = min((found.as_of for found in sources.values() if found is not None), default=None)
    return {
        "page_code": page.code,
        "eyes": eyes,
        "all_centres": scope_of(request.user, VIEW).everything,
        "since": None,
        "until": None,
        "nothing_loaded": bool(missing) and not centre().lake.snapshots(),
        "drawn": Drawn("", "", "", as_of, (), missing),
        "report_styles": [f"report/{name}" for name in WEB_STYLES],
        "report_scripts": [f"report/{name}" for name in DRAWN_WITHOUT_CHARTS],
        "wanted": Wanted.of(request.GET),
        "may_browse": request.user.has_perm("facts.browse"),
    }


def choices(request: HttpRequest, eyes: Perspective) -> tuple[dict[str, Person], dict[str, Any]]:
    """Those who may be seen, and what filters by them offer."""
    known = people(request.user, eyes)
    return known, {"people": known, "teams": teams(known)}


def results(eyes: Perspective, *names: str) -> dict[str, Source | None]:
    """The newest results of these analyses."""
    return {name: source(name, eyes) for name in names}


def download(frame: pl.DataFrame, columns: Sequence[str], name: str, kind: str) -> HttpResponse:
    """These columns of a frame under the names that people give them."""
    say = words()
    families = {"verdict": "verdict", "outcome": "outcome"}
    said = [_said(column, family) for column, family in families.items() if column in columns]
    table = frame.with_columns(said).select(pl.col(column).alias(say(f"column.{column}")) for column in columns)
    return table_download(table.to_arrow(), name, kind)


def _said(column: str, family: str) -> pl.Expr:
    say = words()

    def name(code: str) -> str:
        return say(f"{family}.{code}")

    return pl.col(column).map_elements(name, return_dtype=pl.String)
