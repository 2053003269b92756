"""Who sees others' capability, and who only their own."""

from __future__ import annotations

from typing import Any

from coachline.web.accounts.permissions import require
from coachline.web.base.refusals import NoPermission
from coachline.web.org.permissions import scope_of

VIEW = "capability.view"


def only_self(user: Any) -> bool:
    """Whether `user` may see their own capability and nobody else's."""
    scope = scope_of(user, VIEW)
    return bool(scope.users) and not (scope.everything or scope.centres or scope.teams)


def sees_others(user: Any) -> bool:
    """Whether `user` may see the capability of a team, a centre or everybody."""
    return bool(scope_of(user, VIEW)) and not only_self(user)


def require_overview(user: Any) -> None:
    """Make sure that `user` may compare people.

    Raises
    ------
    NoPermission
    """
    require(user, VIEW)
    if only_self(user):
        raise NoPermission(VIEW)
