"""Many users at once, from a table: first what would happen, row by row, then all of it together."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower

from coachline.engine.sources.opening import open_rows
from coachline.errors import CoachlineError
from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES
from coachline.web.journal.actions import record
from coachline.web.org.actions.roles import MANAGE, give, place_of
from coachline.web.org.actions.users import create_user
from coachline.web.org.models import Agent, Centre, Grant, Team
from coachline.web.org.permissions import require_everything
from coachline.wording import LANGUAGES, Wording

MOST = 2_000
"""Rows of one file."""

COLUMNS: Mapping[str, frozenset[str]] = {
    "username": frozenset({"用户名", "账号", "帐号", "登录名", "登录账号", "username", "user name", "user", "login", "account"}),
    "name": frozenset({"姓名", "名字", "员工姓名", "name", "full name"}),
    "role": frozenset({"角色", "岗位", "职务", "权限", "role", "post"}),
    "centre": frozenset({"中心", "客服中心", "所属中心", "centre", "center"}),
    "team": frozenset({"班组", "小组", "团队", "所属班组", "team"}),
    "agent_id": frozenset({"工号", "坐席工号", "员工工号", "agent", "agent id", "employee id"}),
}
"""Column -> how its header may read."""

ALSO = {
    "主任": "director",
    "质检主任": "quality_head",
    "质检": "inspector",
    "质检专员": "inspector",
    "培训师": "trainer",
    "讲师": "trainer",
    "班长": "team_leader",
    "组长": "team_leader",
    "话务员": "agent",
    "坐席": "agent",
    "座席": "agent",
    "客服代表": "agent",
    "排班员": "planner",
    "审计": "auditor",
    "管理员": "administrator",
    "admin": "administrator",
}
"""Other names of roles."""


@dataclass
class Planned:
    """What a row of the file will do.

    Parameters
    ----------
    row : int
        Its number in the file.
    does : str
        ``create`` a user, give a ``role`` to one that there is, or ``nothing``.
    errors : list of (code, facts)
        ``web.org.import.error.<code>`` says each; with any, the row is left out.
    """

    row: int
    username: str
    name: str
    role: str
    centre: str
    team: str
    agent_id: str
    does: str = "create"
    errors: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    place: dict[str, Any] = field(default_factory=dict)
    agent: Agent | None = None

    @property
    def code(self) -> str:
        """The role as the code knows it; as it was written where nobody knows it."""
        return role_names().get(_plain(self.role), self.role)


@dataclass(frozen=True)
class Imported:
    """What was done: the new users with their passwords, and how many got another role."""

    made: Sequence[tuple[Planned, str]]
    given: int


def read_users(path: Path, filename: str) -> list[dict[str, str]]:
    """The rows of a file of users, in any encoding and kind of file that the import of facts reads.

    Raises
    ------
    CoachlineError
        What the reader raises; ``users_lack_column``, ``users_too_many``.
    """
    with tempfile.TemporaryDirectory(prefix="coachline-users-") as scratch, duckdb.connect() as connection:
        # Under its own name, since messages tell which file is meant.
        file = Path(scratch) / (re.sub(r"[^\w.-]", "_", Path(filename).name)[-80:] or "users")
        shutil.copyfile(path, file)
        raw = open_rows(file, None, connection, Path(scratch))
        found = {column: i for i, header in enumerate(raw.headers) if (column := _column(header))}
        if "username" not in found:
            raise CoachlineError("users_lack_column", file=filename, found=", ".join(h for h in raw.headers if h) or "-")
        cells = connection.execute(f"SELECT * FROM {raw.relation} LIMIT {MOST + 1}").fetchall()
    if len(cells) > MOST:
        raise CoachlineError("users_too_many", most=MOST)
    return [
        {"row": str(raw.first_row + i), **{column: (row[at] or "").strip() if at is not None else "" for column, at in _places(found)}}
        for i, row in enumerate(cells)
        if any(row)
    ]


def plan_import(rows: Sequence[Mapping[str, str]], *, by: Any) -> list[Planned]:
    """What each row would do; nothing is changed.

    Raises
    ------
    NoPermission
    """
    if by is not None:
        require_everything(by, MANAGE)
    planned = [Planned(int(row["row"]), **{column: row[column] for column in COLUMNS}) for row in rows]  # type: ignore[arg-type]
    known = _Known(planned)
    for each in planned:
        known.judge(each)
    return planned


def confirm_import(rows: Sequence[Mapping[str, str]], *, by: Any) -> Imported:
    """Do what `plan_import` says of the rows without errors, all or, if anything fails, nothing.

    Raises
    ------
    NoPermission
    CoachlineError
    """
    made, given = [], 0
    with transaction.atomic():
        for each in plan_import(rows, by=by):
            if each.errors or each.does == "nothing":
                continue
            if each.does == "create":
                new = create_user(each.username, each.name, by=by, role=each.code, agent=each.agent, **each.place)
                made.append((each, new.password))
            else:
                give(User.objects.get(username__iexact=each.username), each.code, by=by, **each.place)
                given += 1
        if made or given:
            record("org.import_users", by=by, named="", made=len(made), given=given)
    return Imported(made, given)


class _Known:
    """What the rows are held against, read once."""

    def __init__(self, planned: Sequence[Planned]) -> None:
        names = {each.username.lower() for each in planned}
        users = User.objects.annotate(lower=Lower("username")).filter(lower__in=names)
        self.users = {user.username.lower(): user for user in users}
        self.centres = {centre.name: centre for centre in Centre.objects.all()}
        self.teams = {(team.centre_id, team.name): team for team in Team.objects.all()}
        ids = {each.agent_id for each in planned if each.agent_id}
        self.agents = {agent.agent_id: agent for agent in Agent.objects.filter(agent_id__in=ids)}
        self.held = {
            (grant.user_id, grant.role, grant.centre_id, grant.team_id)
            for grant in Grant.objects.filter(user__in=[user.pk for user in self.users.values()])
        }
        self.planned: set[tuple[str, str, Any, Any]] = set()
        self.coming: set[str] = set()
        self.linked: set[str] = set()

    def judge(self, each: Planned) -> None:
        """Say what the row does and what is wrong with it."""
        lower = each.username.lower()
        user = self.users.get(lower)
        if not each.username:
            return each.errors.append(("no_username", {}))
        if user is None and lower not in self.coming:
            try:
                User.username_validator(each.username)
            except ValidationError:
                return each.errors.append(("username", {"name": each.username}))
        self._place(each)
        if user is None and lower not in self.coming:
            self._agent(each)
        if each.errors:
            return None
        centre, team = (part.pk if part else None for part in (each.place["centre"], each.place["team"]))
        if (lower, each.code, centre, team) in self.planned or (user is not None and (user.pk, each.code, centre, team) in self.held):
            each.does = "nothing"
        elif user is not None or lower in self.coming:
            each.does = "role"
        self.planned.add((lower, each.code, centre, team))
        self.coming.add(lower)
        return None

    def _place(self, each: Planned) -> None:
        if each.code not in ROLES:
            each.errors.append(("role", {"role": each.role or "-"}))
            return
        centre = self.centres.get(each.centre)
        if each.centre and centre is None:
            each.errors.append(("centre", {"centre": each.centre}))
            return
        team = None
        if ROLES[each.code] == "team" and each.team:
            fitting = [t for (pk, name), t in self.teams.items() if name == each.team and (centre is None or pk == centre.pk)]
            if len(fitting) != 1:
                each.errors.append(("team" if not fitting else "team_of_several", {"team": each.team}))
                return
            team = fitting[0]
        try:
            each.place = place_of(each.code, centre, team)
        except CoachlineError as error:
            each.errors.append((error.code, {}))

    def _agent(self, each: Planned) -> None:
        if not each.agent_id:
            if each.code == "agent":
                each.errors.append(("no_agent_id", {}))
            return
        agent = self.agents.get(each.agent_id)
        if agent is None:
            each.errors.append(("agent", {"agent": each.agent_id}))
        elif agent.user_id is not None or each.agent_id in self.linked:
            each.errors.append(("agent_taken", {"agent": each.agent_id}))
        else:
            each.agent = agent
            self.linked.add(each.agent_id)


@cache
def role_names() -> dict[str, str]:
    """What a role may be called -> its code."""
    names = {_plain(Wording(language)(f"role.{role}")): role for language in LANGUAGES for role in ROLES}
    return {**ALSO, **names, **{_plain(role): role for role in ROLES}}


def _column(header: str) -> str | None:
    plain = _plain(header)
    return next((column for column, names in COLUMNS.items() if plain in names), None)


def _places(found: Mapping[str, int]) -> list[tuple[str, int | None]]:
    return [(column, found.get(column)) for column in COLUMNS]


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").lower().split())
