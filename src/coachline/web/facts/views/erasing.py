"""The page on which a customer is erased. The number stands in no address, no message and no log."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from coachline.web.accounts.permissions import require
from coachline.web.facts import actions


@sensitive_variables()
@sensitive_post_parameters("number")
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest) -> HttpResponse:
    """Says what erasing does, and after it how many rows it concerned."""
    require(request.user, "facts.erase")
    context: dict[str, Any] = {}
    if request.method == "POST":
        erased = actions.erase_customer(request.POST.get("number", ""), by=request.user, reason=request.POST.get("reason", ""))
        context = {"erased": erased, "found": any(erased.rows.values())}
    return render(request, "facts/erase.html", context)
