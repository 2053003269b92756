"""Mystery calls: the centres of the last month with the ranks that they may really have, and the own centre month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import Chapter, Desk, Need
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span
from coachline.report.remarks import remarks

MYSTERY = Need("quality.mystery")
MOST_DRAWN = 40


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(MYSTERY)
    values: Mapping[str, Any] = result.values
    table = result.polars()
    month = table["month"].max()
    rows = table.filter(month=month).to_dicts()
    blocks: list[Block] = [Paragraph(_answer(desk, values, str(month), len(rows)))]
    marks = [_estimate(desk, row, values["own_centre"]) for row in rows if row["low"] is not None][:MOST_DRAWN]
    if marks:
        low, high = span(marks, least=0.1)
        heads = Heads(
            words("column.centre"),
            words("report.mystery.share"),
            words("report.mystery.range"),
            words("column.calls"),
            words("report.tip.estimate_key"),
        )
        title = words("report.mystery.title", month=month)
        scale = Scale(low, high, (show.share(low, 1), show.share(high, 1)))
        caption = words("report.mystery.caption")
        blocks.append(estimates(desk, title, marks, scale, heads, _table(desk, rows, title), caption=caption))
    own = table.filter(pl.col("centre").eq_missing(pl.lit(values["own_centre"], pl.String))).sort("month", descending=True)
    if own.height > 1:
        blocks.append(_table(desk, own.to_dicts(), words("report.mystery.months", centre=values["own_centre"])))
    return [*blocks, *remarks(desk, result)]


def _range(desk: Desk, row: Mapping[str, Any], prefix: str = "") -> str:
    first, last = row[f"{prefix}rank_low"], row[f"{prefix}rank_high"]
    if first is None or last is None:
        return desk.words("report.too_few")
    return desk.words("report.mystery.ranks" if first < last else "report.mystery.rank", first=first, last=last)


def _answer(desk: Desk, values: Mapping[str, Any], month: str, centres: int) -> str:
    words, show = desk.words, desk.show
    if values["own_centre"] is None or values["own_rank"] is None or values["own_month"] != month:
        return words("report.mystery.answer_plain", month=month, centres=show.count(centres), calls=show.count(values["calls"]))
    return words(
        "report.mystery.answer",
        month=month,
        centre=values["own_centre"],
        share=show.share(values["own_share"]),
        rank=values["own_rank"],
        centres=show.count(centres),
        range=_range(desk, values, "own_"),
    )


def _estimate(desk: Desk, row: dict[str, Any], own_centre: str | None) -> Estimate:
    """The own centre is blue and the others grey; where it is not known, all are blue."""
    words, show = desk.words, desk.show
    own = row["centre"] == own_centre
    place = (row["share"], row["low"], row["high"])
    return Estimate(
        name=words("report.mystery.own", centre=row["centre"]) if own else row["centre"],
        place=place,
        written=f"{show.estimate('share', *place)}{words('report.inspection.brackets', text=show.interval('share', row['low'], row['high']))}",
        said=_range(desk, row),
        n=row["calls"],
        other=own_centre is not None and not own,
    )


def _table(desk: Desk, rows: Sequence[dict[str, Any]], title: str) -> Table:
    words, show = desk.words, desk.show
    heads = [
        Column(words("column.centre"), figure=False),
        Column(words("column.month"), figure=False),
        Column(words("column.calls")),
        Column(words("report.mystery.share")),
        Column(words("report.column.interval")),
        Column(words("report.mystery.range"), figure=False),
        Column(words("report.mystery.change")),
        Column(words("report.column.interval")),
    ]
    cells = [
        Row(
            [
                row["centre"],
                row["month"],
                show.count(row["calls"]),
                show.estimate("share", row["share"], row["low"], row["high"]),
                show.unknown if row["low"] is None else show.interval("share", row["low"], row["high"]),
                _range(desk, row),
                show.points(row["change"]),
                show.unknown if row["change_low"] is None else f"{show.points(row['change_low'])} – {show.points(row['change_high'])}",
            ]
        )
        for row in rows
    ]
    return Table.of(title, heads, cells)


CHAPTER = Chapter("mystery", (MYSTERY,), build)
