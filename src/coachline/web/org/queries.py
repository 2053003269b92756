"""What may be read of the organisation, and through whose eyes results are seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from coachline.web.org.models import Agent, Centre, Team
from coachline.web.org.permissions import Scope, require_scope, scope_of


def agents(user: Any, verb: str) -> QuerySet[Agent]:
    """Agents that `user` may see when doing `verb`."""
    scope = scope_of(user, verb)
    return Agent.objects.filter(scope.agents) if scope else Agent.objects.none()


def centres(user: Any, verb: str) -> QuerySet[Centre]:
    """Centres of which `user` may see at least somebody when doing `verb`."""
    scope = scope_of(user, verb)
    known = known_centres()
    if scope.everything:
        return known
    found = set(scope.centres)
    found |= set(Team.objects.filter(pk__in=scope.teams).values_list("centre", flat=True))
    if scope.users:
        own = Agent.objects.filter(Scope(users=scope.users).agents)
        found |= {centre for centre in own.values_list("centre", flat=True) if centre is not None}
    return known.filter(pk__in=found)


def known_centres() -> QuerySet[Centre]:
    """The centres that the facts know now: those whose results can be asked for."""
    return Centre.objects.filter(in_facts=True)


@dataclass(frozen=True)
class Perspective:
    """Through whose eyes a result is seen.

    Parameters
    ----------
    centre : Centre or None
        Whose facts: None for all of them together.
    people : frozenset of str or None
        Agents, by agent_id, whose rows may be seen; None for everybody of `centre`.
    choices : tuple of Centre
        Centres that the user could look at instead; empty where there is no choice.
    """

    centre: Centre | None
    people: frozenset[str] | None = None
    choices: tuple[Centre, ...] = ()

    @property
    def whole(self) -> bool:
        return self.people is None


def perspective(user: Any, verb: str, wanted: str = "") -> Perspective:
    """What `user` sees when doing `verb`; `wanted` names the centre that they asked for.

    With a single centre its facts are all facts, so results are kept once, under no centre.

    Raises
    ------
    NoPermission
    """
    scope = require_scope(user, verb)
    known = tuple(known_centres())
    if len(known) <= 1:
        covered = scope.everything or any(centre.pk in scope.centres for centre in known)
        return Perspective(None, None if covered else _people(scope, None))
    allowed = known if scope.everything else tuple(centres(user, verb))
    chosen = next((centre for centre in allowed if centre.name == wanted), None)
    if chosen is None and not scope.everything:
        chosen = allowed[0] if allowed else known[0]
    covered = scope.everything or (chosen is not None and chosen.pk in scope.centres)
    return Perspective(chosen, None if covered else _people(scope, chosen), allowed if len(allowed) > 1 or scope.everything else ())


def _people(scope: Scope, centre: Centre | None) -> frozenset[str]:
    found = Agent.objects.filter(scope.agents)
    if centre is not None:
        found = found.filter(centre=centre)
    return frozenset(found.values_list("agent_id", flat=True))
