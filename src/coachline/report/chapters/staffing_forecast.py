"""What is going to come: the next weeks beside the last ones, a usual day by half-hour, and which models were tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import polars as pl

from coachline.report.blocks import Block, Column, Heading, Picture, Row, Table
from coachline.report.chapter import DAILY, Desk, Need
from coachline.report.chapters.intervals import NEED as HALF_HOURS
from coachline.report.paths import leaf
from coachline.report.pictures import short
from coachline.report.remarks import remarks
from coachline.report.week_heat import mean_week, slot_name, used_slots

LEVEL = 1
"""Levels of business paths that are planned for, as the roster does by itself."""
FORECAST = Need("roster.forecast", {"level": LEVEL})
PAST_DAYS = 42
ALL, MIX = "all", "mix"
MONDAY_TO_FRIDAY = slice(0, 5)


def ahead(desk: Desk, need: Need) -> Need:
    """`need` from the day after the report's last one on, where calls of later days are loaded, too."""
    known = desk.facts.days("calls", "arrived_at")
    if desk.until is None or known is None or desk.until >= known[1]:
        return need
    return replace(need, parameters={**need.parameters, "first_day": desk.until + timedelta(1)})


def said_before(desk: Desk, *needs: Need) -> frozenset[str]:
    """Codes of what the parts above have remarked: the forecast's notes come again with everything that rests on it."""
    results = [desk.maybe(ahead(desk, need)) for need in needs]
    return frozenset(note.code for result in results if result is not None for note in result.notes)


def answer(desk: Desk) -> str | None:
    """How many calls, against how many so far, and the busiest day."""
    result = desk.maybe(ahead(desk, FORECAST))
    if result is None or not result.values["calls"]:
        return None
    words, show = desk.words, desk.show
    days = result.polars("days")
    most = days.sort("calls", descending=True).row(0, named=True)
    past = [calls for _, calls in _past(desk)]
    said = words(
        "report.staffing.answer_forecast",
        days=show.count(days.height),
        calls=show.count(result.values["calls"]),  # type: ignore[arg-type]
        a_day=show.count(float(days["calls"].mean())),  # type: ignore[arg-type]
        day=show.day(most["date"]),
        most=show.count(most["calls"]),
        low=show.count(most["low"]),
        high=show.count(most["high"]),
    )
    return (
        said + words("report.staffing.answer_past", days=show.count(len(past)), a_day=show.count(sum(past) / len(past))) if past else said
    )


def blocks(desk: Desk) -> Sequence[Block]:
    result = desk.result(ahead(desk, FORECAST))
    found: list[Block] = [Heading(desk.words("report.staffing.forecast_title")), _days(desk, result.polars("days"))]
    slots = result.polars()
    if result.values["calls"]:
        found += [_usual_day(desk, slots), _largest(desk, slots)]
    tested = result.polars("backtest").filter(group=ALL)
    if not tested.is_empty():
        found.append(_models(desk, tested))
    return [*found, *remarks(desk, result)]


def _past(desk: Desk) -> list[tuple[date, float]]:
    """Calls of the last days of the report."""
    if desk.maybe(DAILY) is None:
        return []
    series = desk.metrics.get("offered")
    return [] if series is None else [(point.day, point.value) for point in series.points if point.value is not None][-PAST_DAYS:]


def _days(desk: Desk, coming: pl.DataFrame) -> Picture:
    words, show = desk.words, desk.show
    past = _past(desk)
    days = [*(day for day, _ in past), *coming["date"].to_list()]
    before, behind = [None] * len(past), [None] * coming.height
    title = words("report.staffing.days")
    spec: dict[str, Any] = {
        "kind": "ahead",
        "names": [show.day(day) for day in days],
        "ticks": [f"{day:%m-%d}" for day in days],
        "past": [*(short(calls) for _, calls in past), *behind],
        "calls": [*before, *(short(calls) for calls in coming["calls"])],
        "low": [*before, *coming["low"]],
        "high": [*before, *coming["high"]],
        "said": [words("report.staffing.came"), words("report.staffing.expected")],
    }
    heads = [
        Column(words("column.date"), figure=False),
        Column(words("column.day_type"), figure=False),
        Column(words("column.roster.forecast.calls")),
        Column(words("report.column.interval")),
    ]
    rows = [
        Row([show.day(row["date"]), _kind_of_day(desk, row), show.count(row["calls"]), show.between("count", row["low"], row["high"])])
        for row in coming.iter_rows(named=True)
    ]
    return Picture(
        title, spec, Table.of(title, heads, rows), height=300, wide=True, min_width=480, caption=words("report.staffing.days_caption")
    )


def _kind_of_day(desk: Desk, row: dict[str, Any]) -> str:
    said = [desk.words(f"day_type.{row['day_type']}"), row["holiday"], row["events"]]
    return desk.words("report.list_separator").join(part for part in said if part)


def _usual_day(desk: Desk, slots: pl.DataFrame) -> Picture:
    """A working day from Monday to Friday, by half-hour: what is expected beside what came."""
    words, show = desk.words, desk.show
    whole = slots.group_by("starts_at").agg(pl.col("calls").sum())
    expected = _working_day(mean_week(whole, "calls", desk.facts.zone))
    past = _came_by_half_hour(desk)
    used = used_slots(expected[None], *([] if past is None else [past[None]]))
    names = [slot_name(int(slot)) for slot in used]
    title = words("report.staffing.usual_day")
    shown = [(words("report.staffing.expected"), expected)] + ([] if past is None else [(words("report.staffing.came"), past)])
    spec = {
        "kind": "registered",
        "form": "line",
        "unit": "number",
        "names": names,
        "ticks": names,
        "series": [{"name": name, "values": [short(float(values[slot])) for slot in used]} for name, values in shown],
    }
    heads = [Column(words("report.column.slot"), figure=False), *(Column(name) for name, _ in shown)]
    rows = [[slot_name(int(slot)), *(show.number(float(values[slot])) for _, values in shown)] for slot in used]
    return Picture(title, spec, Table.of(title, heads, rows), height=260, caption=words("report.staffing.usual_day_caption"))


def _working_day(week: np.ndarray) -> np.ndarray:
    return np.asarray(np.nan_to_num(week)[MONDAY_TO_FRIDAY].mean(axis=0))


def _came_by_half_hour(desk: Desk) -> np.ndarray | None:
    """Calls of the last weeks of the report: half-hours without any call have no row there, so sums are divided by days."""
    result, past = desk.maybe(HALF_HOURS), _past(desk)
    working = [day for day, _ in past if day.weekday() < 5]
    if result is None or not working:
        return None
    local = pl.col("starts_at").dt.convert_time_zone(desk.facts.zone.key)
    rows = result.polars().filter(local.dt.date().is_in(working))
    slot = (local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute()) // 30
    sums = rows.group_by(slot=slot).agg(pl.col("offered").sum())
    came = np.zeros(48)
    came[sums["slot"].to_numpy()] = sums["offered"].to_numpy() / len(working)
    return came


def _largest(desk: Desk, slots: pl.DataFrame) -> Picture:
    """The business with most calls on a working day, with its interval."""
    words, show = desk.words, desk.show
    business = slots.group_by("business").agg(pl.col("calls").sum()).sort("calls", "business", descending=[True, False])["business"][0]
    rows = slots.filter(pl.col("business").eq_missing(pl.lit(business, pl.String)))
    calls, low, high = (_working_day(mean_week(rows, figure, desk.facts.zone)) for figure in ("calls", "low", "high"))
    used = used_slots(high[None])
    names = [slot_name(int(slot)) for slot in used]
    name = leaf(business) if business else words("report.not_recorded")
    title = words("report.staffing.largest", business=name)
    spec = {
        "kind": "ahead",
        "names": names,
        "ticks": names,
        "past": [None] * len(used),
        "calls": [short(float(calls[slot])) for slot in used],
        "low": [short(float(low[slot])) for slot in used],
        "high": [short(float(high[slot])) for slot in used],
        "said": [words("report.staffing.came"), words("report.staffing.expected")],
    }
    heads = [
        Column(words("report.column.slot"), figure=False),
        *(Column(words(f"column.roster.forecast.{column}")) for column in ("calls", "low", "high")),
    ]
    cells = [[slot_name(int(slot)), *(show.number(float(each[slot])) for each in (calls, low, high))] for slot in used]
    return Picture(title, spec, Table.of(title, heads, cells), height=260, caption=words("report.staffing.largest_caption"))


def _models(desk: Desk, tested: pl.DataFrame) -> Table:
    """Errors of the models on the past; the mix is what was taken."""
    words, show = desk.words, desk.show
    horizons = tested["horizon_days"].unique().sort().to_list()
    errors = {(row["model"], row["horizon_days"]): row["wape"] for row in tested.iter_rows(named=True)}
    models = tested["model"].unique(maintain_order=True).to_list()
    heads = [
        Column(words("column.model"), figure=False),
        *(Column(words("report.staffing.horizon", days=horizon)) for horizon in horizons),
    ]
    rows = [
        Row([words(f"forecast_model.{model}"), *(show.share(errors.get((model, horizon))) for horizon in horizons)], mark=model == MIX)
        for model in models
    ]
    return Table.of(words("report.staffing.models", origins=show.count(float(tested["origins"][0]))), heads, rows)
