"""The bell in the top bar."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from coachline.web.operations.queries.alerts import unseen_by

SHOWN = 5


@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """How many alerts the reader has not seen, and the last of them."""
    if not request.user.has_perm("operations.view"):
        return render(request, "home/bell.html", {"count": 0})
    unseen = unseen_by(request.user)
    return render(request, "home/bell.html", {"count": unseen.count(), "last": unseen[:SHOWN], "may_see": True})
