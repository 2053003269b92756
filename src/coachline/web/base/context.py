"""What the frame around every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from coachline.web.base.centre_folder import centre_name
from coachline.web.base.language import short
from coachline.web.base.navigation import menu

THEME_COOKIE = "coachline_theme"
THEMES = ("light", "dark")


def frame(request: HttpRequest) -> dict[str, Any]:
    """Language, theme, the centre's name, and the menu that the reader may use."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return {
        "lang": short(),
        "theme": theme if theme in THEMES else "auto",
        "centre_name": centre_name(),
        "menu": menu(request.user, request.path) if hasattr(request, "user") else [],
    }
