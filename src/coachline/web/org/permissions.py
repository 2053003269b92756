"""Whom a user may see when they do something: the scope of a verb."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.db.models import Q

from coachline.errors import CoachlineError
from coachline.web.accounts.roles import REACHES, VERBS, reach
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.refusals import NoPermission
from coachline.web.org.models import Grant


@dataclass(frozen=True)
class Scope:
    """Whose rows a user may see: everybody's, those of whole centres or teams, their own. Nobody's where all are empty."""

    everything: bool = False
    centres: frozenset[int] = frozenset()
    teams: frozenset[int] = frozenset()
    users: frozenset[int] = frozenset()
    """Users whose own agent is meant."""

    def __bool__(self) -> bool:
        return self.everything or bool(self.centres or self.teams or self.users)

    @property
    def agents(self) -> Q:
        """The condition on `Agent` rows."""
        if self.everything:
            return Q()
        # Whoever has left looks at nothing any more, not even at themselves.
        still_here = Q(left_on=None) | Q(left_on__gte=today())
        return Q(centre__in=self.centres) | Q(team__in=self.teams) | (Q(user__in=self.users) & still_here)


def scope_of(user: Any, verb: str) -> Scope:
    """Whom `user` may see when doing `verb`; falsy where they may not do it at all."""
    assert verb in VERBS, verb
    if not user.is_active or user.is_anonymous or (user.narrowed_to is not None and verb not in user.narrowed_to):
        return Scope()
    centres, teams, users = set[int](), set[int](), set[int]()
    for grant in _grants(user):
        far = reach(grant.role, verb)
        if far is None:
            continue
        # A grant reaches no further than where it is held, whatever the verb allows.
        if far == "group" and not grant.centre_id and not grant.team_id:
            return Scope(everything=True)
        if grant.team_id:
            if REACHES.index(far) >= REACHES.index("team"):
                teams.add(grant.team_id)
        elif grant.centre_id and REACHES.index(far) >= REACHES.index("centre"):
            centres.add(grant.centre_id)
        elif far == "own":
            users.add(user.pk)
    return Scope(centres=frozenset(centres), teams=frozenset(teams), users=frozenset(users))


def require_scope(user: Any, verb: str) -> Scope:
    """The scope of `verb`.

    Raises
    ------
    NoPermission
        The user may not do it for anybody.
    """
    scope = scope_of(user, verb)
    if not scope:
        raise NoPermission(verb)
    return scope


def require_everything(user: Any, verb: str) -> None:
    """Make sure that `user` may do `verb` for everybody.

    Raises
    ------
    NoPermission
    """
    if not scope_of(user, verb).everything:
        raise NoPermission(verb)


def today() -> date:
    """The day on the centre's calendar."""
    try:
        return datetime.now(centre_settings().zone).date()
    except CoachlineError:
        return datetime.now(UTC).date()


def forget_grants(user: Any) -> None:
    """Roles are read once per request; called after they were changed."""
    user.__dict__.pop("_coachline_grants", None)


def _grants(user: Any) -> list[Grant]:
    if "_coachline_grants" not in user.__dict__:
        user.__dict__["_coachline_grants"] = list(Grant.objects.filter(user=user))
    found: list[Grant] = user.__dict__["_coachline_grants"]
    return found


class RolesBackend(BaseBackend):
    """Answers ``user.has_perm("slice.verb")`` from the matrix of roles; knows nobody's password."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        """Whether the user may do `perm` for somebody; with ``obj="group"``, for everybody."""
        if perm not in VERBS:
            return False
        scope = scope_of(user_obj, perm)
        return scope.everything if obj == "group" else bool(scope)
