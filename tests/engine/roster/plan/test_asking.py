"""What a request takes from the facts, field by field."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from coachline.engine import clock
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts
from coachline.engine.roster.plan.asking import Asked, asked
from coachline.engine.roster.plan.request import OFF, UNKNOWN, Limits
from coachline.engine.roster.plan.settings import RosterSettings
from coachline.errors import CoachlineError
from tests.conftest import as_fact_table
from tests.engine.roster.plan.busy_centre import FIRST, PEOPLE, SAVINGS, SICK, calls, centre, eventful_tables, moment, shifts, worked
from tests.engine.simulated_facts import lay_down

FactsOf = Callable[..., Facts]
TWO_WEEKS = RosterSettings(weeks=2)


@pytest.fixture(scope="module")
def compute() -> Iterator[DuckDBCompute]:
    compute = DuckDBCompute()
    yield compute
    compute.close()


@pytest.fixture(scope="module")
def ordinary(compute: DuckDBCompute, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    tables = {name: as_fact_table(name, rows) for name, rows in centre().items()}
    return asked(lay_down(tmp_path_factory.mktemp("ordinary"), tables, compute), TWO_WEEKS, Limits())


@pytest.fixture(scope="module")
def eventful(compute: DuckDBCompute, tmp_path_factory: pytest.TempPathFactory) -> Asked:
    tables = {name: as_fact_table(name, rows) for name, rows in eventful_tables().items()}
    return asked(lay_down(tmp_path_factory.mktemp("eventful"), tables, compute), SICK, Limits())


def codes(question: Asked) -> set[str]:
    return {note.code for note in question.notes}


def test_people_kinds_posts_and_demand(ordinary: Asked) -> None:
    request = ordinary.request
    assert (request.first, request.days, request.people) == (FIRST, 14, PEOPLE)
    assert [kind.code for kind in request.shifts] == ["08:00-16:00", "12:00-20:00"]
    assert request.posts[:2] == ("储蓄", "包裹")
    assert request.calls.sum() == pytest.approx(14 * 72, rel=0.1)
    morning = request.calls.reshape(14, 48, -1)[:, 16:24].sum(axis=(0, 1))
    assert morning[1] > 2 * morning[0]
    # All posts together need whole people, each post its share of them by load.
    together = request.need.sum(axis=1)
    assert together == pytest.approx(together.round()) and together[request.calls.sum(axis=1) > 0].min() >= 1
    assert request.need / np.maximum(request.calls, 1e-9) == pytest.approx(
        np.where(request.calls > 0, (together / request.calls.sum(axis=1).clip(1e-9))[:, None], 0.0)
    )
    assert request.handle_s[request.calls > 0] == pytest.approx(600.0)
    assert not codes(ordinary) & {"overlapping_shifts", "everybody_on_leave", "clock_changes", "post_without_licence"}


def test_skill_is_what_was_put_in(ordinary: Asked) -> None:
    request = ordinary.request
    savings, parcels = request.skill[:, 0], request.skill[:, 1]
    assert parcels[:5].min() > parcels[5:].max() and savings[5:].min() > savings[:5].max()
    assert (request.skill_sd > 0).all() and (request.skill_sd < 0.15).all()
    assert ordinary.skills.basis == "evidence" and request.licensed.all()


def test_without_resolution_satisfaction_and_without_both_everybody_alike(facts_of: FactsOf) -> None:
    table = calls()
    rated = table.drop_columns(["resolved"]).append_column("rating", [[5 if r else 1 for r in table["resolved"].to_pylist()]])
    question = asked(facts_of(centre(calls=rated)), TWO_WEEKS, Limits())
    assert question.skills.outcome == "satisfied" and "skill_by_other_outcome" in codes(question)
    blind = asked(facts_of(centre(calls=table.drop_columns(["resolved"]))), TWO_WEEKS, Limits())
    assert "skill_unknown" in codes(blind) and (blind.request.skill == 1.0).all() and not blind.request.skill_sd.any()


def test_what_the_past_counts(eventful: Asked) -> None:
    request = eventful.request
    assert request.people == PEOPLE[:-1]
    assert request.run_before[:2].tolist() == [2, -1] and request.shift_before[:2].tolist() == [1, OFF]
    assert request.nights_before[:2].tolist() == [0, 1]
    rows = [row for row in eventful_tables()["shifts"] if row["agent_id"] == "a0" and row["starts_at"].date() < FIRST]
    weekends = {row["starts_at"].isocalendar().week for row in rows if row["starts_at"].weekday() >= 5}
    assert request.weekends_before[0] == len(weekends)
    # Of March one day is gone: a0 has worked 7.5 hours on it, a1 was off.
    assert request.counted_minutes[:2, 0].tolist() == [450, 0] and request.month_days.tolist() == [31]


def test_the_roster_as_it_stands(eventful: Asked) -> None:
    last = eventful.request.last_roster
    assert last[:6, :4].tolist() == [[0] * 4] * 6 and last[6, :4].tolist() == [UNKNOWN, OFF, OFF, OFF]
    assert (last[:, 6:] == UNKNOWN).all()
    # Beyond it, what was usual on the same weekday; and what is like no kind is not known.
    assert (eventful.usual[6, 7:] >= 0).any()
    assert {"shifts_unlike_kinds", "overlapping_shifts"} <= codes(eventful)


def test_leave_entry_exit_and_sick_calls_are_away(eventful: Asked) -> None:
    leave = [np.flatnonzero(row).tolist() for row in eventful.request.leave]
    assert leave[3] == [4] and leave[0] == []
    assert leave[7] == [0, 1, 3, 4] and leave[8] == [3, 9, 10, 11, 12, 13]
    # The days before the re-plan stay, where they are known; who was not employed yet cannot keep them.
    assert eventful.request.fixed[0].tolist() == [True] * 3 + [False] * 11
    assert eventful.request.fixed[7, :3].tolist() == [False, False, True]
    assert not eventful.request.fixed[6, 0]


def test_training_leaves_the_shifts_that_hold_it(eventful: Asked) -> None:
    request = eventful.request
    assert request.possible[4, 5].tolist() == [True, False] and request.training_minutes[4, 5] == 0
    assert request.possible[5, 5].tolist() == [True, False] and request.training_minutes[5, 5] == 120
    assert request.possible[:4].all() and request.training_minutes.sum() == 120


def test_wishes_in_the_words_of_the_centre(eventful: Asked) -> None:
    request = eventful.request
    assert request.wish_off[:, 0].tolist() == [3.0, *[0.0] * 8] and request.wish_off.sum() == 3.0
    assert request.wish_shift[:5, 0].tolist() == [[0, 0], [0, 1], [1, 0], [1, 1], [0, 0]]
    assert "wishes_not_understood" in codes(eventful)


def test_mentors_of_the_last_weeks(eventful: Asked, ordinary: Asked) -> None:
    assert eventful.request.pairs == ((0, 1),) and ordinary.request.pairs == ()


def test_licences_by_tag(eventful: Asked) -> None:
    assert eventful.skills.basis == "tags"
    assert eventful.request.licensed[:, :2].tolist() == [[True, False]] * 3 + [[True, True]] * 4 + [[False, True], [False, False]]
    assert "people_without_licence" in codes(eventful)


def test_licences_by_exam(facts_of: FactsOf) -> None:
    papers = [
        {
            "exam_id": f"e{n}",
            "agent_id": who,
            "item": "1",
            "business": SAVINGS,
            "taken_at": moment(FIRST - timedelta(9), 9),
            "correct": n != 0,
        }
        for n, who in enumerate(PEOPLE)
    ]
    question = asked(facts_of(centre(exams=papers)), replace(TWO_WEEKS, licences="exams"), Limits())
    assert question.skills.basis == "exams" and question.request.licensed[:, 0].tolist() == [False, *[True] * 9]
    assert not question.request.licensed[:, 1].any() and "post_without_licence" in codes(question)


def test_kinds_that_are_given_stand_for_those_learnt(eventful: Asked) -> None:
    kinds = eventful.request.shifts
    assert [(kind.code, kind.minutes) for kind in kinds] == [("早", 450), ("晚", 480)]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        (RosterSettings(absent="nobody"), "bad_absent"),
        (RosterSettings(absent="a0:soon"), "bad_absent"),
        (RosterSettings(replan_from=date(2027, 1, 1)), "replan_outside"),
        (RosterSettings(last_day=FIRST - timedelta(1)), "bad_last_day"),
        (RosterSettings(last_day=FIRST + timedelta(42)), "bad_last_day"),
        (RosterSettings(shift_kinds={"x": "?"}), "bad_shift_kind"),
        (RosterSettings(first_day=date(2027, 1, 1)), "no_shift_kinds"),
        (RosterSettings(first_day=date(2027, 1, 1), shift_kinds={"x": "08:00-16:00"}), "nobody_to_roster"),
    ],
)
def test_what_cannot_be_asked_is_refused(facts_of: FactsOf, settings: RosterSettings, code: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        asked(facts_of(centre()), settings, Limits())
    assert refused.value.code == code


def test_a_roster_can_end_with_a_month(facts_of: FactsOf) -> None:
    request = asked(facts_of(centre()), RosterSettings(last_day=date(2026, 3, 31)), Limits()).request
    assert (request.days, request.month.max(), request.calls.shape[0]) == (30, 0, 30 * 48)
    assert request.calls[-48:].sum() > 0


@pytest.mark.parametrize(("later", "told"), [(0, False), (2, True), (9, True)])
def test_todays_roster_is_that_of_the_last_recorded_weeks(facts_of: FactsOf, later: int, told: bool) -> None:
    """People work Monday to Friday and every other Saturday; what is not recorded is no free day."""
    question = asked(facts_of(centre()), replace(TWO_WEEKS, first_day=FIRST + timedelta(later)), Limits())
    assert ("days_without_record" in codes(question)) == told
    at_work = (question.usual >= 0).sum(axis=0)
    weekday = np.array([question.request.day(day).weekday() for day in range(14)])
    assert at_work[weekday < 5].tolist() == [10] * 10 and at_work[weekday == 5].tolist() == [5, 5]


def test_nights_before_the_first_day_are_counted_in_their_row(facts_of: FactsOf) -> None:
    """a0 has three nights up to the eve, a1 two and a free eve, a2 an early shift some days after two nights."""
    nights = [*(("a0", back) for back in (1, 2, 3)), *(("a1", back) for back in (2, 3)), *(("a2", back) for back in (3, 4))]
    rows = [
        {
            "agent_id": who,
            "starts_at": moment(FIRST - timedelta(back), 22),
            "ends_at": moment(FIRST - timedelta(back), 30),
            "activity": "work",
        }
        for who, back in nights
    ]
    rows += [
        *worked("a2", FIRST - timedelta(1)),
        *shifts(people=PEOPLE[:3], days=20, until=FIRST - timedelta(8)),
        *shifts(people=PEOPLE[3:]),
    ]
    settings = replace(TWO_WEEKS, shift_kinds={"早": "08:00-16:00", "晚": "12:00-20:00", "夜": "22:00-06:00"})
    request = asked(facts_of(centre(shifts=rows)), settings, Limits()).request
    assert request.night_run_before.tolist() == [3, 0, 0] + [0] * 7
    assert request.shift_before[:3].tolist() == [2, OFF, 0]


def test_everybody_on_leave_while_the_clock_changes(facts_of: FactsOf) -> None:
    away = [
        {"agent_id": who, "starts_at": moment(FIRST, 0), "ends_at": moment(FIRST + timedelta(40), 0), "activity": "leave"} for who in PEOPLE
    ]
    # Berlin sets the clock forward on 29 March 2026.
    question = asked(facts_of(centre(shifts=[*shifts(), *away]), zone="Europe/Berlin"), RosterSettings(weeks=4), Limits())
    request = question.request
    assert {"everybody_on_leave", "clock_changes"} <= codes(question) and request.leave.all()
    [sunday] = [day for day in range(28) if request.day(day) == date(2026, 3, 29)]
    assert [request.instant(sunday + n, 480).astimezone(request.zone).hour for n in (-1, 0)] == [8, 8]
    # Nobody can call in the hour that is skipped.
    by_half = request.calls.sum(axis=1).reshape(28, 48)
    assert (by_half[sunday - 1, 2:8] > 0).all() and (by_half[sunday, 2:8] > 0).tolist() == [True, True, False, False, True, True]


def test_sessions_that_are_proposed_count_as_fixed(facts_of: FactsOf) -> None:
    facts = facts_of(centre(agents=[{"agent_id": who, "role": "内训师" if who == "a0" else "客服专员"} for who in PEOPLE]))
    question = asked(facts, replace(TWO_WEEKS, training_plan=True), Limits())
    planned = question.past.trainings
    # Learners and who teaches them, within the hours of the sessions.
    assert planned["agent_id"].n_unique() > 2 and planned["starts"].is_between(8 * 60, 20 * 60).all()
    for who, day, begins, ends in planned.rows():
        left = question.request.possible[PEOPLE.index(who), day - clock.day_number(FIRST)]
        assert left.tolist() == [begins >= kind.starts and ends <= kind.ends for kind in question.request.shifts]


def test_the_small_hours_of_the_first_day_belong_to_the_eve(facts_of: FactsOf) -> None:
    rows = calls().to_pylist()
    for n, row in enumerate(rows):
        # Every tenth call comes at three in the morning.
        row["arrived_at"] = row["arrived_at"].replace(hour=19) if n % 10 == 0 else row["arrived_at"]
    kinds = {"day": "08:00-20:00", "night": "20:00-08:00"}
    request = asked(facts_of(centre(calls=rows)), replace(TWO_WEEKS, shift_kinds=kinds), Limits()).request
    by_day = request.calls.sum(axis=1).reshape(14, 48)
    assert not by_day[0, :16].any() and by_day[1:, 6:8].sum() > 13 * 4
    # Without a night nobody could come on the eve either: what is asked for and cannot be had stays visible.
    alone = asked(facts_of(centre(calls=rows)), replace(TWO_WEEKS, shift_kinds={"day": "08:00-20:00"}), Limits()).request
    assert alone.calls[6:8].any()
