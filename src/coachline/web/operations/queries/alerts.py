"""Alerts as somebody may see them, and who was told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from coachline.web.operations.models import Addressee, Alert, Delivery, Receipt, Rule
from coachline.web.operations.permissions import grants_told, places
from coachline.web.org.models import Centre


def visible_to(user: Any) -> QuerySet[Alert]:
    """Alerts of which roles of `user` were told, within the centres in which they hold these roles."""
    wanted = Q(pk__in=())
    for role, centre in places(user):
        wanted |= Q(role=role) if centre is None else Q(role=role, alert__centre=centre)
    return Alert.objects.filter(pk__in=Addressee.objects.filter(wanted).values("alert"))


def unseen_by(user: Any) -> QuerySet[Alert]:
    """Those of `visible_to` that they have not marked as seen."""
    return visible_to(user).filter(~Exists(_receipts(user)))


def with_seen(alerts: QuerySet[Alert], user: Any) -> QuerySet[Alert]:
    """With ``seen``: whether `user` has marked them."""
    return alerts.annotate(seen=Exists(_receipts(user)))


def _receipts(user: Any) -> QuerySet[Receipt]:
    return Receipt.objects.filter(alert=OuterRef("pk"), user=user)


def chosen(alerts: QuerySet[Alert], *, metric: str = "", since: date | None = None, until: date | None = None) -> QuerySet[Alert]:
    """Narrowed by the filters of the list."""
    if metric:
        alerts = alerts.filter(metric=metric)
    if since:
        alerts = alerts.filter(day__gte=since)
    return alerts.filter(day__lte=until) if until else alerts


@dataclass(frozen=True)
class Told:
    """An alert with those who know of it.

    Attributes
    ----------
    roles : list of str
    people : list of str
        Names of those who hold these roles there.
    deliveries : list of Delivery
        Mail and channels.
    """

    alert: Alert
    roles: list[str]
    people: list[str]
    deliveries: list[Delivery]


def told(alerts: Iterable[Alert]) -> list[Told]:
    """Who was told of each; as many queries for many alerts as for one of each circle of people."""
    found = list(alerts)
    roles: dict[int, list[str]] = {}
    for addressee in Addressee.objects.filter(alert__in=found).order_by("pk"):
        roles.setdefault(addressee.alert_id, []).append(addressee.role)
    ways: dict[int, list[Delivery]] = {}
    for delivery in Delivery.objects.filter(alert__in=found).select_related("user"):
        ways.setdefault(delivery.alert_id, []).append(delivery)
    people: dict[tuple[int | None, tuple[str, ...]], list[str]] = {}
    centres = {alert.centre_id: alert.centre for alert in found}
    for alert in found:
        circle = (alert.centre_id, tuple(sorted(roles.get(alert.pk, []))))
        if circle not in people:
            people[circle] = names(circle[1], centres[circle[0]])
    return [
        Told(alert, roles.get(alert.pk, []), people[(alert.centre_id, tuple(sorted(roles.get(alert.pk, []))))], ways.get(alert.pk, []))
        for alert in found
    ]


@dataclass(frozen=True)
class ToldByRule:
    """What one rule has raised on a day, and to whom it went.

    Attributes
    ----------
    first : Told
        Stands for all where they agree: roles and people.
    alerts : list of Alert
    ways : dict of str to dict of state to int
        Mailbox or channel, and how many messages to it are in which state.
    """

    first: Told
    alerts: list[Alert]
    ways: dict[str, dict[str, int]]


def by_rule(found: Iterable[Told]) -> list[ToldByRule]:
    """The same, gathered by rule and centre."""
    gathered: dict[tuple[int | None, str, int | None], ToldByRule] = {}
    for one in found:
        rule = gathered.setdefault((one.alert.rule_id, one.alert.rule_name, one.alert.centre_id), ToldByRule(one, [], {}))
        rule.alerts.append(one.alert)
        for delivery in one.deliveries:
            states = rule.ways.setdefault(delivery.channel_name or str(delivery.user or delivery.mail), {})
            states[delivery.state] = states.get(delivery.state, 0) + 1
    return list(gathered.values())


def names(roles: Iterable[str], centre: Centre | None) -> list[str]:
    """Who holds these roles for `centre`."""
    grants = grants_told(list(roles), centre).select_related("user").order_by("user__name", "user__username")
    return list(dict.fromkeys(str(grant.user) for grant in grants))


def rules() -> QuerySet[Rule]:
    """All rules, with what a list shows of them."""
    return Rule.objects.select_related("centre").prefetch_related("channels", "silent_in")
