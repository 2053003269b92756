"""Daily figures by metric, with what is usual for them: the material of most chapters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from coachline.engine.result import Result

WEEKS_BEFORE = 4

IMPORTANCE = (
    "connect_rate", "satisfaction", "resolution_recorded", "resolution_no_repeat", "service_level_offered", "offered", "abandon_rate", "asa",
    "repeat_rate", "transfer_rate", "ticket_rate", "outbound_reach", "outbound_calls",
)  # fmt: skip
"""What is told first when several metrics are unusual, or none."""

FAMILY = {
    "abandon_rate": "connect_rate",
    "answered": "offered",
    "abandoned": "connect_rate",
    "service_level_answered": "service_level_offered",
    "service_level_strict": "service_level_offered",
    "service_level_patient": "service_level_offered",
    "repeat_rate": "resolution_no_repeat",
    "aht_with_hold": "aht",
}
"""Metrics that move together; where room is short, the first of them speaks for all."""


@dataclass(frozen=True)
class Passport:
    """What a metric is, as `operations.passports` lists it."""

    metric: str
    unit: str
    better: str
    formula: str
    version: int
    numerator: str
    denominator: str | None
    needs: Sequence[str]
    available: bool


@dataclass(frozen=True)
class Usual:
    """What was to be expected on a day."""

    expected: float
    low: float
    high: float
    unusual: bool


@dataclass(frozen=True)
class Point:
    """A metric on a day; a count has no denominator."""

    day: date
    value: float | None
    numerator: float | None
    denominator: float | None


class Series:
    """One metric over the days of the period."""

    def __init__(self, passport: Passport, points: Sequence[Point], usual: dict[date, Usual], before: dict[date, float]) -> None:
        self.passport = passport
        self.points = points
        self.usual = usual
        self._before = before
        self._on = {point.day: point for point in points}

    @property
    def metric(self) -> str:
        return self.passport.metric

    @property
    def unit(self) -> str:
        return self.passport.unit

    @cached_property
    def last(self) -> Point | None:
        """The last day on which the metric is known."""
        return next((point for point in reversed(self.points) if point.value is not None), None)

    @property
    def known(self) -> bool:
        return self.last is not None

    def cases(self, point: Point) -> float | None:
        """How many cases a share or mean rests on; none for a count, nor where the denominator is a time."""
        return None if self.unit == "count" or self.metric == "occupancy" else point.denominator

    def before(self, day: date) -> float | None:
        """The same weekdays of the four weeks before, together; None where none of them is known.

        They may lie before the first day of the report: then only `operations.causes` knows them.
        """
        if day in self._before:
            return self._before[day]
        return self._together([self._on.get(day - timedelta(weeks=back)) for back in range(1, WEEKS_BEFORE + 1)])

    @cached_property
    def whole(self) -> float | None:
        """The metric over all days together (a count: its mean per day)."""
        return self._together(self.points)

    def cases_whole(self) -> float | None:
        known = [self.cases(p) for p in self.points if p.value is not None]
        return sum(c for c in known if c is not None) if known and known[0] is not None else None

    @property
    def sums(self) -> tuple[float, float]:
        """Numerator and denominator of all days together."""
        known = [point for point in self.points if point.value is not None]
        return sum(point.numerator or 0.0 for point in known), sum(point.denominator or 0.0 for point in known)

    def _together(self, points: Sequence[Point | None]) -> float | None:
        known = [p for p in points if p is not None and p.value is not None]
        if not known:
            return None
        if self.unit == "count":
            return sum(p.value or 0.0 for p in known) / len(known)
        below = sum(p.denominator or 0.0 for p in known)
        return sum(p.numerator or 0.0 for p in known) / below if below else None

    def is_unusual(self, day: date) -> bool:
        return day in self.usual and self.usual[day].unusual

    @property
    def rank(self) -> tuple[int, str]:
        """Place in the order of importance; sorts the important first."""
        return (IMPORTANCE.index(self.metric) if self.metric in IMPORTANCE else len(IMPORTANCE), self.metric)

    @property
    def unusual_days(self) -> list[date]:
        return [p.day for p in self.points if self.is_unusual(p.day)]


def passports_of(result: Result) -> list[Passport]:
    """The rows of `operations.passports`."""
    rows = result.table().select(list(Passport.__dataclass_fields__)).to_pylist()
    return [Passport(**{**row, "needs": [need.strip() for need in (row["needs"] or "").split(",") if need.strip()]}) for row in rows]


class Metrics:
    """All metrics of the period.

    Parameters
    ----------
    daily, passports : Result
        Of `operations.daily` and `operations.passports`.
    causes : Result, optional
        Of `operations.causes`, for what is usual.
    """

    def __init__(self, daily: Result, passports: Result, causes: Result | None) -> None:
        self.passports = {passport.metric: passport for passport in passports_of(passports)}
        points: dict[str, list[Point]] = {}
        for row in daily.table().select(["date", "metric", "value", "numerator", "denominator"]).to_pylist():
            point = Point(row["date"], row["value"], row["numerator"], row["denominator"])
            points.setdefault(row["metric"], []).append(point)
        usual: dict[str, dict[date, Usual]] = {}
        if causes is not None and "unusual" in causes.tables:
            for row in causes.table("unusual").to_pylist():
                if row["unusual"] is not None:  # null: too little history to tell
                    usual.setdefault(row["metric"], {})[row["date"]] = Usual(row["expected"], row["low"], row["high"], row["unusual"])
        before = self._before(causes)
        self._series = {
            metric: Series(self.passports[metric], sorted(found, key=lambda p: p.day), usual.get(metric, {}), before.get(metric, {}))
            for metric, found in points.items()
            if metric in self.passports
        }

    @staticmethod
    def _before(causes: Result | None) -> dict[str, dict[date, float]]:
        if causes is None or "changes" not in causes.tables:
            return {}
        day = date.fromisoformat(str(causes.values["until"]))
        return {row["metric"]: {day: row["value_before"]} for row in causes.table("changes").to_pylist() if row["value_before"] is not None}

    def __iter__(self) -> Iterator[Series]:
        return (series for series in self._series.values() if series.known)

    def get(self, metric: str) -> Series | None:
        """The series of `metric` if it is known on any day."""
        series = self._series.get(metric)
        return series if series is not None and series.known else None

    def several(self, *metrics: str) -> list[Series]:
        return [series for metric in metrics if (series := self.get(metric)) is not None]

    @cached_property
    def days(self) -> list[date]:
        return sorted({point.day for series in self._series.values() for point in series.points})

    @property
    def last_day(self) -> date | None:
        return self.days[-1] if self.days else None
