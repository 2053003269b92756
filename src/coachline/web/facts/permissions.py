"""Whose facts somebody may work on."""

from __future__ import annotations

from typing import Any

from coachline.web.base.refusals import NoPermission
from coachline.web.org.models import Centre
from coachline.web.org.permissions import scope_of


def covers(user: Any, verb: str, centre: Centre | None) -> bool:
    """Whether `user` may do `verb` for everything of `centre`; None stands for all facts together.

    Who may do it in the only centre there is may do it for all facts.
    """
    scope = scope_of(user, verb)
    if scope.everything:
        return True
    if centre is None:
        return bool(scope.centres) and Centre.objects.count() <= 1
    return centre.pk in scope.centres


def require_cover(user: Any, verb: str, centre: Centre | None) -> None:
    """Make sure that `covers` holds.

    Raises
    ------
    NoPermission
    """
    if not covers(user, verb, centre):
        raise NoPermission(verb)
