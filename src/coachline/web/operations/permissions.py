"""Who may set rules for which centre, and whom an alert concerns."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.db.models import Q

from coachline.web.accounts.roles import REACHES, holders, reach
from coachline.web.base.refusals import NoPermission
from coachline.web.org.models import Centre, Grant
from coachline.web.org.permissions import scope_of
from coachline.web.org.queries import known_centres

VIEW = "operations.view"
SET = "operations.alerts"
TOLD = holders(VIEW)
"""Roles that can be told: whoever is, may look at the figure."""


def may_set(user: Any, centre: Centre | None) -> bool:
    """Whether `user` may set rules and channels of `centre`; None stands for all centres together, which is one's own where it is the only one."""
    scope = scope_of(user, SET)
    if scope.everything:
        return True
    if centre is None:
        only = list(known_centres()[:2])
        return bool(scope.centres) and len(only) <= 1 and all(one.pk in scope.centres for one in only)
    return centre.pk in scope.centres


def require_set(user: Any, centre: Centre | None) -> None:
    """Make sure that `may_set` holds.

    Raises
    ------
    NoPermission
    """
    if not may_set(user, centre):
        raise NoPermission(SET)


def centres_to_set(user: Any) -> list[Centre]:
    """Centres for which `user` may set rules."""
    scope = scope_of(user, SET)
    return [centre for centre in known_centres() if scope.everything or centre.pk in scope.centres]


def places(user: Any) -> Iterator[tuple[str, int | None]]:
    """Role and centre of every grant by which `user` is told of alerts; no centre where the role reaches them all."""
    if not scope_of(user, VIEW):
        return
    for grant in Grant.objects.filter(user=user, role__in=TOLD).select_related("team"):
        far = reach(grant.role, VIEW)
        if grant.team is not None:
            yield grant.role, grant.team.centre_id
        elif grant.centre_id is not None:
            if far is not None and REACHES.index(far) >= REACHES.index("centre"):
                yield grant.role, grant.centre_id
        elif far == "group":
            yield grant.role, None


def grants_told(roles: Collection[str], centre: Centre | None) -> Any:
    """Grants of those who are told when these roles are told of something in `centre`: the other side of `places`."""
    wanted = Q(pk__in=())
    for role in set(roles) & set(TOLD):
        far = reach(role, VIEW)
        where = Q(centre=None, team=None) if far == "group" else Q(pk__in=())
        if centre is not None:
            where |= Q(team__centre=centre)
            if far is not None and REACHES.index(far) >= REACHES.index("centre"):
                where |= Q(centre=centre, team=None)
        wanted |= Q(role=role) & where
    return Grant.objects.filter(wanted, user__is_active=True)
