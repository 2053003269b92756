"""Who may read the journal: all of it, or nothing."""

from __future__ import annotations

from typing import Any

from coachline.web.base.refusals import NoPermission

READ = "journal.read"


def require_reader(user: Any) -> None:
    """Make sure that `user` may read the journal. It concerns all centres, so a role that reaches less does not open it.

    Raises
    ------
    NoPermission
    """
    if not user.has_perm(READ, "group"):
        raise NoPermission(READ)
