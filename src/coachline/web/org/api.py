"""Centres, teams, agents and users, as far as the reader may see them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from coachline.web.base.schemas import Paging, Part, Text, part_of, refusals
from coachline.web.org.permissions import require_scope
from coachline.web.org.queries import VIEW, AgentFilter, UserFilter, agents_listed, centre_counts, teams_with_leaders, users_listed

router = Router()

USERS = "accounts.view"
LARGEST_ID = 2**53


class CentreOut(Schema):
    """A centre; without number and name those agents of whom the facts do not say where they belong."""

    id: int | None
    name: str | None
    teams: int
    people: int
    loose: int


class TeamOut(Schema):
    """A team, how many people it has, and the user names of those who lead it."""

    id: int
    name: str
    centre: str
    people: int
    leaders: list[str]


class AgentOut(Schema):
    """An agent as the facts know them."""

    agent_id: str
    name: str
    role: str
    centre: str | None
    team: str | None
    hired_on: date | None
    left_on: date | None


class GrantOut(Schema):
    """A role, and where it is held."""

    role: str
    centre: str | None
    team: str | None


class UserOut(Schema):
    """Somebody who may sign in."""

    username: str
    name: str
    active: bool
    second_factor: bool
    agent_id: str | None
    grants: list[GrantOut]


class AgentsWanted(Paging):
    """Which agents are asked for; `q` is part of a number or a name."""

    q: Text = ""
    centre_id: int | None = None
    team_id: int | None = None
    state: Literal["present", "loose", "unlisted", "left", "all"] = "present"


class UsersWanted(Paging):
    """Which users are asked for; `q` is part of a user name or a name."""

    q: Text = ""
    role: Text = ""
    centre_id: int | None = None
    state: Literal["active", "inactive", "single_factor", "roleless", "left", "all"] = "active"


@router.get("/centres", response={200: list[CentreOut], **refusals()})
def list_centres(request: HttpRequest) -> list[dict[str, Any]]:
    """Centres with how many teams and people they have."""
    require_scope(request.user, VIEW)
    return [
        {
            "id": each.centre.pk if each.centre else None,
            "name": each.centre.name if each.centre else None,
            "teams": each.teams,
            "people": each.people,
            "loose": each.loose,
        }
        for each in centre_counts(request.user)
    ]


@router.get("/teams", response={200: Part[TeamOut], **refusals(422)})
def list_teams(request: HttpRequest, paging: Annotated[Paging, Query()]) -> dict[str, Any]:
    """Teams by centre and name."""
    require_scope(request.user, VIEW)
    return part_of(teams_with_leaders(request.user), paging, _team)


@router.get("/agents", response={200: Part[AgentOut], **refusals(422)})
def list_agents(request: HttpRequest, wanted: Annotated[AgentsWanted, Query()]) -> dict[str, Any]:
    """Agents by their number."""
    require_scope(request.user, VIEW)
    chosen = AgentFilter(wanted.q, _id(wanted.centre_id), _id(wanted.team_id), wanted.state)
    return part_of(agents_listed(request.user, chosen), wanted, _agent)


@router.get("/users", response={200: Part[UserOut], **refusals(422)})
def list_users(request: HttpRequest, wanted: Annotated[UsersWanted, Query()]) -> dict[str, Any]:
    """Users with the roles that they hold."""
    require_scope(request.user, USERS)
    chosen = UserFilter(wanted.q, wanted.role, _id(wanted.centre_id), wanted.state)
    return part_of(users_listed(request.user, chosen), wanted, _user)


def _id(given: int | None) -> int | None:
    """A number that a database can compare; one that nothing has where it is none."""
    return given if given is None or 0 < given < LARGEST_ID else LARGEST_ID


def _team(team: Any) -> dict[str, Any]:
    leaders = [grant.user.get_username() for grant in team.leaders]
    return {"id": team.pk, "name": team.name, "centre": team.centre.name, "people": team.people, "leaders": leaders}


def _agent(agent: Any) -> dict[str, Any]:
    plain = {name: getattr(agent, name) for name in ("agent_id", "name", "role", "hired_on", "left_on")}
    return {**plain, "centre": agent.centre.name if agent.centre else None, "team": agent.team.name if agent.team else None}


def _user(user: Any) -> dict[str, Any]:
    agent = getattr(user, "agent", None)
    return {
        "username": user.get_username(),
        "name": user.name,
        "active": user.is_active,
        "second_factor": user.second_factor,
        "agent_id": agent.agent_id if agent else None,
        "grants": [_grant(grant) for grant in user.held],
    }


def _grant(grant: Any) -> dict[str, Any]:
    centre = grant.team.centre if grant.team else grant.centre
    return {"role": grant.role, "centre": centre.name if centre else None, "team": grant.team.name if grant.team else None}
