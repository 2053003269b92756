"""Who may do what, how many people may now, and what of it nobody answers for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from coachline.web.accounts.models import Token, User
from coachline.web.accounts.roles import REACHES, ROLES, VERBS, Reach, Verb, gaps, overlaps, reach


@dataclass(frozen=True)
class Duty:
    """A row of the matrix.

    Parameters
    ----------
    verb : Verb
    cells : tuple of Reach or None
        In the order of `ROLES`: how far it reaches for whoever holds the role.
    people : int
        Active users who may do it now.
    unheld : bool
        A duty that no role has, or none of whose roles anybody holds.
    shared : bool
        A duty that more than one role has, so that each may think it is the other's.
    """

    verb: Verb
    cells: tuple[Reach | None, ...]
    people: int
    unheld: bool
    shared: bool

    @property
    def slice(self) -> str:
        return self.verb.code.split(".")[0]


def duties() -> list[Duty]:
    """The matrix of roles and verbs, with how many people hold each verb now."""
    held = holders_now()
    nobody, several = set(gaps()), set(overlaps())
    rows = []
    for code, verb in VERBS.items():
        people: set[int] = set()
        people.update(*(held[role] for role in verb.roles))
        rows.append(
            Duty(
                verb,
                tuple(reach(role, code) for role in ROLES),
                len(people),
                unheld=verb.duty and (code in nobody or not people),
                shared=code in several,
            )
        )
    return rows


def holders_now() -> Mapping[str, frozenset[int]]:
    """Role -> active users who hold it, somewhere."""
    held: dict[str, set[int]] = defaultdict(set)
    for user, role in User.objects.filter(is_active=True, grants__isnull=False).order_by().values_list("pk", "grants__role").distinct():
        held[role].add(user)
    return {role: frozenset(held[role]) for role in ROLES}


@dataclass(frozen=True)
class Own:
    """A verb that a user may do.

    Parameters
    ----------
    verb : str
    reaches : tuple of Reach
        Through each of their roles, narrowest first.
    """

    verb: str
    reaches: tuple[Reach, ...]


def own_verbs(user: Any) -> list[Own]:
    """What `user` may do, and how far."""
    roles = {grant.role for grant in user.grants.all()}
    own = []
    for code in VERBS:
        if user.has_perm(code):
            far = {found for role in roles if (found := reach(role, code))}
            own.append(Own(code, tuple(sorted(far, key=REACHES.index))))
    return own


def tokens_of(user: User) -> QuerySet[Token]:
    """The user's tokens, newest first; those that ended, too."""
    return Token.objects.filter(user=user)
