"""Demand that nobody can serve, by what is lacking, counted by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from coachline.engine.roster.explain.unserved import people_at_hand, unserved_rows
from coachline.engine.roster.plan.request import SLOTS_A_DAY, Request
from tests.engine.roster.rules.small_roster import EARLY, KINDS, NIGHT, calling, small

ONE_DAY = {"half_hours": 16, "days": 1, "calls": 80.0, "need": 1.0}


def rows(request: Request) -> list[dict[str, Any]]:
    return unserved_rows(request).to_dicts()


def test_what_somebody_could_serve_is_not_listed() -> None:
    assert rows(calling(small(), (0, EARLY), (6, NIGHT))) == []
    assert rows(small()) == []


def test_a_licence_that_nobody_holds() -> None:
    request = calling(small(2), (1, EARLY), post=1)
    licensed = request.licensed.copy()
    licensed[:, 1] = False
    [found] = rows(replace(request, licensed=licensed))
    assert found == ONE_DAY | {"lacking": "no_licence", "business": "国际", "first": request.day(1), "last": request.day(1), "at_hand": 0}


def test_a_day_on_which_all_who_hold_it_are_away() -> None:
    request = calling(small(2), (1, EARLY), (3, EARLY))
    leave, licensed = request.leave.copy(), request.licensed.copy()
    leave[0, 1] = True
    licensed[1, 0] = False
    [found] = rows(replace(request, leave=leave, licensed=licensed))
    assert found == ONE_DAY | {
        "lacking": "everybody_away",
        "business": "包裹",
        "first": request.day(1),
        "last": request.day(1),
        "at_hand": 0,
    }


def test_a_night_is_served_by_who_was_there_the_evening_before() -> None:
    """From midnight to six on day 2 there are those who began a night on day 1, and dawn shifts from five on."""
    request = small(2)
    leave = request.leave.copy()
    leave[0, 2], leave[1, 1] = True, True
    at_hand = people_at_hand(replace(request, leave=leave))[2 * SLOTS_A_DAY : 3 * SLOTS_A_DAY, 0]
    assert at_hand[:10].tolist() == [1] * 10
    # The first by the night of day 1, the second by dawn.
    assert at_hand[10:12].tolist() == [2, 2]
    assert at_hand[12] == 1


def test_the_night_before_the_first_day_is_not_asked_for() -> None:
    request = calling(small(), (0, NIGHT))
    assert rows(replace(request, calls=np.roll(request.calls, -48, axis=0), need=np.roll(request.need, -48, axis=0))) == []


def test_hours_in_which_no_shift_works() -> None:
    request = calling(small(), (0, NIGHT))
    request = replace(
        request,
        shifts=KINDS[:2],
        possible=request.possible[:, :, :2],
        wish_shift=request.wish_shift[:, :, :2],
        calls=np.roll(request.calls, 4, axis=0),
    )
    [found] = rows(request)
    assert (found["lacking"], found["half_hours"], found["days"]) == ("no_kind_of_shift", 16, 1)


@pytest.mark.parametrize("people", [1, 3])
def test_more_heads_wanted_than_there_are(people: int) -> None:
    request = calling(small(people), (0, EARLY), heads=3.0)
    found = rows(request)
    assert [(row["lacking"], row["need"], row["at_hand"]) for row in found] == ([("too_few_people", 3.0, 1)] if people == 1 else [])


def test_everybody_on_leave() -> None:
    request = calling(small(2), (0, EARLY), (5, EARLY))
    [found] = rows(replace(request, leave=np.ones((2, 7), np.bool_)))
    assert (found["lacking"], found["days"], found["half_hours"]) == ("everybody_away", 2, 32)
