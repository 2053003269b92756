"""What a request takes from the facts, field by field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from coachline.engine.facts import Facts
from coachline.engine.roster.plan.asking import Asked, asked
from coachline.engine.roster.plan.request import OFF, UNKNOWN, Limits
from coachline.engine.roster.plan.settings import RosterSettings
from coachline.errors import CoachlineError
from tests.engine.roster.plan.busy_centre import EARLY, FIRST, LATE, PARCELS, PEOPLE, SAVINGS, calls, centre, moment, shifts, worked

FactsOf = Callable[..., Facts]
TWO_WEEKS = RosterSettings(weeks=2)


@pytest.fixture
def ask(facts_of: FactsOf) -> Callable[..., Asked]:
    def build(settings: RosterSettings = TWO_WEEKS, zone: str = "Asia/Shanghai", **tables: Any) -> Asked:
        return asked(facts_of(centre(**tables), zone=zone), settings, Limits())

    return build


def codes(question: Asked) -> set[str]:
    return {note.code for note in question.notes}


def test_people_kinds_posts_and_demand(ask: Callable[..., Asked]) -> None:
    request = ask().request
    assert (request.first, request.days, request.people) == (FIRST, 14, PEOPLE)
    assert [kind.code for kind in request.shifts] == ["08:00-16:00", "12:00-20:00"]
    assert request.posts[:2] == ("储蓄", "包裹")
    by_day = request.calls.reshape(14, 48, -1).sum(axis=(1, 2))
    assert by_day.sum() == pytest.approx(14 * 72, rel=0.1)
    morning = request.calls.reshape(14, 48, -1)[:, 16:24].sum(axis=(0, 1))
    assert morning[1] > 2 * morning[0]
    assert request.need[request.calls > 0].min() >= 1 and not request.need[request.calls == 0].any()
    assert request.handle_s[request.calls > 0] == pytest.approx(600.0)


def test_skill_is_what_was_put_in(ask: Callable[..., Asked]) -> None:
    request = ask().request
    savings, parcels = request.skill[:, 0], request.skill[:, 1]
    assert parcels[:5].min() > parcels[5:].max() and savings[5:].min() > savings[:5].max()
    assert (request.skill_sd > 0).all() and (request.skill_sd < 0.15).all()
    assert request.licensed.all()


def test_without_resolution_satisfaction_and_without_both_everybody_alike(ask: Callable[..., Asked]) -> None:
    table = calls()
    rated = table.drop_columns(["resolved"]).append_column("rating", [[5 if r else 1 for r in table["resolved"].to_pylist()]])
    question = ask(calls=rated)
    assert question.skills.outcome == "satisfied" and "skill_by_other_outcome" in codes(question)
    blind = ask(calls=table.drop_columns(["resolved"]))
    assert "skill_unknown" in codes(blind) and (blind.request.skill == 1.0).all() and not blind.request.skill_sd.any()


def test_what_the_past_counts(ask: Callable[..., Asked]) -> None:
    rows = shifts(people=PEOPLE[:2], until=FIRST - timedelta(3))
    # The weekend before the first day: a0 works both days, a1 on Saturday night.
    rows += [*worked("a0", FIRST - timedelta(2)), *worked("a0", FIRST - timedelta(1), LATE)]
    rows += [
        {"agent_id": "a1", "starts_at": moment(FIRST - timedelta(2), 22), "ends_at": moment(FIRST - timedelta(1), 8), "activity": "work"}
    ]
    request = ask(shifts=rows).request
    assert request.people == ("a0", "a1")
    assert request.run_before.tolist() == [2, -1]
    assert request.shift_before.tolist() == [1, OFF]
    assert request.nights_before.tolist() == [0, 1]
    worked_weekends = {
        day.isocalendar().week for row in rows if row["agent_id"] == "a0" and (day := row["starts_at"].date()).weekday() >= 5
    }
    assert request.weekends_before[0] == len(worked_weekends)
    # Of March one day is gone: a0 has worked 7.5 hours on it.
    assert request.counted_minutes[:, 0].tolist() == [450, 0]
    assert request.month_days.tolist() == [31]


def test_the_roster_as_it_stands(ask: Callable[..., Asked]) -> None:
    ahead = [row for who in PEOPLE[1:] for back in range(3) for row in worked(who, FIRST + timedelta(back))]
    ahead += [{"agent_id": "a0", "starts_at": moment(FIRST, 3), "ends_at": moment(FIRST, 7), "activity": "work"}]
    question = ask(shifts=[*shifts(), *ahead])
    last = question.request.last_roster
    assert last[1:, :3].tolist() == [[0, 0, 0]] * 9 and last[0, :3].tolist() == [UNKNOWN, OFF, OFF]
    assert (last[:, 3:] == UNKNOWN).all()
    assert "shifts_unlike_kinds" in codes(question)
    # Beyond it, what was usual on the same weekday.
    assert (question.usual[:, 3:] != UNKNOWN).all() and (question.usual[:, 12] >= 0).any()


def test_leave_entry_and_exit_are_away(ask: Callable[..., Asked]) -> None:
    staff = [
        {"agent_id": "a0", "hired_on": FIRST + timedelta(2)},
        {"agent_id": "a1", "left_on": FIRST + timedelta(5)},
        {"agent_id": "a2", "left_on": FIRST},
    ]
    away = {"agent_id": "a3", "starts_at": moment(FIRST, 8), "ends_at": moment(FIRST, 16), "activity": "leave"}
    request = ask(agents=staff, shifts=[*shifts(), away]).request
    assert request.people == ("a0", "a1", *PEOPLE[3:])
    assert np.flatnonzero(request.leave[0]).tolist() == [0, 1]
    assert np.flatnonzero(request.leave[1]).tolist() == list(range(5, 14))
    assert np.flatnonzero(request.leave[2]).tolist() == [0]


def test_training_leaves_the_shifts_that_hold_it(ask: Callable[..., Asked]) -> None:
    inside = {"agent_id": "a0", "starts_at": moment(FIRST, 9), "ends_at": moment(FIRST, 11), "activity": "training"}
    evening = {"agent_id": "a1", "starts_at": moment(FIRST, 19), "ends_at": moment(FIRST, 21), "activity": "training"}
    request = ask(shifts=[*shifts(), inside, evening]).request
    assert request.possible[0, 0].tolist() == [True, False] and request.training_minutes[0, 0] == 0
    assert request.possible[1, 0].tolist() == [True, False] and request.training_minutes[1, 0] == 120
    assert request.possible[2].all()


def test_wishes_in_the_words_of_the_centre(ask: Callable[..., Asked]) -> None:
    table = [
        {"agent_id": "a0", "date": FIRST, "wish": "休息", "strength": 3.0},
        {"agent_id": "a1", "date": FIRST, "wish": "12:00-20:00"},
        {"agent_id": "a2", "date": FIRST, "wish": "早班"},
        {"agent_id": "a3", "date": FIRST, "wish": "上班"},
        {"agent_id": "a4", "date": FIRST, "wish": "月亮"},
        {"agent_id": "nobody", "date": FIRST, "wish": "休息"},
        {"agent_id": "a5", "date": FIRST - timedelta(1), "wish": "休息"},
    ]
    question = ask(wishes=table)
    request = question.request
    assert request.wish_off[:, 0].tolist() == [3.0, *[0.0] * 9] and request.wish_off.sum() == 3.0
    assert request.wish_shift[:5, 0].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [0, 0]]
    assert "wishes_not_understood" in codes(question)


def test_licences_by_tag_by_exam_and_by_what_was_handled(ask: Callable[..., Asked]) -> None:
    staff = [{"agent_id": who, "tags": {"持证": "储蓄" if n < 3 else "全部"}} for n, who in enumerate(PEOPLE[:-1])]
    tagged = ask(agents=staff)
    assert tagged.skills.basis == "tags"
    assert tagged.request.licensed[:, :2].tolist() == [[True, False]] * 3 + [[True, True]] * 6 + [[False, False]]
    assert "people_without_licence" in codes(tagged)
    papers = [
        {
            "exam_id": f"e{n}",
            "agent_id": who,
            "item": "1",
            "business": business,
            "taken_at": moment(FIRST - timedelta(9), 9),
            "correct": n != 0,
        }
        for n, who in enumerate(PEOPLE)
        for business in (PARCELS, SAVINGS)
    ]
    examined = ask(replace(TWO_WEEKS, licences="exams"), exams=papers)
    assert examined.skills.basis == "exams" and examined.request.licensed[:, :2].any(axis=1).tolist() == [False, *[True] * 9]
    assert ask(replace(TWO_WEEKS, least_calls=100_000)).request.licensed[:, :2].sum(axis=1).tolist() == [1] * 10
    assert ask(replace(TWO_WEEKS, licences="everybody")).request.licensed.all()


def test_a_licence_that_nobody_holds_is_said(ask: Callable[..., Asked]) -> None:
    question = ask(agents=[{"agent_id": who, "tags": {"licences": "储蓄"}} for who in PEOPLE])
    assert "post_without_licence" in codes(question)


def test_mentors_of_the_last_weeks(ask: Callable[..., Asked]) -> None:
    def by(days: int, method: str = "mentor") -> dict[str, Any]:
        when = moment(FIRST - timedelta(days), 9)
        return {
            "training_id": f"{days}{method}",
            "agent_id": "a1",
            "trainer_id": "a0",
            "method": method,
            "started_at": when,
            "business": PARCELS,
        }

    assert ask(trainings=[by(10), by(20)]).request.pairs == ((0, 1),)
    assert ask(trainings=[by(100), by(10, "class")]).request.pairs == ()


def test_a_sick_call(ask: Callable[..., Asked]) -> None:
    ahead = [row for who in PEOPLE for day in range(14) for row in worked(who, FIRST + timedelta(day)) if day % 7 < 5]
    question = ask(replace(TWO_WEEKS, replan_from=FIRST + timedelta(3), absent="a2：2，a3"), shifts=[*shifts(), *ahead])
    request = question.request
    assert request.fixed[:, :3].all() and not request.fixed[:, 3:].any()
    assert np.flatnonzero(request.leave[2]).tolist() == [3, 4] and np.flatnonzero(request.leave[3]).tolist() == [3]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (RosterSettings(absent="nobody"), "bad_absent"),
        (RosterSettings(absent="a0:soon"), "bad_absent"),
        (RosterSettings(replan_from=date(2027, 1, 1)), "replan_outside"),
        (RosterSettings(shift_kinds={"x": "?"}), "bad_shift_kind"),
        (RosterSettings(first_day=date(2027, 1, 1)), "no_shift_kinds"),
        (RosterSettings(first_day=date(2027, 1, 1), shift_kinds={"x": "08:00-16:00"}), "nobody_to_roster"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Callable[..., Asked], settings: RosterSettings, code: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        ask(settings)
    assert refused.value.code == code


def test_bad_facts_are_told(ask: Callable[..., Asked]) -> None:
    twice = {
        "agent_id": "a0",
        "starts_at": moment(FIRST - timedelta(3), 9),
        "ends_at": moment(FIRST - timedelta(3), 17),
        "activity": "work",
    }
    away = [
        {"agent_id": who, "starts_at": moment(FIRST, 0), "ends_at": moment(FIRST + timedelta(20), 0), "activity": "leave"} for who in PEOPLE
    ]
    question = ask(shifts=[*shifts(), twice, *away])
    assert {"overlapping_shifts", "everybody_on_leave"} <= codes(question)
    assert question.request.leave.all()


def test_the_clock_may_change(ask: Callable[..., Asked]) -> None:
    # Berlin sets the clock forward on 29 March 2026.
    question = ask(RosterSettings(weeks=4), zone="Europe/Berlin")
    assert "clock_changes" in codes(question)
    request = question.request
    [sunday] = [day for day in range(28) if request.day(day) == date(2026, 3, 29)]
    assert request.instant(sunday, 480).hour == 8 and request.instant(sunday - 1, 480).hour == 8
    assert "clock_changes" not in codes(ask())


def test_kinds_that_are_given_stand_for_those_learnt(ask: Callable[..., Asked]) -> None:
    request = ask(replace(TWO_WEEKS, shift_kinds={"早": "08:00-16:00 休息 12:00-12:30"})).request
    assert [kind.code for kind in request.shifts] == ["早"]
    assert request.shifts[0].minutes == 60 * (EARLY[1] - EARLY[0]) - 30
