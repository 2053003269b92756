"""The question that every action asks first."""

from __future__ import annotations

from typing import Any

from coachline.web.accounts.roles import VERBS
from coachline.web.base.refusals import NoPermission


def require(user: Any, verb: str) -> None:
    """Make sure that `user` may do `verb` for somebody.

    Raises
    ------
    NoPermission
    """
    assert verb in VERBS, verb
    if not user.has_perm(verb):
        raise NoPermission(verb)
