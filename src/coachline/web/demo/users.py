"""Users of every role in the sample centre, each where such a person would be."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from django.db.models import Count

from coachline.web.accounts.models import User
from coachline.web.org.actions import create_user
from coachline.web.org.actions.users import LETTERS
from coachline.web.org.models import Agent, Team
from coachline.wording import Wording

FILE = "demo-users.txt"
ROLES: Mapping[str, str] = MappingProxyType(
    {
        "director": "director",
        "quality": "quality_head",
        "inspector": "inspector",
        "trainer": "trainer",
        "leader": "team_leader",
        "agent": "agent",
        "planner": "planner",
        "group": "group_office",
        "auditor": "auditor",
        "admin": "administrator",
    }
)
"""User name to role."""
ADMINISTRATOR = "admin"
LENGTH = 12


def passwords(folder: Path) -> dict[str, str]:
    """User name to password: drawn once for a centre, and kept in a file that only its owner can read."""
    file = folder / FILE
    kept: dict[str, str] = {}
    if file.exists():
        lines = (line.split("\t") for line in file.read_text(encoding="utf-8").splitlines())
        kept = {line[0]: line[1] for line in lines if len(line) > 1}
    if set(kept) >= set(ROLES):
        return kept
    drawn = {name: kept.get(name) or "".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for name in ROLES}
    unfinished = file.with_name(f".{FILE}.part")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
        new.writelines(f"{name}\t{password}\t{ROLES[name]}\n" for name, password in drawn.items())
    unfinished.replace(file)
    return drawn


def make_administrator(folder: Path, words: Wording) -> User:
    """Whoever loads the files."""
    return _made(ADMINISTRATOR, passwords(folder), words)


def make_everybody(folder: Path, words: Wording) -> list[User]:
    """One user of every role; those that are there already stay as they are. The organisation must be known by now."""
    drawn = passwords(folder)
    return [_made(name, drawn, words) for name in ROLES]


def a_team() -> Team | None:
    """The largest team."""
    there = Agent.objects.filter(left_on=None)
    return Team.objects.filter(agents__in=there).annotate(people=Count("agents")).order_by("-people", "name").first()


def an_agent(team: Team | None) -> Agent | None:
    """Somebody of that team who takes calls: the post that most of its people have."""
    of_team = Agent.objects.filter(team=team, left_on=None, user=None)
    post = of_team.values("role").annotate(people=Count("pk")).order_by("-people").values_list("role", flat=True).first()
    return of_team.filter(role=post).order_by("agent_id").first()


def an_inspector() -> Agent | None:
    """One of those who take calls and inspect as well, so that calls are drawn for them."""
    return Agent.objects.filter(role__contains="质检", left_on=None, user=None).order_by("agent_id").first()


def _made(name: str, drawn: Mapping[str, str], words: Wording) -> User:
    known = User.objects.filter(username=name).first()
    if known is not None:
        return known
    role = ROLES[name]
    team = a_team() if role in ("team_leader", "agent") else None
    agent = an_agent(team) if role == "agent" else an_inspector() if role == "inspector" else None
    called = agent.name if agent is not None else words(f"role.{role}")
    return create_user(
        name, called, by=None, role=role, team=team if role == "team_leader" else None, agent=agent, password=drawn[name]
    ).user
