"""How the running figures went over the period, and which days were unusual."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import CAUSES, DAILY, PASSPORTS, Chapter, Desk, NothingToShow
from coachline.report.metrics import FAMILY, Series
from coachline.report.pictures import trend

SHOWN = ("connect_rate", "abandon_rate", "asa")
"""Metrics with a picture here; the others have one in the chapter of their subject."""


def build(desk: Desk) -> Sequence[Block]:
    metrics = desk.metrics
    volumes = metrics.several("offered", "answered", "abandoned")
    blocks: list[Block] = []
    if volumes:
        blocks.append(trend(desk, volumes[:1]))
    blocks += [trend(desk, [series]) for series in metrics.several(*SHOWN)]
    if not blocks:
        raise NothingToShow("report.why.no_days")
    causes = desk.maybe(CAUSES)
    if causes is not None and "unusual" in causes.tables:
        blocks += _unusual(desk)
    return blocks


def _unusual(desk: Desk) -> list[Block]:
    words, show = desk.words, desk.show
    if not any(series.usual for series in desk.metrics):
        return [Paragraph(words("report.trend.no_band"))]
    families: dict[tuple[date, str], Series] = {}
    for series in sorted(desk.metrics, key=lambda series: series.rank):
        for day in series.unusual_days:
            families.setdefault((day, FAMILY.get(series.metric, series.metric)), series)
    found = sorted(((day, series) for (day, _), series in families.items()), key=lambda pair: (-pair[0].toordinal(), pair[1].rank))
    if not found:
        return [Paragraph(words("report.daily.none_unusual"))]
    alpha = float(desk.result(CAUSES).values["alpha"] or 0)
    rows = []
    for day, series in found:
        usual = series.usual[day]
        value = next(point.value for point in series.points if point.day == day)
        rows.append(
            Row(
                [
                    show.day(day),
                    words(f"metric.{series.metric}"),
                    show.value(series.unit, value),
                    show.value(series.unit, usual.expected),
                    show.between(series.unit, usual.low, usual.high),
                ]
            )
        )
    heads = [
        Column(words("column.date"), figure=False),
        Column(words("column.metric"), figure=False),
        Column(words("column.value")),
        Column(words("column.expected")),
        Column(words("report.column.usual")),
    ]
    return [
        Paragraph(words("report.daily.unusual_intro", level=f"{alpha:.0%}"), "quiet"),
        Table.of(words("report.daily.unusual_table", count=len(found)), heads, rows),
    ]


CHAPTER = Chapter("daily", (DAILY, PASSPORTS), build)
