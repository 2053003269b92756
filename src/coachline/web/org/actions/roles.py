"""Giving and taking roles."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from coachline.errors import CoachlineError
from coachline.web.accounts.roles import ROLES
from coachline.web.base.centre_folder import centre_settings
from coachline.web.journal.actions import record
from coachline.web.org.models import Centre, Grant, Team
from coachline.web.org.permissions import forget_grants, require_everything

ADMINISTRATOR = "administrator"
MANAGE = "accounts.manage"


def give(user: Any, role: str, centre: Centre | None = None, team: Team | None = None, *, by: Any) -> Grant:
    """Let `user` hold `role`; a role that they hold there already stays as it is.

    Parameters
    ----------
    user : User
    role : str
        One of `ROLES`.
    centre : Centre, optional
        Where, for a role that is held in a centre; may be left out where there is only one.
    team : Team, optional
        Where, for a role that is held in a team.
    by : User or None
        None for the system itself.

    Raises
    ------
    NoPermission
    CoachlineError
        ``unknown_role``, ``role_needs_centre``, ``role_needs_team``.
    """
    if by is not None:
        require_everything(by, MANAGE)
    place = place_of(role, centre, team)
    with transaction.atomic():
        grant, new = Grant.objects.get_or_create(user=user, role=role, **place)
        if new:
            forget_grants(user)
            record("org.give", by=by, subject=user, role=role, centre=_centre_name(grant), place=_place_name(grant))
    return grant


def place_of(role: str, centre: Centre | None, team: Team | None) -> dict[str, Any]:
    """Where `role` is held: in a centre, in a team, or nowhere special.

    Raises
    ------
    CoachlineError
    """
    match ROLES.get(role):
        case None:
            raise CoachlineError("unknown_role", role=role, known=", ".join(ROLES))
        case "centre":
            centre = centre or only_centre()
            if centre is None:
                raise CoachlineError("role_needs_centre")
            return {"centre": centre, "team": None}
        case "team":
            if team is None:
                raise CoachlineError("role_needs_team")
            return {"centre": None, "team": team}
        case _:
            return {"centre": None, "team": None}


def only_centre() -> Centre | None:
    """The centre, where there is no choice; it is entered where nothing was loaded yet."""
    known = list(Centre.objects.all()[:2])
    if not known:
        return Centre.ever.get_or_create(name=centre_settings().name[:120], defaults={"is_default": True})[0]
    return known[0] if len(known) == 1 else None


def take(grant: Grant, *, by: Any) -> None:
    """Take a role from whoever holds it.

    Raises
    ------
    NoPermission
    CoachlineError
        ``own_administration``, ``last_administrator``.
    """
    if by is not None:
        require_everything(by, MANAGE)
    with transaction.atomic():
        if grant.role == ADMINISTRATOR:
            keep_one_administrator(grant.user, by=by, but=grant)
        user = grant.user
        record("org.take", by=by, subject=user, role=grant.role, centre=_centre_name(grant), place=_place_name(grant))
        grant.delete()
        forget_grants(user)


def keep_one_administrator(user: Any, *, by: Any, but: Grant | None = None) -> None:
    """Make sure that somebody can still manage users once `user` no longer does.

    Raises
    ------
    CoachlineError
        ``own_administration``: nobody shuts themselves out by mistake. ``last_administrator``.
    """
    # Locked, so that two administrators cannot remove each other at the same moment.
    now = list(Grant.objects.select_for_update().filter(role=ADMINISTRATOR, centre=None, team=None, user__is_active=True))
    left = [grant for grant in now if (grant.user_id != user.pk if but is None else grant.pk != but.pk)]
    if by is not None and user.pk == by.pk and all(grant.user_id != user.pk for grant in left):
        raise CoachlineError("own_administration")
    if not left:
        raise CoachlineError("last_administrator")


def _centre_name(grant: Grant) -> str:
    centre = grant.centre or (grant.team.centre if grant.team else None)
    return centre.name if centre else ""


def _place_name(grant: Grant) -> str:
    if grant.team:
        return f"{grant.team.centre} {grant.team}"
    return grant.centre.name if grant.centre else ROLES[grant.role]
