"""Intervals on the wall clock, also on the days that have 23 or 25 hours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from coachline.engine.facts import Facts
from coachline.engine.operations.intervals import intervals
from coachline.errors import CoachlineError
from tests.engine.operations.rows import at, call

FactsOf = Callable[..., Facts]
NEW_YORK = "America/New_York"


def minutely(day: date, zone: str) -> list[dict[str, object]]:
    """A call every ten minutes of a local day, however long it is."""
    begins, ends = (datetime(d.year, d.month, d.day, tzinfo=ZoneInfo(zone)).astimezone(UTC) for d in (day, day + timedelta(1)))
    return [call(begins + timedelta(minutes=10 * n)) for n in range(int((ends - begins) / timedelta(minutes=10)))]


def test_figures_of_an_interval(facts_of: FactsOf) -> None:
    rows = [
        call("2026-03-02 09:00", business="查询", wait_s=10, talk_s=100, hold_s=20, wrap_s=30),
        call("2026-03-02 09:29:59", business="查询", wait_s=50, talk_s=200, hold_s=None, wrap_s=30),
        call("2026-03-02 09:15", "abandoned", business="查询", wait_s=5),
        call("2026-03-02 09:15", "ivr_only", business="查询"),
        call("2026-03-02 09:15", direction="outbound", business="查询"),
        call("2026-03-02 09:30", "abandoned", business=None),
    ]
    found = intervals(facts_of({"calls": rows}))
    assert found.tables["intervals"].to_pylist() == [
        {
            "starts_at": at("2026-03-02 09:00"),
            "business": "查询",
            "offered": 3,
            "answered": 2,
            "abandoned": 1,
            "wait_s": 30.0,
            "handle_s": 150.0,
            "service_level": pytest.approx(2 / 3),
        },
        {
            "starts_at": at("2026-03-02 09:30"),
            "business": None,
            "offered": 1,
            "answered": 0,
            "abandoned": 1,
            "wait_s": None,
            "handle_s": None,
            "service_level": None,
        },
    ]
    assert str(found.tables["intervals"].schema.field("starts_at").type.tz) == "Asia/Shanghai"


def test_calls_whose_times_contradict_each_other_are_not_placed(facts_of: FactsOf) -> None:
    rows = [
        call("2026-03-02 09:00", ivr_s=-3),
        call("2026-03-02 09:00", ivr_s=3),
        call("2026-03-02 09:00"),
        call("2026-03-02 09:00", "ignored", ivr_s=-3),
    ]
    found = intervals(facts_of({"calls": rows}))
    assert found.tables["intervals"]["offered"].to_pylist() == [2]
    assert found.values["unplaced"] == 1
    assert ("calls_unplaced", {"calls": 1}) in [(note.code, dict(note.facts)) for note in found.notes]


def test_quiet_intervals_are_zeros_only_without_a_dimension(facts_of: FactsOf) -> None:
    facts = facts_of({"calls": [call("2026-03-02 09:00", business="查询"), call("2026-03-02 10:30", business="查询")]})
    assert intervals(facts, by="none").tables["intervals"]["offered"].to_pylist() == [1, 0, 0, 1]
    assert intervals(facts, by="none").tables["intervals"]["wait_s"].to_pylist()[1] is None
    assert intervals(facts).tables["intervals"]["offered"].to_pylist() == [1, 1]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 1), 24)])
@pytest.mark.parametrize("minutes", [30, 60])
def test_a_day_has_the_hours_it_has(day: date, hours: int, minutes: int, facts_of: FactsOf) -> None:
    found = intervals(facts_of({"calls": minutely(day, NEW_YORK)}, zone=NEW_YORK), minutes=minutes, by="none").tables["intervals"]
    starts = [start.astimezone(UTC) for start in found["starts_at"].to_pylist()]
    assert len(starts) == hours * 60 // minutes
    assert set(found["offered"].to_pylist()) == {minutes // 10}
    assert starts == sorted(set(starts))
    assert starts[0] == datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(NEW_YORK))


@pytest.mark.parametrize(("day", "lengths"), [(date(2026, 3, 8), [1, 2, 2]), (date(2026, 11, 1), [3, 2, 2])])
def test_an_interval_over_the_change_of_the_clock_is_one_interval(day: date, lengths: list[int], facts_of: FactsOf) -> None:
    found = intervals(facts_of({"calls": minutely(day, NEW_YORK)}, zone=NEW_YORK), minutes=120, by="none").tables["intervals"]
    # In spring 02:00-04:00 lasts an hour, in autumn 00:00-02:00 lasts three.
    changed = 1 if lengths[0] == 1 else 0
    assert [n // 6 for n in found["offered"].to_pylist()][changed : changed + 3] == lengths
    assert found.num_rows == 12


@pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1)])
def test_a_whole_day_can_be_one_interval(day: date, facts_of: FactsOf) -> None:
    rows = minutely(day, NEW_YORK)
    found = intervals(facts_of({"calls": rows}, zone=NEW_YORK), minutes=1440, by="none").tables["intervals"]
    assert found["offered"].to_pylist() == [len(rows)]
    assert found["starts_at"].to_pylist() == [datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(NEW_YORK))]


def test_by_queue_and_by_team(facts_of: FactsOf) -> None:
    rows = [
        call("2026-03-02 09:00", queue="一线", agent_id="a1"),
        call("2026-03-02 09:00", queue="二线", agent_id="a2"),
        call("2026-03-02 09:00"),
    ]
    facts = facts_of({"calls": rows, "agents": [{"agent_id": "a1", "team": "甲班"}, {"agent_id": "a2"}]})
    by_queue = intervals(facts, by="queue").tables["intervals"]
    assert by_queue.column_names[:3] == ["starts_at", "business", "queue"]
    assert dict(zip(by_queue["queue"].to_pylist(), by_queue["offered"].to_pylist(), strict=True)) == {"一线": 1, "二线": 1, None: 1}
    by_team = intervals(facts, by="team").tables["intervals"]
    assert dict(zip(by_team["team"].to_pylist(), by_team["offered"].to_pylist(), strict=True)) == {"甲班": 1, None: 2}


@pytest.mark.parametrize("minutes", [0, 7, 1000])
def test_an_interval_must_divide_a_day(minutes: int, facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="1440"):
        intervals(facts_of({"calls": [call("2026-03-02 09:00")]}), minutes=minutes)
