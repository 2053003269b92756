"""Local time by integer arithmetic, the same on every engine.

Instants lie in the lake in UTC. Group-bys by day, hour or half-hour need the wall clock of the centre. Engines differ in how they
convert zones and pay for it per row, so the few offsets that a zone has within the data are looked up here, and the wall clock becomes
"microseconds since 1970 plus offset": one addition for a zone without summer time.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa

DAY_S = 86_400
EPOCH = date(1970, 1, 1)
EPOCH_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)


def offsets(zone: ZoneInfo, first: datetime, last: datetime) -> list[tuple[int, int]]:
    """The offsets of `zone` from UTC between two instants.

    Returns
    -------
    list of (int, int)
        (epoch second from which on it holds, offset in seconds), in order; the first one holds from the beginning.
    """

    def offset_at(second: int) -> int:
        delta = datetime.fromtimestamp(second, tz=zone).utcoffset()
        assert delta is not None
        return int(delta.total_seconds())

    start, end = int(first.timestamp()), int(last.timestamp())
    found = [(start, offset_at(start))]
    # Zones change their offset at most a few times a year, never twice within a day: look daily, then halve.
    for day in range(start, end, DAY_S):
        low, high = day, min(day + DAY_S, end)
        if offset_at(high) == found[-1][1]:
            continue
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset_at(middle) == found[-1][1] else (low, middle)
        found.append((high, offset_at(high)))
    return found


def wall_clock_seconds(epoch_us: ir.IntegerValue, spans: list[tuple[int, int]]) -> ir.IntegerValue:
    """Seconds since 1970-01-01 00:00 on the wall clock, from microseconds since the epoch in UTC."""
    epoch_s = epoch_us // 1_000_000
    if len(spans) == 1:
        return epoch_s + spans[0][1]
    shift = ibis.cases(*((epoch_s < following, offset) for (_, offset), (following, _) in pairwise(spans)), else_=spans[-1][1])
    return epoch_s + shift


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins in `zone`, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def instant_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant, in UTC, at which the clocks of `zone` show `wall`.

    The first one where they show it twice; where they are put forward over it, the moment of that, so that what is later on the wall is never earlier.
    """
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if before <= after:
        return before
    return datetime.fromtimestamp(offsets(zone, after, before)[-1][0], UTC)


def days_to_dates(days: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Day numbers since 1970-01-01 to dates."""
    return pa.array(np.asarray(days), pa.int32()).cast(pa.date32())


def day_number(day: date) -> int:
    return (day - EPOCH).days


def month_number(wall_s: ir.IntegerValue) -> ir.IntegerValue:
    """Months since January of the year 0 (``year * 12 + month - 1``, 32 bits) of a wall clock in seconds since 1970.

    Years of this arithmetic begin in March, so that the day that comes and goes is their last one.

    References
    ----------
    Howard Hinnant, "chrono-compatible low-level date algorithms", ``civil_from_days``.
    """
    day = wall_s // DAY_S + 719_468
    era = day // 146_097
    day_of_era = day - era * 146_097
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    return ((era * 400 + year_of_era) * 12 + (5 * day_of_year + 2) // 153 + 2).cast("int32")
