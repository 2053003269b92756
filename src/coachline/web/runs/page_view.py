"""A page that is drawn from stored results, in one line of a view."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from coachline.report.page import WEB_SCRIPTS, WEB_STYLES
from coachline.web.base.centre_folder import centre, centre_settings
from coachline.web.org.models import Centre
from coachline.web.org.permissions import scope_of
from coachline.web.org.queries import Perspective, perspective
from coachline.web.runs.days import DAY, SPANS, Days, asked, last_whole_day, newest_day
from coachline.web.runs.drawing import Drawn, draw
from coachline.web.runs.models import Run
from coachline.web.runs.pages import ResultPage
from coachline.web.runs.queries import last_check, page_run


def result_page(
    request: HttpRequest,
    page: ResultPage,
    template: str = "runs/result_page.html",
    extra: Mapping[str, Any] | None = None,
    *,
    eyes: Perspective | None = None,
) -> HttpResponse:
    """The whole answer of a view whose page is drawn from stored results.

    Parameters
    ----------
    request : HttpRequest
        ``?since=``, ``?until=`` and ``?centre=`` choose what is looked at.
    page : ResultPage
        As entered in `pages`; its verb is required.
    template : str
        ``runs/result_page.html``, or one that extends it.
    extra : mapping
        What that template wants beside `context_of`.
    eyes : Perspective
        Where the view has looked already.

    Raises
    ------
    NoPermission, CoachlineError
    """
    return render(request, template, {**context_of(request, page, eyes), **(extra or {})})


def context_of(request: HttpRequest, page: ResultPage, eyes: Perspective | None = None) -> dict[str, Any]:
    """What ``runs/result_page.html`` needs: ``page_code``, ``title``, ``eyes``, ``since``, ``until``, ``spans``, ``drawn`` and files."""
    eyes = eyes or perspective(request.user, page.verb, request.GET.get("centre", ""))
    days = asked(request.GET)
    tables = frozenset(centre().lake.snapshots())
    today, newest = datetime.now(centre_settings().zone).date(), newest_day()
    last = last_whole_day(today, newest)
    return {
        "page_code": page.code,
        "eyes": eyes,
        "all_centres": scope_of(request.user, page.verb).everything,
        "since": days.since,
        "until": days.until,
        "spans": [{"code": code, "days": span(last), "chosen": span(last) == days} for code, span in SPANS.items()],
        "all_days": days == Days(),
        "behind": newest if newest is not None and newest < today - DAY else None,
        "nothing_loaded": not tables,
        "drawn": draw(page, eyes, days.since, days.until) if tables else None,
        "report_scripts": [f"report/{name}" for name in WEB_SCRIPTS],
        "report_styles": [f"report/{name}" for name in WEB_STYLES],
    }


@dataclass(frozen=True)
class Recalculation:
    """How it stands with calculating a page anew.

    Attributes
    ----------
    run : Run or None
        The last time that somebody asked for it.
    may_start : bool
    as_of, checked_at : datetime or None
        When the oldest result was calculated, and when it was last seen that the facts are still the same.
    missing : bool
        Something has not been calculated yet.
    """

    run: Run | None
    may_start: bool
    as_of: datetime | None
    checked_at: datetime | None
    missing: bool

    @property
    def failed(self) -> bool:
        return self.run is not None and self.run.state in (Run.State.FAILED, Run.State.LOST)


def recalculation(user: Any, page_code: str, of: Centre | None, days: Days, drawn: Drawn | None) -> Recalculation:
    """What ``runs/recalculate.html`` shows."""
    as_of = drawn.as_of if drawn else None
    checked = last_check(page_code, days.parameters, of)
    return Recalculation(
        run=page_run(page_code, days.parameters, of),
        may_start=user.has_perm("runs.start"),
        as_of=as_of,
        checked_at=checked if checked and as_of and checked > as_of else None,
        missing=bool(drawn and drawn.missing),
    )
