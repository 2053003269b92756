"""What an alert says: one sentence of what, how much, since when and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from coachline.report.figures import Figures
from coachline.web.base.centre_folder import centre_settings
from coachline.web.operations.models import Alert, Rule
from coachline.wording import Wording


def sentence(alert: Alert, say: Wording, place: str = "") -> str:
    """``2026-03-01 周日 接通率 91.2%，较前四周同日低 5.1 个百分点，超出往常范围 95.0% – 98.1%，主要来自业务「国际件查询」。``

    Parameters
    ----------
    alert : Alert
    say : Wording
        The language.
    place : str
        Name of the centre, where it is not plain from where the sentence stands.
    """
    facts, show = alert.facts, Figures(say, centre_settings().zone)
    parts = [
        say("web.operations.said.figure", metric=say(f"metric.{alert.metric}"), value=show.value(facts["unit"], facts["value"], facts["n"]))
    ]
    if facts["before"] is not None:
        parts.append(say("web.operations.said.change", change=show.change(facts["unit"], facts["value"], facts["before"], facts["n"])))
    parts.append(why(facts, say, show))
    if facts["days"] > 1:
        parts.append(say("web.operations.said.days", days=facts["days"]))
    if facts["leading"]:
        parts.append(say("web.operations.said.cause", **cause_words(facts["leading"], say)))
    told = say("web.operations.said.between").join(part for part in parts if part)
    whole = say("web.operations.said.sentence", day=show.day(alert.day), told=told)
    whole = say("web.operations.said.placed", place=place, sentence=whole) if place else whole
    if facts.get("ends_at"):
        whole += say("web.operations.said.early", last=facts["ends_at"], usual=facts["usually_ends_at"])
    return whole


def why(facts: Mapping[str, Any], say: Wording, show: Figures) -> str:
    """Which condition was met."""
    condition, unit, threshold = facts["condition"], facts["unit"], facts["threshold"]
    if condition == Rule.Condition.UNUSUAL:
        return say("web.operations.said.unusual", usual=show.between(unit, facts["low"], facts["high"]))
    limit = show.points(threshold).lstrip("+") if condition == Rule.Condition.FELL else show.value(unit, threshold)
    return say(f"web.operations.said.{condition}", limit=limit)


def cause_words(cause: Mapping[str, Any], say: Wording) -> dict[str, str]:
    """Dimension and member of a cause, as people call them."""
    return {"dimension": say(f"dimension.{cause['dimension']}"), "member": member(cause["dimension"], cause["member"], say)}


def member(dimension: str, name: str | None, say: Wording) -> str:
    """A member of a dimension: hours as times, and a word for what was not recorded."""
    if name is None:
        return say("report.not_recorded")
    return say("report.hour", hour=f"{int(name):02d}") if dimension == "hour" else name


def since(facts: Mapping[str, Any]) -> date:
    """First day of the unbroken row of unusual days."""
    return date.fromisoformat(facts["since"])


def error(delivery_error: Mapping[str, Any] | None, say: Wording) -> str:
    """Why a message was not sent."""
    return "" if not delivery_error else say(f"error.{delivery_error['code']}", **delivery_error["facts"])


def condition(rule: Rule, say: Wording, units: Mapping[str, str]) -> str:
    """What a rule watches: ``任一主要指标：超出往常范围``."""
    show = Figures(say, centre_settings().zone)
    metric = say(f"metric.{rule.metric}") if rule.metric else say("web.operations.rule.any_main")
    limit = ""
    if rule.threshold is not None:
        unit = units.get(rule.metric, "share")
        limit = show.points(rule.threshold).lstrip("+") if rule.condition == Rule.Condition.FELL else show.value(unit, rule.threshold)
    return say(f"web.operations.condition.{rule.condition}", metric=metric, limit=limit)
