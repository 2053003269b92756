"""Alerts, moves and deliveries in words."""

from __future__ import annotations

from typing import Any

from django import template

from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.operations import wording
from coachline.web.operations.models import Alert, Delivery
from coachline.web.operations.queries.moves import Cause, Move

register = template.Library()


@register.filter
def sentence(alert: Alert) -> str:
    """What an alert says."""
    return wording.sentence(alert, words())


@register.filter
def why_not(delivery: Delivery) -> str:
    """Why a message has not arrived."""
    return wording.error(delivery.error, words())


@register.filter
def value_of(move: Move) -> str:
    return figures().value(move.unit, move.value, move.n)


@register.filter
def change_of(move: Move) -> str:
    """The difference to the same weekdays before, in words."""
    show = figures()
    return show.unknown if move.before is None else show.change(move.unit, move.value, move.before, move.n)


@register.filter
def usual_of(move: Move) -> str:
    """The range in which it usually lies."""
    return figures().unknown if move.low is None or move.high is None else figures().between(move.unit, move.low, move.high)


@register.filter
def metric_name(metric: str) -> str:
    return words()(f"metric.{metric}")


@register.simple_tag
def cause_in(cause: dict[str, Any], unit: str) -> dict[str, Any]:
    """The same of a cause as an alert keeps it."""
    return cause_of(Cause(**cause), unit)


@register.simple_tag
def cause_of(cause: Cause, unit: str) -> dict[str, Any]:
    """A cause with its parts in words."""
    say = words()
    return {
        "dimension": say(f"dimension.{cause.dimension}"),
        "member": wording.member(cause.dimension, cause.member, say),
        "change": figures().difference(unit, cause.change),
        "share": figures().share(cause.share) if cause.share is not None and 0 < cause.share <= 1 else "",
    }
