"""Files on their way into the lake."""

from __future__ import annotations

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models

from coachline.web.base.centre_folder import folder
from coachline.web.facts.models.names import on_disk
from coachline.web.runs.models import Run

UPLOADS = "uploads"
"""Folder, within that of the centre, in which files wait until they are loaded."""


class SavedMap(models.Model):
    """How the files of one export are read; offered again for whatever file has the same headers."""

    name = models.CharField(max_length=120)
    fingerprint = models.CharField(max_length=64, db_index=True)
    """Of the headers; see `Upload.fingerprint`."""
    table = models.CharField(max_length=40)
    mapping = models.JSONField(default=dict)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now=True)
    used = models.PositiveIntegerField(default=0)
    """How many files it has been applied to."""

    class Meta:
        ordering = ("name", "pk")
        constraints = (models.UniqueConstraint(fields=("fingerprint",), name="one_map_per_headers"),)

    def __str__(self) -> str:
        return self.name


class Upload(models.Model):
    """A file on its way into the lake: what it is called, how it is read, what a check or load said of it."""

    class State(models.TextChoices):
        RECEIVED = "received"
        """Here, but nobody can tell yet how to read it."""
        MAPPED = "mapped"
        CHECKING = "checking"
        CHECKED = "checked"
        LOADING = "loading"
        LOADED = "loaded"
        FAILED = "failed"
        DISCARDED = "discarded"

    BUSY = (State.CHECKING, State.LOADING)
    ENDED = (State.LOADED, State.DISCARDED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    """Of the headers as they are found without anybody's help; a saved map of the same one is for this file, too."""
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED, db_index=True)
    table = models.CharField(max_length=40, blank=True)
    """Empty while it is told from the headers, and nothing fits."""
    mapping = models.JSONField(default=dict)
    """What was set by hand or taken from a saved map; what it leaves open is recognised."""
    saved_map = models.ForeignKey(SavedMap, on_delete=models.SET_NULL, null=True, related_name="uploads")
    preview = models.JSONField(default=dict)
    """What the first rows look like under this mapping; customers' numbers are masked."""
    counts = models.JSONField(default=dict)
    """accepted, replaced, unchanged, rejected: of the check, then of the load."""
    reasons = models.JSONField(default=list)
    """Why rows were rejected: {fault, rows, examples}, most rows first."""
    notes = models.JSONField(default=list)
    """What the reader must know beside the counts: {code, facts}."""
    rejects = models.CharField(max_length=255, blank=True)
    """File below ``rejects/`` of the centre."""
    error = models.JSONField(null=True)
    """{code, facts} of what keeps it from being read or loaded."""
    replace_other_events = models.BooleanField(default=False)
    """Somebody has confirmed that rows under known numbers are corrections, though time and person differ."""
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="uploads")
    at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)
    run = models.ForeignKey(Run, on_delete=models.SET_NULL, null=True, related_name="uploads")
    """The check or load that was asked for last."""

    class Meta:
        ordering = ("-at", "-pk")
        indexes = (models.Index(fields=("-at",)), models.Index(fields=("state", "changed_at")))

    def __str__(self) -> str:
        return self.name

    @property
    def folder(self) -> Path:
        return folder() / UPLOADS / str(self.pk)

    @property
    def file(self) -> Path:
        return self.folder / on_disk(self.name)

    @property
    def standing(self) -> str:
        """The state as it really is: a check whose worker was lost is not being checked any more."""
        return str(self.State.FAILED if self.state in self.BUSY and (self.run is None or not self.run.open) else self.state)

    @property
    def busy(self) -> bool:
        return self.standing in self.BUSY

    @property
    def ended(self) -> bool:
        return self.state in self.ENDED
