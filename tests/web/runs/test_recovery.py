"""What must not be lost: the nightly start, new facts, old results."""

from __future__ import annotations

import os
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from coachline.errors import CoachlineError
from coachline.web.base.refusals import NoPermission
from coachline.web.journal.models import Entry
from coachline.web.runs import actions, recovery
from coachline.web.runs.models import Run, Timetable
from coachline.web.runs.queries import latest, next_night, timetable

pytestmark = pytest.mark.django_db
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def at_half_past_two(own_centre: Path) -> Timetable:
    """A centre in Berlin, where an hour is left out in March and comes twice in October."""
    settings = own_centre / "centre.toml"
    settings.write_text(settings.read_text("utf-8").replace("Asia/Shanghai", "Europe/Berlin"), encoding="utf-8")
    Run.objects.filter(state__in=Run.OPEN).delete()
    found = timetable()
    found.at, found.last_day = clock(2, 30), None
    found.save()
    return found


def starts(moments: list[datetime]) -> list[datetime]:
    """The moments at which everything is asked for, if the worker looks at each of them."""
    found = []
    for moment in moments:
        run = recovery.start_by_timetable(moment)
        if run is not None:
            found.append(moment)
            Run.objects.filter(pk=run.pk).update(state=Run.State.DONE)
    return found


def test_once_a_day_from_the_hour_on(at_half_past_two: Timetable) -> None:
    begin = datetime(2026, 6, 1, tzinfo=BERLIN)
    every_ten_minutes = [begin + timedelta(minutes=10 * step) for step in range(3 * 144)]
    assert starts(every_ten_minutes) == [begin + timedelta(days=day, hours=2, minutes=30) for day in range(3)]


def test_a_machine_that_slept_makes_up_for_it_on_the_same_day(at_half_past_two: Timetable) -> None:
    morning = datetime(2026, 6, 1, 9, 12, tzinfo=BERLIN)
    assert starts([morning, morning + timedelta(hours=1)]) == [morning]


def test_an_hour_that_summer_time_leaves_out_or_doubles_counts_once(at_half_past_two: Timetable) -> None:
    for day in (date(2026, 3, 29), date(2026, 10, 25)):
        midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)
        found = starts([midnight + timedelta(minutes=step) for step in range(0, 8 * 60, 10)])
        assert len(found) == 1
        assert found[0].astimezone(BERLIN).time() >= clock(2, 30)


def test_switched_off_is_switched_off(at_half_past_two: Timetable) -> None:
    Timetable.objects.update(enabled=False)
    assert starts([datetime(2026, 6, 1, 9, tzinfo=BERLIN)]) == []
    assert next_night(timetable(), datetime(2026, 6, 1, 9, tzinfo=BERLIN)) is None


def test_an_hour_still_to_come_counts_today_and_one_that_is_past_tomorrow(in_service: Path, user_of: Any) -> None:
    admin = user_of("administrator")
    local = timezone.now().astimezone(ZoneInfo("Asia/Shanghai"))
    later, earlier = clock(23, 59, 59), clock(0, 0)
    assert next_night(actions.set_timetable(later, True, by=admin), local).date() == local.date()
    assert next_night(actions.set_timetable(earlier, True, by=admin), local).date() == local.date() + timedelta(days=1)
    with pytest.raises(NoPermission):
        actions.set_timetable(later, False, by=user_of("director"))
    assert Entry.objects.filter(verb="runs.schedule").count() == 2


def touch_lake(centre: Path, seconds_ago: float) -> None:
    for log in centre.glob("lake/*/_delta_log/*.json"):
        os.utime(log, (time.time() - seconds_ago,) * 2)


def test_new_facts_lead_to_one_run_once_they_have_rested(own_centre: Path) -> None:
    touch_lake(own_centre, 3600)
    assert recovery.start_by_new_facts() is None, "everything was calculated from these facts"
    log = own_centre / "lake" / "calls" / "_delta_log"
    newest = max(log.glob("*.json"))
    (log / f"{int(newest.stem) + 1:020d}.json").write_bytes(newest.read_bytes())
    assert recovery.start_by_new_facts() is None, "another file may follow"
    touch_lake(own_centre, 61)
    run = recovery.start_by_new_facts()
    assert run is not None and run.kind == "everything" and run.asked_by is None
    assert recovery.start_by_new_facts() is None, "it is waiting"
    Run.objects.filter(pk=run.pk).update(state=Run.State.FAILED)
    assert recovery.start_by_new_facts() is None, "what fails at once must not be asked for again and again"


def finished(run: Run, days_ago: float, key: str, **changed: Any) -> Run:
    made = Run(
        kind="analysis", name=run.name, parameters=run.parameters, key=key, state=Run.State.DONE, summary={"version": "1"}, told=True
    )
    for name, value in changed.items():
        setattr(made, name, value)
    made.finished_at = timezone.now() - timedelta(days=days_ago)
    made.save()
    made.folder.mkdir(parents=True)
    return made


def test_old_results_go_but_never_the_newest_of_a_question(own_centre: Path) -> None:
    known = latest("operations.daily", {}, None)
    assert known is not None
    mine = [finished(known, days, "a" * 64) for days in (500, 400, 300, 200, 100)]
    young = [finished(known, days, "b" * 64) for days in (29, 28, 27, 26, 25)]
    of_days = finished(known, 401, "c" * 64, parameters={"since": "2026-01-01"})
    failed = [finished(known, 1, "a" * 64, state=Run.State.FAILED, summary={}) for _ in range(4)]
    before = set(Run.objects.values_list("pk", flat=True))
    assert recovery.prune() == 3
    assert before - set(Run.objects.values_list("pk", flat=True)) == {mine[0].pk, mine[1].pk, of_days.pk}
    assert [run.folder.exists() for run in (*mine, of_days)] == [False, False, True, True, True, False]
    assert all(run.folder.exists() for run in (*young, *failed, known))


def test_what_no_run_knows_is_swept_after_a_day(own_centre: Path) -> None:
    stranger, young = own_centre / "results" / "00000000-0000-0000-0000-000000000000", own_centre / "results" / "half"
    scratch = own_centre / ".scratch" / "00000000-0000-0000-0000-000000000000-1"
    for folder in (stranger, young, scratch):
        folder.mkdir(parents=True)
    for folder in (stranger, scratch):
        os.utime(folder, (time.time() - 90_000,) * 2)
    known = latest("operations.daily", {}, None)
    assert known is not None
    os.utime(known.folder, (time.time() - 90_000,) * 2)
    recovery.prune()
    assert [folder.exists() for folder in (stranger, young, scratch, known.folder)] == [False, True, False, True]


def test_a_question_that_is_open_is_not_asked_twice(in_service: Path, user_of: Any) -> None:
    director = user_of("director")
    first = actions.start_analysis("operations.daily", {"since": "2026-03-01"}, by=director)
    again = actions.start_analysis("operations.daily", {"since": date(2026, 3, 1)}, by=user_of("planner"))
    assert first.pk == again.pk
    assert DBTaskResult.objects.filter(pk=first.task_id).count() == 1
    other = actions.start_analysis("operations.daily", {"since": "2026-03-02"}, by=director)
    assert other.pk != first.pk


def test_wrong_parameters_are_refused_before_anything_is_queued(in_service: Path, user_of: Any) -> None:
    before = Run.objects.count()
    for name, given, code in (
        ("operations.weekly", {}, "unknown_analysis"),
        ("operations.daily", {"x": 1}, "unknown_parameter"),
        ("operations.daily", {"since": "soon"}, "bad_parameter"),
    ):
        with pytest.raises(CoachlineError) as refused:
            actions.start_analysis(name, given, by=user_of("director"))
        assert refused.value.code == code
    with pytest.raises(NoPermission):
        actions.start_analysis("operations.daily", {}, by=user_of("agent"))
    assert Run.objects.count() == before


def test_everything_can_be_taken_up_only_so_often(in_service: Path, settings: Any) -> None:
    run = actions.start_everything(by=None)
    for attempt in range(1, settings.RUN_ATTEMPTS + 1):
        Run.objects.filter(pk=run.pk).update(
            state=Run.State.RUNNING, attempts=attempt, worker="elsewhere:1:x", beat_at=timezone.now() - timedelta(hours=1)
        )
        assert [taken.pk for taken in recovery.recover()] == [run.pk]
        run.refresh_from_db()
    assert run.state == Run.State.LOST
    assert recovery.untold() == [str(run.pk)]


def test_a_worker_elsewhere_that_gives_signs_of_life_is_left_alone(in_service: Path) -> None:
    run = actions.start_everything(by=None)
    Run.objects.filter(pk=run.pk).update(state=Run.State.RUNNING, attempts=1, worker="elsewhere:1:x", beat_at=timezone.now())
    assert recovery.recover() == []
