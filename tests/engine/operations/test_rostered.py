"""Hours of a month, and occupancy over rostered work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.daily import daily
from coachline.engine.operations.hours import hours
from tests.engine.operations.rows import at, call

FactsOf = Callable[..., Facts]


def shift(begins: str, ends: str, activity: str = "work", agent: str = "a1", zone: str = "Asia/Shanghai") -> dict[str, object]:
    return {"agent_id": agent, "starts_at": at(begins, zone), "ends_at": at(ends, zone), "activity": activity}


def test_hours_of_a_month_by_activity(facts_of: FactsOf) -> None:
    rows = [
        *(shift(f"2026-03-{day:02d} 08:00", f"2026-03-{day:02d} 16:00") for day in range(2, 23)),
        shift("2026-03-23 08:00", "2026-03-23 10:00", "training"),
        shift("2026-03-23 10:00", "2026-03-23 11:00", "meeting"),
        shift("2026-03-23 11:00", "2026-03-23 12:00", "break"),
        # A night over the end of the month counts in both.
        shift("2026-03-31 20:00", "2026-04-01 04:00"),
        # Leave may last for days.
        shift("2026-04-10 00:00", "2026-04-13 12:00", "leave"),
        shift("2026-03-02 08:00", "2026-03-02 12:00", agent="a2"),
    ]
    found = hours(facts_of({"shifts": rows}))
    assert found.tables["hours"].to_pylist() == [
        {
            "agent_id": "a1",
            "month": "2026-03",
            "work_h": 172,
            "training_h": 2,
            "meeting_h": 1,
            "leave_h": 0,
            "counted_h": 175,
            "cap_h": 167,
            "over_h": 8,
        },
        {
            "agent_id": "a1",
            "month": "2026-04",
            "work_h": 4,
            "training_h": 0,
            "meeting_h": 0,
            "leave_h": 84,
            "counted_h": 4,
            "cap_h": 167,
            "over_h": 0,
        },
        {
            "agent_id": "a2",
            "month": "2026-03",
            "work_h": 4,
            "training_h": 0,
            "meeting_h": 0,
            "leave_h": 0,
            "counted_h": 4,
            "cap_h": 167,
            "over_h": 0,
        },
    ]
    assert found.values == {"people": 2, "months": 2, "over": 1}
    assert found.checks[0].ok


def test_a_night_over_the_change_of_the_clock_has_its_true_length(facts_of: FactsOf) -> None:
    zone = "America/New_York"
    rows = [shift("2026-03-07 20:00", "2026-03-08 08:00", zone=zone), shift("2026-10-31 20:00", "2026-11-01 08:00", zone=zone)]
    found = {row["month"]: row["work_h"] for row in hours(facts_of({"shifts": rows}, zone=zone)).tables["hours"].to_pylist()}
    assert found == {"2026-03": 11, "2026-10": 4, "2026-11": 9}


def test_overlapping_shifts_are_reported(facts_of: FactsOf) -> None:
    rows = [
        shift("2026-03-02 08:00", "2026-03-02 16:00"),
        shift("2026-03-02 14:00", "2026-03-02 15:30", "training"),
        shift("2026-03-02 12:00", "2026-03-02 13:00", "break"),
    ]
    [check] = hours(facts_of({"shifts": rows})).checks
    assert (check.ok, check.figure) == (False, 2)


def test_occupancy_is_handling_over_rostered_work_of_the_same_people(facts_of: FactsOf) -> None:
    calls = [
        call("2026-03-02 09:00", agent_id="a1", talk_s=3000, hold_s=300, wrap_s=300),
        call("2026-03-02 10:00", agent_id="a1", talk_s=3600, direction="outbound"),
        # Without a shift, on leave, or on another day: in neither number.
        call("2026-03-02 10:00", agent_id="a2", talk_s=500),
        call("2026-03-02 10:00", agent_id="a3", talk_s=500),
        call("2026-03-03 10:00", agent_id="a1", talk_s=500),
    ]
    shifts = [
        shift("2026-03-02 08:00", "2026-03-02 12:00"),
        shift("2026-03-02 12:00", "2026-03-02 13:00", "training"),
        # The part after midnight belongs to a day without calls of a1's.
        shift("2026-03-02 20:00", "2026-03-03 00:00", agent="a4"),
        shift("2026-03-02 08:00", "2026-03-02 16:00", "leave", agent="a3"),
        # A roster of days to come is no occupancy of 0.
        shift("2026-03-09 08:00", "2026-03-09 16:00"),
    ]
    found = daily(facts_of({"calls": calls, "shifts": shifts})).tables["daily"].to_pylist()
    rows = [(row["date"], row["numerator"], row["denominator"]) for row in found if row["metric"] == "occupancy"]
    assert rows == [(date(2026, 3, 2), 7200, 8 * 3600)]


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/New_York"])
def test_a_night_shift_is_cut_at_local_midnight(zone: str, facts_of: FactsOf) -> None:
    calls = [call(at(f"2026-03-0{day} 12:00", zone), agent_id="a1", talk_s=900) for day in (2, 3)]
    shifts = [shift("2026-03-02 21:00", "2026-03-03 06:30", zone=zone)]
    found = daily(facts_of({"calls": calls, "shifts": shifts}, zone=zone)).tables["daily"].to_pylist()
    assert [row["denominator"] for row in found if row["metric"] == "occupancy"] == [3 * 3600, 6.5 * 3600]
