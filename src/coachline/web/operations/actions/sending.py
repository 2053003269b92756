"""Bringing alerts to mailboxes and channels, in the background, with patience."""

from __future__ import annotations

from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.web.journal.actions import record
from coachline.web.operations import webhooks, wording
from coachline.web.operations.models import Alert, Channel, Delivery
from coachline.web.operations.permissions import require_set
from coachline.web.org.models import Centre
from coachline.wording import Wording

PAUSES = (timedelta(minutes=1), timedelta(minutes=10))
"""After the first attempt and after the second; the third is the last."""
ATTEMPTS = len(PAUSES) + 1
LEASE = timedelta(minutes=5)
"""Whoever sends and dies loses the delivery to the next one after so long."""


def send_due(now: datetime | None = None) -> int:
    """Make the next attempt of everything that waits and whose time has come; returns how many were sent."""
    now = now or timezone.now()
    due = Delivery.objects.filter(state=Delivery.State.WAITING, next_at__lte=now)
    sent = 0
    for pk in list(due.values_list("pk", flat=True)):
        # Of several workers one gets the row.
        if due.filter(pk=pk).update(attempts=F("attempts") + 1, next_at=now + LEASE):
            delivery = Delivery.objects.select_related("alert", "alert__centre", "channel").get(pk=pk)
            sent += _attempt(delivery, now)
    return sent


def next_due() -> datetime | None:
    """When the next attempt is to be made."""
    found: datetime | None = (
        Delivery.objects.filter(state=Delivery.State.WAITING).order_by("next_at").values_list("next_at", flat=True).first()
    )
    return found


def send_test(channel: Channel, *, by: Any) -> None:
    """Send a message that says it is a test, at once.

    Raises
    ------
    NoPermission, CoachlineError
        Why it did not arrive.
    """
    require_set(by, channel.centre)
    say = Wording()
    record("operations.channel_test", by=by, subject=channel, centre=channel.centre.name if channel.centre else "")
    text = say("web.operations.message.test", name=str(by))
    webhooks.send(
        channel.kind,
        channel.url,
        channel.secret,
        webhooks.Message(say("web.operations.message.test_title"), text, _address(reverse("home"))),
    )


def message(alert: Alert, say: Wording) -> webhooks.Message:
    """What is sent of an alert."""
    place = alert.centre.name if alert.centre is not None and Centre.objects.count() > 1 else ""
    title = say("web.operations.message.title", metric=say(f"metric.{alert.metric}"))
    plain = ("value", "before", "expected", "low", "high", "unit", "condition", "threshold", "days", "since")
    data = {
        "metric": alert.metric,
        "day": alert.day.isoformat(),
        "centre": alert.centre.name if alert.centre else "",
        "rule": alert.rule_name,
    }
    link = _address(reverse("operations:alert", args=[alert.pk]))
    return webhooks.Message(title, wording.sentence(alert, say, place), link, {**data, **{name: alert.facts.get(name) for name in plain}})


def mail_is_set_up() -> bool:
    """Whether mail goes out; without a server it is written to the log, and nobody gets it."""
    return not settings.EMAIL_BACKEND.endswith((".console.EmailBackend", ".dummy.EmailBackend"))


def _attempt(delivery: Delivery, now: datetime) -> bool:
    try:
        _send(delivery)
    except CoachlineError as error:
        delivery.error = {"code": error.code, "facts": {name: str(value) for name, value in error.facts.items()}}
        if delivery.attempts >= ATTEMPTS:
            delivery.state = Delivery.State.FAILED
        else:
            delivery.next_at = now + PAUSES[delivery.attempts - 1]
        delivery.save(update_fields=["error", "state", "next_at"])
        return False
    delivery.state, delivery.sent_at, delivery.error = Delivery.State.SENT, timezone.now(), None
    delivery.save(update_fields=["state", "sent_at", "error"])
    return True


def _send(delivery: Delivery) -> None:
    found = message(delivery.alert, Wording())
    if delivery.channel is not None:
        webhooks.send(delivery.channel.kind, delivery.channel.url, delivery.channel.secret, found)
        return
    if not delivery.mail:
        raise CoachlineError("delivery_without_channel", name=delivery.channel_name)
    if not mail_is_set_up():
        raise CoachlineError("mail_not_set_up")
    try:
        send_mail(found.title, f"{found.text}\n\n{found.link}".strip(), None, [delivery.mail])
    except (OSError, SMTPException) as error:
        raise CoachlineError("mail_not_sent", reason=type(error).__name__) from error


def _address(path: str) -> str:
    """A link that works outside the application; none where nobody has said what its address is."""
    return f"{settings.COACHLINE_ADDRESS}{path}" if settings.COACHLINE_ADDRESS else ""
