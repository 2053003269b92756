"""Calls, a page at a time by key: however many there are, a page reads the stretch of time that fills it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import and_, or_
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from django.core.cache import cache
from django.db.models import Q

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
WINDOWS = (timedelta(days=1), timedelta(days=8), timedelta(days=64))
"""Stretches of time that are looked at one after the other until a page is full, before everything is."""
OTHERS = 50
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
    def zone(self) -> ZoneInfo: ...
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
    """A call with its inspections, each with its items."""

    call: dict[str, Any]
    inspections: Sequence[tuple[dict[str, Any], Sequence[dict[str, Any]]]]


@dataclass(frozen=True)
class Cursor:
    """The call at which a page ends."""

    at: datetime
    source: str
    call_id: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Cursor:
        return cls(row["arrived_at"], row["source"], row["call_id"])

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """The cursor that an address names; None where that is none."""
        try:
            at, source, call_id = json.loads(base64.urlsafe_b64decode(text.encode()))
            return cls(datetime.fromtimestamp(at / 1e6, UTC), str(source), str(call_id)) if text else None
        except (ValueError, TypeError, OverflowError, OSError, binascii.Error):
            return None

    def __str__(self) -> str:
        us = (self.at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(json.dumps([us, self.source, self.call_id], ensure_ascii=False).encode()).decode()


def page(eyes: Perspective, wanted: Wanted, *, after: str = "", before: str = "") -> Found:
    """The newest calls that fit, or those after (older than) or before (newer than) a place that an earlier page named."""
    facts = _facts(eyes)
    place, upward = Cursor.read(before or after), bool(before)
    first, last = _ends(wanted)
    count = _count(facts, eyes, wanted, first, last)
    # Few calls lie scattered: one look at everything finds them sooner than several stretches of time.
    stretches = _stretches(facts, first, last, place, upward) if count > COUNTED else iter([(first, last)])
    rows: list[dict[str, Any]] = []
    for low, high in stretches if count else ():
        found = _fitting(facts.between("calls", low, high), eyes, wanted)
        if place is not None:
            found = found.filter(_beyond(found, place, upward))
        order = [found.arrived_at.asc(), found.source.desc(), found.call_id.desc()] if upward else _newest_first(found)
        rows = facts.collect(_shown(found.order_by(order).limit(SIZE + 1))).to_pylist()
        if len(rows) > SIZE:
            break
    more, rows = len(rows) > SIZE, rows[:SIZE]
    if upward:
        rows.reverse()
    newer, older = (more, place is not None) if upward else (place is not None, more)
    return Found(
        rows,
        str(Cursor.of(rows[0])) if rows and newer else "",
        str(Cursor.of(rows[-1])) if rows and older else "",
        min(count, COUNTED),
        count > COUNTED,
    )


def rows(eyes: Perspective, wanted: Wanted) -> tuple[pa.Table, bool]:
    """The calls that fit, newest first, and whether older ones were left out."""
    facts = _facts(eyes)
    first, last = _ends(wanted)
    for low, high in _stretches(facts, first, last, None, upward=False):
        found = _fitting(facts.between("calls", low, high), eyes, wanted)
        table = facts.collect(_shown(found.order_by(_newest_first(found)).limit(MOST + 1)).drop("customer_id"))
        if table.num_rows > MOST:
            break
    return table.slice(0, MOST), table.num_rows > MOST


def one(eyes: Perspective, source: str, call_id: str, at: datetime | None = None) -> OneCall | None:
    """One call, if these eyes may see it; with the time `at` which it came it is found without reading all of them."""
    facts = _facts(eyes)
    calls = _seen(facts.table("calls"), eyes)
    around = None if at is None else _seen(facts.between("calls", at, at + timedelta(seconds=1)), eyes)
    found: list[dict[str, Any]] = []
    for place in (around, calls):
        if place is not None and not found:
            found = facts.collect(_shown(place.filter(place.source == source, place.call_id == call_id).limit(1))).to_pylist()
    return OneCall(found[0], _inspections(facts, found[0])) if found else None


def others(eyes: Perspective, call: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Other calls of the customer of a call, newest first. They lie anywhere, so all calls are looked through."""
    if call["customer_id"] is None:
        return []
    facts = _facts(eyes)
    calls = _seen(facts.table("calls"), eyes)
    same = calls.filter(calls.customer_id == call["customer_id"], (calls.call_id != call["call_id"]) | (calls.source != call["source"]))
    found: list[dict[str, Any]] = facts.collect(_shown(same.order_by(_newest_first(same)).limit(OTHERS))).to_pylist()
    return found


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


def _ends(wanted: Wanted) -> tuple[datetime | None, datetime | None]:
    """The first instant that counts, and the first that counts no more."""
    since, until = wanted.days.since, wanted.days.until
    first = None if since is None else datetime.combine(since, time(), wanted.zone)
    return first, None if until is None else datetime.combine(until + timedelta(days=1), time(), wanted.zone)


def _stretches(
    facts: Facts, first: datetime | None, last: datetime | None, place: Cursor | None, upward: bool
) -> Iterator[tuple[datetime | None, datetime | None]]:
    """Ever longer stretches of time from the beginning of the page on; the last one is all that is asked for."""
    if upward and place is not None:
        low = place.at if first is None else max(first, place.at)
        for length in WINDOWS:
            high = low + length
            if last is None or high < last:
                yield low, high
        yield low, last
        return
    ends = facts.span("calls", "arrived_at")
    if ends is None:
        yield first, last
        return
    # The end of a stretch does not belong to it, the newest call does.
    newest = min(ends[1] + timedelta(microseconds=1), last or datetime.max.replace(tzinfo=UTC))
    high = newest if place is None else min(newest, place.at + timedelta(microseconds=1))
    for length in WINDOWS:
        if first is None or high - length > first:
            yield high - length, high
    yield first, high


def _fitting(calls: ir.Table, eyes: Perspective, wanted: Wanted) -> ir.Table:
    conditions: list[ir.BooleanValue] = []
    if wanted.agent:
        named = list(Agent.objects.filter(Q(agent_id=wanted.agent) | Q(name=wanted.agent)).values_list("agent_id", flat=True))
        conditions.append(calls.agent_id.isin([wanted.agent, *named]))
    if wanted.team is not None:
        conditions.append(calls.agent_id.isin(list(Agent.objects.filter(team=wanted.team).values_list("agent_id", flat=True)) or [""]))
    if wanted.business:
        conditions.append((calls.business == wanted.business) | calls.business.startswith(f"{wanted.business}/"))
    if wanted.rating.isdigit():
        conditions.append(calls.rating == int(wanted.rating))
    conditions += [calls[name] == value for name in ("queue", "outcome", "call_id") if (value := getattr(wanted, name))]
    conditions += [calls[name] == (answer == "yes") for name, answer in wanted.flags.items()]
    return _seen(calls.filter(*conditions) if conditions else calls, eyes)


def _seen(calls: ir.Table, eyes: Perspective) -> ir.Table:
    """As far as these eyes see: calls without an agent only by those who see a whole centre."""
    return calls if eyes.people is None else calls.filter(calls.agent_id.isin(sorted(eyes.people) or [""]))


def _shown(calls: ir.Table) -> ir.Table:
    return calls.mutate(recorded=calls.recording.notnull()).drop("recording", "loaded_at")


def _newest_first(calls: ir.Table) -> list[ir.Value]:
    return [calls.arrived_at.desc(), calls.source.asc(), calls.call_id.asc()]


def _beyond(calls: ir.Table, place: Cursor, upward: bool) -> ir.BooleanValue:
    """Calls that come after `place` in the direction in which a page is read."""
    at, source, call_id = ibis.literal(place.at.astimezone(UTC)), place.source, place.call_id
    same = calls.arrived_at == at
    if upward:
        steps = [calls.arrived_at > at, same & (calls.source < source), same & (calls.source == source) & (calls.call_id < call_id)]
    else:
        steps = [calls.arrived_at < at, same & (calls.source > source), same & (calls.source == source) & (calls.call_id > call_id)]
    return reduce(or_, steps)


def _count(facts: Facts, eyes: Perspective, wanted: Wanted, first: datetime | None, last: datetime | None) -> int:
    """How many fit, counted no further than one beyond `COUNTED`; kept for this version of the calls."""
    parts = (facts.versions.get("calls"), _whom(eyes), repr(wanted))
    key = "facts.count:" + hashlib.sha256(repr(parts).encode()).hexdigest()
    kept: int | None = cache.get(key)
    if kept is None:
        found = _fitting(facts.between("calls", first, last), eyes, wanted)
        kept = int(facts.collect(found.select("call_id").limit(COUNTED + 1).count().as_table()).column(0)[0].as_py())
        cache.set(key, kept, KEPT_COUNT_S)
    return kept


def _whom(eyes: Perspective) -> tuple[Any, ...]:
    return (eyes.centre.pk if eyes.centre else None, None if eyes.people is None else tuple(sorted(eyes.people)))


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


def _inspections(facts: Facts, call: Mapping[str, Any]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Sheets of this call: those that name its number and, where they name an agent, its agent."""
    sheets = facts.table("inspections")
    same = [sheets.call_id == call["call_id"], sheets.agent_id.isnull() | (sheets.agent_id == (call["agent_id"] or ""))]
    found = facts.collect(sheets.filter(reduce(and_, same)).order_by(sheets.inspected_at.desc()).limit(OTHERS)).to_pylist()
    if not found:
        return []
    table = facts.table("inspection_items")
    wanted = table.filter(table.inspection_id.isin([sheet["inspection_id"] for sheet in found]))
    items = facts.collect(
        wanted.select("inspection_id", "item", "points", "max_points", "failed", "comment").limit(OTHERS * 100)
    ).to_pylist()
    return [(sheet, [item for item in items if item["inspection_id"] == sheet["inspection_id"]]) for sheet in found]
