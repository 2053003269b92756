"""Making users, ending and renewing their access, and saying which agent they are."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import PBKDF2PasswordHasher, get_hasher
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.web.accounts.models import User
from coachline.web.journal.actions import record
from coachline.web.org.actions.roles import MANAGE, give, keep_one_administrator
from coachline.web.org.models import Agent, Centre, Grant, Team
from coachline.web.org.permissions import require_everything

LETTERS = "".join(c for c in string.ascii_letters + string.digits if c not in "0O1lI")
"""Without those that are taken for each other when a password is read out."""

LENGTH = 16
ROUNDS = 5_000
"""Of the hash of a password that we drew ourselves: 92 random bits need no slow hash, hundreds of users are made at once, and at the first sign-in
the hash is renewed with the full number."""


@dataclass(frozen=True)
class NewUser:
    """A user as just made, with the password, which is not kept anywhere."""

    user: User
    password: str


def create_user(
    username: str,
    name: str = "",
    *,
    by: Any,
    role: str = "",
    centre: Centre | None = None,
    team: Team | None = None,
    agent: Agent | None = None,
    email: str = "",
    password: str = "",
) -> NewUser:
    """Make a user, give them a role and say which agent they are.

    Parameters
    ----------
    username : str
        What they sign in with; upper and lower case are the same.
    name : str
        As colleagues call them.
    by : User or None
        None for the command line and the system itself.
    role, centre, team : optional
        See `give`.
    agent : Agent, optional
    password : str
        Without it one is drawn, and must be changed at the first sign-in.

    Raises
    ------
    NoPermission
    CoachlineError
        ``user_name_taken``, ``user_name_unfit``, ``password_unfit``, and those of `give` and `link_agent`.
    """
    if by is not None:
        require_everything(by, MANAGE)
    user = User(username=username.strip(), name=name.strip()[:80], email=email.strip(), must_change_password=not password)
    check_username(user.username)
    if password:
        check_password(password, user)
        user.set_password(password)
    else:
        password = draw(user)
    with transaction.atomic():
        user.save()
        record("org.create_user", by=by, subject=user, named=user.username, name=user.name)
        if role:
            give(user, role, centre, team, by=by)
        if agent is not None:
            link_agent(user, agent, by=by)
    return NewUser(user, password)


def check_username(username: str) -> None:
    """Make sure that nobody signs in with it yet and that one can sign in with it.

    Raises
    ------
    CoachlineError
    """
    try:
        User.username_validator(username)
    except ValidationError:
        raise CoachlineError("user_name_unfit", name=username) from None
    if not 0 < len(username) <= 150:
        raise CoachlineError("user_name_unfit", name=username[:150])
    if User.objects.filter(username__iexact=username).exists():
        raise CoachlineError("user_name_taken", name=username)


def check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise CoachlineError("password_unfit", reasons=" ".join(error.messages)) from None


def draw(user: User) -> str:
    """Give `user` a random password, which they must change; it still has to be saved."""
    password = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    hasher = get_hasher()
    if isinstance(hasher, PBKDF2PasswordHasher):
        user.password = hasher.encode(password, hasher.salt(), iterations=ROUNDS)
    else:
        user.set_password(password)
    user.must_change_password = True
    return password


def reset_password(user: User, *, by: Any) -> str:
    """Give `user` a new random password. Whoever is signed in as them is signed out, and their tokens end.

    Raises
    ------
    NoPermission
    """
    if by is not None:
        require_everything(by, MANAGE)
    with transaction.atomic():
        password = draw(user)
        user.save(update_fields=["password", "must_change_password"])
        ended = user.tokens.filter(revoked_at=None).update(revoked_at=timezone.now())
        record("org.reset_password", by=by, subject=user, tokens=ended)
    return password


def reset_second_factor(user: User, *, by: Any) -> None:
    """Let `user` sign in by password alone, once their phone is lost.

    Raises
    ------
    NoPermission
    """
    if by is not None:
        require_everything(by, MANAGE)
    with transaction.atomic():
        removed, _ = Authenticator.objects.filter(user=user).delete()
        if removed:
            record("org.reset_second_factor", by=by, subject=user)


def deactivate(user: User, *, by: Any, reason: str = "") -> None:
    """End a user's access at once; everything that they did stays.

    Raises
    ------
    NoPermission
    CoachlineError
        ``own_account``, ``last_administrator``.
    """
    if by is not None:
        require_everything(by, MANAGE)
        if by.pk == user.pk:
            raise CoachlineError("own_account")
    with transaction.atomic():
        if Grant.objects.filter(user=user, role="administrator").exists():
            keep_one_administrator(user, by=by)
        _set_active(user, False, "org.deactivate", by, reason)


def activate(user: User, *, by: Any, reason: str = "") -> None:
    """Give a user their access back, with the roles that they hold.

    Raises
    ------
    NoPermission
    """
    if by is not None:
        require_everything(by, MANAGE)
    with transaction.atomic():
        _set_active(user, True, "org.activate", by, reason)


def _set_active(user: User, active: bool, verb: str, by: Any, reason: str) -> None:
    if user.is_active != active:
        user.is_active = active
        user.save(update_fields=["is_active"])
        record(verb, by=by, subject=user, reason=reason)


def link_agent(user: User, agent: Agent, *, by: Any) -> None:
    """Say that `user` is `agent`: an agent sees their own results by it.

    Raises
    ------
    NoPermission
    CoachlineError
        ``agent_taken``: one agent is one user.
    """
    if by is not None:
        require_everything(by, MANAGE)
    with transaction.atomic():
        fresh = Agent.objects.select_for_update(of=("self",)).get(pk=agent.pk)
        if fresh.user_id == user.pk:
            return
        if fresh.user_id is not None:
            raise CoachlineError("agent_taken", agent=fresh.agent_id)
        before = Agent.objects.filter(user=user).first()
        if before is not None:
            before.user = None
            before.save(update_fields=["user"])
        fresh.user = user
        fresh.save(update_fields=["user"])
        agent.user = user
        record("org.link_agent", by=by, subject=user, agent=fresh.agent_id, before=before.agent_id if before else "")


def unlink_agent(user: User, *, by: Any) -> None:
    """Say that `user` is no agent, or another one than was thought.

    Raises
    ------
    NoPermission
    """
    if by is not None:
        require_everything(by, MANAGE)
    with transaction.atomic():
        agent = Agent.objects.filter(user=user).first()
        if agent is not None:
            agent.user = None
            agent.save(update_fields=["user"])
            record("org.unlink_agent", by=by, subject=user, agent=agent.agent_id)
