"""Long lists, a page at a time."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

SIZE = 50


def page_of(rows: Any, request: HttpRequest, size: int = SIZE) -> Page[Any]:
    """The page that the address asks for with ``?page=``; the nearest one there is where it asks for none of these."""
    return Paginator(rows, size).get_page(request.GET.get("page"))
