"""Pictures that several chapters draw, each with the table of the same figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from coachline.report.blocks import Column, Picture, Row, Table
from coachline.report.chapter import Desk
from coachline.report.metrics import Series


def trend(desk: Desk, series: Sequence[Series], title: str | None = None, *, wide: bool = False, height: int = 230) -> Picture:
    """Metrics of one unit over the days: one with its usual band and unusual days, or several side by side."""
    days = desk.metrics.days
    spec = {
        "kind": "trend",
        "unit": series[0].unit,
        "days": [desk.show.day(day) for day in days],
        "weekends": _weekends(days),
        "series": [
            {"name": name, **_line(one, days, single=len(series) == 1)}
            for one, name in zip(series, told_apart([desk.words(f"metric.{one.metric}") for one in series]), strict=True)
        ],
    }
    if len(series) == 1:
        only = series[0]
        name = desk.words(f"metric.{only.metric}")
        return Picture(
            title or name, spec, _table_of_one(desk, only, name), height=height, wide=wide, metric=only.metric, caption=_answer(desk, only)
        )
    assert title is not None
    return Picture(title, spec, _table_of_many(desk, series, title, days), height=height + 30, wide=wide)


def told_apart(names: Sequence[str]) -> list[str]:
    """Names that differ only in a bracket at the end, by that bracket: ``Level (a)``, ``Level (b)`` become ``a``, ``b``.

    >>> told_apart(["Level (a)", "Level (b)"]), told_apart(["Level (a)", "Rate (b)"])
    (['a', 'b'], ['Level (a)', 'Rate (b)'])
    """
    parts = [re.fullmatch(r"(.+?)\s*[(\uff08](.+)[)\uff09]", name) for name in names]
    if len(names) < 2 or len({part[1] if part else None for part in parts}) != 1:
        return list(names)
    return [part[2] for part in parts if part] if all(parts) else list(names)


def short(value: float | None) -> float | None:
    """Six significant digits: enough for any picture, and the page stays small."""
    return None if value is None else float(f"{value:.6g}")


def _line(series: Series, days: Sequence[date], single: bool) -> dict[str, Any]:
    on = {point.day: point for point in series.points}
    points = [on.get(day) for day in days]
    line: dict[str, Any] = {
        "values": [short(point.value) if point else None for point in points],
        "unusual": [number for number, day in enumerate(days) if series.is_unusual(day)],
    }
    if series.unit != "count":
        line["n"] = [short(series.cases(point)) if point else None for point in points]
    if single and series.usual:
        usual = [series.usual.get(day) for day in days]
        line["low"] = [short(u.low) if u else None for u in usual]
        line["high"] = [short(u.high) if u else None for u in usual]
    return line


def _weekends(days: Sequence[date]) -> list[tuple[int, int]]:
    """First and last position of every run of weekend days."""
    runs = []
    for weekend, run in groupby(range(len(days)), key=lambda position: days[position].weekday() >= 5):
        positions = list(run)
        if weekend:
            runs.append((positions[0], positions[-1]))
    return runs


def _answer(desk: Desk, series: Series) -> str:
    """What the picture shows, in a sentence: the whole period, and the unusual days."""
    words, show = desk.words, desk.show
    whole = show.value(series.unit, series.whole, series.cases_whole())
    key = "report.trend.whole_count" if series.unit == "count" else "report.trend.whole"
    sentence = words(key, value=whole)
    if not series.usual:
        return sentence + words("report.trend.no_band")
    unusual = series.unusual_days
    if not unusual:
        return sentence + words("report.trend.none_unusual")
    named = words("report.list_separator").join(day.strftime("%m-%d") for day in unusual[-4:])
    return sentence + words("report.trend.unusual" if len(unusual) <= 4 else "report.trend.unusual_more", count=len(unusual), days=named)


def _table_of_one(desk: Desk, series: Series, name: str) -> Table:
    words, show = desk.words, desk.show
    counted = series.unit == "count"
    banded = bool(series.usual)
    heads = [Column(words("column.date"), figure=False), Column(name)]
    heads += [] if counted else [Column(words("column.numerator")), Column(words("column.denominator"))]
    heads += [Column(words("report.column.usual")), Column(words("report.column.unusual"), figure=False)] if banded else []
    rows = []
    for point in reversed(series.points):
        cells = [show.day(point.day), show.value(series.unit, point.value)]
        cells += [] if counted else [show.count(point.numerator), show.count(point.denominator)]
        if banded:
            usual = series.usual.get(point.day)
            cells.append(show.between(series.unit, usual.low, usual.high) if usual else show.unknown)
            cells.append(words("report.flag.yes") if series.is_unusual(point.day) else "")
        rows.append(Row(cells, mark=series.is_unusual(point.day)))
    return Table.of(words("report.trend.table", metric=name), heads, rows)


def _table_of_many(desk: Desk, series: Sequence[Series], title: str, days: Sequence[date]) -> Table:
    heads = [Column(desk.words("column.date"), figure=False), *(Column(desk.words(f"metric.{one.metric}")) for one in series)]
    on = [{point.day: point.value for point in one.points} for one in series]
    rows = [
        [desk.show.day(day), *(desk.show.value(one.unit, at.get(day)) for one, at in zip(series, on, strict=True))]
        for day in reversed(days)
    ]
    return Table.of(title, heads, rows)
