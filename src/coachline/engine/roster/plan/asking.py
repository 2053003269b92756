"""From facts to what a roster is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.result import Note
from coachline.engine.roster.forecast.history import changes_of_the_clock, instants
from coachline.engine.roster.plan.demand import Demand, demand
from coachline.engine.roster.plan.history import History, history, months_of, planned_people
from coachline.engine.roster.plan.kinds import learnt_kinds, named_kinds, notes_on
from coachline.engine.roster.plan.past_shifts import PastShifts, past_shifts
from coachline.engine.roster.plan.request import (
    DAY_MINUTES,
    SLOT_MINUTES,
    SLOTS_A_DAY,
    UNKNOWN,
    Bools,
    Ints,
    Limits,
    Request,
    ShiftKind,
    weekends,
)
from coachline.engine.roster.plan.settings import MOST_WEEKS, RosterSettings
from coachline.engine.roster.plan.skills import Skills, skills
from coachline.engine.roster.plan.wishes import wished
from coachline.engine.training.plan.plan import plan
from coachline.errors import CoachlineError

KIND_DAYS = 56
"""Past days from whose shifts kinds are learnt."""
SECONDS_OF_TRAINING = 20.0
"""Time for a plan of trainings, where it is asked for."""
PAIR_DAYS = 60
"""Past days in which a training by a mentor makes a pair."""


LONGEST_CLOSURE = 2
"""Days in a row without any shift that are nothing to wonder about: a weekend."""


@dataclass(frozen=True)
class Asked:
    """A request, with what it came from and what must be said of that.

    Attributes
    ----------
    request : Request
    usual : (people, days) int array
        The roster of today: as it stands, and beyond it as weeks before.
    skills : Skills
    demand : Demand
    past : PastShifts
    notes : tuple of Note
    """

    request: Request
    usual: Ints
    skills: Skills
    demand: Demand
    past: PastShifts
    notes: tuple[Note, ...]


def asked(facts: Facts, settings: RosterSettings, limits: Limits) -> Asked:
    """What the facts and the settings ask of a roster.

    Raises
    ------
    CoachlineError
        ``bad_last_day``, ``bad_shift_kind``, ``no_shift_kinds``, ``nobody_to_roster``, ``bad_absent``, ``replan_outside``, and what forecast and capability refuse.
    """
    first = _first_day(facts, settings)
    days = _days(settings, first)
    if settings.replan_from is not None and not first <= settings.replan_from < first + timedelta(days):
        raise CoachlineError("replan_outside", day=settings.replan_from, first=first, last=first + timedelta(days - 1))
    past = past_shifts(facts, first, days)
    if settings.training_plan:
        past = replace(past, trainings=pl.concat([past.trainings, _sessions(facts, first, -(-days // 7))]))
    kinds, notes = _kinds(past, settings, first)
    people, employed = _employed(facts, planned_people(past, first), first, days)
    if not people:
        raise CoachlineError("nobody_to_roster", first=first)
    absent = _absent(settings, people, first, days)
    month, month_days = months_of(first, days)
    found = history(past, people, kinds, first, days, len(month_days))
    posts = demand(
        facts,
        first,
        days,
        level=settings.post_level,
        least_load=settings.least_load,
        target=settings.target,
        shrinkage=settings.absence,
        pooled=settings.pooled,
        country=settings.country,
        events=settings.events,
    )
    ours = ~(_of_the_eve(kinds, days) | _skipped(facts, first, days))[:, None]
    able = skills(
        facts, people, posts, first,
        licences=settings.licences, least_calls=settings.least_calls, pass_bar=settings.pass_bar, half_life=settings.half_life,
    )  # fmt: skip
    wish_shift, wish_off, about_wishes = wished(facts, people, kinds, first, days)
    minutes, possible = _trainings(past, people, kinds, first, days)
    leave = found.leave | ~employed | absent
    request = Request(
        first=first,
        days=days,
        zone=facts.zone,
        people=tuple(people),
        posts=posts.posts,
        shifts=kinds,
        skill=able.skill,
        skill_sd=able.sd,
        licensed=able.licensed,
        calls=posts.calls * ours,
        need=posts.need * ours,
        handle_s=posts.handle_s,
        patience_s=posts.patience_s,
        leave=leave,
        training_minutes=minutes,
        possible=possible,
        month=month,
        month_days=month_days,
        counted_minutes=found.counted_minutes,
        weekend=weekends(first, days),
        wish_shift=wish_shift,
        wish_off=wish_off,
        last_roster=found.last_roster,
        fixed=_fixed(settings, found, leave, first),
        run_before=found.run_before,
        shift_before=found.shift_before,
        night_run_before=found.night_run_before,
        nights_before=found.nights_before,
        weekends_before=found.weekends_before,
        pairs=_pairs(facts, people, first),
        limits=limits,
        shrinkage=settings.absence,
        pooled=settings.pooled,
    )
    common = posts.common
    if common > 1:
        notes = (*notes, Note("common_post", {"businesses": common}))
    told = (*notes, *posts.notes, *able.notes, *about_wishes, *_notes(request, past, found))
    return Asked(request, found.usual, able, posts, past, told)


def _first_day(facts: Facts, settings: RosterSettings) -> date:
    if settings.first_day is not None:
        return settings.first_day
    known = facts.days("calls", "arrived_at")
    assert known is not None
    return known[1] + timedelta(1)


def _days(settings: RosterSettings, first: date) -> int:
    if settings.last_day is None:
        return 7 * settings.weeks
    days = (settings.last_day - first).days + 1
    if not 1 <= days <= 7 * MOST_WEEKS:
        raise CoachlineError("bad_last_day", day=settings.last_day, first=first, last=first + timedelta(7 * MOST_WEEKS - 1))
    return days


def _of_the_eve(kinds: Sequence[ShiftKind], days: int) -> Bools:
    """(slots,) the small hours of the first day that only shifts begun on the eve can cover: they are none of this roster's."""
    begins = np.arange(SLOTS_A_DAY) * SLOT_MINUTES
    today, eve = (np.zeros(SLOTS_A_DAY, np.bool_) for _ in range(2))
    for kind in kinds:
        today |= (begins + SLOT_MINUTES > kind.starts) & (begins < kind.ends)
        eve |= begins < kind.ends - DAY_MINUTES
    found = np.zeros(days * SLOTS_A_DAY, np.bool_)
    found[:SLOTS_A_DAY] = eve & ~today
    return found


def _skipped(facts: Facts, first: date, days: int) -> Bools:
    """(slots,) half-hours over which the clock is put forward: nobody can call in them."""
    start, found = clock.day_number(first), np.zeros(days * SLOTS_A_DAY, np.bool_)
    for day in changes_of_the_clock(facts.zone, start, start + days):
        own = [not instants(facts.zone, day, half) for half in range(SLOTS_A_DAY)]
        found[(day - start) * SLOTS_A_DAY : (day - start + 1) * SLOTS_A_DAY] = own
    return found


def _kinds(past: PastShifts, settings: RosterSettings, first: date) -> tuple[tuple[ShiftKind, ...], tuple[Note, ...]]:
    if settings.shift_kinds is not None:
        return named_kinds(settings.shift_kinds), ()
    start = clock.day_number(first)
    kinds, covered = learnt_kinds(past, start - KIND_DAYS, start - 1)
    if not kinds:
        raise CoachlineError("no_shift_kinds", first=first, days=KIND_DAYS)
    return kinds, notes_on(covered, kinds)


def _employed(facts: Facts, rostered: Sequence[str], first: date, days: int) -> tuple[list[str], Bools]:
    """Those rostered who are still there, and (people, days) whether each is employed; without a table of agents everybody is."""
    spans: dict[str, tuple[date | None, date | None]] = {}
    if facts.has("agents"):
        table = facts.table("agents").group_by("agent_id").aggregate(hired=lambda t: t.hired_on.max(), left=lambda t: t.left_on.max())
        spans = {who: (hired, left) for who, hired, left in collected(facts, table).select("agent_id", "hired", "left").iter_rows()}
    dates = [first + timedelta(n) for n in range(days)]
    people, rows = [], []
    for who in rostered:
        hired, left = spans.get(who, (None, None))
        there = [(hired is None or hired <= day) and (left is None or day < left) for day in dates]
        if any(there):
            people.append(who)
            rows.append(there)
    return people, np.array(rows, np.bool_).reshape(-1, days)


def _absent(settings: RosterSettings, people: Sequence[str], first: date, days: int) -> Bools:
    """(people, days) away as `absent` says."""
    away = np.zeros((len(people), days), np.bool_)
    since = 0 if settings.replan_from is None else (settings.replan_from - first).days
    known = {name: n for n, name in enumerate(people)}
    for entry in (settings.absent or "").replace("，", ",").replace("：", ":").split(","):
        if not entry.strip():
            continue
        who, _, length = (part.strip() for part in entry.partition(":"))
        if who not in known or not (length or "1").isdigit():
            raise CoachlineError("bad_absent", entry=entry.strip())
        away[known[who], since : since + int(length or 1)] = True
    return away


def _fixed(settings: RosterSettings, found: History, leave: Bools, first: date) -> Bools:
    """(people, days) on which the last roster stays: before a re-plan; who is away by now cannot keep a shift."""
    fixed = np.zeros(leave.shape, np.bool_)
    if settings.replan_from is not None:
        fixed[:, : (settings.replan_from - first).days] = True
    return np.asarray(fixed & (found.last_roster != UNKNOWN) & ~leave)


def _trainings(past: PastShifts, people: Sequence[str], kinds: Sequence[ShiftKind], first: date, days: int) -> tuple[Ints, Bools]:
    """Training fixed in the horizon: (people, days) minutes that count on top of shifts, and (people, days, shifts) shifts that it leaves possible.

    A training lies within a shift where some kind holds it: then only such shifts are possible, and it is part of their time. Else it counts on top, and
    shifts that it overlaps are not possible.
    """
    minutes, possible = np.zeros((len(people), days), np.int64), np.ones((len(people), days, len(kinds)), np.bool_)
    known, start = {name: n for n, name in enumerate(people)}, clock.day_number(first)
    opens, closes = (np.array([getattr(kind, name) for kind in kinds]) for name in ("starts", "ends"))
    rows = past.trainings.filter(pl.col("day").is_between(start, start + days - 1), pl.col("agent_id").is_in(list(people)))
    for who, day, begins, ends in rows.select("agent_id", "day", "starts", "ends").iter_rows():
        at = known[who], day - start
        holds = (opens <= begins) & (ends <= closes)
        if holds.any():
            possible[at] &= holds
        else:
            possible[at] &= (closes <= begins) | (ends <= opens)
            minutes[at] += ends - begins
    return minutes, possible


def _sessions(facts: Facts, first: date, weeks: int) -> pl.DataFrame:
    """The sessions that `training.plan` proposes, of those who learn and of who teaches them, as rows of `PastShifts.trainings`."""
    proposed = pl.DataFrame(pl.from_arrow(plan(facts, first_day=first, weeks=weeks, seconds=SECONDS_OF_TRAINING).tables["plan"]))
    both = [proposed.select(pl.col(who).alias("agent_id"), "starts_at", "hours") for who in ("agent_id", "trainer_id")]
    local = pl.col("starts_at").dt.convert_time_zone(facts.zone.key).dt.replace_time_zone(None)
    minute = local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute()
    return (
        pl.concat(both)
        .unique()
        .select(
            "agent_id",
            day=(local.dt.date() - pl.lit(clock.EPOCH)).dt.total_days(),
            starts=minute,
            ends=minute + (pl.col("hours") * 60).round().cast(pl.Int64),
        )
        .sort("agent_id", "day", "starts")
    )


def _pairs(facts: Facts, people: Sequence[str], first: date) -> tuple[tuple[int, int], ...]:
    """Mentor and apprentice of trainings by a mentor within the last days."""
    if not facts.has("trainings"):
        return ()
    rows = facts.table("trainings")
    rows = rows.mutate(day=facts.wall_clock_s("trainings", "started_at") // clock.DAY_S)
    start = clock.day_number(first)
    rows = rows.filter(rows.method == "mentor", rows.trainer_id.notnull(), rows.day >= start - PAIR_DAYS, rows.day < start)
    known = {name: n for n, name in enumerate(people)}
    found = collected(facts, rows.select("trainer_id", "agent_id").distinct()).sort("trainer_id", "agent_id")
    return tuple((known[mentor], known[who]) for mentor, who in found.iter_rows() if mentor in known and who in known and mentor != who)


def _notes(request: Request, past: PastShifts, found: History) -> list[Note]:
    """What a reader must know of the request, the impossible above all."""
    notes = []
    if past.overlapping:
        notes.append(Note("overlapping_shifts", {"shifts": past.overlapping}))
    if found.unlike:
        notes.append(Note("shifts_unlike_kinds", {"shifts": found.unlike}))
    if found.unrecorded > LONGEST_CLOSURE:
        since, until = (request.first - timedelta(days) for days in (found.unrecorded, 1))
        notes.append(Note("days_without_record", {"since": str(since), "until": str(until)}))
    if request.leave.all():
        notes.append(Note("everybody_on_leave", {"people": len(request.people)}))
    nobody = [post for n, post in enumerate(request.posts) if not request.licensed[:, n].any() and request.calls[:, n].any()]
    if nobody:
        notes.append(Note("post_without_licence", {"businesses": len(nobody), "business": nobody[0]}))
    barred = int((~request.licensed.any(axis=1)).sum())
    if barred:
        notes.append(Note("people_without_licence", {"people": barred}))
    calls = request.calls.reshape(request.days, -1).sum(axis=1)
    if (calls <= 0).any():
        notes.append(Note("no_calls_expected", {"days": int((calls <= 0).sum())}))
    changes = [
        day for day in (request.day(n) for n in range(request.days + 1)) if _offset(request, day) != _offset(request, day + timedelta(1))
    ]
    if changes:
        notes.append(Note("clock_changes", {"day": str(changes[0])}))
    return notes


def _offset(request: Request, day: date) -> timedelta | None:
    return clock.start_of(day, request.zone).astimezone(request.zone).utcoffset()
