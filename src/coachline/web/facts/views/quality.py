"""The data-quality desk: faults, profiles of tables, tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from coachline.report.terms import Terms
from coachline.web.base.centre_folder import centre, centre_settings
from coachline.web.base.downloads import rows_download
from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.facts import actions, charts
from coachline.web.facts.forms import number, ticket_changes
from coachline.web.facts.models import Ticket
from coachline.web.facts.permissions import covers
from coachline.web.facts.queries.desk import QUALITY, SEVERITIES, chosen, desk, effects, listed, owners, tickets, trend
from coachline.web.org.permissions import scope_of
from coachline.web.org.queries import perspective
from coachline.web.runs.drawing import Drawn

FILTERS = ("table", "severity", "harmed", "ticket")


@require_GET
def faults(request: HttpRequest) -> HttpResponse:
    """What is wrong with the data, gravest first."""
    eyes = perspective(request.user, QUALITY, request.GET.get("centre", ""))
    found = desk(eyes)
    filters = {name: request.GET.get(name, "") for name in FILTERS}
    rows = chosen(found.faults, **filters)
    if kind := request.GET.get("download"):
        return _download(rows, kind)
    harmed = sorted({name for fault in found.faults for name in fault.harms})
    as_of, missing = (found.run.finished_at, ()) if found.run else (None, (QUALITY,))
    context = {
        "page_code": QUALITY,
        "since": None,
        "until": None,
        "eyes": eyes,
        "all_centres": scope_of(request.user, QUALITY).everything,
        "nothing_loaded": not centre().lake.snapshots(),
        "drawn": Drawn(html="", data="", finding="", as_of=as_of, left_out=(), missing=missing),
        "desk": found,
        "filters": filters,
        "filtered": any(filters.values()),
        "page": page_of(rows, request),
        "total": len(found.faults),
        "severities": SEVERITIES,
        "ticket_choices": ("none", "some"),
        "harmed": harmed,
        "may_work": covers(request.user, "facts.tickets", eyes.centre),
        "active": Ticket.objects.filter(centre=eyes.centre, state__in=Ticket.ACTIVE).count(),
    }
    return render(request, "facts/quality.html", context)


@require_GET
def profile(request: HttpRequest, table: str) -> HttpResponse:
    """What the columns of one table hold."""
    eyes = perspective(request.user, QUALITY, request.GET.get("centre", ""))
    found = desk(eyes)
    if table not in TABLES:
        raise CoachlineError("unknown_table", name=table, known=", ".join(TABLES))
    columns = [row for row in found.columns if row["table"] == table]
    if kind := request.GET.get("download"):
        say = words()
        heads = ("column", "rows", "missing", "missing_share", "distinct", "low", "median", "high")
        terms = Terms(say)
        rows = [[terms.column(table, row["column"]), *(row[name] for name in heads[1:])] for row in columns]
        return rows_download([say(f"web.facts.profile.{name}") for name in heads], rows, f"profile-{table}", kind)
    by_column: dict[str, list[Any]] = {}
    for fault in found.faults:
        if fault.table == table and not fault.many:
            for column in fault.columns:
                by_column.setdefault(column, []).append(fault)
    context = {
        "desk": found,
        "eyes": eyes,
        "table": table,
        "columns": [{**row, "faults": by_column.get(row["column"], [])} for row in columns],
        "as_of": found.run.finished_at if found.run else None,
    }
    return render(request, "facts/profile.html", context)


@require_POST
def open_ticket(request: HttpRequest) -> HttpResponse:
    """Open a ticket for a fault of the newest reading."""
    given = request.POST
    eyes = perspective(request.user, QUALITY, given.get("centre", ""))
    ticket = actions.open_ticket(
        given.get("table", ""), given.getlist("column"), given.get("issue", ""), by=request.user, centre=eyes.centre
    )
    messages.success(request, words()("web.facts.ticket.opened"))
    return redirect("facts:ticket", ticket.pk)


@require_GET
def ticket_list(request: HttpRequest) -> HttpResponse:
    """Tickets, those that wait longest first."""
    visible = tickets(request.user)
    today = datetime.now(centre_settings().zone).date()
    state = request.GET.get("state", "active")
    owner = request.user.pk if request.GET.get("owner") == "me" else number(request.GET, "owner")
    found = listed(
        visible,
        state=state if state != "all" else "",
        owner=owner,
        table=request.GET.get("table", ""),
        late_on=today if request.GET.get("late") else None,
    )
    context = {
        "page": page_of(found, request),
        "state": state,
        "states": ("active", *Ticket.State.values, "all"),
        "owners": owners(request.user),
        "owner": owner,
        "table": request.GET.get("table", ""),
        "tables": list(TABLES),
        "late": bool(request.GET.get("late")),
        "today": today,
        "active": Ticket.ACTIVE,
        "any": visible.exists(),
    }
    return render(request, "facts/tickets.html", context)


@require_http_methods(["GET", "POST"])
def ticket(request: HttpRequest, pk: int) -> HttpResponse:
    """One ticket: what is wrong, since when, who sees to it, what has been done."""
    found = get_object_or_404(tickets(request.user), pk=pk)
    if request.method == "POST":
        changed = actions.change_ticket(found, by=request.user, **ticket_changes(request.POST, owners(request.user)))
        if changed:
            messages.success(request, words()("web.facts.ticket.changed"))
        return redirect("facts:ticket", pk)
    points = trend(found)
    context = {
        "ticket": found,
        "events": found.events.all(),
        "points": list(reversed(points)),
        "line": charts.line([point.rows for point in points]),
        "effects": effects(found.harms),
        "states": Ticket.State.values,
        "owners": owners(request.user),
        "may_work": covers(request.user, "facts.tickets", found.centre),
    }
    return render(request, "facts/ticket.html", context)


def _download(rows: list[Any], kind: str) -> HttpResponse:
    say = words()
    terms = Terms(say)
    heads = [say(f"column.{name}") for name in ("issue", "table", "column", "severity", "rows", "share", "example", "harms")]
    cells = [
        [
            say(f"issue.{fault.issue}"),
            terms.table(fault.table),
            terms.listed(terms.column(fault.table, column) for column in fault.columns),
            say(f"severity.{fault.severity}"),
            fault.rows,
            fault.share,
            fault.example,
            terms.analyses(fault.harms),
        ]
        for fault in rows
    ]
    return rows_download(heads, cells, "data-quality", kind)
