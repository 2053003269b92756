"""Rules and channels: made, changed and removed by those who answer for alerts, and entered in the journal."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from coachline.errors import CoachlineError
from coachline.web.base.refusals import NoPermission
from coachline.web.journal.actions import record
from coachline.web.operations.models import ANY_MAIN, Channel, Rule
from coachline.web.operations.permissions import SET, TOLD, centres_to_set, require_set
from coachline.web.operations.webhooks import checked_url
from coachline.web.org.models import Centre


@dataclass(frozen=True)
class Wish:
    """A rule as somebody wants it; see `Rule`."""

    name: str
    centre: Centre | None = None
    metric: str = ANY_MAIN
    condition: str = Rule.Condition.UNUSUAL
    threshold: float | None = None
    n_at_least: int = 30
    roles: Collection[str] = ()
    mail: bool = False
    channels: Collection[Channel] = ()
    enabled: bool = True


def save_rule(wish: Wish, *, by: Any, rule: Rule | None = None) -> Rule:
    """Make a rule, or change `rule`.

    Raises
    ------
    NoPermission
    CoachlineError
        ``rule_without_addressee``, ``rule_without_threshold``, ``rule_needs_metric``, ``rule_needs_share``, ``rule_role_unfit``,
        ``rule_channel_unfit``.
    """
    require_set(by, wish.centre)
    if rule is not None:
        require_set(by, rule.centre)
    _check(wish)
    with transaction.atomic():
        known = Rule.objects.select_for_update(of=("self",)).get(pk=rule.pk) if rule is not None else Rule()
        before = _plain(known) if rule is not None else {}
        known.name, known.centre, known.metric, known.condition = wish.name, wish.centre, wish.metric, wish.condition
        known.threshold = None if wish.condition == Rule.Condition.UNUSUAL else wish.threshold
        known.n_at_least, known.mail, known.enabled = wish.n_at_least, wish.mail, wish.enabled
        known.roles = [role for role in TOLD if role in wish.roles]
        known.save()
        known.channels.set(wish.channels)
        after = _plain(known)
        if after != before:
            changed = {name for name in after if before.get(name) != after[name]}
            verb = "operations.rule_change" if before else "operations.rule_add"
            facts = {"before": {n: before[n] for n in changed}, "after": {n: after[n] for n in changed}} if before else after
            record(verb, by=by, subject=known, centre=_named(known.centre), **facts)
    return known


def remove_rule(rule: Rule, *, by: Any) -> None:
    """Remove a rule; what it has raised stays.

    Raises
    ------
    NoPermission
    """
    require_set(by, rule.centre)
    with transaction.atomic():
        record("operations.rule_remove", by=by, subject=rule, centre=_named(rule.centre), **_plain(rule))
        rule.delete()


def silence(rule: Rule, centre: Centre, quiet: bool, *, by: Any) -> None:
    """Have a rule for every centre leave one of them out, or not any more.

    Raises
    ------
    NoPermission
    """
    require_set(by, centre)
    if rule.centre_id is not None or centre not in centres_to_set(by):
        raise NoPermission(SET)
    with transaction.atomic():
        rule.silent_in.add(centre) if quiet else rule.silent_in.remove(centre)
        record("operations.rule_silence" if quiet else "operations.rule_unsilence", by=by, subject=rule, centre=centre.name)


def save_channel(
    name: str, kind: str, url: str, secret: str | None, *, by: Any, centre: Centre | None = None, channel: Channel | None = None
) -> Channel:
    """Make a channel, or change `channel`: an empty address or a secret of None stays as it was. The journal gets neither.

    Raises
    ------
    NoPermission
    CoachlineError
        ``webhook_...``, ``channel_kind_unknown``.
    """
    require_set(by, centre)
    if channel is not None:
        require_set(by, channel.centre)
    if kind not in Channel.Kind.values:
        raise CoachlineError("channel_kind_unknown", kind=kind)
    if url or channel is None:
        checked_url(url)
    with transaction.atomic():
        known = channel or Channel()
        known.name, known.kind, known.centre = name, kind, centre
        known.url = url or known.url
        known.secret = known.secret if secret is None else secret
        known.save()
        verb = "operations.channel_change" if channel is not None else "operations.channel_add"
        record(verb, by=by, subject=known, centre=_named(centre), kind=kind, host=known.host, renewed=bool(url or secret))
    return known


def remove_channel(channel: Channel, *, by: Any) -> None:
    """Remove a channel; rules lose it, and what waits for it will not be sent.

    Raises
    ------
    NoPermission
    """
    require_set(by, channel.centre)
    with transaction.atomic():
        record("operations.channel_remove", by=by, subject=channel, centre=_named(channel.centre), kind=channel.kind, host=channel.host)
        channel.delete()


def _check(wish: Wish) -> None:
    from coachline.engine.operations.metrics import METRICS

    if not set(wish.roles) <= set(TOLD):
        raise CoachlineError("rule_role_unfit")
    if not wish.roles and not wish.channels:
        raise CoachlineError("rule_without_addressee")
    if any(channel.centre_id not in (None, wish.centre.pk if wish.centre else None) for channel in wish.channels):
        raise CoachlineError("rule_channel_unfit")
    if wish.metric and wish.metric not in METRICS:
        raise CoachlineError("unknown_metric", metric=wish.metric, known=", ".join(METRICS))
    if wish.condition == Rule.Condition.UNUSUAL:
        return
    if wish.threshold is None or wish.threshold < 0:
        raise CoachlineError("rule_without_threshold")
    if wish.condition != Rule.Condition.FELL and not wish.metric:
        raise CoachlineError("rule_needs_metric")
    if wish.condition == Rule.Condition.FELL and wish.metric and METRICS[wish.metric].unit != "share":
        raise CoachlineError("rule_needs_share")


def _plain(rule: Rule) -> dict[str, Any]:
    """A rule as the journal keeps it."""
    names = ("name", "metric", "condition", "threshold", "n_at_least", "mail", "enabled")
    return {
        **{name: getattr(rule, name) for name in names},
        "centre_of_rule": _named(rule.centre),
        "roles": list(rule.roles),
        "channels": _listed(rule.channels.all()),
    }


def _listed(channels: Iterable[Channel]) -> list[str]:
    return sorted(channel.name for channel in channels)


def _named(centre: Centre | None) -> str:
    return centre.name if centre is not None else ""
