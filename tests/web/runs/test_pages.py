"""Pages of background work, and pages that are drawn from results, as people of every role see them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coachline.engine.analyses import ANALYSES
from coachline.errors import CoachlineError
from coachline.web.accounts.roles import ROLES, VERBS
from coachline.web.org.models import Centre
from coachline.web.org.queries import Perspective
from coachline.web.runs import actions
from coachline.web.runs.calculation import fresh
from coachline.web.runs.days import Days
from coachline.web.runs.drawing import draw
from coachline.web.runs.execution import execute_here
from coachline.web.runs.models import Run
from coachline.web.runs.pages import PAGES
from coachline.web.runs.queries import answer, latest
from coachline.web.runs.wording import called
from coachline.web.runs.wording import name as run_name
from coachline.wording import Wording

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]
DAILY = PAGES["operations.daily"]


def test_no_form_of_an_analysis_announces_choices_that_it_has_not(client_of: ClientOf) -> None:
    client, announced = client_of("director"), Wording("zh")("web.home.analyses.accepted", accepted="")
    pages = [client.get(f"/analyses/{name}/").content.decode() for name in ANALYSES]
    assert any(announced in page for page in pages)
    assert not any(f"{announced}<" in page for page in pages)


@pytest.mark.parametrize("role", ROLES)
def test_who_may_open_what(client_of: ClientOf, role: str) -> None:
    client = client_of(role)
    sees = role in VERBS["runs.view"].roles
    run = Run.objects.filter(kind="everything").latest("asked_at")
    assert client.get("/runs/").status_code == (200 if sees else 403)
    assert client.get(f"/runs/{run.pk}/").status_code == (200 if sees else 403)
    plans = role in VERBS["runs.schedule"].roles
    assert client.get("/runs/timetable/").status_code == (200 if plans else 403)
    assert client.post("/runs/timetable/", {"at": "04:00", "enabled": "on"}).status_code == (302 if plans else 403)
    assert client.post("/runs/start-everything").status_code == (302 if plans else 403)
    page = client.post("/runs/start-page", {"page": DAILY.code, "since": "2026-03-01"})
    may = role in VERBS["runs.start"].roles and role in VERBS[DAILY.verb].roles
    assert page.status_code == (302 if may else 403)
    assert client.post(f"/runs/{run.pk}/cancel").status_code == (302 if sees and role in VERBS["runs.start"].roles else 403)


def test_nobody_is_led_elsewhere_by_a_form(client_of: ClientOf) -> None:
    found = client_of("director").post("/runs/start-page", {"page": DAILY.code, "next": "https://elsewhere.example/"})
    assert found["Location"] == "/"
    assert client_of("director").post("/runs/start-page", {"page": "operations.weekly"}).status_code == 404


def make_runs(count: int) -> None:
    now = timezone.now()
    Run.objects.bulk_create(
        Run(
            kind="analysis", name="operations.daily", key=f"{number:064d}", state=Run.State.DONE, started_at=now, finished_at=now, told=True
        )
        for number in range(count)
    )


def test_the_list_asks_the_database_no_more_for_more_runs(client_of: ClientOf, django_assert_max_num_queries: Any) -> None:
    client = client_of("administrator")
    make_runs(2)
    client.get("/runs/")
    with django_assert_max_num_queries(20) as few:
        client.get("/runs/")
    Run.objects.filter(name="operations.daily", within=None).delete()
    make_runs(60)
    with django_assert_max_num_queries(20) as many:
        found = client.get("/runs/")
    assert len(few) == len(many)
    assert len(found.context["page"]) == 50


def test_the_list_is_filtered_and_refreshes_itself_while_something_is_open(client_of: ClientOf, user_of: Any) -> None:
    client = client_of("director")
    Run.objects.filter(state__in=Run.OPEN).delete()
    assert "hx-get" not in client.get("/runs/").content.decode().partition('id="runs"')[2].partition(">")[0]
    mine = actions.start_analysis("operations.daily", {"since": "2026-03-05"}, by=user_of("director"))
    actions.start_analysis("operations.daily", {"since": "2026-03-06"}, by=user_of("planner"))
    page = client.get("/runs/?mine=1")
    assert [run.pk for run in page.context["page"]] == [mine.pk]
    assert 'hx-trigger="every 3s"' in page.content.decode()
    assert {run.kind for run in client.get("/runs/?kind=analysis").context["page"]} == {"analysis"}
    assert {run.state for run in client.get("/runs/?state=open").context["page"]} == {"waiting"}
    assert client.get("/runs/?state=done&kind=page&page=99").status_code == 200
    part = client.get("/runs/", headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="runs"') and "<html" not in part


def test_work_of_which_there_is_one_kind_only_is_named_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COACHLINE_LANG", "zh")
    say = Wording("zh")
    for kind in ("everything", "report", "alerts"):
        told = run_name(Run(kind=kind, name=kind), say)
        assert told == say(f"web.runs.kind.{kind}") != kind
        assert called(Run(kind=kind, name=kind)) == told
    assert (
        called(Run(kind="analysis", name="operations.daily")) == f"{say('web.runs.kind.analysis')} {say('analysis.operations.daily.title')}"
    )


def test_a_run_says_how_far_it_is_and_what_came_of_it(client_of: ClientOf, user_of: Any) -> None:
    client = client_of("director")
    client.cookies["django_language"] = "en"
    run = actions.start_analysis("operations.daily", {"since": "2026-03-05"}, by=user_of("director"))
    assert 'hx-trigger="every 1500ms"' in client.get(f"/runs/{run.pk}/").content.decode()
    execute_here(str(run.pk))
    ended = client.get(f"/runs/{run.pk}/", headers={"HX-Request": "true"})
    assert ended["HX-Refresh"] == "true"
    page = client.get(f"/runs/{run.pk}/").content.decode()
    assert f"/analyses/operations.daily/results/{run.pk}/" in page
    assert "hx-trigger" not in page.partition('id="run"')[2].partition(">")[0]
    failed = actions.start_analysis("operations.daily", {"since": "2036-03-05"}, by=user_of("director"))
    execute_here(str(failed.pk))
    said = client.get(f"/runs/{failed.pk}/").content.decode()
    assert 'role="alert"' in said and "2036-03-05" in said


def test_a_run_leads_nobody_to_a_result_that_they_may_not_see(client_of: ClientOf, user_of: Any) -> None:
    run = actions.start_analysis("quality.items", {}, by=user_of("director"))
    execute_here(str(run.pk))
    result = f"/analyses/quality.items/results/{run.pk}/"
    assert result in client_of("director").get(f"/runs/{run.pk}/").content.decode()
    administrator = client_of("administrator")
    assert administrator.get(result).status_code == 403
    assert result not in administrator.get(f"/runs/{run.pk}/").content.decode()


def test_only_who_may_start_runs_calls_off_those_of_others(client_of: ClientOf, user_of: Any) -> None:
    run = actions.start_analysis("operations.daily", {"since": "2026-03-05"}, by=user_of("planner"))
    assert client_of("auditor").post(f"/runs/{run.pk}/cancel").status_code == 403
    assert client_of("agent").get(f"/runs/{run.pk}/").status_code == 403
    assert client_of("director").post(f"/runs/{run.pk}/cancel").status_code == 302
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert execute_here(str(run.pk)) == "passed over"


def test_of_several_centres_each_sees_its_own_runs(client_of: ClientOf, user_of: Any) -> None:
    elsewhere = Centre.objects.create(name="另一个中心")
    run = actions.start_analysis("operations.daily", {}, by=user_of("group_office"), centre=elsewhere)
    assert client_of("group_office").get(f"/runs/{run.pk}/").status_code == 200
    assert client_of("director").get(f"/runs/{run.pk}/").status_code == 404
    assert run.pk not in [each.pk for each in client_of("director").get("/runs/").context["page"]]
    page = {"page": DAILY.code, "centre": elsewhere.name, "since": "2026-03-01"}
    client_of("director").post("/runs/start-page", page)
    assert not Run.objects.filter(kind="page", centre=elsewhere).exists()


def test_the_timetable_is_set(client_of: ClientOf) -> None:
    client = client_of("administrator")
    client.post("/runs/timetable/", {"at": "04:25"})
    page = client.get("/runs/timetable/").content.decode()
    assert 'value="04:25"' in page and "checked" not in page.partition('name="enabled"')[2].partition(">")[0]
    assert client.post("/runs/timetable/", {"at": "late"}).status_code == 422


def test_a_page_is_drawn_once_and_anew_when_an_answer_is_newer(in_service: Path, django_assert_num_queries: Any) -> None:
    eyes = Perspective(None)
    first = draw(DAILY, eyes)
    assert first.html and first.finding and not first.missing
    with django_assert_num_queries(1):
        assert draw(DAILY, eyes) == first
    known = latest("operations.daily", {}, None)
    unrelated = latest("capability.matrix", {}, None)
    assert known is not None and unrelated is not None
    assert not draws_anew_after(unrelated)
    assert draws_anew_after(known)


def draws_anew_after(run: Run) -> bool:
    """Whether a newer answer to the same question makes the page look at its results again: more than the one query that says no."""
    copy = Run(**{field.attname: getattr(run, field.attname) for field in Run._meta.concrete_fields if field.attname != "id"})
    copy.finished_at = timezone.now() + timedelta(seconds=1)
    copy.save()
    shutil.copytree(run.folder, copy.folder)
    try:
        with CaptureQueriesContext(connection) as asked:
            draw(DAILY, Perspective(None))
    finally:
        shutil.rmtree(copy.folder)
    return len(asked) > 1


def test_a_page_that_is_not_calculated_yet_offers_to_and_is_there_afterwards(client_of: ClientOf, user_of: Any) -> None:
    client = client_of("director")
    client.cookies["django_language"] = "en"
    address = "/operations/?since=2026-03-03&until=2026-03-09"
    before = client.get(address)
    assert "Not calculated yet" in before.content.decode() and before.context["drawn"].missing
    sent = {"page": "operations.daily", "since": "2026-03-03", "until": "2026-03-09", "next": address}
    assert client.post("/runs/start-page", sent)["Location"] == address
    assert 'hx-trigger="every 2s"' in client.get(address).content.decode()
    state = "/runs/page-state?page_code=operations.daily&since=2026-03-03&until=2026-03-09"
    assert "<progress" in client.get(state).content.decode()
    run = Run.objects.get(kind="page", state=Run.State.WAITING)
    assert execute_here(str(run.pk)) == "done"
    assert client.get(state)["HX-Refresh"] == "true"
    after = client.get(address)
    assert not after.context["drawn"].missing
    assert 'class="tiles"' in after.content.decode()


def test_days_that_are_none_are_refused(client_of: ClientOf) -> None:
    client = client_of("director")
    assert client.get("/operations/?since=2026-03-09&until=2026-03-03").status_code == 422
    assert client.get("/operations/?since=soon").status_code == 422


def test_what_an_analysis_refuses_is_an_answer_until_the_facts_change(own_centre: Path, user_of: Any) -> None:
    run = actions.enqueue("page", "operations.daily", {"since": "2036-01-01", "until": "2036-01-02"}, by=None)
    assert execute_here(str(run.pk)) == "done"
    given = {"since": "2036-01-01", "until": "2036-01-02"}
    refused = answer("operations.daily", given, None)
    assert refused is not None and refused.state == Run.State.FAILED and refused.within_id == run.pk
    drawn = draw(DAILY, Perspective(None), date(2036, 1, 1), date(2036, 1, 2))
    assert not drawn.missing and drawn.left_out
    versions = dict(refused.lake)
    assert fresh(refused, versions)
    assert not fresh(refused, {**versions, "calls": versions["calls"] + 1})
    unread = next(table for table in versions if table not in {*ANALYSES["operations.daily"].reads, *ANALYSES["operations.daily"].needs})
    assert fresh(refused, {**versions, unread: versions[unread] + 1})


def test_a_result_whose_files_are_gone_counts_as_not_calculated(own_centre: Path) -> None:
    known = latest("operations.daily", {}, None)
    assert known is not None
    shutil.rmtree(known.folder)
    assert draw(DAILY, Perspective(None)).missing
    run = actions.enqueue("page", DAILY.code, Days().parameters, by=None)
    assert execute_here(str(run.pk)) == "done"
    assert not draw(DAILY, Perspective(None)).missing


def test_nothing_loaded_says_what_to_do_first(own_centre: Path, client_of: ClientOf) -> None:
    shutil.rmtree(own_centre / "lake")
    (own_centre / "lake").mkdir()
    page = client_of("administrator").get("/operations/").content.decode()
    assert 'href="/facts/"' in page
    assert 'href="/facts/"' not in client_of("director").get("/operations/").content.decode().partition("<main")[2]
    run = actions.start_everything(by=None)
    assert execute_here(str(run.pk)) == "done"


def test_a_page_of_everything_is_refused_with_its_reason(in_service: Path) -> None:
    run = actions.enqueue("page", "operations.weekly", {}, by=None)
    assert execute_here(str(run.pk)) == "failed"
    run.refresh_from_db()
    assert run.error is not None and CoachlineError(run.error["code"], **run.error["facts"]).code == "unknown_page"
