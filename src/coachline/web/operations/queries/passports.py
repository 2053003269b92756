"""The passport of a metric, with the figures behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import polars as pl

from coachline.engine.analyses import ANALYSES
from coachline.errors import CoachlineError
from coachline.report.blocks import Column, Picture, Table
from coachline.report.metrics import Passport, passports_of
from coachline.report.page import Fragment, Section, fragment
from coachline.report.pictures import short
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.org.queries import Perspective
from coachline.web.runs.models import Run
from coachline.web.runs.queries import latest, result

LAST_DAYS = 14
DRAWN_DAYS = 90
ALWAYS_THERE = ("direction", "outcome", "arrived_at")
"""Columns that every call has."""


@dataclass(frozen=True)
class MetricPassport:
    """What a metric is, with its figures of the last days.

    Attributes
    ----------
    passport : Passport
    days : list of dict
        date, value, numerator, denominator; the newest first.
    lacking : bool
        The loaded columns do not allow it.
    lake : mapping of table to version
        What the figures were calculated from.
    """

    passport: Passport
    days: list[dict[str, Any]]
    lacking: bool
    lake: dict[str, int]

    @property
    def unrecorded(self) -> list[str]:
        """Columns without which a call is not counted."""
        return [need for need in self.passport.needs if need.rpartition(".")[2] not in ALWAYS_THERE]


def passport(metric: str, eyes: Perspective) -> MetricPassport:
    """The passport of `metric`.

    Raises
    ------
    CoachlineError
        ``unknown_metric``; ``passports_not_calculated`` where nothing has been calculated yet.
    """
    run = latest("operations.passports", {}, eyes.centre)
    if run is None:
        raise CoachlineError("passports_not_calculated")
    known = {found.metric: found for found in passports_of(result(run, eyes))}
    if metric not in known:
        raise CoachlineError("unknown_metric", metric=metric, known=", ".join(known))
    daily = latest("operations.daily", {}, eyes.centre)
    days: list[dict[str, Any]] = []
    if daily is not None:
        rows = result(daily, eyes).polars().filter(pl.col("metric") == metric).sort("date", descending=True)
        days = rows.select("date", "value", "numerator", "denominator").head(DRAWN_DAYS).to_dicts()
    return MetricPassport(known[metric], days, not known[metric].available, _read(daily) if daily else {})


def _read(daily: Run) -> dict[str, int]:
    """Versions of the tables that the figures are made from."""
    return {table: version for table, version in daily.lake.items() if table in ANALYSES[daily.name].reads}


def history(found: MetricPassport) -> Fragment | None:
    """The metric over the last days as a small picture; None where it is not known."""
    days = [row for row in reversed(found.days) if row["value"] is not None]
    if not days:
        return None
    say, show = words(), figures()
    name = say(f"metric.{found.passport.metric}")
    spec = {
        "kind": "trend",
        "unit": found.passport.unit,
        "days": [show.day(row["date"]) for row in days],
        "weekends": [],
        "series": [{"name": name, "values": [short(row["value"]) for row in days]}],
    }
    heads = [Column(say("column.date"), figure=False), Column(name)]
    rows = [[show.day(row["date"]), show.value(found.passport.unit, row["value"], row["denominator"])] for row in reversed(days)]
    picture = Picture(name, spec, Table.of(name, heads, rows), height=200, wide=True)
    return fragment([Section("history", [picture])], words=say, passports=frozenset(), headings=False)
