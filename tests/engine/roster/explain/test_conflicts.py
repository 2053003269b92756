"""Rules that leave somebody no roster: a smallest set, and by how much each must be loosened, both counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from coachline.engine.roster.explain.conflicts import Loosened, conflicts, without_roster
from tests.engine.roster.rules.small_roster import EARLY, LATE, small


def test_hours_of_the_contract_against_days_in_a_row() -> None:
    """Eight of 31 days of 248 hours are 64, less one shift 56 and so seven shifts; three in a row and one off are six."""
    request = small(days=8, limits={"least_h": 248.0, "longest_run": 3})
    assert without_roster(request) == (0,)
    [conflict] = conflicts(request, (0,))
    # Four in a row leave room for seven; and 217 hours of a month are 56 in eight days, less one shift 48 and so six shifts.
    assert conflict.rules == (Loosened("longest_run", 1.0, "days_more", 8.0), Loosened("least_hours", 31.0, "hours_less", 15.5))


def test_a_late_shift_before_an_early_one_that_are_both_fixed() -> None:
    request = small(2, limits={"rest_h": 11.0, "longest_run": 6})
    last, fixed = request.last_roster.copy(), request.fixed.copy()
    last[1, :2], fixed[1, :2] = (LATE, EARLY), True
    request = replace(request, last_roster=last, fixed=fixed)
    assert without_roster(request) == (1,)
    [conflict] = conflicts(request, (1,))
    assert conflict.person == 1
    # Ten hours lie between: one fewer, at 2 for each half of it, or one of the two days, at 4; in order of code where alike.
    assert conflict.rules == (
        Loosened("fixed_days", 1.0, "days_given_up", 4.0),
        Loosened("rest_between_shifts", 1.0, "hours_less", 4.0),
    )


def test_training_that_leaves_too_few_hours_is_named_with_the_days() -> None:
    """Seven of 31 days of 248 hours are 56, less one shift 48 and so six shifts; training takes three days."""
    request = small(limits={"least_h": 248.0})
    left = request.possible.copy()
    left[0, 3:6] = False
    request = replace(request, possible=left)
    [conflict] = conflicts(request, without_roster(request))
    # Four shifts are 32 hours, and so are seven days of 177 hours a month, less one shift.
    assert conflict.rules == (Loosened("training_kept", 2.0, "days_given_up", 16.0), Loosened("least_hours", 71.0, "hours_less", 35.5))


def test_what_nobody_can_loosen_is_named_too() -> None:
    request = small(limits={"least_h": 155.0})
    request = replace(request, licensed=np.zeros((1, 2), np.bool_))
    [conflict] = conflicts(request, without_roster(request))
    assert [each.rule for each in conflict.rules] == ["least_hours", "licence"]
    assert conflict.rules[0].unit == "hours_less" and conflict.rules[1].by is None


def test_where_everybody_has_a_roster_nothing_conflicts() -> None:
    assert without_roster(small(3, limits={"least_h": 155.0, "rest_h": 11.0, "longest_run": 6})) == ()
