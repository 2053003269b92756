"""The daily report, the pages of service, and the half-hours."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from coachline.errors import CoachlineError
from coachline.report.workbook import write_workbook
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.downloads import KINDS, named, rows_download, table_download
from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.base.templatetags.say import figures
from coachline.web.operations.forms.filters import wanted
from coachline.web.operations.pages import DAILY, INTERVALS, PAGES, SERVICE
from coachline.web.operations.queries import alerts
from coachline.web.operations.queries import intervals as half_hours
from coachline.web.operations.queries.day_end import day_end
from coachline.web.operations.queries.moves import Moved, moved
from coachline.web.org.queries import Perspective, perspective
from coachline.web.runs.actions import start_analysis
from coachline.web.runs.days import Days, asked
from coachline.web.runs.drawing import Shelf, desk_of
from coachline.web.runs.keys import settled
from coachline.web.runs.page_view import context_of, result_page
from coachline.web.runs.queries import latest, pending, result

MOST_MOVES = 6
KEPT = ("centre", "since", "until", "shape", "day", "weekday", "by")
"""What stays in the address of the half-hours while they are calculated."""


@require_GET
def daily(request: HttpRequest) -> HttpResponse:
    """What fell on the last day, since when, why, and who was told."""
    eyes, days = _looked_at(request, DAILY.verb)
    found = moved(eyes, days)
    return result_page(request, DAILY, "operations/daily.html", _of_the_day(request, eyes, found) if found else {}, eyes=eyes)


def _of_the_day(request: HttpRequest, eyes: Perspective, found: Moved) -> dict[str, Any]:
    concerned = alerts.visible_to(request.user).filter(day=found.day).select_related("centre")
    if eyes.centre is not None:
        concerned = concerned.filter(centre=eyes.centre)
    return {
        "day": found.day,
        "judged": found.judged,
        "moves": found.unusual[:MOST_MOVES],
        "more_moves": found.unusual[MOST_MOVES:],
        "day_end": day_end(eyes, found.day),
        "told": alerts.by_rule(alerts.told(concerned)),
        "may_set": request.user.has_perm("operations.alerts"),
    }


@require_GET
def daily_download(request: HttpRequest, kind: str) -> HttpResponse:
    """The figures of every day as csv; or everything behind these pages for these days as a workbook."""
    eyes, days = _looked_at(request, DAILY.verb)
    if kind == "csv":
        run = latest("operations.daily", {name: value for name, value in days.parameters.items() if value}, eyes.centre)
        if run is None:
            raise CoachlineError("not_calculated", analysis=words()("analysis.operations.daily.title"))
        return table_download(result(run, eyes).table(), _file_name(days), kind)
    if kind != "xlsx":
        raise CoachlineError("output_kind_unknown", file=f"daily.{kind}", accepted=".csv, .xlsx")
    desk = desk_of(Shelf(eyes), days.since, days.until)
    for page in PAGES:
        for chapter in page.parts:
            for need in chapter.needs:
                desk.maybe(need)
    if not desk.all_results:
        raise CoachlineError("not_calculated", analysis=words()("analysis.operations.daily.title"))
    with tempfile.TemporaryDirectory(prefix="coachline-download-") as scratch:
        file = Path(scratch) / "report.xlsx"
        write_workbook(file, desk.all_results, desk.words, centre_settings().zone)
        return named(HttpResponse(file.read_bytes(), content_type=KINDS["xlsx"]), f"{_file_name(days)}.xlsx")


@require_GET
def service(request: HttpRequest) -> HttpResponse:
    """Service level, satisfaction, resolution, handling, outbound calls and hours."""
    return result_page(request, SERVICE)


@require_GET
def intervals(request: HttpRequest) -> HttpResponse:
    """When calls come, and when they wait: as pictures, as the profile of a day, and as a list."""
    eyes, days = _looked_at(request, INTERVALS.verb)
    choice = wanted(request.GET)
    found = half_hours.slots(choice, days, eyes)
    if kind := request.GET.get("download"):
        if found is None:
            raise CoachlineError("not_calculated", analysis=words()("analysis.operations.intervals.title"))
        return rows_download(_heads(choice), [_cells(row, choice) for row in found.rows.to_dicts()], "intervals", kind)
    title = _title(choice, found)
    facts: dict[str, Any] = {
        "choice": choice,
        "by_choices": half_hours.BY,
        "shapes": half_hours.SHAPES,
        "weekdays": [(number, figures().weekday(number)) for number in range(7)],
        "slots": found,
        "slots_title": title,
        "profile": half_hours.profile(found, title) if found is not None and choice.shape != "each" else None,
        "heads": _heads(choice, {name: f"web.operations.intervals.{name}" for name in ("wait_s", "handle_s")}),
        "calculating": None if found else _pending(choice, days, eyes),
        "may_start": request.user.has_perm("runs.start"),
        # How many columns come before the figures, less one.
        "text_columns": 0 if choice.by == "none" else 1,
        "kept": [(name, request.GET[name]) for name in KEPT if request.GET.get(name)],
    }
    if found is not None:
        page = page_of(range(found.rows.height), request)
        rows = found.rows[list(page.object_list)].to_dicts()
        facts |= {"page": page, "rows": [_shown(row, choice) for row in rows]}
    return render(request, "operations/intervals.html", {**context_of(request, INTERVALS, eyes), **facts})


@require_POST
def calculate_intervals(request: HttpRequest) -> HttpResponse:
    """Calculate the half-hours by another dimension, and go back to the page."""
    eyes = perspective(request.user, INTERVALS.verb, request.POST.get("centre", ""))
    choice, days = wanted(request.POST), asked(request.POST)
    start_analysis(half_hours.ANALYSIS, half_hours.parameters(choice.by, days), by=request.user, centre=eyes.centre)
    kept = {name: request.POST[name] for name in KEPT if request.POST.get(name)}
    return redirect(f"{reverse('operations:intervals')}?{urlencode(kept)}")


def _looked_at(request: HttpRequest, verb: str) -> tuple[Perspective, Days]:
    return perspective(request.user, verb, request.GET.get("centre", "")), asked(request.GET)


def _file_name(days: Days) -> str:
    return "-".join(["daily", *(str(day) for day in (days.since, days.until) if day)])


def _pending(choice: half_hours.Wanted, days: Days, eyes: Perspective) -> Any:
    parameters = settled(half_hours.ANALYSIS, half_hours.parameters(choice.by, days), centre_settings())
    return pending("analysis", half_hours.ANALYSIS, parameters, eyes.centre)


def _title(choice: half_hours.Wanted, found: half_hours.Slots | None) -> str:
    say = words()
    if found is None:
        return say(f"web.operations.intervals.shape_{choice.shape}")
    if choice.shape == "weekday":
        when = say("web.operations.intervals.mean_of", weekday=figures().weekday(choice.weekday), days=found.days)
    elif choice.shape == "day":
        when = figures().day(found.day)
    else:
        when = say("web.operations.intervals.each")
    return say("web.operations.intervals.of_member", member=choice.member, when=when) if choice.member else when


def _heads(choice: half_hours.Wanted, otherwise: Mapping[str, str] = MappingProxyType({})) -> list[str]:
    """What stands above the columns; `otherwise` for those that the page writes otherwise than a file does: times as minutes and seconds."""
    say = words()
    member = [say(f"dimension.{choice.by}")] if choice.by != "none" else []
    return [say("report.column.slot"), *member, *(say(otherwise.get(name, f"column.{name}")) for name in half_hours.FIGURES)]


def _cells(row: dict[str, Any], choice: half_hours.Wanted) -> list[Any]:
    """A row for a file: figures as figures."""
    when = row["when"] if choice.shape == "each" else half_hours.clock(row["when"])
    return [when, *([row["member"]] if choice.by != "none" else []), *(row[name] for name in half_hours.FIGURES)]


def _shown(row: dict[str, Any], choice: half_hours.Wanted) -> dict[str, Any]:
    """A row for the page."""
    show = figures()
    number = show.number if choice.shape == "weekday" else show.count
    when = show.instant(row["when"]) if choice.shape == "each" else half_hours.clock(row["when"])
    return {
        "when": when,
        "member": (row["member"] or show.words("report.not_recorded")) if choice.by != "none" else "",
        "figures": [
            *(number(row[name]) for name in ("offered", "answered", "abandoned")),
            show.seconds(row["wait_s"]),
            show.seconds(row["handle_s"]),
            show.share(row["service_level"], row["offered"]),
        ],
    }
