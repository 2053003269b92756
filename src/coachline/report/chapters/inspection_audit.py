"""How many passes the second hearing overturns, and the pass rate without these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.engine.quality.audit import FEW
from coachline.report.blocks import Block, Column, Row, Table
from coachline.report.chapter import Desk, Need, NothingToShow
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span
from coachline.report.remarks import remarks

AUDIT = Need("quality.audit")

MOST_DRAWN = 30
BY_CHANCE = 0.05
"""From this p value on, inspectors differ in false passes no more than chance makes them."""


def answer(desk: Desk) -> str | None:
    """What share of the passes does not stand."""
    result = desk.maybe(AUDIT)
    if result is None:
        return None
    values: Mapping[str, Any] = result.values
    if (values["rechecked"] or 0) < FEW:
        return None
    show = desk.show
    return desk.words(
        "report.inspection.answer_audit",
        share=show.estimate("share", values["false_pass_rate"], values["false_low"], values["false_high"]),
        interval=show.interval("share", values["false_low"], values["false_high"]),
        passed=show.share(values["pass_rate"], values["inspected"]),
        corrected=show.estimate("share", values["corrected_pass_rate"], values["low"], values["high"]),
    )


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(AUDIT)
    values: Mapping[str, Any] = result.values
    if not values["rechecked"]:
        raise NothingToShow("note.no_pass_rechecked")
    table = result.polars()
    rows = table.filter(pl.col("scope").is_in(["all", "inspector"])).to_dicts()
    marks = [_estimate(desk, row) for row in rows if row["corrected_pass_rate"] is not None and row["low"] is not None][:MOST_DRAWN]
    low, high = span(marks, least=0.2)
    low, high = max(low, 0.0), min(high, 1.0)
    heads = Heads(
        words("column.inspector_id"),
        words("report.inspection.corrected"),
        words("report.inspection.rechecked_passes"),
        words("report.inspection.inspections"),
        words("report.inspection.corrected_key"),
        words("report.inspection.pass_key"),
    )
    caption = words("report.inspection.audit_caption")
    chance = values["inspectors_differ_p"]
    if chance is not None:
        caption += words("report.inspection.audit_alike" if chance >= BY_CHANCE else "report.inspection.audit_differ")
    missed = table.filter(scope="item").sort("share_of_overturned", "member", descending=[True, False], nulls_last=True).head(1).to_dicts()
    if missed and values["overturned"] >= FEW and missed[0]["share_of_overturned"]:
        share = show.share(missed[0]["share_of_overturned"], values["overturned"])
        caption += words("report.inspection.audit_missed", item=missed[0]["member"], share=share)
    title = words("report.inspection.audit_title")
    scale = Scale(low, high, (show.share(low, 1), show.share(high, 1)))
    return [estimates(desk, title, marks, scale, heads, _table(desk, rows, title), caption=caption), *remarks(desk, result)]


def _name(desk: Desk, row: Mapping[str, Any]) -> str:
    return str(row["member"]) if row["member"] is not None else desk.words("report.inspection.everybody")


def _estimate(desk: Desk, row: dict[str, Any]) -> Estimate:
    words, show = desk.words, desk.show
    place = (row["corrected_pass_rate"], row["low"], row["high"])
    return Estimate(
        name=_name(desk, row),
        place=place,
        written=f"{show.estimate('share', *place)}{words('report.inspection.brackets', text=show.interval('share', row['low'], row['high']))}",
        said=words("report.inspection.overturned", rechecked=show.count(row["rechecked"]), overturned=show.count(row["overturned"])),
        aside=words("report.inspection.recorded_pass", share=show.share(row["pass_rate"], row["inspected"])),
        n=row["inspected"],
        beside=row["pass_rate"],
        unsure=row["rechecked"] < FEW,
    )


def _table(desk: Desk, rows: Sequence[dict[str, Any]], title: str) -> Table:
    words, show = desk.words, desk.show
    counts = ("inspected", "passed", "rechecked", "overturned")
    heads = [
        Column(words("column.inspector_id"), figure=False),
        *(Column(words(f"column.{name}")) for name in (*counts, "pass_rate", "false_pass_rate")),
        Column(words("report.column.interval")),
        Column(words("column.corrected_pass_rate")),
        Column(words("report.column.interval")),
    ]

    def ends(row: Mapping[str, Any], low: str, high: str) -> str:
        return show.unknown if row[low] is None else show.interval("share", row[low], row[high])

    cells = [
        Row(
            [
                _name(desk, row),
                *(show.count(row[name]) for name in counts),
                show.share(row["pass_rate"], row["inspected"]),
                show.share(row["false_pass_rate"], row["rechecked"]),
                ends(row, "false_low", "false_high"),
                show.estimate("share", row["corrected_pass_rate"], row["low"], row["high"]),
                ends(row, "low", "high"),
            ]
        )
        for row in rows
    ]
    return Table.of(title, heads, cells)
