"""From facts to what a plan is asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from coachline.engine.capability.fitted import capability
from coachline.engine.facts import Facts
from coachline.engine.operations.period import Period
from coachline.engine.operations.statistics import Settings
from coachline.engine.result import Note
from coachline.engine.training.group import Group
from coachline.engine.training.plan.at_work import at_work, expected_load
from coachline.engine.training.plan.request import HALVES_A_DAY, Request, Room, Session
from coachline.engine.training.plan.settings import AT_THE_DESK, DEFAULT_ROOMS, PlanSettings
from coachline.engine.training.plan.teachers import named_teachers, teachers
from coachline.engine.training.settings import NeedsSettings
from coachline.errors import CoachlineError

SURE = 0.9
"""Probability of being strong from which somebody may teach a business."""


@dataclass(frozen=True)
class Asked:
    """A request, and what must be said of how it came about."""

    request: Request
    notes: tuple[Note, ...]


def first_day(facts: Facts, settings: PlanSettings, needs: NeedsSettings) -> date:
    """The day asked for, or the one after the last day with calls that counts."""
    if settings.first_day is not None:
        return settings.first_day
    known = facts.days("calls", "arrived_at")
    assert known is not None
    last = known[1] if needs.until is None else min(known[1], needs.until)
    return last + timedelta(1)


def sessions_of(groups: Sequence[Group], settings: PlanSettings, known: dict[str, int]) -> tuple[Session, ...]:
    """The sessions that each group may have: as many as it may be divided into, for those of different shifts are never there together."""
    made = []
    for group in groups:
        hours = settings.session_h or group.hours
        parts = min(settings.repeats, len(group.places))
        for part in range(1, parts + 1):
            made.append(
                Session(
                    code=group.code if parts == 1 else f"{group.code}-{part}",
                    group=group.code,
                    business=group.business,
                    businesses=group.businesses,
                    method=group.method,
                    hours=hours,
                    halves=max(math.ceil(2 * hours - 1e-9), 1),
                    members=tuple(known[place.agent_id] for place in group.places),
                    gains=tuple(place.gain for place in group.places),
                    least=max(math.ceil(settings.least_present * len(group.places) / parts - 1e-9), 1),
                    in_room=group.method not in AT_THE_DESK,
                )
            )
    return tuple(made)


def asked(facts: Facts, groups: Sequence[Group], needs: NeedsSettings, settings: PlanSettings) -> Asked:
    """What the groups, the roster, the load and the settings ask of a plan.

    Parameters
    ----------
    facts : Facts
    groups : sequence of Group
    needs : NeedsSettings
    settings : PlanSettings

    Raises
    ------
    CoachlineError
        ``bad_trainers``, ``bad_rooms``, ``opens_after_closing``.
    """
    limits = settings.limits
    if limits.opens >= limits.closes:
        raise CoachlineError("opens_after_closing", opens=limits.opens, closes=limits.closes)
    first, days = first_day(facts, settings, needs), 7 * settings.weeks
    members = sorted({place.agent_id for group in groups for place in group.places})
    named = named_teachers(settings.trainers)
    draft = sessions_of(groups, settings, {name: n for n, name in enumerate(members)})
    found = capability(
        facts,
        Period.of(needs.since, needs.until),
        Settings(satisfied_from=needs.satisfied_from, repeat_days=needs.repeat_days),
        needs.half_life,
    )
    teaching = teachers(facts, draft, named, found, SURE, needs.margin, first)
    people = tuple(sorted({*members, *teaching.names}))
    known = {name: n for n, name in enumerate(people)}
    there = at_work(facts, people, first, days)
    load, weeks = expected_load(facts, first, days)
    work, here = there.at_work.copy(), there.here.copy()
    own_hours = [name for name, listed in zip(teaching.names, teaching.on_list, strict=True) if not there.known[known[name]] and not listed]
    for name in own_hours:
        work[known[name]] = here[known[name]] = _office_hours(first, days, limits.opens, limits.closes)
    on_floor = np.array([bool(there.known[known[name]]) for name in teaching.names], np.bool_)
    rooms = DEFAULT_ROOMS if settings.rooms is None else settings.rooms
    for name, seats in rooms.items():
        if seats != int(seats):
            raise CoachlineError("bad_rooms", room=name, seats=seats)
    request = Request(
        first=first,
        zone=facts.zone,
        sessions=sessions_of(groups, settings, known),
        people=people,
        at_work=work,
        here=here,
        hours_left=np.where(there.known[:, None], limits.hours_cap - there.counted_h, np.nan),
        month=there.month,
        trainers=tuple(known[name] for name in teaching.names),
        licensed=teaching.licensed,
        on_floor=on_floor,
        rooms=tuple(Room(name, int(seats)) for name, seats in rooms.items()),
        floor=there.floor,
        load=load,
        limits=replace(limits),
    )
    notes = list(there.notes)
    if settings.rooms is None and any(session.in_room for session in request.sessions):
        notes.append(Note("rooms_supposed", {"rooms": len(rooms), "seats": int(sum(rooms.values()))}))
    if own_hours:
        notes.append(Note("trainers_in_office_hours", {"trainers": len(own_hours)}))
    if weeks < 4:
        notes.append(Note("load_from_few_weeks", {"weeks": weeks}))
    return Asked(request, (*notes, *_notes(request)))


def _office_hours(first: date, days: int, opens: float, closes: float) -> np.ndarray:
    """(slots,) Monday to Friday from opening to closing: of trainers who are not rostered."""
    slot = np.arange(days * HALVES_A_DAY)
    hour, weekday = slot % HALVES_A_DAY / 2.0, (first.weekday() + slot // HALVES_A_DAY) % 7
    return np.asarray((weekday < 5) & (hour >= opens) & (hour < closes))


def _notes(request: Request) -> list[Note]:
    """What makes a plan impossible from the beginning."""
    notes = []
    nobody = [session for n, session in enumerate(request.sessions) if not request.licensed[:, n].any()]
    if nobody:
        businesses = list(dict.fromkeys(session.business for session in nobody))
        notes.append(Note("no_trainer_licensed", {"sessions": len(nobody), "business": businesses[0], "businesses": len(businesses)}))
    members = sorted({person for session in request.sessions for person in session.members})
    if members and not request.here[members].any():
        notes.append(Note("everybody_away", {"first_day": str(request.first), "people": len(members)}))
        return notes
    shortest = min((session.halves for session in request.sessions), default=0)
    if members and shortest:
        longest = _longest(request, members)
        too_long = [session for session in request.sessions if session.halves > longest]
        if too_long:
            facts = {"sessions": len(too_long), "hours": max(s.hours for s in too_long), "longest": longest / 2.0}
            notes.append(Note("session_longer_than_shifts", facts))
    return notes


def _longest(request: Request, members: Sequence[int]) -> int:
    """Halves of the longest session for which the shift of any member has room."""
    halves = 0
    while halves < HALVES_A_DAY and any(request.attends(person, halves + 1, request.limits.beyond_shift).any() for person in members):
        halves += 1
    return halves
