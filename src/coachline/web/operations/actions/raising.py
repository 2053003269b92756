"""Asking every rule what it says of the last whole day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from coachline.report.metrics import FAMILY, IMPORTANCE
from coachline.web.base.centre_folder import centre_settings
from coachline.web.operations.models import Addressee, Alert, Delivery, Rule
from coachline.web.operations.permissions import grants_told
from coachline.web.operations.queries.alerts import rules
from coachline.web.operations.queries.day_end import day_end
from coachline.web.operations.queries.moves import Move, moved
from coachline.web.org.models import Centre
from coachline.web.org.queries import Perspective, known_centres
from coachline.web.runs.days import Days


def raise_alerts() -> list[Alert]:
    """Enter what the rules say of the last day of each centre, once for each rule, metric and day; returns what is new.

    A day that is not over raises nothing: by noon every count is low.
    """
    today = datetime.now(centre_settings().zone).date()
    watching = [rule for rule in rules() if rule.enabled]
    fresh: list[Alert] = []
    for centre, eyes in _circles():
        found = moved(eyes, Days())
        if found is None or found.day >= today:
            continue
        end = day_end(eyes, found.day)
        ends = {"ends_at": end.last_text, "usually_ends_at": end.usual_text} if end is not None and end.early else {}
        for rule in watching:
            if _applies(rule, centre):
                fresh += [alert for move in met(rule, found.moves) if (alert := _enter(rule, centre, move, ends)) is not None]
    return fresh


def met(rule: Rule, moves: Iterable[Move]) -> list[Move]:
    """Metrics that meet the condition of a rule; of main metrics that move together, the first."""
    if rule.metric:
        return [move for move in moves if move.metric == rule.metric and _meets(rule, move)]
    found: dict[str, Move] = {}
    for move in moves:
        if move.metric in IMPORTANCE and _meets(rule, move):
            found.setdefault(FAMILY.get(move.metric, move.metric), move)
    return list(found.values())


def _meets(rule: Rule, move: Move) -> bool:
    if move.n is not None and move.n < rule.n_at_least:
        return False
    if rule.condition == Rule.Condition.UNUSUAL:
        return move.unusual
    limit = rule.threshold
    if limit is None:
        return False
    if rule.condition == Rule.Condition.FELL:
        return move.unit == "share" and move.before is not None and move.before - move.value > limit
    return move.value < limit if rule.condition == Rule.Condition.BELOW else move.value > limit


def _circles() -> list[tuple[Centre | None, Perspective]]:
    """Each centre, and through whose eyes its results are found: those of a single one are kept under no centre."""
    known = list(known_centres())
    if len(known) <= 1:
        return [(known[0] if known else None, Perspective(None))]
    return [(centre, Perspective(centre)) for centre in known]


def _applies(rule: Rule, centre: Centre | None) -> bool:
    if rule.centre_id is not None:
        return centre is not None and rule.centre_id == centre.pk
    return centre is None or centre not in rule.silent_in.all()


def _enter(rule: Rule, centre: Centre | None, move: Move, ends: dict[str, str]) -> Alert | None:
    where: dict[str, Any] = {"rule": rule, "centre": centre, "metric": move.metric, "day": move.day}
    if Alert.objects.filter(**where).exists():
        return None
    facts = {**move.facts, **ends, "condition": str(rule.condition), "threshold": rule.threshold}
    try:
        with transaction.atomic():
            alert = Alert.objects.create(**where, rule_name=rule.name, facts=facts)
            Addressee.objects.bulk_create(Addressee(alert=alert, role=role) for role in dict.fromkeys(rule.roles))
            Delivery.objects.bulk_create(_deliveries(rule, centre, alert))
    except IntegrityError:
        # Another worker has just entered the same.
        return None
    return alert


def _deliveries(rule: Rule, centre: Centre | None, alert: Alert) -> list[Delivery]:
    found = [Delivery(alert=alert, channel=channel, channel_name=channel.name) for channel in rule.channels.all()]
    if rule.mail:
        users = {grant.user for grant in grants_told(rule.roles, centre).select_related("user") if grant.user.email}
        found += [Delivery(alert=alert, user=user, mail=user.email) for user in sorted(users, key=lambda user: user.pk)]
    return found
