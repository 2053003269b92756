"""A roster of the same people that puts the strong where their business is dense: what it would change, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import polars as pl

from coachline.engine.result import Result
from coachline.report.blocks import Block, Column, Heading, Paragraph, Picture, Row, Table
from coachline.report.chapter import Desk, Need, NothingToShow
from coachline.report.chapters.staffing_forecast import FORECAST, ahead, said_before
from coachline.report.chapters.staffing_need import STAFFING
from coachline.report.chosen_columns import chosen_columns
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span
from coachline.report.remarks import remarks
from coachline.report.week_heat import heat_of_week, mean_week, used_slots

SEARCH_S = 10
"""Seconds for the search: a report is waited for. `roster.plan` by itself takes longer and comes nearer to the best."""
ROSTER = Need("roster.plan", {"seconds": SEARCH_S})
KINDS = ("present", "cover_only", "plan")
SHOWN_DAYS, MOST_PEOPLE, MOST_ROWS = 7, 40, 10
FAIRNESS = ("hours", "month_hours", "nights", "weekends", "busy_shifts")

Gains = Mapping[tuple[str, str], Mapping[str, Any]]
"""Roster and measure to the row of ``gains``."""


def _result(desk: Desk) -> Result:
    return desk.result(ahead(desk, ROSTER, "first_day"))


def _gains(result: Result) -> Gains:
    return {(row["compared"], row["measure"]): row for row in result.polars("gains").iter_rows(named=True)}


def answer(desk: Desk) -> str | None:
    """What the proposed roster resolves more than that of today, or than one by heads alone where there is none of today."""
    result = desk.maybe(ahead(desk, ROSTER, "first_day"))
    if result is None or not result.values["shifts"]:
        return None
    words, show, gains = desk.words, desk.show, _gains(result)
    against = next((kind for kind in KINDS[:2] if (kind, "resolved_more_by_plan") in gains), None)
    if against is None or gains[against, "resolved_more_by_plan"]["value"] is None:
        return None
    more = gains[against, "resolved_more_by_plan"]
    sure = more["low"] > 0 or more["high"] < 0
    return words(
        f"report.staffing.answer_roster{'' if sure else '_unsure'}",
        against=words(f"roster_kind.{against}"),
        days=show.count(_figure(result.values["days"])),
        more=show.signed(more["value"], 0),
        low=show.signed(more["low"], 0),
        high=show.signed(more["high"], 0),
        now=show.share(gains[against, "resolved_share"]["value"]),
        then=show.share(gains["plan", "resolved_share"]["value"]),
    )


def _figure(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None


def blocks(desk: Desk) -> Sequence[Block]:
    words = desk.words
    result = _result(desk)
    if not result.values["shifts"]:
        raise NothingToShow("report.staffing.no_roster")
    found: list[Block] = [Heading(words("report.staffing.roster_title")), Paragraph(_searched(desk, result))]
    gains = _gains(result)
    if gains["plan", "resolved_share"]["value"] is not None:
        found.append(_compared(desk, gains))
    found += [_cover(desk, result), _fairness(desk, result), _roster(desk, result)]
    for table in ("changes", "unmet"):
        rows = result.polars(table)
        if not rows.is_empty():
            title = words(f"report.staffing.{table}_table", count=desk.show.count(rows.height))
            found.append(chosen_columns(desk, ROSTER.analysis, table, rows.head(MOST_ROWS), rows.columns, title, rows.height))
    return [*found, *remarks(desk, result, but=said_before(desk, FORECAST, STAFFING))]


def _searched(desk: Desk, result: Result) -> str:
    """For whom and how long it was looked for, and how far from the best it may be."""
    words, show, values = desk.words, desk.show, result.values
    gap = _figure(values["gap"])
    said = words(
        "report.staffing.searched",
        first=str(values["first_day"]),
        days=show.count(_figure(values["days"])),
        people=show.count(_figure(values["people"])),
        shifts=show.count(_figure(values["shifts"])),
        hours=show.count(_figure(values["hours"])),
        seconds=show.number(float(result.provenance.parameters["seconds"]), 0),
    )
    return words("report.sentences").join([said, words("report.staffing.gap", gap=show.share(gap))]) if gap is not None else said


def _compared(desk: Desk, gains: Gains) -> Picture:
    """Resolved share under each roster, with its interval."""
    words, show = desk.words, desk.show
    rows = []
    for kind in KINDS:
        if (kind, "resolved_share") not in gains:
            continue
        row, answered = gains[kind, "resolved_share"], gains[kind, "answered_share"]["value"]
        more = gains.get((kind, "resolved_more_by_plan"))
        rows.append(
            Estimate(
                name=words(f"roster_kind.{kind}"),
                place=(row["value"], row["low"], row["high"]),
                written=show.share(row["value"]),
                said=words("report.staffing.answered", share=show.share(answered)),
                aside="" if more is None else words("report.staffing.plan_more", more=show.signed(more["value"], 0)),
                n=round(gains[kind, "resolved_calls"]["value"]),
                other=kind != "plan",
            )
        )
    low, high = span(rows, least=0.02)
    heads = Heads(
        words("column.compared"),
        words("measure.resolved_share"),
        words("measure.answered_share"),
        words("measure.resolved_calls"),
        words("report.tip.estimate_key"),
    )
    title = words("report.staffing.compared")
    scale = Scale(low, high, (show.share(low), show.share(high)))
    return estimates(
        desk, title, rows, scale, heads, _compared_table(desk, gains, title), caption=words("report.staffing.compared_caption")
    )


def _compared_table(desk: Desk, gains: Gains, title: str) -> Table:
    words, show = desk.words, desk.show
    measures = ("answered_share", "skill", "resolved_share", "resolved_calls", "resolved_more_by_plan")
    heads = [Column(words("column.compared"), figure=False)]
    for measure in measures:
        heads.append(Column(words(f"measure.{measure}")))
        heads += [Column(words("report.column.interval"))] if measure != "answered_share" else []
    rows = []
    for kind in KINDS:
        if (kind, "resolved_share") not in gains:
            continue
        cells = [words(f"roster_kind.{kind}")]
        for measure in measures:
            row = gains.get((kind, measure))
            write = show.count if measure.startswith("resolved_") and measure != "resolved_share" else show.share
            cells.append("" if row is None else write(row["value"]))
            if measure != "answered_share":
                cells.append("" if row is None or row["low"] is None else f"{write(row['low'])} – {write(row['high'])}")
        rows.append(Row(cells, mark=kind == "plan"))
    return Table.of(title, heads, rows)


def _cover(desk: Desk, result: Result) -> Picture:
    """People at the phones by the proposed roster against the need."""
    words = desk.words
    whole = result.polars("cover").group_by("starts_at").agg(pl.col("heads", "need").sum())
    week = mean_week(whole.with_columns(gap=pl.col("heads") - pl.col("need")), "gap", desk.facts.zone)
    caption = words("report.staffing.cover_caption", met=desk.show.share(_figure(result.values["need_met"])))
    return heat_of_week(
        desk,
        used_slots(mean_week(whole, "heads", desk.facts.zone), mean_week(whole, "need", desk.facts.zone)),
        week,
        unit="count_change",
        title=words("report.staffing.cover"),
        caption=caption,
        pivot=0.0,
    )


def _fairness(desk: Desk, result: Result) -> Table:
    """How hours and burdens are spread over the people who are rostered."""
    words, show = desk.words, desk.show
    people = result.polars("people").filter(pl.col("shifts") > 0)
    heads = [
        Column(words("report.staffing.burden"), figure=False),
        *(Column(words(f"report.staffing.{end}")) for end in ("least", "middle", "most")),
    ]
    rows = [
        [
            words(f"column.roster.plan.{name}") if words.knows(f"column.roster.plan.{name}") else words(f"column.{name}"),
            *(show.number(float(value), 1 if name.endswith("hours") else 0) for value in _ends(people[name])),
        ]
        for name in FAIRNESS
    ]
    wishes, kept = (_figure(result.values[name]) or 0.0 for name in ("wishes", "wishes_kept"))
    title = words("report.staffing.fairness", people=show.count(people.height))
    if wishes:
        title = words("report.sentences").join([title, words("report.staffing.wishes", kept=show.count(kept), wishes=show.count(wishes))])
    return Table.of(title, heads, [Row(row) for row in rows])


def _ends(column: pl.Series) -> tuple[float, float, float]:
    least, middle, most = (column.cast(pl.Float64).quantile(part, "nearest") for part in (0.0, 0.5, 1.0))
    return float(least or 0.0), float(middle or 0.0), float(most or 0.0)


def _roster(desk: Desk, result: Result) -> Table:
    """The first week, a row for each person: shifts, trainings and leave."""
    words, show = desk.words, desk.show
    first = date.fromisoformat(str(result.values["first_day"]))
    days = [first + timedelta(day) for day in range(min(SHOWN_DAYS, int(_figure(result.values["days"]) or 0)))]
    rows = result.polars().filter(pl.col("date").is_in(days))
    said: dict[tuple[str, date], str] = {}
    for row in rows.sort("starts_at").iter_rows(named=True):
        key = (row["agent_id"], row["date"])
        if row["shift"] is not None:
            said[key] = row["shift"]
        elif row["activity"] in ("training", "leave"):
            said.setdefault(key, words(f"activity.{row['activity']}"))
    people = sorted(result.polars("people").filter(pl.col("shifts") > 0)["agent_id"].to_list())
    heads = [Column(words("column.agent_id"), figure=False, leads="agent"), *(Column(show.day(day)[5:], figure=False) for day in days)]
    cells = [[who, *(said.get((who, day), words("report.staffing.off")) for day in days)] for who in people[:MOST_PEOPLE]]
    return Table.of(words("report.staffing.first_week"), heads, cells, total=len(people))
