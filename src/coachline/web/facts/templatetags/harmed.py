"""Which results a fault harms, with the pages on which they are seen."""

from __future__ import annotations

from collections.abc import Iterable

from django import template

from coachline.web.facts.queries.desk import Effect, effects

register = template.Library()


@register.simple_tag
def harmed_pages(harms: Iterable[str]) -> list[Effect]:
    """``{% harmed_pages harms as pages %}``."""
    return effects(harms)
