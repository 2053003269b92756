"""Faults in the data that somebody follows up."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from coachline.web.org.models import Centre


class Reading(models.Model):
    """A result of `facts.quality` that was taken up; outlives the run, so that a trend goes back further than stored results do."""

    run_id = models.UUIDField(unique=True)
    centre = models.ForeignKey(Centre, on_delete=models.CASCADE, null=True, related_name="+")
    at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Finding(models.Model):
    """One fault of one column in one reading; several cases of it are added up."""

    reading = models.ForeignKey(Reading, on_delete=models.CASCADE, related_name="findings")
    table = models.CharField(max_length=40)
    column = models.CharField(max_length=60, blank=True)
    issue = models.CharField(max_length=60)
    severity = models.CharField(max_length=8)
    rows = models.BigIntegerField()
    share = models.FloatField(null=True)
    example = models.CharField(max_length=300, blank=True)
    harms = models.JSONField(default=list)
    """Names of the analyses whose results it touches."""

    class Meta:
        ordering = ("reading", "-rows")
        indexes = (models.Index(fields=("table", "issue", "column")),)

    def __str__(self) -> str:
        return f"{self.table}.{self.column} {self.issue}"


class Ticket(models.Model):
    """A fault that somebody answers for until it is mended or accepted."""

    class State(models.TextChoices):
        OPEN = "open"
        TOLD = "told"
        """The owner of the source system knows."""
        MENDED = "mended"
        ACCEPTED = "accepted"

    ACTIVE = (State.OPEN, State.TOLD)

    centre = models.ForeignKey(Centre, on_delete=models.CASCADE, null=True, related_name="+")
    """Whose facts; none for all of them."""
    table = models.CharField(max_length=40)
    columns = models.JSONField(default=list)
    """Columns that show it; several where one fault in the same rows spoils several."""
    key = models.CharField(max_length=300)
    """Table, issue and first column: there is one ticket for each fault."""
    issue = models.CharField(max_length=60)
    severity = models.CharField(max_length=8)
    """As of the last reading that had it."""
    rows = models.BigIntegerField()
    share = models.FloatField(null=True)
    example = models.CharField(max_length=300, blank=True)
    harms = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN, db_index=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="tickets")
    due = models.DateField(null=True)
    opened_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    """Since when it counts as mended or accepted."""
    seen_at = models.DateTimeField()
    """The last reading that had it."""
    gone_since = models.DateTimeField(null=True)
    """The first reading since then that had it no longer."""

    class Meta:
        ordering = ("-opened_at", "-pk")
        constraints = (models.UniqueConstraint(fields=("centre", "key"), name="one_ticket_per_fault", nulls_distinct=False),)

    def __str__(self) -> str:
        return f"{self.table} {', '.join(self.columns)} {self.issue}"


class Event(models.Model):
    """Something that happened to a ticket: a comment, a change by a person, or what a reading showed."""

    class Kind(models.TextChoices):
        OPENED = "opened"
        STATE = "state"
        OWNER = "owner"
        DUE = "due"
        COMMENT = "comment"
        GONE = "gone"
        BACK = "back"
        REOPENED = "reopened"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(auto_now_add=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    """None for what a reading showed."""
    by_name = models.CharField(max_length=150, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.CharField(max_length=150, blank=True)
    """The new state, owner or day."""
    text = models.CharField(max_length=2000, blank=True)

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"
