"""Who may listen to whom."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.errors import CoachlineError

ROLE = re.compile(r"质检|质量检查|\bQA\b|\bQC\b|inspector|quality", re.IGNORECASE)
"""Roles of inspectors in the table of agents."""

ACTIVE_DAYS = 183
"""Who has inspected within so many days before the period is taken for an inspector still."""


@dataclass(frozen=True)
class Inspectors:
    """The inspectors, and whom each may listen to.

    Attributes
    ----------
    inspector_id : list of str
        Sorted.
    allowed : (agents, inspectors) bool array
    unknown : tuple of str
        Who is named in a conflict but is neither inspector nor agent here.
    """

    inspector_id: list[str]
    allowed: NDArray[np.bool_]
    unknown: tuple[str, ...]


def inspectors(facts: Facts, period: Period, agents: Sequence[str], named: str | None, conflicts: str | None, own_team: bool) -> Inspectors:
    """Find the inspectors and their conflicts.

    Nobody listens to themselves; unless `own_team`, nobody to the own team as far as teams are known.

    Parameters
    ----------
    facts : Facts
    period : Period
        Closed.
    agents : sequence of str
    named : str, optional
        Their numbers, with commas or spaces between; without it, who inspected during the last half year or has such a role among the
        agents, and has not left.
    conflicts : str, optional
        Pairs that must not meet: ``inspector:agent, inspector:agent``.
    own_team : bool

    Returns
    -------
    Inspectors

    Raises
    ------
    CoachlineError
        ``bad_conflicts``.
    """
    people = {
        row["agent_id"]: row for row in facts.collect(facts.table("agents").select("agent_id", "team", "role", "left_on")).to_pylist()
    }
    found = sorted(set(_listed(named)) if named else _known(facts, period, people))
    place = {inspector: n for n, inspector in enumerate(found)}
    agent_place = {agent: n for n, agent in enumerate(agents)}
    team_of = {who: row["team"] for who, row in people.items() if row["team"]}
    allowed = np.ones((len(agents), len(found)), bool)
    for inspector, column in place.items():
        if inspector in agent_place:
            allowed[agent_place[inspector], column] = False
    if not own_team:
        agent_teams, inspector_teams = (np.array([team_of.get(who, "") for who in group], dtype=object) for group in (agents, found))
        allowed &= (agent_teams[:, None] != inspector_teams) | (agent_teams[:, None] == "")
    unknown = []
    for inspector, agent in _pairs(conflicts or ""):
        unknown += [who for who, known in ((inspector, place), (agent, agent_place)) if who not in known]
        if inspector in place and agent in agent_place:
            allowed[agent_place[agent], place[inspector]] = False
    return Inspectors(found, allowed, tuple(dict.fromkeys(unknown)))


def _known(facts: Facts, period: Period, people: Mapping[str, Mapping[str, object]]) -> set[str]:
    assert period.first is not None
    assert period.last is not None
    recent = Period(period.first - timedelta(ACTIVE_DAYS), None).rows(facts, facts.table("inspections"), "inspected_at")
    heard = facts.collect(recent.filter(recent.inspector_id.notnull()).select("inspector_id").distinct())["inspector_id"].to_pylist()
    by_role = [who for who, row in people.items() if row["role"] and ROLE.search(str(row["role"]))]
    return {who for who in (*heard, *by_role) if who and not _gone(people.get(who), period.last)}


def _gone(person: Mapping[str, object] | None, last: date) -> bool:
    left_on = person and person["left_on"]
    return isinstance(left_on, date) and left_on <= last


def _listed(text: str) -> list[str]:
    return [part for part in re.split(r"[,，、;；\s]+", text) if part]


def _pairs(text: str) -> list[tuple[str, str]]:
    pairs = [tuple(re.split("[:：]", part)) for part in _listed(re.sub(r"\s*([:：])\s*", r"\1", text))]
    for pair in pairs:
        if len(pair) != len(("inspector", "agent")) or not all(pair):
            raise CoachlineError("bad_conflicts", entry=":".join(pair))
    return [(inspector, agent) for inspector, agent in pairs]
