"""The half-hours of a period as a list and as a profile of the day, from stored results."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

import polars as pl

from coachline.report.blocks import Column, Picture, Row, Table
from coachline.report.page import Fragment, Section, fragment
from coachline.report.pictures import short
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.org.queries import Perspective
from coachline.web.runs.days import Days
from coachline.web.runs.models import Run
from coachline.web.runs.queries import latest, result

ANALYSIS = "operations.intervals"
MINUTES = 30
BY = ("none", "business", "queue", "team")
Shape = Literal["each", "day", "weekday"]
SHAPES: tuple[Shape, ...] = ("day", "weekday", "each")
FIGURES = ("offered", "answered", "abandoned", "wait_s", "handle_s", "service_level")


@dataclass(frozen=True)
class Wanted:
    """What of the half-hours is looked at.

    Parameters
    ----------
    by : str
        One of `BY`.
    member : str
        One business, queue or team; empty for all of them.
    shape : str
        ``day``: those of one day; ``weekday``: the mean of one weekday; ``each``: all of the period.
    day : date, optional
        None for the last one.
    weekday : int
        0 is Monday.
    """

    by: str = "none"
    member: str = ""
    shape: Shape = "day"
    day: date | None = None
    weekday: int = 0


@dataclass(frozen=True)
class Slots:
    """The half-hours that were asked for.

    Attributes
    ----------
    rows : DataFrame
        ``when`` (a moment, or minutes after midnight where `Wanted.shape` is ``weekday``), ``member`` (but not by none) and `FIGURES`.
    day : date or None
        The day that is shown.
    members : list of str
        From which one can choose, those with most calls first.
    days : int
        How many days the means of a weekday rest on.
    """

    run: Run
    rows: pl.DataFrame
    day: date | None
    members: list[str]
    days: int


def parameters(by: str, days: Days) -> dict[str, Any]:
    """Of the run that holds them."""
    return {"minutes": MINUTES, "by": by, **{name: value for name, value in days.parameters.items() if value is not None}}


def slots(wanted: Wanted, days: Days, eyes: Perspective) -> Slots | None:
    """What was asked for; None where it has not been calculated yet, or may not be seen."""
    run = latest(ANALYSIS, parameters(wanted.by, days), eyes.centre)
    if run is None or not run.folder.exists():
        return None
    found = result(run, eyes)
    if "intervals" not in found.tables:
        return None
    frame = found.polars().with_columns(pl.col("starts_at").dt.convert_time_zone(centre_settings().zone.key))
    members: list[str] = []
    if wanted.by != "none":
        frame = frame.with_columns(member=pl.col(wanted.by))
        members = (
            frame.drop_nulls("member")
            .group_by("member")
            .agg(pl.col("offered").sum())
            .sort("offered", "member", descending=[True, False])["member"]
            .to_list()
        )
        if wanted.member:
            frame = frame.filter(pl.col("member") == wanted.member)
    local = frame.with_columns(day=pl.col("starts_at").dt.date())
    known = local["day"].unique().sort()
    if wanted.shape == "weekday":
        return Slots(run, *_weekday(local, wanted, found.values), members=members, days=_days(found.values, wanted.weekday))
    day = wanted.day or (known[-1] if len(known) else None)
    if wanted.shape == "day":
        local = local.filter(pl.col("day") == day) if day is not None else local.head(0)
    rows = local.rename({"starts_at": "when"}).select("when", *(["member"] if wanted.by != "none" else []), *FIGURES)
    rows = rows.sort("when", *(["member"] if wanted.by != "none" else []), descending=wanted.shape == "each", nulls_last=True)
    return Slots(run, rows, day if wanted.shape == "day" else None, members, 1)


def _weekday(local: pl.DataFrame, wanted: Wanted, values: Any) -> tuple[pl.DataFrame, None]:
    start = pl.col("starts_at")
    same = local.filter(start.dt.weekday() == wanted.weekday + 1).with_columns(
        when=start.dt.hour().cast(pl.Int64) * 60 + start.dt.minute().cast(pl.Int64)
    )
    days = max(_days(values, wanted.weekday), 1)
    keys = ["when", *(["member"] if wanted.by != "none" else [])]
    answered, offered = pl.col("answered"), pl.col("offered")
    rows = same.group_by(keys).agg(
        *((pl.col(name).sum() / days).alias(name) for name in ("offered", "answered", "abandoned")),
        *(_mean(name, answered).alias(name) for name in ("wait_s", "handle_s")),
        _mean("service_level", offered).alias("service_level"),
    )
    return rows.select(*keys, *FIGURES).sort(keys, nulls_last=True), None


def _mean(name: str, weight: pl.Expr) -> pl.Expr:
    known = pl.col(name).is_not_null()
    total = weight.filter(known).sum()
    return pl.when(total > 0).then((pl.col(name) * weight).filter(known).sum() / total)


def _days(values: Any, weekday: int) -> int:
    """How many such weekdays the period has."""
    if values.get("first_day") is None:
        return 0
    days = pl.date_range(date.fromisoformat(str(values["first_day"])), date.fromisoformat(str(values["last_day"])), eager=True)
    return int((days.dt.weekday() == weekday + 1).sum())


def clock(when: Any) -> str:
    """``09:30`` of a moment, or of minutes after midnight."""
    return f"{when // 60:02d}:{when % 60:02d}" if isinstance(when, int) else f"{when:%H:%M}"


def profile(found: Slots, title: str) -> Fragment | None:
    """A picture of calls and service level over the day; None where there is nothing, or the rows are no day."""
    rows = found.rows
    if rows.is_empty():
        return None
    whole = (
        rows.group_by("when")
        .agg(pl.col("offered").sum(), pl.col("answered").sum(), _mean("service_level", pl.col("offered")).alias("service_level"))
        .sort("when")
    )
    say, show = words(), figures()
    labels = [clock(when) for when in whole["when"].to_list()]
    heads = [
        Column(say("report.column.slot"), figure=False),
        *(Column(say(f"column.{name}")) for name in ("offered", "answered", "service_level")),
    ]
    cells = [
        Row([label, show.number(row["offered"]), show.number(row["answered"]), show.share(row["service_level"], row["offered"])])
        for label, row in zip(labels, whole.to_dicts(), strict=True)
    ]
    calls = {"kind": "trend", "unit": "count", "slots": True, "days": labels, "weekends": []}
    lines = [{"name": say(f"column.{name}"), "values": [short(v) for v in whole[name].to_list()]} for name in ("offered", "answered")]
    level = [
        {
            "name": say("column.service_level"),
            "values": [short(v) for v in whole["service_level"].to_list()],
            "n": whole["offered"].to_list(),
        }
    ]
    pictures = [
        Picture(say("web.operations.intervals.calls", title=title), {**calls, "series": lines}, Table.of(title, heads, cells), height=250),
        Picture(
            say("web.operations.intervals.level", title=title),
            {**calls, "unit": "share", "series": level},
            Table.of(title, heads, cells),
            height=250,
            metric="service_level_offered",
        ),
    ]
    from coachline.web.runs.drawing import PASSPORT_LINK

    return fragment(
        [Section("profile", pictures)],
        words=say,
        passports=frozenset({"service_level_offered"}),
        passport_link=PASSPORT_LINK,
        headings=False,
    )
