"""Alerts through the API. Daily figures are results of analyses, which have routes of their own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.base.schemas import Day, Paging, Part, Text, part_of, refusals
from coachline.web.operations.actions.seeing import mark_all_seen, mark_seen
from coachline.web.operations.permissions import VIEW
from coachline.web.operations.queries import alerts

router = Router()


class AlertOut(Schema):
    """What a rule has raised, as it stood then."""

    id: int
    rule: str
    centre: str | None
    metric: str
    day: date
    raised_at: datetime
    facts: dict[str, Any]
    seen: bool


class Seen(Schema):
    """How many alerts were new to the reader."""

    seen: int


class AlertsWanted(Paging):
    """Which alerts are asked for."""

    unseen: bool = False
    metric: Text = ""
    since: Day | None = None
    until: Day | None = None


@router.get("/alerts", response={200: Part[AlertOut], **refusals(422)})
def list_alerts(request: HttpRequest, wanted: Annotated[AlertsWanted, Query()]) -> dict[str, Any]:
    """Alerts of which the reader was told, those of the newest day first."""
    require(request.user, VIEW)
    found = alerts.unseen_by(request.user) if wanted.unseen else alerts.visible_to(request.user)
    narrowed = alerts.chosen(found, metric=wanted.metric, since=wanted.since, until=wanted.until)
    return part_of(alerts.with_seen(narrowed, request.user).select_related("centre"), wanted, _alert)


@router.get("/alerts/{int:alert_id}", response={200: AlertOut, **refusals(404)})
def one_alert(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """One alert."""
    require(request.user, VIEW)
    return _found(request, alert_id)


@router.post("/alerts/{int:alert_id}/seen", response={200: AlertOut, **refusals(404)})
def see_alert(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    """Mark an alert as seen by the user of the token."""
    mark_seen(alert_id, by=request.user)
    return _found(request, alert_id)


@router.post("/alerts/seen", response={200: Seen, **refusals()})
def see_all_alerts(request: HttpRequest) -> dict[str, int]:
    """Mark every alert that concerns the user of the token as seen."""
    return {"seen": mark_all_seen(by=request.user)}


def _found(request: HttpRequest, alert_id: int) -> dict[str, Any]:
    found = alerts.with_seen(alerts.visible_to(request.user), request.user).select_related("centre").filter(pk=alert_id).first()
    if found is None:
        raise CoachlineError("not_there", what=str(alert_id))
    return _alert(found)


def _alert(alert: Any) -> dict[str, Any]:
    plain = {name: getattr(alert, name) for name in ("id", "metric", "day", "raised_at", "facts", "seen")}
    return {**plain, "rule": alert.rule_name, "centre": alert.centre.name if alert.centre else None}
