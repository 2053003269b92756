"""Whether a roster keeps its rules, read from its table alone, in plain Python: written apart from the rules, so that neither excuses the other.

Times are taken as the centre's wall clock shows them; after a clock change a rest may in truth be an hour shorter or longer.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from coachline.engine.roster.plan.request import OFF, UNKNOWN, Request
from coachline.engine.roster.rules.check_busy import busy_days


@dataclass(frozen=True)
class Broken:
    """A rule that a roster breaks: its code, by whom (or which post), on which day."""

    rule: str
    who: str
    day: date | None


TRAINING = ""
"""In place of a post: training within the shift, which counts as work."""


@dataclass(frozen=True)
class Worked:
    """A shift as the table tells it: minutes from the midnight of its day, with the post of each stretch, `TRAINING`, or None for a break."""

    starts: int
    ends: int
    stretches: tuple[tuple[int, int, str | None], ...]

    @property
    def minutes(self) -> int:
        return sum(end - start for start, end, post in self.stretches if post is not None)

    @property
    def night(self) -> bool:
        return self.starts < 6 * 60 or self.ends > 25 * 60


STEP = 5
DAY_STEPS = 288
"""Breaks are counted in steps of so many minutes, so many a day."""

Roster = dict[int, dict[int, Worked]]
"""Shifts by person and day, as places in the request."""


def broken(request: Request, rows: Iterable[Mapping[str, Any]]) -> list[Broken]:
    """The hard rules that the roster in `rows` breaks.

    Parameters
    ----------
    request : Request
    rows : mappings
        Columns ``agent_id``, ``date``, ``starts_at``, ``ends_at``, ``activity``, ``business`` of the main table; ``work``, ``break`` and ``training``
        are read.
    """
    roster, found = read(request, rows)
    busy, share = busy_days(request)
    for person, name in enumerate(request.people):
        own = roster.get(person, {})
        checks = (*_by_day(request, person, own), *_in_row(request, person, own), *_hours(request, person, own))
        for rule, day in (*checks, *_burdens(request, person, own, busy, share)):
            found.append(Broken(rule, name, None if day is None else request.day(day)))
    return [*found, *_breaks(request, roster)]


def read(request: Request, rows: Iterable[Mapping[str, Any]]) -> tuple[Roster, list[Broken]]:
    """The roster in a table, and where rows overlap or lie apart on one day."""
    people = {name: number for number, name in enumerate(request.people)}
    stretches: dict[tuple[int, int], list[tuple[int, int, str | None]]] = defaultdict(list)
    found = []
    for row in rows:
        if row["activity"] not in ("work", "break", "training"):
            continue
        if row["agent_id"] not in people:
            found.append(Broken("licence", row["agent_id"], row["date"]))
            continue
        day = (row["date"] - request.first).days
        post = {"work": row["business"], "training": TRAINING}.get(row["activity"])
        start, end = (_minute(request, row["date"], row[column]) for column in ("starts_at", "ends_at"))
        stretches[people[row["agent_id"]], day].append((start, end, post))
    roster: Roster = defaultdict(dict)
    for (person, day), every in stretches.items():
        own = sorted((part for part in every if part[2] != TRAINING), key=lambda part: part[:2])
        if not own:
            continue
        # Training on top of the shift is none of its stretches.
        within = [part for part in every if part[2] == TRAINING and own[0][0] <= part[0] and part[1] <= own[-1][1]]
        parts = sorted([*own, *within], key=lambda part: part[:2])
        if any(one[1] != other[0] for one, other in pairwise(parts)):
            found.append(Broken("one_shift_a_day", request.people[person], request.day(day)))
        roster[person][day] = Worked(parts[0][0], max(part[1] for part in parts), tuple(parts))
    return roster, found


def _minute(request: Request, day: date, moment: datetime) -> int:
    local = moment.astimezone(request.zone)
    return (local.date() - day).days * 1440 + local.hour * 60 + local.minute


def kinds_of(request: Request, worked: Worked) -> list[int]:
    """The kinds that a shift can be, by when it starts and ends."""
    return [n for n, kind in enumerate(request.shifts) if (kind.starts, kind.ends) == (worked.starts, worked.ends)]


def _by_day(request: Request, person: int, own: dict[int, Worked]) -> Iterator[tuple[str, int]]:
    licensed = {post for number, post in enumerate(request.posts) if request.licensed[person, number]}
    for day, worked in own.items():
        kinds = kinds_of(request, worked)
        if not kinds or not 0 <= day < request.days:
            yield "known_shift", day
            continue
        if any(post and post not in licensed for _, _, post in worked.stretches):
            yield "licence", day
        if request.leave[person, day]:
            yield "leave", day
        if not any(request.possible[person, day, kind] for kind in kinds):
            yield "training_kept", day
    for day in range(request.days):
        last = int(request.last_roster[person, day])
        if request.fixed[person, day] and last != UNKNOWN:
            now = kinds_of(request, own[day]) if day in own else [OFF]
            if last not in now:
                yield "fixed_days", day


def _in_row(request: Request, person: int, own: dict[int, Worked]) -> Iterator[tuple[str, int]]:
    limits = request.limits
    before = int(request.shift_before[person])
    spans = {day: (worked.starts, worked.ends, worked.night) for day, worked in own.items()}
    if before != OFF:
        kind = request.shifts[before]
        spans[-1] = (kind.starts, kind.ends, kind.starts < 360 or kind.ends > 1500)
    for day, (starts, _, night) in spans.items():
        if day - 1 not in spans:
            continue
        _, ended, was_night = spans[day - 1]
        gap = starts + 1440 - ended
        if gap < 0:
            yield "one_shift_a_day", day
        elif gap < 60 * limits.rest_h:
            yield "rest_between_shifts", day
        if was_night and not night and gap < 60 * limits.after_night_h:
            yield "after_night", day
    nights = int(request.night_run_before[person])
    for day in range(request.days):
        nights = nights + 1 if day in own and own[day].night else 0
        if nights > limits.longest_nights and (nights == limits.longest_nights + 1 or day == 0):
            yield "longest_nights", day
    for begins, ends, works in _runs(request, own):
        ran_before = int(request.run_before[person])
        length = ends - begins + (ran_before if begins == 0 and works and ran_before > 0 else 0)
        if works and length > limits.longest_run:
            yield "longest_run", begins
        # What began before, or goes on behind, may be longer in truth.
        open_ = ends == request.days or (begins == 0 and (ran_before == 0 or (ran_before > 0) == works))
        if works and not open_ and length < limits.shortest_run:
            yield "shortest_run", begins
        if not works and not open_ and length < limits.shortest_rest:
            yield "shortest_rest", begins


def _runs(request: Request, own: dict[int, Worked]) -> Iterator[tuple[int, int, bool]]:
    begins = 0
    for day in range(1, request.days + 1):
        if day == request.days or (day in own) != (begins in own):
            yield begins, day, begins in own
            begins = day


def _hours(request: Request, person: int, own: dict[int, Worked]) -> Iterator[tuple[str, int]]:
    limits = request.limits
    longest = max((kind.minutes for kind in request.shifts), default=0)
    for month, of_month in enumerate(request.month_days):
        days = [day for day in range(request.days) if request.month[day] == month]
        if not days:
            continue
        worked = sum(own[day].minutes for day in days if day in own)
        training = sum(int(request.training_minutes[person, day]) for day in days)
        counted = int(request.counted_minutes[person, month])
        kept = _kept(request, person, days) if month == len(request.month_days) - 1 else 0.0
        # Who is above the cap already works no more; that they are is nobody's fault now.
        if worked and worked + training + counted + kept > 60 * limits.cap_h + 1e-6:
            yield "month_hours", days[0]
        there = sum(not request.leave[person, day] for day in days)
        before = request.first.day - 1 if month == 0 else 0
        wanted = 60 * limits.least_h * there / of_month
        to_come = 60 * limits.least_h * (there + before) / of_month - counted
        if worked + training + longest < math.floor(min(wanted, to_come)):
            yield "least_hours", days[0]


def _kept(request: Request, person: int, days: list[int]) -> float:
    """Minutes of the last month that are for its days behind the horizon: as many a day as the open days can have at most, less one shift."""
    later = int(request.month_days[-1]) - request.day(days[-1]).day
    open_days = [day for day in days if not request.fixed[person, day] and not request.leave[person, day]]
    stays = [int(request.last_roster[person, day]) for day in days if request.fixed[person, day]]
    free = 60 * request.limits.cap_h - int(request.counted_minutes[person, -1])
    free -= sum(int(request.training_minutes[person, day]) for day in days) + sum(
        request.shifts[kind].minutes for kind in stays if kind >= 0
    )
    if not later or free <= 0:
        return 0.0
    longest = max((kind.minutes for kind in request.shifts), default=0)
    return max(request.limits.later_share * free * later / (len(open_days) + later) - longest, 0.0)


def _burdens(
    request: Request, person: int, own: dict[int, Worked], busy: set[tuple[int, int]], share: float
) -> Iterator[tuple[str, int | None]]:
    limits = request.limits
    nights = [day for day, worked in own.items() if worked.night]
    weekends = {int(request.weekend[day]) for day in own if 0 <= day < request.days and request.weekend[day] >= 0}
    if len(nights) > math.ceil(limits.most_nights * request.days / 28 - 1e-9):
        yield "most_nights", None
    if len(weekends) > math.ceil(limits.most_weekends * request.days / 28 - 1e-9):
        yield "weekends_off", None
    for had, now in ((request.nights_before, len(nights)), (request.weekends_before, len(weekends))):
        some = [int(number) for number in had if number > 0]
        if now and some and int(had[person]) > limits.most_in_quarter * sum(some) / len(some):
            yield "quarter_share", None
    there = sum(not away for away in request.leave[person])
    most = max(math.ceil(limits.most_busy * share * there * 5 / 7 - 1e-9), 1)
    if sum(all((day, kind) in busy for kind in kinds_of(request, worked) or [-1]) for day, worked in own.items()) > most:
        yield "strong_capped", None


def _breaks(request: Request, roster: Roster) -> list[Broken]:
    limits, found = request.limits, []
    at_post: dict[tuple[str, int], int] = defaultdict(int)
    on_break: dict[tuple[str, int], int] = defaultdict(int)
    for person, own in roster.items():
        for day, worked in own.items():
            kinds = kinds_of(request, worked)
            if kinds and not any(_breaks_fit(request, worked, kind) for kind in kinds):
                found.append(Broken("break_in_window", request.people[person], request.day(day)))
            if not all(60 * limits.least_stretch_h <= length <= 60 * limits.longest_stretch_h for length in _unbroken(worked)):
                found.append(Broken("work_stretches", request.people[person], request.day(day)))
            last = next((post for _, _, post in worked.stretches if post), "")
            for start, end, post in worked.stretches:
                last = post or last
                counts = on_break if post is None else at_post if post else defaultdict(int)
                for step in range(start // STEP, end // STEP):
                    counts[last, day * DAY_STEPS + step] += 1
    told = set()
    for (post, step), away in sorted(on_break.items()):
        where = (post, step // DAY_STEPS)
        if away > max(math.floor(limits.most_on_break * (away + at_post[post, step]) + 1e-9), 1) and where not in told:
            told.add(where)
            found.append(Broken("few_on_break", post, request.day(where[1])))
    return found


def _unbroken(worked: Worked) -> list[int]:
    """Minutes of work before, between and behind the breaks."""
    lengths = [0]
    for start, end, post in worked.stretches:
        if post is None:
            lengths.append(0)
        else:
            lengths[-1] += end - start
    return lengths


def _breaks_fit(request: Request, worked: Worked, kind: int) -> bool:
    """As many and as long breaks as the kind has, each begun within its window."""
    wanted = [(pause.minutes, pause.earliest, pause.latest) for pause in request.shifts[kind].breaks]
    taken = [(start, end) for start, end, post in worked.stretches if post is None]
    return len(taken) == len(wanted) and all(
        end - start == minutes and earliest <= start <= latest
        for (start, end), (minutes, earliest, latest) in zip(taken, wanted, strict=True)
    )
