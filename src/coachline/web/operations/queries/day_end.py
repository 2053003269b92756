"""Whether the data of a day reach to its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl
from django.core.cache import cache

from coachline.web.base.centre_folder import centre_settings
from coachline.web.org.queries import Perspective
from coachline.web.runs.queries import latest, result

MINUTES = 30
EARLY = timedelta(hours=1)
"""Calls that end so much before the usual hour of that weekday say that the day, or its file, is not complete."""
WEEKS = 8
FEWEST = 2
KEPT_S = 7 * 24 * 3600


@dataclass(frozen=True)
class DayEnd:
    """When the calls of a day end, and when those of that weekday usually do: minutes after midnight."""

    last: int
    usual: int

    @property
    def early(self) -> bool:
        return timedelta(minutes=self.usual - self.last) > EARLY

    @property
    def last_text(self) -> str:
        return _clock(self.last)

    @property
    def usual_text(self) -> str:
        return _clock(self.usual)


def day_end(eyes: Perspective, day: date) -> DayEnd | None:
    """The end of `day`; None where the half-hours have not been calculated, or too few such weekdays are known.

    It is the same for everybody, so it is read from the whole centre.
    """
    run = latest("operations.intervals", {"minutes": MINUTES, "by": "none"}, eyes.centre)
    if run is None or not run.folder.exists():
        return None
    key = f"day-end:{run.pk}:{day}"
    found: DayEnd | str | None = cache.get(key)
    if found is None:
        rows = result(run, Perspective(eyes.centre)).polars().filter(pl.col("offered") > 0)
        found = _end(rows, day) or "unknown"
        cache.set(key, found, KEPT_S)
    return found if isinstance(found, DayEnd) else None


def _end(rows: pl.DataFrame, day: date) -> DayEnd | None:
    local = pl.col("starts_at").dt.convert_time_zone(centre_settings().zone.key)
    minute = local.dt.hour().cast(pl.Int64) * 60 + local.dt.minute().cast(pl.Int64) + MINUTES
    ends = rows.group_by(day=local.dt.date()).agg(end=minute.max())
    same = [day - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    before = ends.filter(pl.col("day").is_in(same))["end"]
    own = ends.filter(pl.col("day") == day)["end"]
    if own.is_empty() or len(before) < FEWEST:
        return None
    return DayEnd(int(own[0]), round(float(before.median())))  # type: ignore[arg-type]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
