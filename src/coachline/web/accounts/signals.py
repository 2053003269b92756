"""What happens when somebody has signed in, failed to, or chosen a password."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils import timezone

from coachline.web.accounts.models import User
from coachline.web.journal.actions import record


@receiver([password_changed, password_set, password_reset])
def password_chosen(user: User, **_: Any) -> None:
    """The password is now their own; tokens made under the old one end."""
    if user.must_change_password:
        user.must_change_password = False
        user.save(update_fields=["must_change_password"])
    user.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
    record("accounts.change_password", by=user, subject=user)


@receiver(user_logged_in)
def signed_in(user: User, **_: Any) -> None:
    record("accounts.sign_in", by=user, subject=user)


@receiver(authenticator_added)
def second_factor_added(user: User, authenticator: Any, **_: Any) -> None:
    record("accounts.add_second_factor", by=user, subject=user, kind=str(authenticator.type))


@receiver(authenticator_removed)
def second_factor_removed(user: User, authenticator: Any, **_: Any) -> None:
    record("accounts.remove_second_factor", by=user, subject=user, kind=str(authenticator.type))
