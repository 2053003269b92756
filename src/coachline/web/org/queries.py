"""What may be read of the organisation, and through whose eyes results are seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from allauth.mfa.models import Authenticator
from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import QueryDict

from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES
from coachline.web.org.models import Agent, Centre, Grant, Team
from coachline.web.org.permissions import Scope, require_scope, scope_of, today

VIEW = "org.view"
FACTORS = ("totp", "webauthn")
"""Kinds of second factor; recovery codes alone are none."""


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
    return Centre.objects.all()


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


AGENT_STATES = ("present", "loose", "unlisted", "left", "all")
"""In a team or not yet, without a team, only known from calls, gone, everybody."""

USER_STATES = ("active", "inactive", "single_factor", "roleless", "left", "all")
"""May sign in, may not, without second factor, without a role, still open though the agent has left, everybody."""


@dataclass(frozen=True)
class AgentFilter:
    """By what the list of agents is narrowed."""

    q: str = ""
    centre: int | None = None
    team: int | None = None
    state: str = "present"

    @classmethod
    def of(cls, asked: QueryDict) -> Self:
        return cls(_text(asked, "q"), _number(asked, "centre"), _number(asked, "team"), _one_of(asked, "state", AGENT_STATES))

    def __bool__(self) -> bool:
        return self != AgentFilter()


@dataclass(frozen=True)
class UserFilter:
    """By what the list of users is narrowed."""

    q: str = ""
    role: str = ""
    centre: int | None = None
    state: str = "active"

    @classmethod
    def of(cls, asked: QueryDict) -> Self:
        role = asked.get("role", "")
        return cls(_text(asked, "q"), role if role in ROLES else "", _number(asked, "centre"), _one_of(asked, "state", USER_STATES))

    def __bool__(self) -> bool:
        return self != UserFilter()


def _text(asked: QueryDict, key: str) -> str:
    return asked.get(key, "").replace("\x00", "").strip()[:100]


def _number(asked: QueryDict, key: str) -> int | None:
    text = asked.get(key, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _one_of(asked: QueryDict, key: str, known: tuple[str, ...]) -> str:
    return asked.get(key, "") if asked.get(key, "") in known else known[0]


def here(day: date) -> Q:
    """Agents who have not left by `day`."""
    return Q(left_on=None) | Q(left_on__gt=day)


@dataclass(frozen=True)
class CentreCounts:
    """A centre with its people, as far as the reader may see them; ``centre`` is None for agents of no centre."""

    centre: Centre | None
    teams: int
    people: int
    loose: int
    """Without a team."""


def centre_counts(user: Any) -> list[CentreCounts]:
    """Centres with how many teams and people they have."""
    people: dict[int | None, Any] = {
        row["centre"]: row
        for row in agents(user, VIEW)
        .filter(here(today()))
        .order_by()
        .values("centre")
        .annotate(people=Count("pk"), loose=Count("pk", filter=Q(team=None)))
    }
    grouped = dict(teams(user).order_by().values_list("centre").annotate(n=Count("pk")))
    known = [
        CentreCounts(centre, grouped.get(centre.pk, 0), **_counted(people.get(centre.pk)))
        for centre in Centre.ever.filter(pk__in={*people, *grouped} - {None})
    ]
    return [*known, CentreCounts(None, 0, **_counted(people[None]))] if None in people else known


def _counted(row: Any) -> dict[str, int]:
    return {"people": row["people"], "loose": row["loose"]} if row else {"people": 0, "loose": 0}


def teams(user: Any) -> QuerySet[Team]:
    """Teams of which `user` may see somebody when looking at the organisation."""
    scope = scope_of(user, VIEW)
    if scope.everything:
        return Team.objects.all()
    return Team.objects.filter(Q(centre__in=scope.centres) | Q(pk__in=scope.teams))


def teams_with_leaders(user: Any) -> QuerySet[Team]:
    """The same with the number of their people, and ``leaders``: grants of those who lead them."""
    leaders = Grant.objects.filter(role="team_leader", user__is_active=True).select_related("user")
    return (
        teams(user)
        .select_related("centre")
        .annotate(people=Count("agents", filter=Q(agents__left_on=None) | Q(agents__left_on__gt=today())))
        .prefetch_related(Prefetch("grants", leaders, to_attr="leaders"))
        .order_by("centre__name", "name")
    )


def agents_listed(user: Any, chosen: AgentFilter) -> QuerySet[Agent]:
    """Agents that fit, as far as `user` may see them."""
    found = agents(user, VIEW).select_related("centre", "team")
    if chosen.q:
        found = found.filter(Q(agent_id__icontains=chosen.q) | Q(name__icontains=chosen.q))
    if chosen.centre:
        found = found.filter(centre=chosen.centre)
    if chosen.team:
        found = found.filter(team=chosen.team)
    present = here(today())
    match chosen.state:
        case "present":
            found = found.filter(present)
        case "loose":
            found = found.filter(present, team=None)
        case "unlisted":
            found = found.filter(present, team=None, name="", role="")
        case "left":
            found = found.exclude(present)
    return found


def users(user: Any) -> QuerySet[User]:
    """Users that `user` may see: those who hold a role there, and those who are agents there."""
    scope = scope_of(user, "accounts.view")
    if scope.everything:
        return User.objects.all()
    if not scope:
        return User.objects.none()
    return User.objects.filter(_somewhere_in(scope.centres, scope.teams))


def users_listed(user: Any, chosen: UserFilter) -> QuerySet[User]:
    """Users that fit, with their grants as far as the reader may see them, and whether they have a second factor."""
    found = users(user).annotate(
        second_factor=Exists(Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)),
        roleless=~Exists(Grant.objects.filter(user=OuterRef("pk"))),
    )
    if chosen.q:
        found = found.filter(Q(username__icontains=chosen.q) | Q(name__icontains=chosen.q))
    if chosen.role:
        found = found.filter(pk__in=Grant.objects.filter(role=chosen.role).values("user"))
    if chosen.centre:
        found = found.filter(_somewhere_in(frozenset({chosen.centre}), frozenset()))
    match chosen.state:
        case "active":
            found = found.filter(is_active=True)
        case "inactive":
            found = found.filter(is_active=False)
        case "single_factor":
            found = found.filter(is_active=True, second_factor=False)
        case "roleless":
            found = found.filter(is_active=True, roleless=True)
        case "left":
            found = found.filter(is_active=True, agent__left_on__lte=today())
    return found.select_related("agent").prefetch_related(Prefetch("grants", grants_seen(user), to_attr="held"))


def grants_seen(user: Any) -> QuerySet[Grant]:
    """Grants that `user` may see: those in the centres that they see, and those held nowhere special."""
    scope = scope_of(user, "accounts.view")
    found = Grant.objects.select_related("centre", "team__centre")
    if scope.everything:
        return found
    return found.filter(
        Q(centre__in=scope.centres) | Q(team__centre__in=scope.centres) | Q(team__in=scope.teams) | Q(centre=None, team=None)
    )


def _somewhere_in(centre_ids: frozenset[int], team_ids: frozenset[int]) -> Q:
    held = Grant.objects.filter(Q(centre__in=centre_ids) | Q(team__centre__in=centre_ids) | Q(team__in=team_ids))
    are = Agent.objects.filter(Q(centre__in=centre_ids) | Q(team__in=team_ids)).exclude(user=None)
    return Q(pk__in=held.values("user")) | Q(pk__in=are.values("user"))
