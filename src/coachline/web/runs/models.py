from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils import timezone

from coachline.web.base.centre_folder import folder
from coachline.web.org.models import Centre


class Run(models.Model):
    """A piece of work in the background: place in the queue, progress, log, and where its result lies."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"
        LOST = "lost"
        """Its worker died, and trying again did not help."""

    OPEN = (State.WAITING, State.RUNNING)
    ENDED = (State.DONE, State.FAILED, State.CANCELLED, State.LOST)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    """Which job does it: ``analysis``, ``page``, ``import`` ..."""
    name = models.CharField(max_length=120)
    """What it is about: an analysis, a page, a file."""
    parameters = models.JSONField(default=dict)
    key = models.CharField(max_length=64, db_index=True)
    """Same kind, name, parameters and centre: same key."""
    centre = models.ForeignKey(Centre, on_delete=models.CASCADE, null=True, related_name="runs")
    """Whose facts; none for all."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING, db_index=True)
    step = models.CharField(max_length=200, blank=True)
    """Code of what is being done."""
    share = models.FloatField(null=True)
    """How much of it is done, 0-1; empty where nobody can say."""
    log = models.JSONField(default=list)
    """Lines as {at, code, facts}; worded when they are read."""
    error = models.JSONField(null=True)
    """{code, facts} of why it failed."""
    attempts = models.PositiveSmallIntegerField(default=0)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="runs")
    asked_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    beat_at = models.DateTimeField(null=True)
    """The last sign of life of its worker."""
    worker = models.CharField(max_length=120, blank=True)
    """Who works, or worked, on it: machine, process, and a mark of that process."""
    cancel_asked = models.BooleanField(default=False)
    within = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="parts")
    """The run in the course of which it was calculated; nobody asked for it by itself."""
    told = models.BooleanField(default=False)
    """Whoever wants to know that it has ended was told."""
    lake = models.JSONField(default=dict)
    """Version of every fact table that was read."""
    summary = models.JSONField(default=dict)
    """The few figures that a list of runs shows."""
    task_id = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-asked_at",)
        indexes = (
            models.Index(fields=("key", "state", "-finished_at")),
            models.Index(fields=("state", "beat_at")),
            models.Index(fields=("-asked_at",)),
            models.Index(fields=("within", "-asked_at")),
            models.Index(fields=("told",), condition=models.Q(told=False), name="runs_run_untold_idx"),
        )

        constraints = (
            models.UniqueConstraint(
                fields=("key",), condition=models.Q(state__in=("waiting", "running")), name="one_open_run_per_question"
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def open(self) -> bool:
        return self.state in self.OPEN

    @property
    def seconds(self) -> float | None:
        """How long it took, or has been taking."""
        if self.started_at is None:
            return None
        return ((self.finished_at or timezone.now()) - self.started_at).total_seconds()

    @property
    def folder(self) -> Path:
        """Where the result lies once it is done."""
        return folder() / "results" / str(self.pk)


class Timetable(models.Model):
    """When everything is calculated anew each night; one row."""

    enabled = models.BooleanField(default=True)
    at = models.TimeField()
    """On the centre's wall clock."""
    last_day = models.DateField(null=True)
    """The local day of the last start."""
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.at:%H:%M}"
