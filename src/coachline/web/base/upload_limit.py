"""Turns away what is too large before a byte of it is stored."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from coachline.errors import CoachlineError
from coachline.web.base.refusals import refusal


class UploadLimitMiddleware:
    """Reads the announced size; the server passes on no more bytes than were announced."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            size = int(request.META.get("CONTENT_LENGTH") or 0)
        except ValueError:
            size = 0
        if size > settings.UPLOAD_LIMIT_BYTES:
            return refusal(request, CoachlineError("upload_too_large", megabytes=settings.UPLOAD_LIMIT_BYTES // 1_000_000), 413)
        return self.answer(request)
