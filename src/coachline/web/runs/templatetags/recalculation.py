"""The tag behind ``runs/recalculate.html``, and a run's words."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import template

from coachline.web.base.language import words
from coachline.web.org.queries import Perspective
from coachline.web.runs import wording
from coachline.web.runs.days import Days
from coachline.web.runs.drawing import Drawn
from coachline.web.runs.models import Run
from coachline.web.runs.page_view import Recalculation
from coachline.web.runs.page_view import recalculation as state_of

register = template.Library()


@register.simple_tag(takes_context=True)
def recalculation(
    context: Any, page_code: str, eyes: Perspective, drawn: Drawn | None, since: date | None, until: date | None
) -> Recalculation:
    """``{% recalculation page_code eyes drawn since until as state %}``."""
    return state_of(context["request"].user, page_code, eyes.centre, Days(since, until), drawn)


@register.filter
def run_name(run: Run) -> str:
    """What a run is about, in words."""
    return wording.name(run, words())


@register.filter
def run_error(run: Run) -> str:
    """Why a run failed and what to do; empty where it did not."""
    return wording.error(run, words())


@register.filter
def run_step(run: Run) -> str:
    """What a run is doing now."""
    return wording.step(run, words())
