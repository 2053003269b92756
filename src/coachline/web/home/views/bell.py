"""The bell in the top bar."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """How many alerts the reader has not seen."""
    return render(request, "home/bell.html", {"unread": 0})
