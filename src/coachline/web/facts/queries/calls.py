"""Calls as far as the reader may see them: asked of `engine.browsing`, with what the web knows of people, and counts that are kept."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import pyarrow as pa
from django.core.cache import cache
from django.db.models import Q

from coachline.engine.browsing import CallFilters, Count, Place, calls_count, calls_page, one_call
from coachline.engine.facts import Facts
from coachline.web.base.centre_folder import centre
from coachline.web.org.models import Agent, Team
from coachline.web.org.queries import Perspective, agents

BROWSE = "facts.browse"
SIZE = 50
MOST = 100_000
"""Rows that a download takes along."""
COUNTED = 10_000
"""Beyond so many, a list only says that there are more."""
KEPT_S = 24 * 3600
KEPT_COUNT_S = 3600
LISTED = 1_000
"""Agents, businesses and queues that a filter proposes."""


class Days(Protocol):
    """First and last day; open where None."""

    @property
    def since(self) -> date | None: ...
    @property
    def until(self) -> date | None: ...


class Wanted(Protocol):
    """What calls are wanted; `forms.calls.Asked` has it."""

    @property
    def days(self) -> Days: ...
    @property
    def agent(self) -> str: ...
    @property
    def team(self) -> int | None: ...
    @property
    def business(self) -> str: ...
    @property
    def queue(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def rating(self) -> str: ...
    @property
    def call_id(self) -> str: ...
    @property
    def flags(self) -> Mapping[str, str]: ...


@dataclass(frozen=True)
class Found:
    """A page of calls.

    Attributes
    ----------
    newer, older : str
        Where the neighbouring pages begin; empty where there are none.
    count : int
        All calls that fit, or `COUNTED` where there are `more_than` that.
    """

    rows: Sequence[dict[str, Any]]
    newer: str
    older: str
    count: int
    more_than: bool


@dataclass(frozen=True)
class OneCall:
    """A call with its inspections, each with its items, and its customer's other calls in the days around it, the newest first."""

    call: dict[str, Any]
    inspections: Sequence[tuple[dict[str, Any], Sequence[dict[str, Any]]]]
    others: Sequence[dict[str, Any]]


def page(eyes: Perspective, wanted: Wanted, *, after: str = "", before: str = "") -> Found:
    """The newest calls that fit, or those after (older than) or before (newer than) a place that an earlier page named.

    Raises
    ------
    CoachlineError
        ``place_unreadable``.
    """
    facts, filters = _facts(eyes), _filters(eyes, wanted)
    place = before or after
    found = calls_page(facts, filters, Place.read(place) if place else None, SIZE)
    count = _count(facts, eyes, filters)
    return Found(found.rows.to_pylist(), as_text(found.previous), as_text(found.next), count.number, not count.exact)


def rows(eyes: Perspective, wanted: Wanted) -> tuple[pa.Table, bool]:
    """The calls that fit, newest first, and whether older ones were left out."""
    found = calls_page(_facts(eyes), _filters(eyes, wanted), size=MOST)
    return found.rows.drop_columns(["customer_id"]), found.more


def one(eyes: Perspective, source: str, call_id: str, at: datetime | None = None) -> OneCall | None:
    """One call, if these eyes may see it; with the time `at` which it came it is found without reading all of them."""
    facts = _facts(eyes)
    found = one_call(facts, source, call_id, agents=eyes.people, arrived_at=at)
    if found is None:
        return None
    sheets = [sheet for sheet in found.inspections.to_pylist() if _may_see(eyes, sheet["agent_id"])]
    return OneCall(found.call, _with_items(facts, sheets), found.around.to_pylist()[::-1])


def as_text(place: Place | None) -> str:
    """A place for an address; empty where there is none."""
    return "" if place is None else place.as_text()


def names(shown: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Names of the agents of some calls."""
    wanted = {row["agent_id"] for row in shown if row.get("agent_id")}
    return dict(Agent.objects.filter(agent_id__in=wanted).values_list("agent_id", "name"))


def choices(user: Any, eyes: Perspective) -> dict[str, Any]:
    """What the filters propose: agents and teams that the user may see, businesses and queues of the facts."""
    people = agents(user, BROWSE)
    teams = Team.objects.filter(agents__in=people)
    if eyes.centre is not None:
        people, teams = people.filter(centre=eyes.centre), teams.filter(centre=eyes.centre)
    return {
        "agents": list(people.order_by("agent_id")[:LISTED]),
        "teams": list(teams.distinct()),
        "businesses": _distinct(eyes, "business"),
        "queues": _distinct(eyes, "queue"),
    }


def _facts(eyes: Perspective) -> Facts:
    return centre().facts(of=eyes.centre.name if eyes.centre else None)


def _filters(eyes: Perspective, wanted: Wanted) -> CallFilters:
    """What was typed, in terms of the calls; calls without an agent are seen only by those who see a whole centre."""
    people = None if eyes.people is None else set(eyes.people)
    if wanted.agent:
        named = Agent.objects.filter(Q(agent_id=wanted.agent) | Q(name=wanted.agent)).values_list("agent_id", flat=True)
        # Calls may name an agent whom the organisation does not know.
        people = _both(people, {wanted.agent, *named})
    if wanted.team is not None:
        people = _both(people, set(Agent.objects.filter(team=wanted.team).values_list("agent_id", flat=True)))
    answers = {name: answer == "yes" for name, answer in wanted.flags.items()}
    return CallFilters(
        since=wanted.days.since,
        until=wanted.days.until,
        agents=None if people is None else tuple(sorted(people)),
        business=wanted.business or None,
        queue=wanted.queue or None,
        outcome=wanted.outcome or None,
        rating=int(wanted.rating) if wanted.rating.isascii() and wanted.rating.isdigit() else None,
        call_id=wanted.call_id or None,
        ticketed=answers.get("ticketed"),
        transferred=answers.get("transferred"),
        resolved=answers.get("resolved"),
        invited=answers.get("invited"),
    )


def _both(people: set[str] | None, others: set[str]) -> set[str]:
    return others if people is None else people & others


def _count(facts: Facts, eyes: Perspective, filters: CallFilters) -> Count:
    """How many fit, counted no further than `COUNTED`; kept for this version of the calls."""
    parts = (facts.versions.get("calls"), eyes.centre.pk if eyes.centre else None, filters)
    key = "facts.count:" + hashlib.sha256(repr(parts).encode()).hexdigest()
    kept: Count | None = cache.get(key)
    if kept is None:
        kept = calls_count(facts, filters, COUNTED)
        cache.set(key, kept, KEPT_COUNT_S)
    return kept


def _distinct(eyes: Perspective, column: str) -> list[str]:
    facts = _facts(eyes)
    key = f"facts.distinct:{column}:{facts.versions.get('calls')}:{eyes.centre.pk if eyes.centre else ''}"
    kept: list[str] | None = cache.get(key)
    if kept is None:
        table = facts.table("calls")
        values = table.filter(table[column].notnull()).select(column).distinct().order_by(column).limit(LISTED)
        kept = facts.collect(values)[column].to_pylist()
        cache.set(key, kept, KEPT_S)
    return kept


def _may_see(eyes: Perspective, agent: str | None) -> bool:
    return eyes.people is None or agent is None or agent in eyes.people


def _with_items(facts: Facts, sheets: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Sheets, each with its items."""
    if not sheets:
        return []
    table = facts.table("inspection_items")
    wanted = table.filter(table.inspection_id.isin([sheet["inspection_id"] for sheet in sheets]))
    items = facts.collect(wanted.select("inspection_id", "item", "points", "max_points", "failed", "comment")).to_pylist()
    return [(sheet, [item for item in items if item["inspection_id"] == sheet["inspection_id"]]) for sheet in sheets]
