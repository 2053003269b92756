"""Kinds of shifts: those put in are found again, and those written are read."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from coachline.engine.roster.plan.kinds import learnt_kinds, named_kinds, shift_of
from coachline.engine.roster.plan.past_shifts import PastShifts, joined
from coachline.engine.roster.plan.request import Break, ShiftKind
from coachline.errors import CoachlineError


def rostered(seed: int) -> PastShifts:
    """Early 08:00-16:00 and night 22:00-06:00, starts late by some minutes, breaks of 30 and 60 minutes that move; and a few odd shifts."""
    draw = np.random.default_rng(seed)
    rows = []
    for person in range(30):
        for day in range(20):
            start, end, pause, earliest = ((8, 16, 30, 11), (22, 30, 60, 25))[person % 3 == 0]
            midnight = day * 86_400
            begins, ends = midnight + start * 3600 + int(draw.integers(-7, 8)) * 60, midnight + end * 3600
            rest = midnight + earliest * 3600 + int(draw.integers(0, 7)) * 900
            who = f"a{person:02d}"
            rows += [(who, "work", begins, rest), (who, "break", rest, rest + pause * 60), (who, "work", rest + pause * 60, ends)]
    rows.append(("z", "work", 10 * 3600, 13 * 3600))
    frame = pl.DataFrame(
        rows, schema={"agent_id": pl.String(), "activity": pl.String(), "begins": pl.Int64(), "ends": pl.Int64()}, orient="row"
    )
    return joined(frame.sort("agent_id", "begins", "ends"))


@pytest.mark.parametrize("seed", range(3))
def test_kinds_put_in_are_found_again(seed: int) -> None:
    kinds, covered = learnt_kinds(rostered(seed), 0, 19)
    assert [(kind.code, kind.starts, kind.ends) for kind in kinds] == [("08:00-16:00", 480, 960), ("22:00-06:00", 1320, 1800)]
    assert [kind.night for kind in kinds] == [False, True]
    assert covered == pytest.approx(600 / 601)
    assert kinds[0].breaks == (Break(30, 11 * 60, 12 * 60 + 30),)
    assert kinds[1].breaks == (Break(60, 25 * 60, 26 * 60 + 30),)
    assert (kinds[0].minutes, kinds[1].minutes) == (450, 420)
    assert kinds[0].parts == ((480, 705), (735, 960))


def test_no_shifts_no_kinds() -> None:
    assert learnt_kinds(rostered(0), 100, 120) == ((), 0.0)


def test_kinds_as_people_write_them() -> None:
    early, night, plain = named_kinds(
        {"早": "08:00-16:30 休息 12:00-12:30", "night": "22:00-06:00 break 60 in 01:00-04:00", "plain": "9:00~13:00"}
    )
    assert early == ShiftKind.of("早", 480, 990, (Break(30, 720, 720),))
    assert night == ShiftKind.of("night", 1320, 1800, (Break(60, 1500, 1620),))
    assert plain.parts == ((540, 780),) and plain.minutes == 240
    [two] = named_kinds({"two": "08:00-18:00 break 10 in 09:00-11:00, break 12:00-13:00"})
    assert [(pause.minutes, pause.earliest, pause.latest) for pause in two.breaks] == [(10, 540, 650), (60, 720, 720)]
    # A short break is no parting of the work.
    assert two.parts == ((480, 720), (780, 1080)) and two.minutes == 530


@pytest.mark.parametrize(
    "wrong",
    ["", "早上八点", "08:00", "08:00-16:00 break 17:00-18:00", "08:00-16:00 lunch", "08:00-16:00 break 90 in 12:00-13:00", "25:00-30:00"],
)
def test_what_cannot_be_read_is_refused(wrong: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        named_kinds({"x": wrong})
    assert refused.value.code == "bad_shift_kind"


def test_past_shifts_are_of_the_nearest_kind_or_of_none() -> None:
    kinds = named_kinds({"a": "08:00-16:00", "b": "12:00-20:00"})
    assert shift_of(kinds, np.array([490, 700, 60]), np.array([960, 1210, 500])).tolist() == [0, 1, -1]
