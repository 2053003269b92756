"""Whether a plan keeps its rules, read from its table alone, in plain Python: written apart from the model, so that neither excuses the other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from coachline.engine.training.plan.request import HALVES_A_DAY, OWN_BREAK_FROM, Request, Session


@dataclass(frozen=True)
class Broken:
    """A rule that a plan breaks: its code, and where."""

    rule: str
    session: str
    who: str | None = None


@dataclass(frozen=True)
class _Entry:
    """A session as the table tells it."""

    session: Session
    starts: datetime
    ends: datetime
    slot: int
    trainer: str
    room: str | None
    people: tuple[str, ...]

    def meets(self, other: _Entry) -> bool:
        return self.starts < other.ends and other.starts < self.ends


def broken(request: Request, rows: Iterable[Mapping[str, Any]]) -> list[Broken]:
    """The rules that the plan in `rows` breaks.

    Parameters
    ----------
    request : Request
    rows : mappings
        Columns ``session``, ``starts_at``, ``trainer_id``, ``room``, ``agent_id`` of the main table.
    """
    entries = _entries(request, rows)
    found = [fault for entry in entries for fault in _alone(request, entry)]
    for n, entry in enumerate(entries):
        for other in entries[n + 1 :]:
            found += _together(request, entry, other)
    return [*found, *_in_sum(request, entries)]


def _entries(request: Request, rows: Iterable[Mapping[str, Any]]) -> list[_Entry]:
    known = {session.code: session for session in request.sessions}
    midnight = datetime(request.first.year, request.first.month, request.first.day, tzinfo=request.zone)
    by_session: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_session[row["session"]].append(row)
    entries = []
    for code, own in sorted(by_session.items()):
        [starts], [trainer], [room] = ({row[column] for row in own} for column in ("starts_at", "trainer_id", "room"))
        local = starts.astimezone(request.zone)
        slot = (local.date() - midnight.date()).days * HALVES_A_DAY + local.hour * 2 + local.minute // 30
        ends = starts + timedelta(hours=known[code].halves / 2)
        entries.append(_Entry(known[code], starts, ends, slot, trainer, room, tuple(row["agent_id"] for row in own)))
    return entries


def _works(request: Request, who: str, slot: int, halves: int, beyond: int) -> bool:
    """Whether somebody is at work all the time; long sessions hold the break of the shift within."""
    person = request.people.index(who)
    work, here = request.at_work[person], request.here[person]

    def near(at: int) -> bool:
        return not here[at] and any(0 <= at + step < len(here) and here[at + step] for step in range(-beyond, beyond + 1))

    for at in range(slot, slot + halves):
        own_break = halves >= OWN_BREAK_FROM and slot < at < slot + halves - 1 and here[at]
        if not (work[at] or own_break or near(at)):
            return False
    return True


def _alone(request: Request, entry: _Entry) -> list[Broken]:
    session, limits, code = entry.session, request.limits, entry.session.code
    found = []
    local, ends = entry.starts.astimezone(request.zone), entry.ends.astimezone(request.zone)
    if (
        local.hour + local.minute / 60 < limits.opens
        or ends.hour + ends.minute / 60 > limits.closes
        or ends.date() != local.date()
        or entry.slot + session.halves > request.slots
    ):
        found.append(Broken("working_hours", code))
    names = {request.people[person] for person in session.members}
    for who in entry.people:
        if who not in names or not _works(request, who, entry.slot, session.halves, limits.beyond_shift):
            found.append(Broken("on_shift", code, who))
    teaching = {request.people[person]: k for k, person in enumerate(request.trainers)}
    place = [known.code for known in request.sessions].index(code)
    if entry.trainer not in teaching or not request.licensed[teaching[entry.trainer], place]:
        found.append(Broken("trainer_licensed", code, entry.trainer))
    elif not _works(request, entry.trainer, entry.slot, session.halves, 0):
        found.append(Broken("trainer_at_work", code, entry.trainer))
    if entry.trainer in entry.people:
        found.append(Broken("trainer_not_taught", code, entry.trainer))
    if len(entry.people) < session.least:
        found.append(Broken("enough_present", code))
    seats = {room.name: room.seats for room in request.rooms}
    if session.in_room and seats.get(str(entry.room), 0) < len(entry.people):
        found.append(Broken("room_seats", code))
    if len(set(entry.people)) < len(entry.people):
        found.append(Broken("person_free", code))
    return found


def _together(request: Request, one: _Entry, other: _Entry) -> list[Broken]:
    found = []
    code = other.session.code
    if one.meets(other):
        if one.trainer == other.trainer:
            found.append(Broken("trainer_free", code, one.trainer))
        if one.room is not None and one.room == other.room:
            found.append(Broken("room_free", code))
        if one.trainer in other.people or other.trainer in one.people:
            found.append(Broken("trainer_not_taught", code))
    pause = timedelta(days=request.limits.cool_down_days)
    for who in set(one.people) & set(other.people):
        if one.meets(other) or one.session.group == other.session.group:
            found.append(Broken("person_free", code, who))
        elif one.starts < other.ends + pause and other.starts < one.ends + pause:
            found.append(Broken("cool_down", code, who))
    return found


def _in_sum(request: Request, entries: list[_Entry]) -> list[Broken]:
    found = []
    limits = request.limits
    on_floor = {request.people[person] for person, there in zip(request.trainers, request.on_floor, strict=True) if there}
    away: dict[int, int] = defaultdict(int)
    beyond: dict[tuple[str, int], float] = defaultdict(float)
    for entry in entries:
        for slot in range(entry.slot, entry.slot + entry.session.halves):
            away[slot] += len(entry.people) + (entry.trainer in on_floor)
            for who in entry.people:
                if not request.here[request.people.index(who), slot]:
                    beyond[who, int(request.month[entry.slot])] += 0.5
    for slot, people in sorted(away.items()):
        if people > _bearable(request, slot):
            there = next(entry for entry in entries if entry.slot <= slot < entry.slot + entry.session.halves)
            found.append(Broken("valley", there.session.code))
    for (who, month), hours in beyond.items():
        if hours > max(request.hours_left[request.people.index(who), month], 0.0) + 1e-9:
            found.append(Broken("hours_cap", "", who))
    hours = sum(entry.session.hours * len(entry.people) for entry in entries)
    money = hours * limits.cost_per_hour + sum(entry.session.hours for entry in entries) * limits.trainer_cost_per_hour
    if (limits.budget_hours is not None and hours > limits.budget_hours + 1e-6) or (
        limits.budget_money is not None and money > limits.budget_money + 1e-6
    ):
        found.append(Broken("budget", ""))
    return found


def _bearable(request: Request, slot: int) -> int:
    """How many may be away in a half-hour, from the load and the floor of its day."""
    limits, first = request.limits, slot // HALVES_A_DAY * HALVES_A_DAY
    day = [at for at in range(first, first + HALVES_A_DAY) if limits.opens <= (at - first) / 2 < limits.closes]
    work = sum(float(request.floor[at]) for at in day)
    usual = sum(float(request.load[at]) for at in day) / work if work else 0.0
    floor, load = float(request.floor[slot]), float(request.load[slot])
    if floor == 0:
        return len(request.people) if load == 0 else 0
    heavy = load / floor > usual
    share = limits.most_away * (usual / (load / floor) if heavy else 1.0)
    most = int(share * floor + 1e-9)
    return max(most, 2) if not heavy and floor >= 3 and limits.most_away > 0 else most
