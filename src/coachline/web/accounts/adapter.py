"""How signing in differs from the library's own way: nobody makes an account for themselves."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import parse_rates
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.functional import lazy

from coachline.web.accounts.models import User
from coachline.web.base.language import words


def minutes_to_wait() -> int:
    """After how many minutes at the latest somebody who was refused for too many wrong passwords may try again."""
    return int(max(rate.duration for rate in parse_rates(settings.ACCOUNT_RATE_LIMITS["login_failed"]))) // 60


def _too_many() -> str:
    return words()("web.accounts.login.too_many", minutes=minutes_to_wait())


def _mismatch() -> str:
    return words()("web.accounts.login.mismatch")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts are made by an administrator."""

    error_messages = {  # noqa: RUF012 - as the library declares it
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": lazy(_too_many, str)(),
        "username_password_mismatch": lazy(_mismatch, str)(),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def clean_password(self, password: str, user: Any = None) -> str:
        """A password that must be changed is not changed into itself."""
        if user is not None and user.pk and user.must_change_password and user.check_password(password):
            raise ValidationError(words()("web.accounts.password.same"))
        return str(super().clean_password(password, user))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Single sign-on opens the account of the same user name, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Look for the user of that name the first time somebody comes from the provider; later they are known by the provider's own number."""
        if sociallogin.is_existing:
            return
        claims = sociallogin.account.get_provider_account().get_user_data() or {}
        name = str(claims.get("preferred_username") or "")
        known = User.objects.filter(username__iexact=name).first() if name else None
        if known is None:
            raise ImmediateHttpResponse(render(request, "account/unknown_user.html", {"username": name}, status=403))
        if not known.is_active:
            raise ImmediateHttpResponse(render(request, "account/account_inactive.html", status=403))
        sociallogin.connect(request, known)
