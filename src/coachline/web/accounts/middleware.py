"""Whoever has to change their password does that first."""

from __future__ import annotations

from collections.abc import Callable

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from coachline.web.base.language import words
from coachline.web.base.refusals import is_api

OPEN = ("account_change_password", "account_logout", "account_reauthenticate", "language", "health")
"""Addresses that stay open until then."""


class PasswordDueMiddleware:
    """Leads to the password page, and nowhere else, as long as a password is somebody else's choice.

    Those who came by single sign-on do not know that password and are let through.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            not user.is_authenticated
            or not user.must_change_password
            or request.path in map(reverse, OPEN)
            or self._came_by_sign_on(request)
        ):
            return self.answer(request)
        there = reverse("account_change_password")
        if is_api(request):
            return JsonResponse({"code": "password_due", "message": words()("web.accounts.password_due")}, status=403)
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": there})
        return HttpResponseRedirect(there)

    @staticmethod
    def _came_by_sign_on(request: HttpRequest) -> bool:
        records = get_authentication_records(request, request.user)
        return bool(records) and records[0]["method"] == "socialaccount"
