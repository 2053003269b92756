from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import models


class Kept(models.QuerySet["Entry"]):
    """Entries can be added and read, and nothing else."""

    def update(self, **changes: Any) -> int:
        raise TypeError("the journal is only added to")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("the journal is only added to")

    def bulk_create(self, objs: Iterable[Entry], *given: Any, **more: Any) -> list[Entry]:
        if given or more:
            raise TypeError("the journal is only added to")
        return super().bulk_create(objs)

    def _raw_delete(self, using: str | None) -> int:
        raise TypeError("the journal is only added to")

    def bulk_update(self, *given: Any, **more: Any) -> int:
        raise TypeError("the journal is only added to")


class Entry(models.Model):
    """Somebody did something: the account of it outlives the user and the thing.

    ``user_id`` and ``user_name`` are copied, not linked, so that removing a user removes nothing here.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    user_id = models.BigIntegerField(null=True)
    user_name = models.CharField(max_length=150)
    verb = models.CharField(max_length=64, db_index=True)
    subject_kind = models.CharField(max_length=40, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    facts = models.JSONField(default=dict)
    centre = models.CharField(max_length=120, blank=True, db_index=True)
    """Name of the centre that it concerns; empty for what concerns all."""

    objects = Kept.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        default_manager_name = "objects"
        base_manager_name = "objects"
        indexes = (models.Index(fields=("subject_kind", "subject_id")), models.Index(fields=("user_id", "at")))

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.user_name} {self.verb} {self.subject}"

    def save(self, *given: Any, **more: Any) -> None:
        if self.pk is not None:
            raise TypeError("the journal is only added to")
        super().save(*given, **more)

    def delete(self, *given: Any, **more: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("the journal is only added to")
