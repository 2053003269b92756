"""Tables other than calls."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coachline.engine.tables import TABLES
from coachline.report.terms import Terms
from coachline.web.base.language import words
from coachline.web.facts import call_words
from coachline.web.facts.queries import tables as asked
from coachline.web.facts.queries.calls import BROWSE
from coachline.web.org.permissions import scope_of
from coachline.web.org.queries import perspective


@require_GET
def table_page(request: HttpRequest, table: str) -> HttpResponse:
    """Rows of one table."""
    eyes = perspective(request.user, BROWSE, request.GET.get("centre", ""))
    found = asked.page(table, eyes, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    columns = [column for column in TABLES[table].stored if call_words.shown(column)]
    terms = Terms(words())
    context = {
        "eyes": eyes,
        "all_centres": scope_of(request.user, BROWSE).everything,
        "table": table,
        "tables": [name for name in TABLES if asked.may_look(name, eyes)],
        "columns": [{"label": terms.column(table, column.name), "figure": call_words.is_figure(column)} for column in columns],
        "rows": [
            [{"text": call_words.worded(column, row.get(column.name)), "figure": call_words.is_figure(column)} for column in columns]
            for row in found.rows
        ],
        "total": found.total,
        "previous": found.previous,
        "next": found.next,
    }
    return render(request, "facts/table.html", context)
