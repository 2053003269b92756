"""The language of a page: what the reader chose, else Chinese. What a browser says of itself is not a choice."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from coachline.wording import Wording

CODES = {"zh": "zh-hans", "en": "en"}
"""Language as our catalogues name it -> as Django does."""


class LanguageMiddleware:
    """Activates the language that the cookie names."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in CODES.values() else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self.answer(request)
        response.headers.setdefault("Content-Language", code)
        return response


def short() -> str:
    """The language in force as ``zh`` or ``en``."""
    return (translation.get_language() or settings.LANGUAGE_CODE)[:2]


def words() -> Wording:
    """Sentences in the language in force."""
    return Wording(short())
