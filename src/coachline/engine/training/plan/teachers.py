"""Who may teach what: named by the centre, seen teaching it, or strong at it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from coachline.engine.capability.fitted import Capability
from coachline.engine.capability.judgement import BELOW, STRONG, judged
from coachline.engine.capability.profile.window import collected
from coachline.engine.capability.standards import standards, targets
from coachline.engine.capability.telling_apart import differences
from coachline.engine.facts import Facts
from coachline.engine.stats.hierarchical.posterior import levels
from coachline.engine.training.plan.request import Bools, Session
from coachline.errors import CoachlineError

TRAINER_ROLES = ("内训师", "培训师", "讲师", "trainer")
"""Parts of a role's name that make somebody a trainer."""

ANYTHING = "*"


@dataclass(frozen=True)
class Teachers:
    """Those who may teach.

    Attributes
    ----------
    names : tuple of str
    licensed : (teachers, sessions) bool array
    on_list : (teachers,) bool array
        Whether they stand in the table of agents.
    """

    names: tuple[str, ...]
    licensed: Bools
    on_list: Bools


def named_teachers(given: str | None) -> dict[str, set[str]]:
    """``80012:国际业务/包裹,80013:*`` as businesses by trainer; a trainer without a business teaches anything.

    Raises
    ------
    CoachlineError
        ``bad_trainers``, with the entry that cannot be read.
    """
    found: dict[str, set[str]] = {}
    for entry in (given or "").replace("，", ",").replace("：", ":").replace(";", ",").replace("；", ",").split(","):
        if not entry.strip():
            continue
        who, _, business = (part.strip() for part in entry.partition(":"))
        if not who or (":" in entry and not business):
            raise CoachlineError("bad_trainers", entry=entry.strip())
        found.setdefault(who, set()).add(business or ANYTHING)
    return found


def teachers(
    facts: Facts, sessions: Sequence[Session], named: dict[str, set[str]], found: Capability, confidence: float, margin: float, first: date
) -> Teachers:
    """Everybody who may teach any of `sessions`.

    Parameters
    ----------
    facts : Facts
    sessions : sequence of Session
    named : dict
        See `named_teachers`. Somebody who is named teaches what is named, and nothing else.
    found : Capability
        Fitted outcomes, by which trainers are judged.
    confidence : float
        Probability that "strong" takes.
    margin : float
    first : date
        Who has left by then teaches nothing.
    """
    agents = collected(facts, facts.table("agents").select("agent_id", "role", "left_on")) if facts.has("agents") else None
    roles = {} if agents is None else {who: role or "" for who, role, _ in agents.iter_rows()}
    gone = set() if agents is None else {who for who, _, left in agents.iter_rows() if left is not None and left <= first}
    taught = _taught(facts)
    names = sorted(({*named, *taught} | {who for who, role in roles.items() if _teaches(role)}) - gone)
    strong = _strong(facts, names, found, confidence, margin)
    licensed = np.zeros((len(names), len(sessions)), np.bool_)
    for row, who in enumerate(names):
        for column, session in enumerate(sessions):
            if who in named:
                licensed[row, column] = all(_covers(named[who], business) for business in session.businesses)
            else:
                may = taught.get(who, set()) | strong.get(who, set())
                licensed[row, column] = all(_covers(may, business) for business in session.businesses)
    some = np.asarray(licensed.any(axis=1))
    kept = [name for name, teaching in zip(names, some, strict=True) if teaching]
    return Teachers(tuple(kept), licensed[some], np.array([name in roles for name in kept], np.bool_))


def _teaches(role: str) -> bool:
    return any(part in role.lower() for part in TRAINER_ROLES)


def _covers(may: Collection[str], business: str) -> bool:
    """Who may teach a business may teach what lies under it."""
    parts = business.split("/")
    return ANYTHING in may or any("/".join(parts[:depth]) in may for depth in range(1, len(parts) + 1))


def _taught(facts: Facts) -> dict[str, set[str]]:
    """Businesses that each trainer has taught."""
    if not facts.has("trainings"):
        return {}
    rows = facts.table("trainings")
    rows = rows.filter(rows.trainer_id.notnull()).select("trainer_id", "business").distinct()
    found: dict[str, set[str]] = {}
    for who, business in collected(facts, rows).iter_rows():
        found.setdefault(who, set()).update([business] if business else [])
    return found


def _strong(facts: Facts, names: Sequence[str], found: Capability, confidence: float, margin: float) -> dict[str, set[str]]:
    """Businesses on which each is judged strong in an outcome and below the standard in none."""
    roll = found.roll
    rows = np.array([roll.agents.index(name) for name in names if name in set(roll.agents)], np.int64)
    good = np.zeros((len(roll.agents), len(roll.businesses)), np.bool_)
    bad = np.zeros_like(good)
    own_targets, _ = targets(facts)
    for fitted in found.outcomes:
        if fitted.outcome.better == "none" or not len(rows):
            continue
        apart = differences(fitted).people_differ
        bars = standards(fitted, own_targets, margin)
        seen = np.zeros_like(good)
        seen[fitted.design.agent, fitted.design.business] = fitted.n > 0
        for block in levels(fitted.fit):
            verdict = judged(fitted, block, bars, seen[block.block.agents], confidence, apart).verdict
            good[block.block.agents] |= verdict == STRONG
            bad[block.block.agents] |= verdict == BELOW
    strong = good & ~bad
    return {roll.agents[row]: {roll.businesses[n] for n in np.flatnonzero(strong[row])} for row in rows}
