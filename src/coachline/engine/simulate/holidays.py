"""Public holidays of China with the weekend days that are worked in exchange (调休).

Source: the yearly notices of the General Office of the State Council on holiday arrangements. A year that is not
listed has plain weeks.
"""

from __future__ import annotations

from datetime import date, timedelta
from enum import IntEnum

HOLIDAYS: tuple[tuple[str, str, int], ...] = (
    # name, first day, days
    ("元旦", "2024-01-01", 1),
    ("春节", "2024-02-10", 8),
    ("清明节", "2024-04-04", 3),
    ("劳动节", "2024-05-01", 5),
    ("端午节", "2024-06-08", 3),
    ("中秋节", "2024-09-15", 3),
    ("国庆节", "2024-10-01", 7),
    ("元旦", "2025-01-01", 1),
    ("春节", "2025-01-28", 8),
    ("清明节", "2025-04-04", 3),
    ("劳动节", "2025-05-01", 5),
    ("端午节", "2025-05-31", 3),
    ("国庆节、中秋节", "2025-10-01", 8),
    ("元旦", "2026-01-01", 3),
    ("春节", "2026-02-15", 9),
    ("清明节", "2026-04-04", 3),
    ("劳动节", "2026-05-01", 5),
    ("端午节", "2026-06-19", 3),
    ("中秋节", "2026-09-25", 3),
    ("国庆节", "2026-10-01", 7),
)

WORKED_WEEKENDS: tuple[str, ...] = (
    "2024-02-04", "2024-02-18", "2024-04-07", "2024-04-28", "2024-05-11", "2024-09-14", "2024-09-29", "2024-10-12",
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
)  # fmt: skip

_HOLIDAY = {date.fromisoformat(first) + timedelta(days=n): name for name, first, days in HOLIDAYS for n in range(days)}
_WORKED = frozenset(date.fromisoformat(day) for day in WORKED_WEEKENDS)


class DayKind(IntEnum):
    """What sort of day it is for the world outside the centre."""

    WORKDAY = 0
    WEEKEND = 1
    HOLIDAY = 2
    WORKED_WEEKEND = 3


def kind_of(day: date) -> DayKind:
    """The kind of `day`."""
    if day in _HOLIDAY:
        return DayKind.HOLIDAY
    if day in _WORKED:
        return DayKind.WORKED_WEEKEND
    return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY


def holiday_name(day: date) -> str | None:
    """The holiday that `day` belongs to, if any."""
    return _HOLIDAY.get(day)
