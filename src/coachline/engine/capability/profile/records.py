"""Inspections, trainings, exams and mystery calls of every agent, business by business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import polars as pl

from coachline.engine import clock
from coachline.engine.capability.profile.window import Window, collected, day_of
from coachline.engine.facts import Facts
from coachline.engine.quality.inspected import about_the_agent, has_score, inspected_calls, random_part


@dataclass(frozen=True)
class Records:
    """Sums by agent and business (null where not known); ``last`` is the day of the last one, null where none is dated.

    Attributes
    ----------
    inspections : polars.DataFrame
        ``n``; of those made to score or of unknown purpose: ``scored`` and ``score`` (with a score, and their sum), ``judged`` and ``passed``, ``fatal_known``
        and ``fatal``, ``last_score``.
    trainings : polars.DataFrame
        Also by ``method``: ``n``, ``timed`` (hours known), ``hours``.
    exams : polars.DataFrame
        ``n`` (items with a known answer), ``correct``.
    sittings : polars.DataFrame
        agent_id, ``exams``: how many were taken.
    mystery : polars.DataFrame
        agent_id, ``centre``: ``n`` (mystery calls), ``points``, ``max_points``.
    recorded : frozenset of str
        The tables that hold anything at all.
    later : dict of str to int
        Table -> rows left out because they are dated long after the last call.
    """

    inspections: pl.DataFrame
    trainings: pl.DataFrame
    exams: pl.DataFrame
    sittings: pl.DataFrame
    mystery: pl.DataFrame
    recorded: frozenset[str]
    later: dict[str, int]


WHEN = {"inspections": "inspected_at", "trainings": "started_at", "exams": "taken_at", "mystery_calls": "called_at"}

_CELL = {"agent_id": pl.String(), "business": pl.String()}
_INSPECTIONS = ("n", "scored", "score", "judged", "passed", "fatal_known", "fatal", "last", "last_score")
_NOTHING = {
    "inspections": pl.Schema({**_CELL, **dict.fromkeys(_INSPECTIONS, pl.Int64())}),
    "trainings": pl.Schema({**_CELL, "method": pl.String(), **dict.fromkeys(("n", "timed", "hours", "last"), pl.Int64())}),
    "exams": pl.Schema({**_CELL, **dict.fromkeys(("n", "correct", "last"), pl.Int64())}),
    "sittings": pl.Schema({"agent_id": pl.String(), "exams": pl.Int64()}),
    "mystery": pl.Schema(
        {"agent_id": pl.String(), "centre": pl.String(), **dict.fromkeys(("n", "points", "max_points", "last"), pl.Int64())}
    ),
}
"""What a table gives that holds nothing."""


def records(facts: Facts, window: Window) -> Records:
    """Reduce the four tables where they lie."""
    recorded = frozenset(table for table in WHEN if facts.has(table))
    reductions: dict[str, tuple[str, Callable[[Facts, Window], pl.DataFrame]]] = {
        "inspections": ("inspections", _inspections),
        "trainings": ("trainings", _trainings),
        "exams": ("exams", _exams),
        "sittings": ("exams", _sittings),
        "mystery": ("mystery_calls", _mystery),
    }
    frames = {
        name: reduction(facts, window) if table in recorded else _NOTHING[name].to_frame()
        for name, (table, reduction) in reductions.items()
    }
    later = {table: _later(facts, window, table) for table in sorted(recorded)}
    return Records(**frames, recorded=recorded, later={table: rows for table, rows in later.items() if rows})


def _later(facts: Facts, window: Window, table: str) -> int:
    """How many rows are dated so late that nothing can have happened yet."""
    ends = facts.days(table, WHEN[table])
    if window.period.last is not None or ends is None or clock.day_number(ends[1]) <= window.latest:
        return 0
    rows = facts.table(table).mutate(day=day_of(facts, table, WHEN[table]))
    return int(facts.collect(rows.aggregate(rows=rows.count(where=rows.day > window.latest)))["rows"][0].as_py())


def _dated(facts: Facts, window: Window, table: str, columns: tuple[str, ...]) -> ir.Table:
    """The rows of `table` that count and have an agent, without repetitions, with ``day``."""
    rows = facts.table(table).mutate(day=day_of(facts, table, WHEN[table]))
    rows = rows.filter(rows.agent_id.notnull(), window.counts(rows.day))
    return rows.select("agent_id", "day", *columns).distinct()


def _inspections(facts: Facts, window: Window) -> pl.DataFrame:
    table = facts.table("inspections")
    table = table.filter(table.agent_id.notnull(), about_the_agent(table))
    rows = inspected_calls(facts, table, ["purpose", "score", "passed", "fatal"])
    inspected, called = (
        clock.wall_clock_seconds(facts.epoch_us(rows[moment]), facts.offsets(*origin)) // clock.DAY_S
        for moment, origin in (("inspected_at", ("inspections", "inspected_at")), ("called_at", ("calls", "arrived_at")))
    )
    rows = rows.mutate(day=ibis.coalesce(inspected, called), to_score=random_part(rows))
    rows = rows.filter(window.counts(rows.day))
    scored = rows.to_score & has_score(rows)
    found = rows.group_by(["agent_id", "business"]).aggregate(
        n=rows.count(),
        scored=rows.count(where=scored),
        # Engines differ over the sum of nothing.
        score=scored.ifelse(rows.score, 0.0).sum(),
        judged=rows.count(where=rows.to_score & rows.passed.notnull()),
        passed=rows.count(where=rows.to_score & rows.passed),
        fatal_known=rows.count(where=rows.to_score & rows.fatal.notnull()),
        fatal=rows.count(where=rows.to_score & rows.fatal),
        last=rows.day.max(),
        last_score=rows.day.max(where=rows.to_score),
    )
    return collected(facts, found).sort("agent_id", "business")


def _trainings(facts: Facts, window: Window) -> pl.DataFrame:
    rows = _dated(facts, window, "trainings", ("training_id", "business", "method", "hours"))
    timed = ((rows.hours >= 0) & ~rows.hours.isnan() & ~rows.hours.isinf()).fill_null(False)
    found = rows.group_by(["agent_id", "business", "method"]).aggregate(
        n=rows.count(), timed=rows.count(where=timed), hours=timed.ifelse(rows.hours, 0.0).sum(), last=rows.day.max()
    )
    return collected(facts, found).sort("agent_id", "business", "method")


def _exams(facts: Facts, window: Window) -> pl.DataFrame:
    rows = _dated(facts, window, "exams", ("exam_id", "item", "business", "correct"))
    rows = rows.filter(rows.correct.notnull())
    found = rows.group_by(["agent_id", "business"]).aggregate(n=rows.count(), correct=rows.count(where=rows.correct), last=rows.day.max())
    return collected(facts, found).sort("agent_id", "business")


def _sittings(facts: Facts, window: Window) -> pl.DataFrame:
    rows = _dated(facts, window, "exams", ("exam_id",)).select("agent_id", "exam_id").distinct()
    return collected(facts, rows.group_by("agent_id").aggregate(exams=rows.count()))


def _mystery(facts: Facts, window: Window) -> pl.DataFrame:
    rows = _dated(facts, window, "mystery_calls", ("mystery_id", "item", "centre", "points", "max_points"))
    rows = rows.filter((rows.max_points > 0) & ~rows.max_points.isnan() & ~rows.max_points.isinf())
    rows = rows.filter(rows.points.notnull() & ~rows.points.isnan() & ~rows.points.isinf())
    found = rows.group_by(["agent_id", "centre"]).aggregate(
        n=rows.mystery_id.nunique(), points=rows.points.sum(), max_points=rows.max_points.sum(), last=rows.day.max()
    )
    return collected(facts, found).sort("agent_id", "centre")
