from __future__ import annotations

from urllib.parse import urlsplit

from django.db import models

from coachline.web.org.models import Centre

ANY_MAIN = ""
"""The metric of a rule that watches every main metric."""


class Channel(models.Model):
    """A group chat's robot, or any other address that takes messages. Its address and secret are written and never shown again."""

    class Kind(models.TextChoices):
        WECOM = "wecom"
        DINGTALK = "dingtalk"
        FEISHU = "feishu"
        PLAIN = "plain"

    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    url = models.CharField(max_length=500)
    """Whoever knows it can write into the group: a password, as far as pages, logs and the journal are concerned."""
    secret = models.CharField(max_length=200, blank=True)
    centre = models.ForeignKey(Centre, on_delete=models.CASCADE, null=True, related_name="channels")
    """Whose; none for everybody's."""
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("name", "pk")

    def __str__(self) -> str:
        return self.name

    @property
    def host(self) -> str:
        """All of the address that is ever shown."""
        return urlsplit(self.url).hostname or ""


class Rule(models.Model):
    """When somebody is to be told of a figure, and how."""

    class Condition(models.TextChoices):
        UNUSUAL = "unusual"
        """Outside what is usual for such a day."""
        BELOW = "below"
        ABOVE = "above"
        FELL = "fell"
        """Lower than on the same weekdays of the four weeks before by more than so much."""

    name = models.CharField(max_length=80)
    centre = models.ForeignKey(Centre, on_delete=models.CASCADE, null=True, related_name="alert_rules")
    """None for every centre."""
    silent_in = models.ManyToManyField(Centre, related_name="+")
    """Centres that do not want it although it is for every centre."""
    metric = models.CharField(max_length=40, blank=True, default=ANY_MAIN)
    condition = models.CharField(max_length=10, choices=Condition.choices, default=Condition.UNUSUAL)
    threshold = models.FloatField(null=True)
    """In the unit of the metric, a share as 0-1; of `FELL`, a difference of shares."""
    n_at_least = models.PositiveIntegerField(default=30)
    """Shares and means of fewer cases raise nothing."""
    roles = models.JSONField(default=list)
    mail = models.BooleanField(default=False)
    channels = models.ManyToManyField(Channel, related_name="rules")
    enabled = models.BooleanField(default=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name
