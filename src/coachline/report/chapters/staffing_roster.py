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
from coachline.report.chapters.staffing_shifts import gap_of
from coachline.report.chosen_columns import chosen_columns
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span
from coachline.report.remarks import remarks
from coachline.report.week_heat import heat_of_week, used_slots

SEARCH_S = 10
"""Seconds for the search: a report is waited for. `roster.plan` by itself takes longer and comes nearer to the best."""
VAGUE = 0.2
"""Share of the resolved calls from which on a distance from the best possible says nothing about the roster, only about the search."""
ROSTER = Need("roster.plan", {"seconds": SEARCH_S})
KINDS = ("present", "cover_only", "plan")
SHOWN_DAYS, MOST_PEOPLE, MOST_ROWS = 7, 20, 10
FAIRNESS = ("hours", "month_hours", "nights", "weekends", "busy_shifts")

Gains = Mapping[tuple[str, str], Mapping[str, Any]]
"""Roster and measure to the row of ``gains``."""


def _result(desk: Desk) -> Result:
    return desk.result(ahead(desk, ROSTER))


def _gains(result: Result) -> Gains:
    return {(row["compared"], row["measure"]): row for row in result.polars("gains").iter_rows(named=True)}


def answer(desk: Desk) -> str | None:
    """What the proposed roster resolves more than that of today, or than one by heads alone where there is none of today."""
    result = desk.maybe(ahead(desk, ROSTER))
    if result is None or not result.values["shifts"]:
        return None
    words, show, gains = desk.words, desk.show, _gains(result)
    against = next((kind for kind in KINDS[:2] if (kind, "resolved_more_by_plan") in gains), None)
    if against is None or gains[against, "resolved_more_by_plan"]["value"] is None:
        return None
    more = gains[against, "resolved_more_by_plan"]
    ends = sorted(abs(more[end]) for end in ("low", "high"))
    kind = "more" if more["low"] > 0 else "less" if more["high"] < 0 else "unsure"
    return words(
        f"report.staffing.answer_roster_{kind}",
        against=words(f"roster_kind.{against}"),
        days=show.count(_figure(result.values["days"])),
        more=show.signed(more["value"], 0) if kind == "unsure" else show.count(abs(more["value"])),
        low=show.signed(more["low"], 0) if kind == "unsure" else show.count(ends[0]),
        high=show.signed(more["high"], 0) if kind == "unsure" else show.count(ends[1]),
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
    found += [*_cover(desk, result), _fairness(desk, result), *_wishes(desk, result), _roster(desk, result)]
    changes, unmet = result.polars("changes"), result.polars("unmet")
    if not changes.is_empty():
        title = words("report.staffing.changes_table", count=desk.show.count(changes.height))
        found.append(chosen_columns(desk, ROSTER.analysis, "changes", changes.head(MOST_ROWS), changes.columns, title, changes.height))
    if not unmet.is_empty():
        found.append(_unmet(desk, unmet))
    return [*found, *remarks(desk, result, but={*said_before(desk, FORECAST, STAFFING), "roster_near_best"})]


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
    if gap is None or gap > VAGUE:
        return words("report.sentences").join([said, words("report.staffing.bound_too_vague")])
    return words("report.sentences").join([said, words("report.staffing.gap", gap=show.share(gap))])


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


def _cover(desk: Desk, result: Result) -> list[Block]:
    """The proposed roster against the need, by the measure by which the present shifts are held against it."""
    need = desk.maybe(ahead(desk, STAFFING))
    if need is None:
        return []
    slots = need.polars("slots").drop("present").with_columns(pl.col("starts_at").dt.convert_time_zone("UTC"))
    there = result.polars("cover").group_by("starts_at").agg(present=pl.col("heads").sum())
    slots = slots.join(there, on="starts_at", how="left").with_columns(pl.col("present").fill_null(0.0))
    gap = gap_of(slots.filter(pl.col("starts_at") <= there["starts_at"].max()), desk.facts.zone)
    title, caption = desk.words("report.staffing.cover"), desk.words("report.staffing.cover_caption")
    return [heat_of_week(desk, used_slots(gap.need), gap.week, unit="count_change", title=title, caption=caption, pivot=0.0)]


def _unmet(desk: Desk, unmet: pl.DataFrame) -> Table:
    """Where rules that have their price gave way, rule by rule."""
    words, show = desk.words, desk.show
    rows = (
        unmet.group_by("roster_rule")
        .agg(pl.len().alias("places"), people=pl.col("agent_id").drop_nulls().n_unique(), days=pl.col("date").drop_nulls().n_unique())
        .sort("places", "roster_rule", descending=[True, False])
    )
    heads = [
        Column(words("column.roster_rule"), figure=False),
        *(Column(words(f"report.staffing.{name}")) for name in ("places", "people", "days_of")),
    ]
    cells = [
        [words(f"roster_rule.{row['roster_rule']}"), *(show.count(row[name]) for name in ("places", "people", "days"))]
        for row in rows.iter_rows(named=True)
    ]
    return Table.of(words("report.staffing.unmet_table", count=show.count(unmet.height)), heads, cells)


def _wishes(desk: Desk, result: Result) -> list[Block]:
    words, show = desk.words, desk.show
    wishes, kept = (_figure(result.values[name]) or 0.0 for name in ("wishes", "wishes_kept"))
    return [Paragraph(words("report.staffing.wishes", kept=show.count(kept), wishes=show.count(wishes)))] if wishes else []


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
    title = words("report.staffing.fairness", people=show.count(people.height))
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
