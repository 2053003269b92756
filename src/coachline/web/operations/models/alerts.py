from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from coachline.web.operations.models.rules import Channel, Rule
from coachline.web.org.models import Centre


class Alert(models.Model):
    """What a rule has raised, as it stood then: neither new facts nor a changed rule alter it."""

    rule = models.ForeignKey(Rule, on_delete=models.SET_NULL, null=True, related_name="alerts")
    rule_name = models.CharField(max_length=80)
    centre = models.ForeignKey(Centre, on_delete=models.CASCADE, null=True, related_name="alerts")
    """Whose figure; none where the facts know no centre."""
    metric = models.CharField(max_length=40)
    day = models.DateField()
    facts = models.JSONField(default=dict)
    """What was seen, as `moves.Move.facts` writes it, with the condition and the threshold of the rule."""
    raised_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-day", "-pk")
        constraints = (
            models.UniqueConstraint(fields=("rule", "centre", "metric", "day"), name="alert_once"),
            models.UniqueConstraint(fields=("rule", "metric", "day"), condition=models.Q(centre=None), name="alert_once_without_centre"),
        )

    def __str__(self) -> str:
        return f"{self.metric} {self.day}"


class Addressee(models.Model):
    """A role whose holders were told of an alert in the application."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="addressees")
    role = models.CharField(max_length=20)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("alert", "role"), name="addressee_once"),)

    def __str__(self) -> str:
        return self.role


class Delivery(models.Model):
    """An alert on its way to a mailbox or a channel."""

    class State(models.TextChoices):
        WAITING = "waiting"
        SENT = "sent"
        FAILED = "failed"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="deliveries")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    """Whose mailbox; none for a channel."""
    mail = models.EmailField(blank=True)
    channel = models.ForeignKey(Channel, on_delete=models.SET_NULL, null=True, related_name="deliveries")
    channel_name = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    """Not before; while it is being sent, when it counts as not sent after all."""
    error = models.JSONField(null=True)
    """{code, facts} of why the last attempt failed; without anything of the address or the answer."""
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("pk",)
        indexes = (models.Index(fields=("state", "next_at")),)

    def __str__(self) -> str:
        return self.channel_name or self.mail


class Receipt(models.Model):
    """A user has seen an alert."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="receipts")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_receipts")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "alert"), name="seen_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} {self.alert_id}"
