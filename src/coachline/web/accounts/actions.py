"""What people change about themselves: how they are called, and their keys to the API."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.web.accounts.models import Token, User
from coachline.web.accounts.permissions import require
from coachline.web.accounts.roles import VERBS
from coachline.web.base.refusals import NoPermission
from coachline.web.journal.actions import record

TOKENS = "accounts.tokens"
PREFIX = "coachline_"
"""Of every secret, so that one which went astray is known for what it is."""
DAYS = (30, 90, 365)
"""How long a token may live."""
USED_AT_MOST_EVERY = timedelta(minutes=1)


def change_profile(user: User, *, name: str, email: str, by: User) -> None:
    """Change how `user` is called and where mail reaches them.

    Raises
    ------
    NoPermission
        It is somebody else.
    """
    if by.pk != user.pk:
        raise NoPermission("accounts.manage")
    before = {"name": user.name, "email": user.email}
    user.name, user.email = name.strip()[:80], email.strip()
    after = {"name": user.name, "email": user.email}
    if before != after:
        with transaction.atomic():
            user.save(update_fields=["name", "email"])
            if before["email"] != after["email"]:
                # The library remembers addresses of its own accord, and would still send passwords to the old one.
                EmailAddress.objects.filter(user=user).delete()
            record("accounts.change_profile", by=by, subject=user, before=before, after=after)


def make_token(user: User, name: str, verbs: Collection[str], days: int, *, by: User) -> tuple[Token, str]:
    """Make a key to the API that can do no more than `verbs`, and never more than `user` may then do.

    Returns
    -------
    Token, str
        The second is the secret; it is not kept.

    Raises
    ------
    NoPermission
        The user may not use tokens, not do one of the verbs, or is somebody else.
    CoachlineError
        ``token_unfit``.
    """
    require(user, TOKENS)
    if by.pk != user.pk:
        raise NoPermission(TOKENS)
    wanted = sorted(set(verbs))
    if not wanted or not name.strip() or days not in DAYS or set(wanted) - VERBS.keys():
        raise CoachlineError("token_unfit", days=" / ".join(map(str, DAYS)))
    for verb in wanted:
        require(user, verb)
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = Token.objects.create(
            user=user,
            name=name.strip()[:80],
            beginning=secret[: len(PREFIX) + 2],
            digest=Token.digest_of(secret),
            verbs=wanted,
            expires_at=timezone.now() + timedelta(days=days),
        )
        record("accounts.make_token", by=by, subject=user, token=token.name, verbs=wanted, days=days)
    return token, secret


def revoke_token(token: Token, *, by: User) -> None:
    """End a token at once. Owners end their own; whoever manages users ends anybody's.

    Raises
    ------
    NoPermission
    """
    if token.user_id != by.pk:
        require(by, "accounts.manage")
    with transaction.atomic():
        if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            record("accounts.revoke_token", by=by, subject=token.user, token=token.name)


def user_of_token(secret: str, verb: str = "") -> User | None:
    """Whoever holds the token with this secret, narrowed to its verbs; None where it opens nothing.

    A token opens nothing once it has expired or was revoked, once its user is no longer active, may no longer use tokens or has to change the password,
    and, where `verb` is given, if it is not among those of the token or of the user.

    Whatever the secret, it is hashed and looked up once, so that the time taken tells nothing about it.
    """
    now = timezone.now()
    token = Token.objects.select_related("user").filter(digest=Token.digest_of(secret)).first()
    if token is None or token.revoked_at is not None or token.expires_at <= now:
        return None
    user = token.user
    if not user.is_active or user.must_change_password or not user.has_perm(TOKENS):
        return None
    user.narrowed_to = frozenset(token.verbs)
    if verb and not user.has_perm(verb):
        return None
    stale = Q(used_at=None) | Q(used_at__lt=now - USED_AT_MOST_EVERY)
    if token.used_at is None or token.used_at < now - USED_AT_MOST_EVERY:
        Token.objects.filter(stale, pk=token.pk).update(used_at=now)
    return user
