"""Stretches joined to shifts, counted by hand."""

from __future__ import annotations

import polars as pl

from coachline.engine.roster.plan.past_shifts import PastShifts, joined

HOUR, DAY = 3600, 86_400


def of(*stretches: tuple[str, str, float, float]) -> PastShifts:
    """(person, activity, from, to) in hours since a midnight."""
    rows = [(who, what, int(a * HOUR), int(b * HOUR)) for who, what, a, b in stretches]
    frame = pl.DataFrame(
        rows, schema={"agent_id": pl.String(), "activity": pl.String(), "begins": pl.Int64(), "ends": pl.Int64()}, orient="row"
    )
    return joined(frame.sort("agent_id", "begins", "ends"))


def test_a_named_break_and_a_gap_are_breaks_alike() -> None:
    found = of(("a", "work", 8, 12), ("a", "break", 12, 12.5), ("a", "work", 12.5, 16), ("b", "work", 8, 12), ("b", "work", 12.5, 16))
    assert found.shifts.select("agent_id", "day", "starts", "ends", "counted").rows() == [("a", 0, 480, 960, 450), ("b", 0, 480, 960, 450)]
    assert found.breaks.select("place", "starts", "minutes").rows() == [(0, 720, 30), (0, 720, 30)]
    assert found.overlapping == 0


def test_a_shift_in_two_halves_is_one_and_a_night_belongs_to_its_evening() -> None:
    found = of(("a", "work", 8, 12), ("a", "work", 16, 20), ("a", "work", 46, 56))
    assert found.shifts.select("day", "starts", "ends").rows() == [(0, 480, 1200), (1, 22 * 60, 32 * 60)]
    assert found.breaks["minutes"].to_list() == [240]


def test_overlapping_shifts_count_once() -> None:
    found = of(("a", "work", 8, 16), ("a", "work", 12, 18), ("b", "work", 8, 16))
    assert found.overlapping == 1
    assert found.shifts["counted"].to_list() == [600, 480]


def test_training_and_meetings_count_and_breaks_do_not() -> None:
    found = of(("a", "meeting", 8, 9), ("a", "work", 9, 12), ("a", "break", 12, 13), ("a", "training", 13, 15))
    assert found.shifts["counted"].to_list() == [360]
    assert found.trainings.rows() == [("a", 0, 13 * 60, 15 * 60)]


def test_leave_stands_for_its_shift_or_for_every_day_of_a_long_one() -> None:
    found = of(("a", "leave", 22, 32), ("b", "leave", 24, 72), ("c", "work", 8, 16))
    assert found.leave.rows() == [("a", 0), ("b", 1), ("b", 2)]
    assert found.shifts["agent_id"].to_list() == ["c"]


def test_no_shifts_at_all() -> None:
    found = of()
    assert found.shifts.is_empty() and found.breaks.is_empty() and found.overlapping == 0
