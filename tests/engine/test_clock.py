"""Wall clocks and instants, over changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coachline.engine.clock import instant_of

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2026-03-02 08:00", "2026-03-02 07:00"),
        ("2026-03-29 01:59", "2026-03-29 00:59"),
        # Put forward from two to three: what is skipped is the moment of that.
        ("2026-03-29 02:00", "2026-03-29 01:00"),
        ("2026-03-29 02:59", "2026-03-29 01:00"),
        ("2026-03-29 03:00", "2026-03-29 01:00"),
        # Set back from three to two: the first of both.
        ("2026-10-25 02:30", "2026-10-25 00:30"),
        ("2026-10-25 03:00", "2026-10-25 02:00"),
    ],
)
def test_the_instant_of_a_wall_clock_time(wall: str, instant: str) -> None:
    assert instant_of(datetime.fromisoformat(wall), BERLIN) == datetime.fromisoformat(instant).replace(tzinfo=UTC)


def test_what_is_later_on_the_wall_is_never_earlier() -> None:
    for day in (datetime(2026, 3, 29), datetime(2026, 10, 25)):
        found = [instant_of(day + timedelta(minutes=minutes), BERLIN) for minutes in range(0, 360, 5)]
        assert found == sorted(found)
