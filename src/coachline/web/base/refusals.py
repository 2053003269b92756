"""Whatever is refused ends in one clear page, or in one clear line where only a part of a page was asked for."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import requires_csrf_token

from coachline.errors import CoachlineError
from coachline.web.base.language import words

log = logging.getLogger("coachline.web")

NOT_FOUND = {"unknown_analysis", "unknown_table", "no_such_version", "unknown_member", "unknown_page", "unknown_metric", "not_there"}
BUSY = {"lake_busy", "disk_full", "out_of_memory"}


class NoPermission(PermissionDenied):
    """The user holds no role that may do `verb`, or not for these people."""

    def __init__(self, verb: str) -> None:
        super().__init__(verb)
        self.verb = verb


def refusal(request: HttpRequest, error: CoachlineError, status: int = 422) -> HttpResponse:
    """The page, or part of one, that says what was refused and what would be accepted."""
    say = words()
    message = say(f"error.{error.code}", **error.facts)
    if is_api(request):
        return JsonResponse({"code": error.code, "message": message}, status=status)
    return shown(request, "refusal", {"message": message, "code": error.code}, status)


def shown(request: HttpRequest, page: str, facts: dict[str, object], status: int) -> HttpResponse:
    part = getattr(request, "htmx", False) and not getattr(request, "htmx").boosted  # noqa: B009 - set by a middleware
    return render(request, f"base/{page}{'_part' if part else ''}.html", facts, status=status)


def is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


class RefusalMiddleware:
    """Turns errors that people can act on into pages; everything unforeseen into a page with a number for support."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, CoachlineError):
            status = 404 if error.code in NOT_FOUND else 503 if error.code in BUSY else 422
            return refusal(request, error, status)
        if isinstance(error, NoPermission):
            return no_permission(request, error)
        if isinstance(error, PermissionDenied | Http404):
            return None
        return unforeseen(request, error)


def no_permission(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    """Says which verb was missing; the page names who can give it."""
    verb = error.verb if isinstance(error, NoPermission) else ""
    say = words()
    named = say(f"verb.{verb}") if verb else ""
    if is_api(request):
        return JsonResponse({"code": "no_permission", "message": say("web.base.api_no_permission", verb=named or "-")}, status=403)
    return shown(request, "no_permission", {"verb": verb, "verb_name": named}, 403)


def unforeseen(request: HttpRequest, error: Exception) -> HttpResponse:
    """No trace for the reader, all of it for the log, and a number that joins the two."""
    number = secrets.token_hex(4)
    log.error("unforeseen %s at %s", number, request.path, exc_info=error)
    if is_api(request):
        return JsonResponse({"code": "unforeseen", "message": words()("web.base.api_unforeseen", number=number)}, status=500)
    return shown(request, "unforeseen", {"number": number}, 500)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return JsonResponse({"code": "not_found", "message": words()("web.base.api_not_found")}, status=404)
    return shown(request, "not_found", {}, 404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return no_permission(request, PermissionDenied())


@requires_csrf_token
def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that was open for too long, or that was sent from elsewhere."""
    return shown(request, "stale_form", {}, 403)
