"""Where the soft rules gave way, read from a roster's table alone, in plain Python."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from coachline.engine.roster.plan.request import UNKNOWN, Request
from coachline.engine.roster.rules.check import Broken, Roster, Worked, kinds_of, read
from coachline.engine.roster.rules.check_busy import densities, heads_of


def given_way(request: Request, rows: Iterable[Mapping[str, Any]]) -> list[Broken]:
    """The soft rules that the roster in `rows` does not keep, with the person or post and the day.

    Parameters
    ----------
    request : Request
    rows : mappings
        As `broken` takes them.
    """
    roster, _ = read(request, rows)
    found = []
    for person, name in enumerate(request.people):
        own = roster.get(person, {})
        found += [Broken(rule, name, request.day(day)) for rule, day in _of_person(request, person, own)]
    found += [Broken("least_heads", post, request.day(day)) for post, day in _too_few(request, roster)]
    found += [Broken("mentor_and_apprentice", request.people[who], request.day(day)) for who, day in _apart(request, roster)]
    return found


def _of_person(request: Request, person: int, own: dict[int, Worked]) -> Iterator[tuple[str, int]]:
    nights = sum(int(had) for had in request.nights_before) / len(request.people)
    weekends = sum(int(had) for had in request.weekends_before) / len(request.people)
    for day in range(request.days):
        kinds = kinds_of(request, own[day]) if day in own else []
        wished = [number for number in range(len(request.shifts)) if request.wish_shift[person, day, number] > 0]
        unwanted = [number for number in kinds if request.wish_shift[person, day, number] < 0]
        if (request.wish_off[person, day] > 0 and kinds) or unwanted or (wished and not set(wished) & set(kinds)):
            yield "wishes", day
        last = int(request.last_roster[person, day])
        if last != UNKNOWN and (last not in kinds if last >= 0 else bool(kinds)):
            yield "stability", day
        if kinds and (
            (own[day].night and int(request.nights_before[person]) > nights)
            or (request.weekend[day] >= 0 and int(request.weekends_before[person]) > weekends)
        ):
            yield "fair_quarter", day


def _too_few(request: Request, roster: Roster) -> list[tuple[str, int]]:
    """Posts and days with a half-hour in which fewer work than must, on the mean over it."""
    there: dict[tuple[str, int], float] = defaultdict(float)
    for own in roster.values():
        for day, worked in own.items():
            for start, end, post in worked.stretches:
                for slot in range(start // 30, math.ceil(end / 30)) if post else ():
                    there[str(post), day * 48 + slot] += (min(end, 30 * slot + 30) - max(start, 30 * slot)) / 30
    short = {
        (post, slot // 48)
        for number, post in enumerate(request.posts)
        for slot in range(request.days * 48)
        if heads_of(request, slot, number) > 0
        and there[post, slot] < min(request.limits.least_heads, heads_of(request, slot, number)) - 1e-9
    }
    return sorted(short, key=lambda each: (each[1], each[0]))


def _apart(request: Request, roster: Roster) -> Iterator[tuple[int, int]]:
    """Apprentices who work a quiet shift while the mentor works on that day, but at no time together."""
    dense, _ = densities(request)
    ordered = sorted(dense.values())
    middle = len(ordered) // 2
    bar = ordered[middle] if len(ordered) % 2 else sum(ordered[middle - 1 : middle + 1]) / 2
    for mentor, apprentice in request.pairs:
        for day, worked in roster.get(apprentice, {}).items():
            beside = roster.get(mentor, {}).get(day)
            if beside is None or not any(dense[day, kind] <= bar for kind in kinds_of(request, beside)):
                continue
            if min(worked.ends, beside.ends) <= max(worked.starts, beside.starts):
                yield apprentice, day
