"""What the pages of running figures read beside the chapters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coachline.errors import CoachlineError
from coachline.report.metrics import Passport, passports_of
from coachline.web.org.queries import Perspective
from coachline.web.runs.queries import latest, result


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


LAST_DAYS = 14


def passport(metric: str, eyes: Perspective) -> MetricPassport:
    """The passport of `metric`.

    Raises
    ------
    CoachlineError
        ``unknown_metric``; ``not_calculated`` where nothing has been calculated yet.
    """
    run = latest("operations.passports", {}, eyes.centre)
    if run is None:
        raise CoachlineError("passports_not_calculated")
    known = {found.metric: found for found in passports_of(result(run, eyes))}
    if metric not in known:
        raise CoachlineError("unknown_metric", name=metric, known=", ".join(known))
    daily = latest("operations.daily", {}, eyes.centre)
    days: list[dict[str, Any]] = []
    if daily is not None:
        rows = result(daily, eyes).polars().filter(metric=metric).sort("date", descending=True)
        days = rows.select("date", "value", "numerator", "denominator").head(LAST_DAYS).to_dicts()
    return MetricPassport(known[metric], days, not known[metric].available, dict(daily.lake) if daily else {})
