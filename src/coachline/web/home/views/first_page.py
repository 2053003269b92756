"""The first page: what is there to do today, for whoever opens it."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coachline.engine.tables import TABLES
from coachline.web.base.centre_folder import centre, centre_settings
from coachline.web.home.cards import cards_of


@require_GET
def first_page(request: HttpRequest) -> HttpResponse:
    """Cards by role; before anything is loaded, the way to load it."""
    empty = not any(centre().facts().has(name) for name in TABLES)
    today = datetime.now(centre_settings().zone).date()
    return render(request, "home/first_page.html", {"cards": cards_of(request.user), "empty": empty, "today": today})
