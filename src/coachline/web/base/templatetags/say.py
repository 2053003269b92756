"""Template tags and filters for words and figures."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import template

from coachline.report.figures import Figures
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words

register = template.Library()


@register.simple_tag
def say(code: str, /, **facts: Any) -> str:
    """``{% say 'web.base.rows' count=3 %}``: the sentence of a code in the reader's language."""
    return words()(code, **facts)


@register.filter
def said(code: str, prefix: str = "") -> str:
    """``{{ role|said:'role.' }}``: the word for a code that is only known when the page is drawn."""
    return words()(f"{prefix}{code}")


@register.filter
def day(value: date | None) -> str:
    return figures().day(value)


@register.filter
def instant(value: datetime | None) -> str:
    """A moment on the centre's wall clock."""
    return figures().instant(value)


@register.filter
def share(value: float | None) -> str:
    return figures().share(value)


@register.filter
def count(value: float | None) -> str:
    return figures().count(value)


@register.filter
def seconds(value: float | None) -> str:
    return figures().seconds(value)


def figures() -> Figures:
    """How figures are written for this reader."""
    return Figures(words(), centre_settings().zone)
