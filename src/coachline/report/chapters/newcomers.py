"""Plans for newcomers: which one answers more callers in time, at what cost, and how much of that is assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from coachline.engine.result import Result
from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.chapter import Chapter, Desk, Need, NothingToShow
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span
from coachline.report.pictures import short
from coachline.report.remarks import remarks

NEWCOMERS = Need("training.newcomers")
NOW = "as_now"
SURE = 0.9
"""Probability from which on one plan is called better than the present state."""
MOST_LINES = 4
MEASURED = "service_level_mean"

Measures = Mapping[str, Mapping[str, Mapping[str, Any]]]
"""Plan, then measure, to the row of the comparison."""


def build(desk: Desk) -> Sequence[Block]:
    result = desk.result(NEWCOMERS)
    if not result.values["people"]:
        raise NothingToShow("note.nobody_there")
    plans: dict[str, dict[str, dict[str, Any]]] = {}
    for row in result.polars("comparison").to_dicts():
        plans.setdefault(row["plan"], {})[row["measure"]] = row
    blocks: list[Block] = [Paragraph(_now(desk, result))]
    if plans[NOW][MEASURED]["value"] is not None:
        blocks += [Paragraph(_answer(desk, plans, result)), _picture(desk, plans)]
    else:
        blocks.append(_comparison(desk, plans))
    blocks.append(_months(desk, result, plans))
    assumed = result.polars("calibration").filter(source="prior")["quantity"].to_list()
    if assumed:
        said = desk.words("report.list_separator").join(_said(desk, "newcomer_quantity", quantity) for quantity in assumed)
        blocks.append(Paragraph(desk.words("report.newcomers.assumed", quantities=said), "quiet"))
    return [*blocks, *remarks(desk, result)]


def _said(desk: Desk, family: str, code: str) -> str:
    """A code in words; a plan that somebody named is called as they called it."""
    return desk.words(f"{family}.{code}") if desk.words.knows(f"{family}.{code}") else code


def _now(desk: Desk, result: Result) -> str:
    """Where the present state leads."""
    words, show = desk.words, desk.show
    rows = result.polars().filter(plan=NOW).sort("month").to_dicts()
    first, last = rows[0], rows[-1]
    return words(
        "report.newcomers.now",
        months=last["month"],
        heads=show.count(first["heads"]),
        later=show.count(last["heads"]),
        low=show.count(last["heads_low"]),
        high=show.count(last["heads_high"]),
        capability=show.share(last["capability"]),
        service=show.share(first["service_level"]),
        service_later=show.estimate("share", last["service_level"], last["service_level_low"], last["service_level_high"]),
    )


def _assumed(measures: Mapping[str, Mapping[str, Any]]) -> bool:
    return str(measures[MEASURED]["rests_on"]) == "prior"


def _answer(desk: Desk, plans: Measures, result: Result) -> str:
    """The plan that raises the service level most, among those that surely do by what the records tell."""
    words, show = desk.words, desk.show
    months = int(result.polars()["month"].to_numpy().max())
    surely = [plan for plan, rows in plans.items() if (rows[MEASURED]["p_better"] or 0.0) >= SURE and not _assumed(rows)]
    if not surely:
        return words("report.newcomers.answer_none", months=months, sure=show.probability(SURE))
    best = max(surely, key=lambda plan: plans[plan][MEASURED]["against_now"])
    row, cost = plans[best][MEASURED], plans[best]["cost_total"]
    return words(
        "report.newcomers.answer",
        months=months,
        plan=_said(desk, "newcomer_plan", best),
        change=show.points(row["against_now"], 2),
        low=show.points(row["against_now_low"], 2),
        high=show.points(row["against_now_high"], 2),
        p=show.probability(row["p_better"]),
        cost=show.signed(cost["against_now"], 0),
    )


def _picture(desk: Desk, plans: Measures) -> Picture:
    """What each plan changes in the mean service level."""
    words, show = desk.words, desk.show
    rows = []
    for plan, measures in plans.items():
        row, cost = measures[MEASURED], measures["cost_total"]
        if plan == NOW:
            continue
        place = (row["against_now"], row["against_now_low"], row["against_now_high"])
        rows.append(
            Estimate(
                name=_said(desk, "newcomer_plan", plan),
                place=place,
                written=show.points(place[0], 2),
                said=words("report.newcomers.cost", cost=show.signed(cost["against_now"], 0)),
                aside=words("report.newcomers.by_assumption")
                if _assumed(measures)
                else words("report.newcomers.chance", p=show.probability(row["p_better"])),
                n=round(measures["heads"]["value"]),
                unsure=_assumed(measures) or 1.0 - SURE < row["p_better"] < SURE,
                look=not _assumed(measures) and row["p_better"] <= 1.0 - SURE,
            )
        )
    rows.sort(key=lambda row: -row.place[0])
    low, high = span(rows, least=0.01)
    low, high = min(low, 0.0), max(high, 0.0)
    heads = Heads(
        words("column.plan"),
        words("column.service_level"),
        words("column.cost"),
        words("column.heads"),
        words("report.tip.estimate_key"),
        line=words("newcomer_plan.as_now"),
    )
    scale = Scale(low, high, (show.points(low), show.points(high)), line=0.0)
    title = words("report.newcomers.title")
    return estimates(desk, title, rows, scale, heads, _comparison(desk, plans), caption=words("report.newcomers.caption"))


def _comparison(desk: Desk, plans: Measures) -> Table:
    words, show = desk.words, desk.show
    measures = ("heads", "licensed", "capability", MEASURED, "mentor_load_peak", "left", "cost_total")
    heads = [
        Column(words("column.plan"), figure=False),
        *(Column(words(f"measure.{measure}")) for measure in measures),
        Column(words("report.newcomers.change")),
        Column(words("report.column.interval")),
        Column(words("column.p_better")),
        Column(words("column.rests_on"), figure=False),
    ]
    rows = []
    for plan, found in plans.items():
        change = found[MEASURED]
        known = change["against_now"] is not None and plan != NOW
        cells = [
            _said(desk, "newcomer_plan", plan),
            *(
                show.share(found[m]["value"]) if m in ("capability", MEASURED, "mentor_load_peak") else show.count(found[m]["value"])
                for m in measures
            ),
            show.points(change["against_now"], 2) if known else "",
            f"{show.points(change['against_now_low'], 2)} – {show.points(change['against_now_high'], 2)}" if known else "",
            show.probability(change["p_better"]) if known else "",
            words(f"known_from.{change['rests_on']}") if known else "",
        ]
        rows.append(Row(cells))
    return Table.of(words("report.newcomers.table"), heads, rows)


def _months(desk: Desk, result: Result, plans: Measures) -> Picture:
    """People with a licence month by month: as now, and the plans that move furthest from it."""
    words, show = desk.words, desk.show
    far = sorted((plan for plan in plans if plan != NOW), key=lambda plan: -abs(plans[plan]["licensed"]["against_now"]))
    shown = [NOW, *far[: MOST_LINES - 1]]
    table = result.polars()
    months = [str(month) for month in table["month"].unique().sort().to_list()]
    names = [words("report.newcomers.month", month=month) for month in months]
    figures = {plan: table.filter(pl.col("plan") == plan).sort("month")["licensed"].to_list() for plan in shown}
    title = words("report.newcomers.months")
    spec = {
        "kind": "registered",
        "form": "line",
        "unit": "number",
        "names": names,
        "ticks": months,
        "series": [
            {"name": _said(desk, "newcomer_plan", plan), "values": [short(value) for value in values]} for plan, values in figures.items()
        ],
    }
    heads = [Column(words("column.training.newcomers.month")), *(Column(_said(desk, "newcomer_plan", plan)) for plan in shown)]
    rows = [[month, *(show.number(figures[plan][k]) for plan in shown)] for k, month in enumerate(months)]
    return Picture(title, spec, Table.of(title, heads, rows), height=280, wide=True, caption=words("report.newcomers.months_caption"))


CHAPTER = Chapter("newcomers", (NEWCOMERS,), build)
