"""Which items of the form foretell what customers feel, what the form does not see, and whether faults come with a remedy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.engine.quality.items_missing import BAD
from coachline.report.blocks import Block, Column, Heading, Paragraph, Row, Table
from coachline.report.chapter import Desk, Need
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span
from coachline.report.remarks import remarks

ITEMS = Need("quality.items")

VERDICTS = ("predicts_nothing", "backwards", "unknown", "predicts")
"""Those to look at first."""

MOST_DRAWN = 30
MOST_BUSINESSES = 10
FEWEST_CALLS = 10
"""Bad calls of a business below which its share says nothing."""

FARTHEST = math.log(30)
"""Odds ratios beyond are drawn at the edge."""


def blocks(desk: Desk) -> Sequence[Block]:
    result = desk.result(ITEMS)
    values: Mapping[str, Any] = result.values
    rows = result.polars().to_dicts()
    rows.sort(key=lambda row: VERDICTS.index(row["verdict"]))
    return [
        *_links(desk, rows, values),
        *_missing(desk, result.polars("missing"), values),
        *_remedies(desk, result.polars("remedies").to_dicts(), values),
        *remarks(desk, result),
    ]


def _links(desk: Desk, rows: Sequence[dict[str, Any]], values: Mapping[str, Any]) -> list[Block]:
    words, show = desk.words, desk.show
    title = words("report.inspection.items_title")
    several = len({(row["form"], row["form_version"]) for row in rows}) > 1
    marks = [_estimate(desk, row, several) for row in rows if row["link_dissatisfied"] is not None][:MOST_DRAWN]
    table = _table(desk, rows, several, title)
    if not marks:
        return [table]
    low, high = span(marks, least=2 * math.log(2))
    far = min(max(-low, high), FARTHEST)
    far = max(far, math.log(2))
    heads = Heads(
        words("column.item"),
        words("report.inspection.odds"),
        words("column.verdict"),
        words("column.failed"),
        words("report.inspection.odds_key"),
        words("report.inspection.repeat_key"),
        words("report.inspection.no_link_key"),
    )
    caption = words("report.inspection.items_caption", items=show.count(len(rows)), **{name: show.count(values[name]) for name in VERDICTS})
    if len(rows) > MOST_DRAWN:
        caption += words("report.inspection.items_cut", shown=MOST_DRAWN, total=show.count(len(rows)))
    scale = Scale(-far, far, (_times(desk, math.exp(-far)), _times(desk, math.exp(far))), 0.0)
    return [estimates(desk, title, marks, scale, heads, table, caption=caption)]


def _times(desk: Desk, ratio: float | None) -> str:
    """An odds ratio as people say it: twice, half."""
    return desk.show.unknown if ratio is None else desk.words("report.inspection.times", ratio=desk.show.number(ratio))


def _name(row: Mapping[str, Any], several: bool) -> str:
    """The item, with its form where there are several."""
    form = " ".join(part for part in (row["form"], row["form_version"]) if part)
    return f"{row['item']} · {form}" if several and form else str(row["item"])


def _between(desk: Desk, low: float | None, high: float | None) -> str:
    return desk.show.unknown if low is None or high is None else f"{desk.show.number(low, 1)} – {desk.show.number(high, 1)}"


def _estimate(desk: Desk, row: dict[str, Any], several: bool) -> Estimate:
    words, show = desk.words, desk.show
    link, low, high = row["link_dissatisfied"], row["low"], row["high"]

    def place(ratio: float | None, otherwise: float) -> float:
        return min(max(math.log(ratio), -FARTHEST), FARTHEST) if ratio else otherwise

    middle = place(link, 0.0)
    return Estimate(
        name=_name(row, several),
        place=(middle, place(low, -FARTHEST), place(high, FARTHEST)),
        written=f"{_times(desk, link)}{words('report.inspection.brackets', text=_between(desk, low, high))}",
        said=words(f"verdict.{row['verdict']}"),
        aside=words("report.inspection.failed_in", share=show.share(row["failed_share"], row["inspected"])),
        n=row["failed"],
        beside=place(row["link_repeat"], 0.0) if row["link_repeat"] is not None else None,
        look=row["verdict"] in ("predicts_nothing", "backwards"),
        unsure=row["verdict"] == "unknown",
    )


def _table(desk: Desk, rows: Sequence[dict[str, Any]], several: bool, title: str) -> Table:
    words, show = desk.words, desk.show
    heads = [
        Column(words("column.item"), figure=False),
        *(Column(words(f"column.{name}")) for name in ("failed", "failed_share", "link_dissatisfied")),
        Column(words("report.column.interval")),
        Column(words("column.link_repeat")),
        Column(words("report.column.interval")),
        Column(words("column.verdict"), figure=False),
    ]
    cells = [
        Row(
            [
                _name(row, several),
                show.count(row["failed"]),
                show.share(row["failed_share"], row["inspected"]),
                show.number(row["link_dissatisfied"], 1),
                _between(desk, row["low"], row["high"]),
                show.number(row["link_repeat"], 1),
                _between(desk, row["repeat_low"], row["repeat_high"]),
                words(f"verdict.{row['verdict']}"),
            ],
            mark=row["verdict"] in ("predicts_nothing", "backwards"),
        )
        for row in rows
    ]
    return Table.of(title, heads, cells)


def _missing(desk: Desk, missing: pl.DataFrame, values: Mapping[str, Any]) -> list[Block]:
    """What went badly although no item was failed."""
    words, show = desk.words, desk.show
    told = [
        words(
            "report.inspection.without_fault",
            outcome=words(f"outcome.{outcome}"),
            share=show.share(values[f"{outcome}_without_fault"], values[outcome]),
            calls=show.count(values[outcome]),
        )
        for outcome in BAD
        if values[f"{outcome}_without_fault"] is not None
    ]
    if not told:
        return []
    sentence = words("report.inspection.missing", told=words("report.pause").join(told))
    found: list[Block] = [Heading(words("report.inspection.missing_title")), Paragraph(sentence)]
    known = missing.filter(pl.col("business").is_not_null(), pl.col("calls") >= FEWEST_CALLS)
    worth = known.sort("without_fault", "business", "outcome", descending=[True, False, False])
    if worth.is_empty():
        return found
    heads = [
        Column(words("column.business"), figure=False, leads="business"),
        Column(words("column.outcome"), figure=False),
        Column(words("column.calls")),
        Column(words("column.without_fault")),
        Column(words("column.share")),
        Column(words("report.column.interval")),
        Column(words("column.otherwise_share")),
    ]
    cells = [
        Row(
            [
                row["business"],
                words(f"outcome.{row['outcome']}"),
                show.count(row["calls"]),
                show.count(row["without_fault"]),
                show.estimate("share", row["share"], row["low"], row["high"]),
                show.interval("share", row["low"], row["high"]),
                show.share(row["otherwise_share"]),
            ]
        )
        for row in worth.head(MOST_BUSINESSES).iter_rows(named=True)
    ]
    return [*found, Table.of(words("report.inspection.missing_table"), heads, cells, total=missing.height)]


def _remedies(desk: Desk, rows: Sequence[dict[str, Any]], values: Mapping[str, Any]) -> list[Block]:
    words, show = desk.words, desk.show
    if not values["problems"]:
        return []
    sentence = words(
        "report.inspection.remedies",
        problems=show.count(values["problems"]),
        with_remedy=show.count(values["with_remedy"]),
        share=show.share(values["remedy_share"], values["problems"]),
    )
    heads = [
        Column(words("column.inspector_id"), figure=False),
        *(Column(words(f"column.{name}")) for name in ("problems", "with_remedy", "fault_only", "bare")),
        Column(words("report.inspection.remedy_share")),
        Column(words("report.column.interval")),
    ]
    cells = [
        Row(
            [
                row["inspector_id"] or words("report.not_recorded"),
                *(show.count(row[name]) for name in ("problems", "with_remedy", "fault_only", "bare")),
                show.estimate("share", row["share"], row["low"], row["high"]),
                show.unknown if row["low"] is None else show.interval("share", row["low"], row["high"]),
            ]
        )
        for row in rows
        if row["problems"]
    ]
    title = Heading(words("report.inspection.remedies_title"))
    return [title, Paragraph(sentence), Table.of(words("report.inspection.remedies_table"), heads, cells)]
