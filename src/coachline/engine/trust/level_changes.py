"""Sudden changes from one day on, odd days and lost days: daily figures of a table and what stands out in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
import numpy as np
import polars as pl

from coachline.engine import clock
from coachline.engine.facts import Facts
from coachline.engine.tables import FactTable
from coachline.engine.tables.kinds import Flag
from coachline.engine.trust.changes import Change, Floats, find_changes, weekday_effects
from coachline.engine.trust.issue import Grade, Issue
from coachline.engine.trust.missing import expected
from coachline.engine.trust.profile import NUMERIC, profiled

FALSE_ALARMS = 0.01
"""Chance that a run over facts without any change names one, over all series of all tables together."""

ROWS_A_DAY = 20
"""Days with fewer rows say nothing about a share or a level."""

LEVEL_STEP, LEVEL_SPELL = float(np.log(3)), float(np.log(5))
"""Factors that no change of work brings about overnight, as logarithms."""

SWINGS = ("wait_s", "ivr_s")
"""A bad day makes customers wait ten times as long: only factors of a changed unit count here."""

SWING = float(np.log(30))
MISSING_STEP, MISSING_SPELL = 0.1, 0.2
FLAG_STEP = 0.4
VOLUME_STEP, VOLUME_SPELL = float(np.log(3)), float(np.log(5))

FILLED = 0.6
"""Least share of days with rows for a table whose lost days and volume are judged."""

UNITS = (1000, 60, 3600)
"""Factors between the units in which systems export durations: ms, s, min, h."""

UNIT_TOLERANCE = float(np.log(1.15))


@dataclass(frozen=True)
class Series:
    """One daily figure of a table, on the scale on which it is tested."""

    table: str
    column: str
    what: str
    """``missing``, ``level``, ``share`` or ``volume``."""

    days: np.ndarray
    rows: np.ndarray
    """Rows behind each day's figure."""

    total: int
    """Rows of the table."""

    tested: Floats
    se: Floats
    step: float
    spell: float


def daily(facts: Facts, table: FactTable) -> pl.DataFrame:
    """Per local day: rows; per column rows expected and known; of numbers the logarithms' sums, of flags the true ones."""
    assert table.when is not None
    rows = facts.table(table.name)
    rows = rows.filter(rows[table.when].notnull()).mutate(day=facts.wall_clock_s(table.name, table.when) // clock.DAY_S)
    figures: dict[str, ir.Value] = {"rows": rows.count()}
    for column in profiled(table):
        name, values = column.name, rows[column.name]
        where = expected(table, name, rows)
        figures[f"expected.{name}"] = rows.count(where=where)
        figures[f"known.{name}"] = values.count(where=where)
        if isinstance(column.kind, NUMERIC) and name not in table.key:
            logarithm = ibis.ifelse(values > 0, values.cast("float64"), ibis.null("float64")).ln()
            figures[f"positive.{name}"] = logarithm.count()
            figures[f"log.{name}"] = logarithm.sum()
            figures[f"log2.{name}"] = (logarithm * logarithm).sum()
        elif isinstance(column.kind, Flag):
            figures[f"true.{name}"] = rows.count(where=values & where if where is not None else values)
    frame = pl.from_arrow(facts.collect(rows.group_by("day").aggregate(**figures)))
    assert isinstance(frame, pl.DataFrame)
    return frame.with_columns(pl.col("day").cast(pl.Int64)).sort("day")


def series_of(table: FactTable, frame: pl.DataFrame) -> list[Series]:
    """All series of a table that have enough days and rows to be judged."""
    found = []
    total = int(frame["rows"].sum())
    days = frame["day"].to_numpy()
    for column in profiled(table):
        name = column.name
        expected_rows = frame[f"expected.{name}"].to_numpy()
        known = frame[f"known.{name}"].to_numpy()
        if known.sum() == 0:
            continue
        if (expected_rows > known).any():
            enough = expected_rows >= ROWS_A_DAY
            count = expected_rows[enough]
            missing = 1 - known[enough] / count
            found.append(
                Series(table.name, name, "missing", days[enough], count, total, missing, _share_se(count), MISSING_STEP, MISSING_SPELL)
            )
        if f"log.{name}" in frame.columns:
            positive = frame[f"positive.{name}"].to_numpy()
            enough = positive >= ROWS_A_DAY
            count = positive[enough]
            mean = frame[f"log.{name}"].to_numpy()[enough] / np.maximum(count, 1)
            spread = np.sqrt(np.maximum(frame[f"log2.{name}"].to_numpy()[enough] / np.maximum(count, 1) - mean**2, 0))
            step, spell = (SWING, SWING) if name in SWINGS else (LEVEL_STEP, LEVEL_SPELL)
            found.append(Series(table.name, name, "level", days[enough], count, total, mean, spread / np.sqrt(count), step, spell))
        if f"true.{name}" in frame.columns:
            enough = known >= ROWS_A_DAY
            count = known[enough]
            share = frame[f"true.{name}"].to_numpy()[enough] / np.maximum(count, 1)
            found.append(Series(table.name, name, "share", days[enough], count, total, share, _share_se(count), FLAG_STEP, FLAG_STEP))
    return [*found, *_volume(table, frame, total)]


def _share_se(rows: np.ndarray) -> Floats:
    """Largest standard error that a share of so many rows can have."""
    return np.asarray(0.5 / np.sqrt(np.maximum(rows, 1)), dtype=np.float64)


def _volume(table: FactTable, frame: pl.DataFrame, total: int) -> list[Series]:
    """Rows a day without their weekly rhythm, for tables that fill day by day."""
    days, rows = frame["day"].to_numpy(), frame["rows"].to_numpy()
    # The first and the last day of an export are rarely whole; three weeks are needed to know a rhythm.
    days, rows = days[1:-1], rows[1:-1]
    if len(days) < 21 or not _fills_day_by_day(days) or np.median(rows) < ROWS_A_DAY:
        return []
    logarithm = np.log(rows)
    logarithm = logarithm - weekday_effects(logarithm, days % 7)
    assert table.when is not None
    return [Series(table.name, table.when, "volume", days, rows, total, logarithm, 1 / np.sqrt(rows), VOLUME_STEP, VOLUME_SPELL)]


def _fills_day_by_day(days: np.ndarray) -> bool:
    """Whether rows come on most days, weekends perhaps apart; exams, held now and then, leave days empty by nature."""
    return bool(len(days) >= FILLED * (days[-1] - days[0] + 1))


def issues(series: Iterable[Series]) -> list[Issue]:
    """Codes ``missing_from``/``missing_on``, ``unit_*``, ``level_*`` and ``volume_*``; ``from``: it stays, ``on``: it passes."""
    judged = [one for one in series if len(one.days)]
    found = []
    for one in judged:
        for change in find_changes(one.tested, one.se, FALSE_ALARMS / len(judged), one.step, one.spell):
            # A weekly rhythm leaves the slow weekdays noisier: of volumes only losses count as odd days.
            if one.what == "volume" and not change.lasting and change.after > change.before:
                continue
            found.append(_issue(one, change))
    return found


def _issue(series: Series, change: Change) -> Issue:
    touched = slice(change.first, change.last + 1)
    first, last = _day(series.days[change.first]), _day(series.days[change.last])
    factor = change.after - change.before
    unit = _unit(factor) if series.what == "level" else None
    rows, what = series.rows[touched].sum(), series.what
    grade: Grade = "doubt"
    if series.what == "missing":
        better = factor < 0
        # If it got better for good, what is amiss lies before.
        lacking = series.tested * series.rows
        rows = lacking[: change.first].sum() if better and change.lasting else lacking[touched].sum()
        grade = "gap" if better else "wrong"
    elif series.what == "share":
        what = "level"
    elif unit:
        grade, what = "wrong", "unit"
    return Issue(
        table=series.table,
        column=series.column,
        code=f"{what}_{'from' if change.lasting else 'on'}",
        rows=round(float(rows)),
        share=float(rows) / series.total,
        grade=grade,
        example=f"{first}{'' if change.lasting or first == last else f' … {last}'}: {_figures(series, change, unit)}",
        whole_row=series.what == "volume",
    )


def _figures(series: Series, change: Change, unit: str | None) -> str:
    if series.what in ("missing", "share"):
        return f"{change.before:.0%} → {change.after:.0%}"
    return unit or f"×{np.exp(change.after - change.before):.3g}"


def _unit(factor: float) -> str | None:
    """``×1000`` or ``÷60`` where a factor is that between two units."""
    for unit in UNITS:
        if abs(abs(factor) - np.log(unit)) < UNIT_TOLERANCE:
            return f"{'×' if factor > 0 else '÷'}{unit}"
    return None


def lost_days(table: FactTable, frame: pl.DataFrame) -> list[Issue]:
    """Days without any row although the same weekday otherwise always has many (code ``empty_days``; the share is of days)."""
    assert table.when is not None
    if frame.height < 2 or not _fills_day_by_day(frame["day"].to_numpy()):
        return []
    count = dict(zip(frame["day"].to_list(), frame["rows"].to_list(), strict=True))
    first, last = min(count), max(count)
    lost = []
    for weekday in range(7):
        days = range(first + (weekday - first) % 7, last + 1, 7)
        filled = [count[day] for day in days if day in count]
        empty = [day for day in days if day not in count]
        # Closed every other Sunday, or few rows anyway: an empty day is nothing special.
        if empty and len(filled) >= 3 * len(empty) and min(filled) >= 5 and np.median(filled) >= ROWS_A_DAY:
            lost += empty
    if not lost:
        return []
    example = ", ".join(f"{_day(day)}" for day in sorted(lost)[:3]) + (" …" if len(lost) > 3 else "")
    return [Issue(table.name, table.when, "empty_days", 0, len(lost) / (last - first + 1), "lost_days", example, whole_row=True)]


def _day(number: int) -> date:
    return clock.EPOCH + timedelta(days=int(number))
