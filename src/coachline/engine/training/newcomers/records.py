"""What the records of a centre say about its newcomers, reduced where the records lie: a row per person, person and month, day, and half-hour of the week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import polars as pl
from numpy.typing import NDArray

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.operations.enriched import enriched_calls
from coachline.engine.operations.period import Period
from coachline.engine.operations.rostered import shift_days

Floats = NDArray[np.float64]

PERIOD_DAYS = 28
"""Days over which one person's calls are taken together."""
LONGEST_DAYS = 5 * 365
"""Leaving is looked at for so long: older habits say little, and one wrong date would otherwise count as years without leavers."""
SLOT_S = 1800
LEAST_VARIANCE = 1e-4
"""Of the log of handle time, where all calls are recorded as equally long."""
PRIOR_CALLS = 20.0
"""Calls of the centre's average that each business starts from, so that a rare one has no level of 0 or 1."""

NEWCOMER_COLUMNS = {
    "agents": ("agent_id", "hired_on", "left_on"),
    "calls": ("arrived_at", "direction", "business", "queue", "agent_id", "wait_s", "talk_s", "hold_s", "wrap_s", "outcome", "resolved"),
    "shifts": ("agent_id", "starts_at", "ends_at", "activity"),
    "trainings": ("agent_id", "started_at", "hours"),
}


@dataclass(frozen=True)
class People:
    """Who is or was there.

    Attributes
    ----------
    agent_id : list of str
    hired, left : (people,) float arrays
        Day numbers; NaN for not known and for still there.
    opened, closed : int
        First day of the records of leaving, and the day after the last day of calls.
    dated_ahead : int
        People hired after the last day; they are not there yet.
    """

    agent_id: list[str]
    hired: Floats
    left: Floats
    opened: int
    closed: int
    dated_ahead: int

    @property
    def present(self) -> NDArray[np.bool_]:
        """Who is there on the last day."""
        begun = ~(self.hired >= self.closed)
        return np.asarray(begun & ~(self.left < self.closed))

    @property
    def months(self) -> float:
        """Length of the records of leaving and hiring."""
        return (self.closed - self.opened) / (365.25 / 12)


@dataclass(frozen=True)
class Work:
    """What was done and asked for.

    Attributes
    ----------
    cells : polars.DataFrame
        By agent_id and period: day (mean), first_day, n, resolved, expected, information, handled, log_handle (sum of what is above the business's mean).
    handle_variance : float
        Of the log of handle time within a business.
    days : polars.DataFrame
        By day: offered, answered, abandoned, within, wait_known, waited_s, wait_abandoned, handle_s, handled, resolved_known, resolved.
    load : polars.DataFrame
        By queue, weekday (0 is Monday) and slot of the day: offered.
    """

    cells: pl.DataFrame
    handle_variance: float
    days: pl.DataFrame
    load: pl.DataFrame


def people(facts: Facts, last: date) -> People:
    """The people, with the days from which on leaving is recorded.

    Where somebody left before the first call, the records of leaving are older than the calls: they begin on the day after the first who is known to have left,
    who is then left out, since nobody would have looked on that day otherwise.
    """
    rows = facts.collect(facts.table("agents").select("agent_id", "hired_on", "left_on").order_by("agent_id"))
    hired, left = (_day_numbers(rows[name].to_pylist()) for name in ("hired_on", "left_on"))
    days = facts.days("calls", "arrived_at")
    assert days is not None
    closed = clock.day_number(last) + 1
    opened = clock.day_number(days[0])
    earliest = np.nanmin(left) if np.isfinite(left).any() else np.inf
    opened = int(max(min(opened, earliest + 1, closed - 1), closed - LONGEST_DAYS))
    return People(rows["agent_id"].to_pylist(), hired, left, opened, closed, int((hired >= closed).sum()))


def _day_numbers(days: list[date | None]) -> Floats:
    return np.array([np.nan if day is None else float(clock.day_number(day)) for day in days], float)


def work(facts: Facts, period: Period, within_s: float) -> Work:
    """The calls of a period, reduced.

    Parameters
    ----------
    facts : Facts
    period : Period
    within_s : float
        Seconds of the service level.
    """
    calls = _calls(facts, period, within_s)
    taken = calls.filter(calls.answered, calls.agent_id.notnull())
    by_business = facts.collect(
        taken.group_by("of_business").aggregate(
            known=taken.known.sum(),
            solved=taken.solved.sum(),
            timed=taken.timed.sum(),
            logs=taken.log_handle.sum(),
            squares=(taken.log_handle * taken.log_handle).sum(),
        )
    )
    business = pl.DataFrame(by_business).fill_null(0.0)
    known, solved, timed, logs, squares = (
        business[name].cast(pl.Float64).to_numpy() for name in ("known", "solved", "timed", "logs", "squares")
    )
    general = solved.sum() / known.sum() if known.sum() else 0.5
    log_mean = logs.sum() / timed.sum() if timed.sum() else 0.0
    level = (solved + PRIOR_CALLS * general) / (known + PRIOR_CALLS)
    usual = (logs + PRIOR_CALLS * log_mean) / (timed + PRIOR_CALLS)
    spread = float((squares - timed * usual**2).sum())
    levels = pl.DataFrame({"of_level": business["of_business"], "level": level, "usual": usual})
    return Work(
        cells=_cells(facts, taken, levels),
        handle_variance=max(spread / float(timed.sum()), LEAST_VARIANCE) if timed.sum() else 1.0,
        days=_days(facts, calls),
        load=_load(facts, calls),
    )


def _calls(facts: Facts, period: Period, within_s: float) -> ir.Table:
    calls = enriched_calls(facts, period)
    handle = calls.talk_s + calls.hold_s.fill_null(0.0) + calls.wrap_s.fill_null(0.0)
    # The logarithm of 0 and sums with what is no number differ between engines.
    timed = calls.answered & handle.notnull() & (handle > 0) & ~handle.isnan() & ~handle.isinf()
    offered = calls.answered | calls.abandoned
    wait = calls.wait_s.notnull() & (calls.wait_s >= 0) & ~calls.wait_s.isnan() & ~calls.wait_s.isinf()
    calls = calls.mutate(
        of_business=calls.business.fill_null(""),
        day=calls.wall_s // clock.DAY_S,
        slot=calls.wall_s % clock.DAY_S // SLOT_S,
        known=(calls.answered & calls.resolved.notnull()).ifelse(1, 0),
        solved=(calls.answered & calls.resolved.fill_null(False)).ifelse(1, 0),
        timed=timed.ifelse(1, 0),
        handle=timed.ifelse(handle, 0.0),
        log_handle=timed.ifelse(ibis.greatest(handle, 1.0).ln(), 0.0),
        offered=offered.ifelse(1, 0),
        wait_known=(offered & wait).ifelse(1, 0),
        waited=(offered & wait).ifelse(calls.wait_s, 0.0),
        wait_abandoned=(calls.abandoned & wait).ifelse(1, 0),
        within=(calls.answered & wait & (calls.wait_s <= within_s)).ifelse(1, 0),
        taken=calls.answered.ifelse(1, 0),
        lost=calls.abandoned.ifelse(1, 0),
    )
    return calls.select(
        "agent_id", "queue", "answered", "of_business", "day", "slot", "known", "solved", "timed", "handle", "log_handle", "offered", "wait_known",
        "waited", "wait_abandoned", "within", "taken", "lost",
    )  # fmt: skip


def _cells(facts: Facts, taken: ir.Table, levels: pl.DataFrame) -> pl.DataFrame:
    taken = taken.mutate(period=taken.day // PERIOD_DAYS)
    cells = taken.group_by(["agent_id", "period", "of_business"]).aggregate(
        calls=taken.count(),
        days=taken.day.sum(),
        first_day=taken.day.min(),
        known=taken.known.sum(),
        solved=taken.solved.sum(),
        timed=taken.timed.sum(),
        logs=taken.log_handle.sum(),
    )
    if not levels.height:
        return pl.DataFrame(schema=dict.fromkeys(_CELLS, pl.Float64()) | {"agent_id": pl.String()})
    known = ibis.memtable(levels.to_arrow())
    cells = cells.inner_join(known, cells.of_business == known.of_level)
    sums = cells.group_by(["agent_id", "period"]).aggregate(
        calls=cells.calls.sum(),
        days=cells.days.sum(),
        first_day=cells.first_day.min(),
        n=cells.known.sum(),
        resolved=cells.solved.sum(),
        expected=(cells.known * cells.level).sum(),
        handled=cells.timed.sum(),
        log_handle=(cells.logs - cells.timed * cells.usual).sum(),
    )
    found = pl.DataFrame(facts.collect(sums)).sort("agent_id", "period")
    return found.with_columns(day=pl.col("days") / pl.col("calls")).select("agent_id", *_CELLS)


_CELLS = ("period", "day", "first_day", "n", "resolved", "expected", "handled", "log_handle")


def _days(facts: Facts, calls: ir.Table) -> pl.DataFrame:
    sums = calls.group_by("day").aggregate(
        offered=calls.offered.sum(),
        answered=calls.taken.sum(),
        abandoned=calls.lost.sum(),
        within=calls.within.sum(),
        wait_known=calls.wait_known.sum(),
        waited_s=calls.waited.sum(),
        wait_abandoned=calls.wait_abandoned.sum(),
        handle_s=calls.handle.sum(),
        handled=calls.timed.sum(),
        resolved_known=calls.known.sum(),
        resolved=calls.solved.sum(),
    )
    return pl.DataFrame(facts.collect(sums)).sort("day")


def _load(facts: Facts, calls: ir.Table) -> pl.DataFrame:
    calls = calls.mutate(weekday=(calls.day + 3) % 7, queue=calls.queue.fill_null(""))
    sums = calls.group_by(["queue", "weekday", "slot"]).aggregate(offered=calls.offered.sum())
    return pl.DataFrame(facts.collect(sums)).filter(pl.col("offered") > 0).sort("queue", "weekday", "slot")


def work_hours(facts: Facts, of: People) -> float | None:
    """Rostered hours of work of one person in a month of 30.4 days; None where no shifts are recorded."""
    span = facts.days("shifts", "starts_at") if facts.has("shifts") else None
    if span is None:
        return None
    work = shift_days(facts)
    work = work.filter(work.activity == "work")
    hours = _total(facts, work.aggregate(total=work.seconds.sum())) / 3600
    months = _person_months(of, clock.day_number(span[0]), clock.day_number(span[1]) + 1)
    return hours / months if months > 0 and hours > 0 else None


def training_hours(facts: Facts, of: People) -> float | None:
    """Hours of training of one person in a month; None where no trainings are recorded."""
    span = facts.days("trainings", "started_at") if facts.has("trainings") else None
    if span is None:
        return None
    trainings = facts.table("trainings")
    trainings = trainings.filter(trainings.hours.notnull(), ~trainings.hours.isnan(), ~trainings.hours.isinf(), trainings.hours >= 0)
    hours = _total(facts, trainings.aggregate(total=trainings.hours.sum()))
    first = min(clock.day_number(span[0]), of.opened)
    months = _person_months(of, first, max(of.closed, clock.day_number(span[1]) + 1))
    return hours / months if months > 0 else None


def _total(facts: Facts, sums: ir.Table) -> float:
    return float(facts.collect(sums)["total"][0].as_py() or 0.0)


def _person_months(of: People, first: int, end: int) -> float:
    """Months that people were there between two days; who has no date of hiring counts as there from the beginning."""
    begun = np.where(np.isfinite(of.hired), of.hired, -np.inf)
    days = np.minimum(np.where(np.isfinite(of.left), of.left, np.inf), end) - np.maximum(begun, first)
    return float(np.maximum(days, 0.0).sum() / (365.25 / 12))
