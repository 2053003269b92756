"""Whom a reader may see, by name and team."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from coachline.web.capability.permissions import VIEW
from coachline.web.org.models import Agent
from coachline.web.org.queries import Perspective, agents, perspective


@dataclass(frozen=True)
class Person:
    """An agent as colleagues call them."""

    name: str = ""
    team: str = ""


NOBODY = Person()


def people(user: Any, eyes: Perspective) -> dict[str, Person]:
    """Agents that `user` may see, by agent_id."""
    found = agents(user, VIEW)
    if eyes.centre is not None:
        found = found.filter(centre=eyes.centre)
    rows = found.order_by().values_list("agent_id", "name", "team__name")
    return {agent_id: Person(name, team or "") for agent_id, name, team in rows}


def teams(known: Mapping[str, Person]) -> list[str]:
    """Names of the teams of `known`."""
    return sorted({person.team for person in known.values() if person.team})


def eyes_on(user: Any, agent_id: str, wanted: str | None = None) -> tuple[Perspective, Person] | None:
    """Through whose eyes `user` sees an agent, and who that is; None where they may not.

    Seen is the result of the agent's own centre, or that of the centre `wanted` (all of them, where it is empty) if the agent belongs to it. An agent
    of whom only the facts know is seen by those who see everybody.
    """
    found = agents(user, VIEW).select_related("centre", "team").filter(agent_id=agent_id).first()
    if found is None:
        eyes = perspective(user, VIEW, wanted or "")
        return (eyes, NOBODY) if eyes.whole and not Agent.objects.filter(agent_id=agent_id).exists() else None
    person = Person(found.name, found.team.name if found.team else "")
    if wanted is not None:
        eyes = perspective(user, VIEW, wanted)
        if eyes.centre is None or eyes.centre == found.centre:
            return eyes, person
    return perspective(user, VIEW, found.centre.name if found.centre else ""), person
