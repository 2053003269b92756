"""Kinds of the shortest path: which may follow which, and where a row that began before goes on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from coachline.engine.roster.solver.kinds_in_row import Kinds, longest_row
from coachline.engine.roster.solver.problem import OFF
from tests.engine.roster.solver.plain_rules import small_problem

DAY, NIGHT = 0, 1


def kinds(longest: int | None) -> Kinds:
    return Kinds.of(replace(small_problem(np.random.default_rng(1)), night=np.array([False, True])), longest)


def test_a_night_stands_there_once_for_each_place_in_its_row() -> None:
    found = kinds(3)
    assert found.shift.tolist() == [DAY, NIGHT, NIGHT, NIGHT]
    # From a day the first night alone, from each night the next one, from all a day.
    assert found.follows.astype(int).tolist() == [[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 1], [1, 0, 0, 0]]
    members = [found.group_members[found.group_start[g] : found.group_start[g + 1]] for g in found.group_of]
    assert all((np.flatnonzero(found.follows[:, kind]) == own).all() for kind, own in enumerate(members))


def test_without_a_limit_kinds_are_shifts() -> None:
    found = kinds(None)
    assert found.shift.tolist() == [DAY, NIGHT] and found.follows.all()
    assert found.before(NIGHT, 9) == NIGHT


@pytest.mark.parametrize(
    ("shift", "nights", "kind"), [(OFF, 0, OFF), (DAY, 0, 0), (NIGHT, 1, 1), (NIGHT, 3, 3), (NIGHT, 8, 3), (NIGHT, 0, 1)]
)
def test_a_row_that_began_before_goes_on_at_its_place(shift: int, nights: int, kind: int) -> None:
    assert kinds(3).before(shift, nights) == kind


@pytest.mark.parametrize(
    ("nights", "before", "longest"),
    [([], 2, 0), ([True, True, False, True], 0, 2), ([True, False, True, True], 2, 3), ([False, True], 5, 1)],
)
def test_rows_are_counted_with_those_before(nights: list[bool], before: int, longest: int) -> None:
    assert longest_row(nights, before) == longest
