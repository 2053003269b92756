"""The organisation as the facts have it: centres, teams, agents, and who was in which team since when."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from functools import cached_property
from typing import Any

from django.db import connection, transaction

from coachline.centre import Centre as CentreFolder
from coachline.web.accounts.permissions import require
from coachline.web.base.centre_folder import centre as open_centre
from coachline.web.journal.actions import record
from coachline.web.org.models import Agent, Centre, Membership, Team
from coachline.web.org.permissions import today

LOCK = 7_110_011
"""Two imports that end together sync one after the other. The number says nothing, it only has to be the same every time."""

COPIED = ("name", "role", "hired_on", "left_on")
"""Columns of `Agent` that are those of the facts."""

AT_ONCE = 2_000


@dataclass(frozen=True)
class Synced:
    """How many of each were changed."""

    centres: int = 0
    teams: int = 0
    renamed: int = 0
    agents: int = 0
    changed: int = 0
    moved: int = 0
    left: int = 0

    def __bool__(self) -> bool:
        return any(asdict(self).values())


@dataclass(frozen=True)
class Row:
    """An agent as the facts know them."""

    agent_id: str
    name: str
    role: str
    centre: str | None
    team: str | None
    hired_on: date | None
    left_on: date | None


def sync_from_facts(*, by: Any = None, opened: CentreFolder | None = None) -> Synced:
    """Bring centres, teams and agents up to what the table of agents says now. Nothing is ever deleted, and doing it twice changes nothing.

    Parameters
    ----------
    by : User or None
        None for the system itself, after an import.
    opened : coachline.centre.Centre, optional
        Whose facts; without it those of the centre that is served.

    Raises
    ------
    NoPermission
    """
    if by is not None:
        require(by, "org.manage")
    folder = opened or open_centre()
    rows = list(rows_of(folder))
    with transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        done = _Sync(rows, folder.settings.name, today()).run()
        if done:
            record("org.sync", by=by, named=folder.settings.name, **asdict(done))
    return done


def rows_of(folder: CentreFolder) -> Iterable[Row]:
    """Everybody in the table of agents, and those who only appear in calls."""
    facts = folder.facts()
    listed = set()
    if facts.has("agents"):
        table = facts.table("agents")
        for row in facts.collect(table.select("agent_id", "name", "role", "centre", "team", "hired_on", "left_on")).to_pylist():
            listed.add(row["agent_id"])
            yield Row(**{**row, "name": (row["name"] or "")[:80], "role": (row["role"] or "")[:80]})
    if facts.has("calls"):
        calls = facts.table("calls")
        for row in facts.collect(calls.filter(calls.agent_id.notnull()).select("agent_id").distinct()).to_pylist():
            if row["agent_id"] not in listed:
                yield Row(row["agent_id"], "", "", None, None, None, None)


class _Sync:
    """One synchronisation: what is known is read once, what has changed is written at once."""

    def __init__(self, rows: list[Row], own_name: str, day: date) -> None:
        self.rows = sorted((row for row in rows if len(row.agent_id) <= 64), key=lambda row: row.agent_id)
        self.own_name = own_name[:120]
        self.day = day
        self.counts: Counter[str] = Counter()
        self.known = {agent.agent_id: agent for agent in Agent.objects.all()}
        self.first = not self.known

    def run(self) -> Synced:
        self._centres()
        self._teams()
        self._agents()
        self._memberships()
        return Synced(**self.counts)

    def _centres(self) -> None:
        named = {row.centre for row in self.rows if row.centre}
        default = self.own_name if self.own_name in named or not named else next(iter(named)) if len(named) == 1 else None
        wanted = named | ({default} if default else set())
        known = {centre.name: centre for centre in Centre.ever.all()}
        old_default = next((centre for centre in known.values() if centre.is_default), None)
        if old_default and old_default.name not in wanted and len(known) == len(wanted) == 1:
            # The only centre has got its name in the facts; roles in it stay where they are.
            old_default.name = next(iter(wanted))
            old_default.save(update_fields=["name"])
            known = {old_default.name: old_default}
            self.counts["renamed"] += 1
        fresh = [Centre(name=name) for name in sorted(wanted - known.keys())]
        for centre in fresh:
            centre.save()
            known[centre.name] = centre
        self.counts["centres"] += len(fresh)
        for centre in known.values():
            state = (centre.name in wanted, centre.name == default)
            if (centre.in_facts, centre.is_default) != state:
                centre.in_facts, centre.is_default = state
                centre.save(update_fields=["in_facts", "is_default"])
        self.centres, self.default = known, known[default] if default else None

    def _centre(self, row: Row) -> Centre | None:
        return self.centres[row.centre] if row.centre else self.default

    def _here(self, row: Row) -> bool:
        return row.left_on is None or row.left_on > self.day

    def _teams(self) -> None:
        self.teams = {(team.centre_id, team.name): team for team in Team.objects.all()}
        wanted: dict[tuple[int, str], list[Row]] = defaultdict(list)
        for row in self.rows:
            centre = self._centre(row)
            if row.team and centre is not None:
                wanted[centre.pk, row.team[:120]].append(row)
        fresh = [key for key in wanted if key not in self.teams]
        for key in fresh:
            old = self._renamed_from(key, wanted)
            if old is None:
                continue
            del self.teams[old.centre_id, old.name]
            old.name = key[1]
            old.save(update_fields=["name"])
            self.teams[key] = old
            self.counts["renamed"] += 1
        made = Team.objects.bulk_create([Team(centre_id=key[0], name=key[1]) for key in fresh if key not in self.teams])
        self.teams.update({(team.centre_id, team.name): team for team in made})
        self.counts["teams"] += len(made)

    def _renamed_from(self, key: tuple[int, str], wanted: dict[tuple[int, str], list[Row]]) -> Team | None:
        """The team that bears a new name: all of its people are in the new one, and whoever else is there came from no other team."""
        known = (self.known[row.agent_id].team_id for row in wanted[key] if row.agent_id in self.known)
        before = {team for team in known if team is not None}
        if len(before) != 1:
            return None
        [pk] = before
        old = next((team for team in self.teams.values() if team.pk == pk), None)
        if old is None or old.centre_id != key[0] or (old.centre_id, old.name) in wanted:
            return None
        here = {row.agent_id for row in wanted[key]}
        return old if all(agent.agent_id in here for agent in self._of_team[pk] if agent.agent_id in self._present) else None

    @cached_property
    def _of_team(self) -> dict[int, list[Agent]]:
        members: dict[int, list[Agent]] = defaultdict(list)
        for agent in self.known.values():
            if agent.team_id is not None:
                members[agent.team_id].append(agent)
        return members

    @cached_property
    def _present(self) -> frozenset[str]:
        return frozenset(row.agent_id for row in self.rows if self._here(row))

    def _agents(self) -> None:
        fresh, changed = [], []
        for row in self.rows:
            centre = self._centre(row)
            team = self.teams[centre.pk, row.team[:120]] if row.team and centre is not None and self._here(row) else None
            state = (row.name, row.role, row.hired_on, row.left_on, centre.pk if centre else None, team.pk if team else None)
            agent = self.known.get(row.agent_id)
            if agent is None:
                agent = Agent(agent_id=row.agent_id)
                fresh.append(agent)
            elif (agent.name, agent.role, agent.hired_on, agent.left_on, agent.centre_id, agent.team_id) != state:
                changed.append(agent)
                gone = not self._here(row) and (agent.left_on is None or agent.left_on > self.day)
                self.counts["left"] += gone
                self.counts["moved"] += not gone and agent.team_id != state[5]
            else:
                continue
            agent.name, agent.role, agent.hired_on, agent.left_on, agent.centre_id, agent.team_id = state
        columns = [*COPIED, "centre", "team"]
        Agent.objects.bulk_create(changed, batch_size=AT_ONCE, update_conflicts=True, unique_fields=["id"], update_fields=columns)
        for agent in Agent.objects.bulk_create(fresh, batch_size=AT_ONCE):
            self.known[agent.agent_id] = agent
        self.fresh = {agent.agent_id for agent in fresh}
        self.counts["agents"] += len(fresh)
        self.counts["changed"] += len(changed)

    def _memberships(self) -> None:
        open_now = {membership.agent_id: membership for membership in Membership.objects.filter(until=None)}
        closing: dict[date, list[int]] = defaultdict(list)
        opening = []
        for row in self.rows:
            agent = self.known[row.agent_id]
            present = open_now.get(agent.pk)
            if present is not None and present.team_id == agent.team_id:
                continue
            if present is not None:
                closing[row.left_on if row.left_on and row.left_on <= self.day else self.day].append(present.pk)
            if agent.team_id is not None:
                opening.append(Membership(agent=agent, team_id=agent.team_id, since=self._since(row)))
        for until, ended in closing.items():
            for start in range(0, len(ended), AT_ONCE):
                Membership.objects.filter(pk__in=ended[start : start + AT_ONCE]).update(until=until)
        Membership.objects.bulk_create(opening, batch_size=AT_ONCE)

    def _since(self, row: Row) -> date | None:
        """When they came into the team. Of those who were there before the first time we looked, nobody knows."""
        if row.agent_id not in self.fresh:
            return self.day
        if self.first:
            return None
        return row.hired_on if row.hired_on and row.hired_on <= self.day else self.day
