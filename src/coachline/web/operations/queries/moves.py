"""What stands out on a day, since when and why: read from stored results, for the daily page and for the rules."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.core.cache import cache

from coachline.engine.result import Result
from coachline.report.contributions import leading, of_move
from coachline.report.metrics import FAMILY, Metrics, Series
from coachline.web.org.queries import Perspective
from coachline.web.runs.days import Days
from coachline.web.runs.models import Run
from coachline.web.runs.queries import latest, result

KEPT_S = 7 * 24 * 3600
FORM = 1
"""Of what is kept; counted up when `Moved` changes."""


@dataclass(frozen=True)
class Cause:
    """The member of a dimension that made most of a change; no name where that was not recorded."""

    dimension: str
    member: str | None
    change: float
    share: float | None


@dataclass(frozen=True)
class Move:
    """A metric on a day, beside what was to be expected.

    Attributes
    ----------
    n : float or None
        Cases behind a share or mean.
    before : float or None
        The same weekdays of the four weeks before.
    expected, low, high : float or None
        None where there is too little history to tell.
    since : date
        First of the unbroken row of days, ending with this one, that were unusual in the same direction.
    days : int
        How many these are.
    leading : Cause or None
        Where most of it comes from; None where it is spread.
    causes : tuple of Cause
        The largest part by each dimension.
    """

    metric: str
    unit: str
    better: str
    day: date
    value: float
    n: float | None
    before: float | None
    expected: float | None
    low: float | None
    high: float | None
    unusual: bool
    since: date
    days: int
    leading: Cause | None
    causes: tuple[Cause, ...]

    @property
    def lower(self) -> bool:
        """Less than expected, or than before."""
        reference = self.expected if self.expected is not None else self.before
        return reference is not None and self.value < reference

    @property
    def worse(self) -> bool | None:
        """Whether it moved the wrong way; None for what is neither good nor bad."""
        return None if self.better not in ("up", "down") else self.lower == (self.better == "up")

    @property
    def facts(self) -> dict[str, Any]:
        """Everything, fit for JSON."""
        return {**asdict(self), "day": self.day.isoformat(), "since": self.since.isoformat()}


@dataclass(frozen=True)
class Moved:
    """All metrics of the last day, the important first.

    Attributes
    ----------
    judged : bool
        There is history enough to say what is unusual.
    """

    day: date
    moves: tuple[Move, ...]
    judged: bool

    @property
    def unusual(self) -> tuple[Move, ...]:
        """Those out of line, of those that move together the first, bad news first."""
        found: dict[str, Move] = {}
        for move in self.moves:
            if move.unusual:
                found.setdefault(FAMILY.get(move.metric, move.metric), move)
        return tuple(sorted(found.values(), key=lambda move: {True: 0, None: 1, False: 2}[move.worse]))


@dataclass(frozen=True)
class Runs:
    """The stored results that tell of a day."""

    daily: Run
    passports: Run
    causes: Run | None


def runs_of(eyes: Perspective, days: Days) -> Runs | None:
    """The newest results for these days; None where they have not been calculated."""
    daily = latest("operations.daily", _given(days), eyes.centre)
    passports = latest("operations.passports", {}, eyes.centre)
    if daily is None or passports is None or not (daily.folder.exists() and passports.folder.exists()):
        return None
    last = result(daily, eyes).values.get("last_day")
    causes = latest("operations.causes", {"since": str(last), "until": str(last)}, eyes.centre) if last else None
    return Runs(daily, passports, causes if causes is not None and causes.folder.exists() else None)


def moved(eyes: Perspective, days: Days) -> Moved | None:
    """What moved on the last of these days; None where it has not been calculated. Kept for as long as the results are the newest."""
    runs = runs_of(eyes, days)
    if runs is None:
        return None
    whom = "*" if eyes.people is None else hashlib.sha256(repr(sorted(eyes.people)).encode()).hexdigest()
    key = f"moved:{FORM}:{runs.daily.pk}:{runs.passports.pk}:{runs.causes.pk if runs.causes else ''}:{whom}"
    found: Moved | None = cache.get(key)
    if found is None:
        found = _moved(runs, eyes)
        cache.set(key, found, KEPT_S)
    return found


def _moved(runs: Runs, eyes: Perspective) -> Moved | None:
    causes = result(runs.causes, eyes) if runs.causes is not None else None
    metrics = Metrics(result(runs.daily, eyes), result(runs.passports, eyes), causes)
    day = metrics.last_day
    if day is None:
        return None
    found = sorted((series for series in metrics if series.last is not None and series.last.day == day), key=lambda series: series.rank)
    return Moved(day, tuple(_move(series, causes, day) for series in found), any(day in series.usual for series in found))


def _move(series: Series, causes: Result | None, day: date) -> Move:
    last = series.last
    assert last is not None
    assert last.value is not None
    usual = series.usual.get(day)
    since, days = _row(series, day)
    by_dimension: Mapping[str, list[dict[str, Any]]] = {}
    first = None
    if causes is not None and "causes" in causes.tables:
        by_dimension = of_move(causes.table(), series.metric, day)
        first = leading(causes.table(), series.metric, day)
    return Move(
        metric=series.metric,
        unit=series.unit,
        better=series.passport.better,
        day=day,
        value=float(last.value),
        n=series.cases(last),
        before=series.before(day),
        expected=usual.expected if usual else None,
        low=usual.low if usual else None,
        high=usual.high if usual else None,
        unusual=series.is_unusual(day),
        since=since,
        days=days,
        leading=_cause(first) if first else None,
        causes=tuple(_cause(rows[0]) for rows in by_dimension.values() if len(rows) > 1 and rows[0]["change"]),
    )


def _cause(row: Mapping[str, Any]) -> Cause:
    member = row["member"]
    return Cause(row["dimension"], None if member is None else str(member), float(row["change"] or 0.0), row["share_of_change"])


def _row(series: Series, day: date) -> tuple[date, int]:
    """Since when the metric has been unusual in the direction of `day`, and for how many days with calls."""

    def lower(point: Any) -> bool:
        return bool(point.value < series.usual[point.day].expected)

    known = [point for point in series.points if point.value is not None and point.day <= day]
    since, days = day, 0
    for point in reversed(known):
        if not series.is_unusual(point.day) or lower(point) != lower(known[-1]):
            break
        since, days = point.day, days + 1
    return since, days


def _given(days: Days) -> dict[str, str]:
    return {name: value for name, value in days.parameters.items() if value is not None}
