"""The language of a page: what the reader chose, else Chinese. What a browser says of itself is not a choice; what a program asks the API for is."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from coachline.wording import Wording

CODES = {"zh": "zh-hans", "en": "en"}
"""Language as our catalogues name it -> as Django does."""


class LanguageMiddleware:
    """Activates the language that the cookie names; for the API, that of ``Accept-Language``."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        by_program = request.path.startswith("/api/")
        chosen = _accepted(request) if by_program else request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in CODES.values() else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.answer(request)
        response.headers.setdefault("Content-Language", code)
        if by_program:
            patch_vary_headers(response, ["Accept-Language"])
        return response


def _accepted(request: HttpRequest) -> str:
    """The first of our languages that a program asks for; empty where it asks for none of them."""
    asked = (code[:2] for code, _ in parse_accept_lang_header(request.headers.get("Accept-Language", "")))
    return next((CODES[code] for code in asked if code in CODES), "")


def short() -> str:
    """The language in force as ``zh`` or ``en``."""
    return (translation.get_language() or settings.LANGUAGE_CODE)[:2]


def words() -> Wording:
    """Sentences in the language in force."""
    return Wording(short())
