"""Which changes over the months are real, and only those."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from coachline.report.blocks import Block, Column, OurWord, Paragraph, Picture, Row, Table
from coachline.report.capability import Measure, measure
from coachline.report.chapter import Chapter, Desk, Need, NothingToShow
from coachline.report.paths import leaf
from coachline.report.pictures import short

TREND = Need("capability.trend")
MOST_DRAWN = 12
"""Small pictures on the page; more would hide each other."""
KEY = ("agent_id", "business", "outcome")


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(TREND)
    months, changes = result.polars()["period"].unique().sort(), result.polars("changes")
    if len(months) < 2:
        raise NothingToShow("report.why.one_month")
    real = changes.filter(pl.col("verdict").is_in(["rising", "falling"])).sort("p_change", *KEY, descending=[True, False, False, False])
    period = {"first": months[0], "last": months[-1]}
    if real.is_empty():
        return [Paragraph(words("report.trends.none", count=show.count(changes.height), **period))]
    title = words("report.trends.title")
    sentence = words("report.trends.answer", count=show.count(real.height), series=show.count(changes.height), **period)
    return [
        Paragraph(sentence),
        Picture(
            title,
            _spec(desk, real.head(MOST_DRAWN)),
            _table(desk, real, title),
            height=0,
            wide=True,
            caption=words("report.trends.caption"),
        ),
    ]


def _spec(desk: Desk, real: pl.DataFrame) -> dict[str, Any]:
    points = desk.result(TREND).polars()
    series = []
    for change in real.iter_rows(named=True):
        own = points.filter(pl.all_horizontal(pl.col(name).eq_missing(pl.lit(change[name], pl.String)) for name in KEY)).sort("period")
        found = measure(change["outcome"], alike=False)
        series.append(
            {
                "name": _subject(desk, change),
                "agent": change["agent_id"],
                "business": change["business"],
                "change": _said(desk, found, change),
                "look": _worse(found, change),
                "unit": found.unit,
                "months": own["period"].to_list(),
                "n": own["n"].to_list(),
                **{letter: [short(v) for v in own[name]] for letter, name in (("e", "estimate"), ("l", "low"), ("h", "high"))},
            }
        )
    return {"kind": "changes", "series": series}


def _subject(desk: Desk, change: dict[str, Any]) -> str:
    words = desk.words
    parts = [change["agent_id"], leaf(change["business"]) if change["business"] else None]
    return words("report.trends.subject").join([*(part for part in parts if part), words(f"outcome.{change['outcome']}")])


def _worse(measure: Measure, change: dict[str, Any]) -> bool:
    return bool(measure.sign * change["change"] < 0)


def _said(desk: Desk, measure: Measure, change: dict[str, Any]) -> str:
    """``上升 5.9 个百分点（2.7 – 8.9）``; what stands in brackets is the interval of the size, in the direction of the change."""
    size, ends = abs(change["change"]), sorted(abs(change[end]) for end in ("low", "high"))
    written = [
        f"{value * 100:.1f}" if measure.unit == "share" else f"{value:.2f}" if measure.unit == "rating" else f"{value:.0f}"
        for value in (size, *ends)
    ]
    unit = {"share": "share", "rating": "rating", "time": "time"}[measure.unit]
    return desk.words(f"report.trends.{change['verdict']}_{unit}", size=written[0], low=written[1], high=written[2])


def _table(desk: Desk, real: pl.DataFrame, title: str) -> Table:
    words, show = desk.words, desk.show
    heads = [
        Column(words("column.agent_id"), figure=False, leads="agent"),
        Column(words("column.business"), figure=False, leads="business"),
        Column(words("column.outcome"), figure=False),
        Column(words("report.trends.change"), figure=False),
        Column(words("column.p_change")),
    ]
    rows = [
        Row(
            [
                change["agent_id"] or OurWord(words("report.trends.everybody")),
                change["business"] or OurWord(words("report.trends.everything")),
                words(f"outcome.{change['outcome']}"),
                _said(desk, measure(change["outcome"], alike=False), change),
                show.probability(change["p_change"]),
            ]
        )
        for change in real.iter_rows(named=True)
    ]
    return Table.of(title, heads, rows)


CHAPTER = Chapter("capability_trend", (TREND,), build)
