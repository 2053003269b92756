"""Whom it takes: people at the phones by half-hour and business for the service target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from coachline.engine.result import Result
from coachline.report.blocks import Block, Column, Heading, Row, Table
from coachline.report.chapter import Desk, Need, NothingToShow
from coachline.report.chapters.staffing_forecast import FORECAST, LEVEL, ahead, said_before
from coachline.report.remarks import remarks
from coachline.report.week_heat import heat_of_week, mean_week, used_slots

STAFFING = Need("roster.staffing", {"level": LEVEL})
DAYS_A_WEEK = 7
AT_MOST = ("waits", "abandoned")
"""Targets that are kept from below."""


def answer(desk: Desk) -> str | None:
    """Hours a week for the target, and the most people at once."""
    result = desk.maybe(ahead(desk, STAFFING))
    if result is None or not result.values["agent_hours"]:
        return None
    values, show = result.values, desk.show
    weeks = float(str(values["days"])) / DAYS_A_WEEK
    return desk.words(
        "report.staffing.answer_need",
        target=target(desk, result),
        hours=show.count(_figure(values["agent_hours"]) / weeks),
        together=show.count(_figure(values["together_hours"]) / weeks),
        rostered=show.count(_figure(values["rostered_hours"]) / weeks),
        most=show.count(_figure(values["most_agents"])),
    )


def target(desk: Desk, result: Result) -> str:
    """What callers are promised, e.g. a service level of 80 % within 20 seconds."""
    values = result.values
    code = str(values["target"])
    kind = "at_most" if code in AT_MOST else "at_least"
    return desk.words(
        f"report.staffing.target_{kind}",
        measure=desk.words(f"column.{code}_share") if code in AT_MOST else desk.words(f"metric.{code}"),
        share=f"{_figure(values['target_share']):.0%}",
        within=desk.show.number(_figure(result.provenance.parameters["answer_within"]), 0),
    )


def _figure(value: Any) -> float:
    return float(value)


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(ahead(desk, STAFFING))
    if not result.values["agent_hours"]:
        raise NothingToShow("report.staffing.nobody_needed")
    week = mean_week(result.polars("slots"), "agents", desk.facts.zone)
    used = used_slots(week)
    picture = heat_of_week(
        desk,
        used,
        week,
        unit="count",
        title=words("report.staffing.need_week"),
        caption=words(
            "report.staffing.need_caption", target=target(desk, result), level=show.share(_known(result.values["service_level"]))
        ),
    )
    return [
        Heading(words("report.staffing.need_title")),
        picture,
        _businesses(desk, result),
        *remarks(desk, result, but=said_before(desk, FORECAST)),
    ]


def _known(value: Any) -> float | None:
    return None if value is None else float(value)


def _businesses(desk: Desk, result: Result) -> Table:
    """A row for each business, those that take most people first."""
    words, show = desk.words, desk.show
    weeks = _figure(result.values["days"]) / DAYS_A_WEEK
    busy = pl.col("agents") > 0
    rows = (
        result.polars()
        .group_by("business")
        .agg(
            calls=pl.col("calls").sum(),
            handle_s=(pl.col("calls") * pl.col("handle_s")).sum() / pl.col("calls").sum(),
            hours=pl.col("agents").sum() / 2,
            rostered=pl.col("rostered").sum() / 2,
            most=pl.col("agents").max(),
            level=(pl.col("service_level") * pl.col("calls")).sum() / pl.col("calls").filter(pl.col("service_level").is_not_null()).sum(),
            occupancy=(pl.col("occupancy") * pl.col("agents")).filter(busy).sum() / pl.col("agents").filter(busy).sum(),
        )
        .sort("hours", "business", descending=[True, False])
    )
    heads = [
        Column(words("column.business"), figure=False),
        Column(words("report.staffing.calls_a_week")),
        Column(words("column.handle_s")),
        Column(words("report.staffing.hours_a_week")),
        Column(words("report.staffing.rostered_a_week")),
        Column(words("report.staffing.most_at_once")),
        Column(words("column.service_level")),
        Column(words("column.roster.staffing.occupancy")),
    ]
    cells = [
        [
            row["business"] or words("report.not_recorded"),
            show.count(row["calls"] / weeks),
            show.seconds(row["handle_s"]),
            show.count(row["hours"] / weeks),
            show.count(row["rostered"] / weeks),
            show.count(row["most"]),
            show.share(row["level"]),
            show.share(row["occupancy"]),
        ]
        for row in rows.iter_rows(named=True)
    ]
    return Table.of(words("report.staffing.need_table"), heads, [Row(row) for row in cells])
