"""The one matrix of roles and verbs: who may do what, and how far it reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Reach = Literal["own", "team", "centre", "group"]
REACHES: tuple[Reach, ...] = ("own", "team", "centre", "group")
"""From the narrowest to the widest."""

ROLES: Mapping[str, Reach] = MappingProxyType(
    {
        "director": "centre",
        "quality_head": "centre",
        "inspector": "centre",
        "trainer": "centre",
        "team_leader": "team",
        "agent": "own",
        "planner": "centre",
        "group_office": "group",
        "auditor": "group",
        "administrator": "group",
    }
)
"""Role to where it is held: by a person for themselves, in a team, in a centre, in the group."""


@dataclass(frozen=True)
class Verb:
    """Something that can be done.

    Parameters
    ----------
    code : str
        ``slice.verb``.
    roles : mapping of role to reach
        Who may, and for whose rows.
    duty : bool
        Somebody must answer for it: it should be held by one role, neither by none nor by several. Looking at something is no duty.
    """

    code: str
    roles: Mapping[str, Reach]
    duty: bool = False


def _reaching(*roles: str, **narrower: Reach) -> Mapping[str, Reach]:
    """Roles as far as each is held, but for those that are given a narrower reach."""
    return MappingProxyType({**{role: ROLES[role] for role in roles}, **narrower})


_OVERSEERS = ("director", "group_office", "auditor")
_SPECIALISTS = ("quality_head", "trainer", "planner")

VERBS: Mapping[str, Verb] = MappingProxyType(
    {
        verb.code: verb
        for verb in (
            Verb("operations.view", _reaching(*_OVERSEERS, *_SPECIALISTS, "inspector", "team_leader", "administrator")),
            Verb("operations.alerts", _reaching("director"), duty=True),
            Verb("capability.view", _reaching(*_OVERSEERS, *_SPECIALISTS, "team_leader", "agent")),
            Verb("quality.view", _reaching(*_OVERSEERS, "quality_head", "trainer", "team_leader")),
            Verb("training.view", _reaching(*_OVERSEERS, "quality_head", "trainer", "team_leader")),
            Verb("roster.view", _reaching(*_OVERSEERS, "planner", "team_leader")),
            Verb("facts.browse", _reaching("director", "quality_head", "inspector", "team_leader", "auditor", "administrator")),
            Verb("facts.upload", _reaching("administrator"), duty=True),
            Verb("facts.erase", _reaching("administrator"), duty=True),
            Verb("facts.quality", _reaching(*_OVERSEERS, "quality_head", "planner", "administrator")),
            Verb("facts.tickets", _reaching("quality_head"), duty=True),
            Verb("runs.view", _reaching(*_OVERSEERS, *_SPECIALISTS, "administrator")),
            Verb("runs.start", _reaching("director", *_SPECIALISTS, "group_office", "administrator")),
            Verb("runs.schedule", _reaching("administrator"), duty=True),
            Verb("org.view", _reaching(*_OVERSEERS, *_SPECIALISTS, "team_leader", "administrator")),
            Verb("org.manage", _reaching("administrator"), duty=True),
            Verb("accounts.view", _reaching("director", "group_office", "auditor", "administrator")),
            Verb("accounts.manage", _reaching("administrator"), duty=True),
            Verb("accounts.matrix", _reaching(*ROLES)),
            Verb("accounts.tokens", _reaching(*_OVERSEERS, *_SPECIALISTS, "administrator")),
            Verb("journal.read", _reaching("auditor", "administrator")),
        )
    }
)


def reach(role: str, verb: str) -> Reach | None:
    """How far `verb` reaches for those who hold `role`; None where they may not."""
    return VERBS[verb].roles.get(role)


def holders(verb: str) -> tuple[str, ...]:
    """Roles that may do `verb`."""
    return tuple(role for role in ROLES if role in VERBS[verb].roles)


def gaps() -> list[str]:
    """Verbs that no role holds."""
    return [code for code, verb in VERBS.items() if not verb.roles]


def overlaps() -> list[str]:
    """Duties that more than one role holds, so that each may think it is the other's."""
    return [code for code, verb in VERBS.items() if verb.duty and len(verb.roles) > 1]
