from __future__ import annotations

import hashlib
from typing import Any

from django.contrib.auth import get_backends
from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """Somebody who signs in. What they may do comes from the roles that `org.Grant` gives them, never from Django's own flags."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    name = models.CharField(max_length=80, blank=True)
    """As colleagues call them."""
    must_change_password = models.BooleanField(default=False)

    narrowed_to: frozenset[str] | None = None
    """Where they came with a token: the verbs that it allows; whatever their roles, they can do no more. None when they signed in themselves."""

    class Meta:
        ordering = ("username",)

    def __str__(self) -> str:
        return self.name or self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether their roles allow `perm`. Django's own flags, groups and permissions open nothing, and are not even looked up."""
        # It wants the model of users, so it can only be had once there is one.
        from django.contrib.auth.backends import ModelBackend

        return any(backend.has_perm(self, perm, obj) for backend in get_backends() if not isinstance(backend, ModelBackend))

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name or self.username


class Token(models.Model):
    """A key to the API for one user; only its hash is kept, and it can do no more than its user and its verbs."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=80)
    beginning = models.CharField(max_length=12)
    """First letters, by which its owner tells it from others."""
    digest = models.CharField(max_length=64, unique=True)
    verbs = models.JSONField(default=list)
    """Codes of the verbs that it may use."""
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-made_at",)

    def __str__(self) -> str:
        return f"{self.name} ({self.beginning}…)"

    @staticmethod
    def digest_of(secret: str) -> str:
        """The hash under which a token is kept; tokens are long and random, so a fast hash will do."""
        return hashlib.sha256(secret.encode()).hexdigest()
