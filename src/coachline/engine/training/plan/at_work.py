"""Who is at work in which half-hour of the coming weeks: from the roster where it is known, else from each person's usual week.

Shifts are cut into half-hours where the data lie; what leaves is a cell per person and half-hour of those asked for, and one sum per half-hour of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.capability.profile.window import collected
from coachline.engine.facts import Facts
from coachline.engine.operations.hours import COUNTED
from coachline.engine.result import Note
from coachline.engine.training.plan.request import HALF_S, HALVES_A_DAY, Bools, Floats, Ints

USUAL_WEEKS = 8
"""Past weeks from which a usual week is told."""

USUAL_SHARE = 0.5
"""Share of the weeks with shifts in which somebody must have been at work in a half-hour for it to be usual."""

A_DAY_FROM = 0.25
"""Share of the usual work of its weekday from which on a day counts as rostered."""

WEEK = 7 * HALVES_A_DAY
WHOLE_S = HALF_S - 1
"""Seconds from which on a half-hour counts as whole: shifts that end a second early are meant to touch the next."""


@dataclass(frozen=True)
class AtWork:
    """Presence of some people and of the floor as a whole.

    Attributes
    ----------
    at_work, here : (people, slots) bool array
        Whole half-hours of work; the same with breaks.
    known : (people,) bool array
        Whether any shift is recorded that tells when somebody works.
    counted_h : (people, months) float array
        Hours that count against the cap, within the calendar months of the plan: past and rostered.
    floor : (slots,) float array
    month : (slots,) int array
        Place of the slot's month among those of the plan.
    notes : tuple of Note
    """

    at_work: Bools
    here: Bools
    known: Bools
    counted_h: Floats
    floor: Floats
    month: Ints
    notes: tuple[Note, ...]


def at_work(facts: Facts, people: Sequence[str], first: date, days: int) -> AtWork:
    """Presence over `days` from `first` on.

    Where the roster reaches into these days it counts as far as it goes; on the days after its last one, each person's usual week does.

    Parameters
    ----------
    facts : Facts
    people : sequence of str
    first : date
    days : int
    """
    slots, start = days * HALVES_A_DAY, clock.day_number(first) * HALVES_A_DAY
    cells = _halves(facts)
    ahead = cells.filter(cells.half >= start, cells.half < start + slots)
    work, there, floor = _usual(facts, cells, people, start, slots)
    known = _rostered(facts, ahead, people, start, slots)
    rostered_days = _rostered_days(known[2], floor)
    end = rostered_days * HALVES_A_DAY
    for usual, now in zip((work, there, floor), known, strict=True):
        usual[..., :end] = now[..., :end]
    months = [(first + timedelta(day)).replace(day=1) for day in range(days)]
    order = {month: n for n, month in enumerate(dict.fromkeys(months))}
    month = np.repeat(np.array([order[m] for m in months], np.int64), HALVES_A_DAY)
    counted = _counted_before(facts, people, next(iter(order)), first, len(order))
    for place in order.values():
        counted[:, place] += work[:, month == place].sum(axis=1) / 2.0
    notes = []
    if rostered_days < days and floor.any():
        code = "usual_week_instead_of_roster" if rostered_days == 0 else "usual_week_after_roster"
        notes.append(Note(code, {"day": str(first + timedelta(rostered_days)), "weeks": USUAL_WEEKS}))
    return AtWork(work, there, np.asarray(there.any(axis=1)), counted, floor, month, tuple(notes))


def _rostered_days(rostered: Floats, usual: Floats) -> int:
    """Days up to the last one that is rostered; the end of a night that began before is no roster of a day."""
    by_day, usual_by_day = (each.reshape(-1, HALVES_A_DAY).sum(axis=1) for each in (rostered, usual))
    days = np.flatnonzero((by_day > 0) & (by_day >= A_DAY_FROM * usual_by_day))
    return int(days[-1]) + 1 if len(days) else 0


def _halves(facts: Facts) -> ir.Table:
    """agent_id, activity, half (number since 1970 on the wall clock), seconds: every shift cut into half-hours."""
    shifts = facts.table("shifts")
    cut = shifts.filter(shifts.agent_id.notnull()).select(
        "agent_id", "activity", begins=facts.wall_clock_s("shifts", "starts_at"), ends=facts.wall_clock_s("shifts", "ends_at")
    )
    cut = cut.filter(cut.ends > cut.begins, cut.activity != "leave")
    cut = cut.mutate(half=ibis.range(cut.begins // HALF_S, (cut.ends - 1) // HALF_S + 1).unnest())
    seconds = ibis.least(cut.ends, (cut.half + 1) * HALF_S) - ibis.greatest(cut.begins, cut.half * HALF_S)
    return cut.select("agent_id", "activity", "half", seconds=seconds)


def _by_person(cells: ir.Table, people: Sequence[str]) -> ir.Table:
    """Seconds of work, and of work and breaks, per person asked for and half-hour."""
    own = cells.filter(cells.agent_id.isin(list(people)), cells.activity.isin(["work", "break"]))
    return own.group_by(["agent_id", "half"]).aggregate(
        work=own.seconds.sum(where=own.activity == "work").fill_null(0), there=own.seconds.sum()
    )


def _rostered(facts: Facts, cells: ir.Table, people: Sequence[str], start: int, slots: int) -> tuple[Bools, Bools, Floats]:
    place = {name: n for n, name in enumerate(people)}
    found = collected(facts, _by_person(cells, people))
    rows = np.array([place[name] for name in found["agent_id"]], np.int64)
    columns = found["half"].to_numpy().astype(np.int64) - start
    grids = []
    for column in ("work", "there"):
        grid = np.zeros((len(people), slots), np.bool_)
        grid[rows, columns] = found[column].to_numpy() >= WHOLE_S
        grids.append(grid)
    work = cells.filter(cells.activity == "work")
    total = collected(facts, work.group_by("half").aggregate(seconds=work.seconds.sum()))
    floor = np.zeros(slots)
    floor[total["half"].to_numpy().astype(np.int64) - start] = total["seconds"].to_numpy() / HALF_S
    return grids[0], grids[1], floor


def _usual(facts: Facts, cells: ir.Table, people: Sequence[str], start: int, slots: int) -> tuple[Bools, Bools, Floats]:
    """Each person's usual week and that of the floor, again and again from `start` on."""
    past = cells.filter(cells.half >= start - USUAL_WEEKS * WEEK, cells.half < start)
    # Weeks are counted back from the first day of the plan, so that slot 0 of a week is its weekday.
    past = past.mutate(since=past.half - (start - USUAL_WEEKS * WEEK))
    past = past.mutate(week=past.since // WEEK, slot=past.since % WEEK)
    weeks = collected(facts, past.group_by("agent_id").aggregate(weeks=past.week.nunique()))
    recorded = collected(facts, past.aggregate(weeks=past.week.nunique()))["weeks"][0] or 1
    of_person = dict(weeks.iter_rows())
    place = {name: n for n, name in enumerate(people)}
    each = _by_person(past.drop("since", "week", "slot"), people)
    each = each.mutate(slot=(each.half - (start - USUAL_WEEKS * WEEK)) % WEEK)
    usual = each.group_by(["agent_id", "slot"]).aggregate(
        work=each.count(where=each.work >= WHOLE_S), there=each.count(where=each.there >= WHOLE_S)
    )
    found = collected(facts, usual)
    rows = np.array([place[name] for name in found["agent_id"]], np.int64)
    least = USUAL_SHARE * np.array([of_person[name] for name in found["agent_id"]])
    repeats = -(-slots // WEEK)
    grids = []
    for column in ("work", "there"):
        grid = np.zeros((len(people), WEEK), np.bool_)
        grid[rows, found["slot"].to_numpy().astype(np.int64)] = found[column].to_numpy() >= least
        grids.append(np.tile(grid, repeats)[:, :slots])
    work = past.filter(past.activity == "work")
    total = collected(facts, work.group_by("slot").aggregate(seconds=work.seconds.sum()))
    floor = np.zeros(WEEK)
    floor[total["slot"].to_numpy().astype(np.int64)] = total["seconds"].to_numpy() / HALF_S / recorded
    return grids[0], grids[1], np.tile(floor, repeats)[:slots]


def _counted_before(facts: Facts, people: Sequence[str], month: date, first: date, months: int) -> Floats:
    """Hours that count against the cap from the beginning of the first month to the first day."""
    cells = _halves(facts)
    edges = (clock.day_number(month) * HALVES_A_DAY, clock.day_number(first) * HALVES_A_DAY)
    own = cells.filter(cells.half >= edges[0], cells.half < edges[1], cells.agent_id.isin(list(people)), cells.activity.isin(COUNTED))
    found = dict(collected(facts, own.group_by("agent_id").aggregate(hours=own.seconds.sum() / 3600)).iter_rows())
    counted = np.zeros((len(people), months))
    counted[:, 0] = [found.get(name, 0.0) for name in people]
    return counted


def expected_load(facts: Facts, first: date, days: int) -> tuple[Floats, int]:
    """Calls to expect in each half-hour: the mean of the last four same weekdays before `first`.

    On public data that was as good as any model beyond two or three days ahead; see Taylor (2008), *Management Science* 54, 253-265.

    Returns
    -------
    load : (slots,) float array
    weeks : int
        Past weeks with calls, of four.
    """
    slots, start = days * HALVES_A_DAY, clock.day_number(first) * HALVES_A_DAY
    calls = facts.table("calls")
    calls = calls.mutate(half=facts.wall_clock_s("calls", "arrived_at") // HALF_S)
    inbound = calls.direction.isnull() | (calls.direction == "inbound")
    to_people = calls.outcome.isnull() | calls.outcome.isin(["answered", "abandoned"])
    asked = calls.filter(inbound, to_people, calls.half >= start - 4 * WEEK, calls.half < start)
    found: pl.DataFrame = collected(facts, asked.group_by("half").aggregate(calls=asked.count()))
    since = found["half"].to_numpy().astype(np.int64) - (start - 4 * WEEK)
    weeks = len(np.unique(since // WEEK))
    load = np.bincount(since % WEEK, found["calls"].to_numpy(), minlength=WEEK) / max(weeks, 1)
    return np.tile(load, -(-slots // WEEK))[:slots], weeks
