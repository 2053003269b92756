"""Faults become tickets, and every later reading of the data is entered in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coachline.engine.result import Provenance, Result
from coachline.engine.trust.issue import ISSUES
from coachline.engine.trust.profile import COLUMNS
from coachline.errors import CoachlineError
from coachline.stored import save_result
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.refusals import NoPermission
from coachline.web.facts import actions
from coachline.web.facts.models import Event, Finding, Reading, Ticket
from coachline.web.facts.queries.desk import QUALITY, chosen, desk
from coachline.web.journal.models import Entry
from coachline.web.org.models import Centre
from coachline.web.org.queries import Perspective
from coachline.web.runs import jobs
from coachline.web.runs.keys import key_of, settled
from coachline.web.runs.models import Run

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]
UserOf = Callable[[str], Any]


def issue(
    rows: int, *, column: str = "talk_s", code: str = "unit_from", severity: str = "high", example: str = "2026-03-05"
) -> dict[str, Any]:
    return {
        "table": "calls",
        "column": column,
        "issue": code,
        "rows": rows,
        "share": rows / 1000,
        "example": example,
        "severity": severity,
        "harms": "operations.daily, capability.matrix",
    }


def reading(issues: Sequence[dict[str, Any]], *, days: int = 0, of: Centre | None = None) -> Run:
    """A finished run of `facts.quality`, `days` after now, that found these."""
    parameters = settled(QUALITY, {}, centre_settings())
    run = Run(kind="analysis", name=QUALITY, parameters=parameters, centre=of, state=Run.State.DONE)
    run.key, run.finished_at = key_of("analysis", QUALITY, parameters, of.pk if of else None), timezone.now() + timedelta(days=days)
    severities = [entry["severity"] for entry in issues]
    column = {"table": "calls", "column": "talk_s", "rows": 1000, "missing": 10, "missing_share": 0.01, "distinct": 300}
    result = Result(
        values={name: severities.count(name) for name in ("high", "medium", "low")},
        tables={"issues": pa.Table.from_pylist(list(issues), ISSUES), "columns": pa.Table.from_pylist([column], COLUMNS)},
        checks=(),
        notes=(),
        provenance=Provenance(QUALITY, "1", parameters, {}, "duckdb", timezone.now().isoformat(), 0.1),
    )
    save_result(result, run.folder)
    run.save(force_insert=True)
    return run


@pytest.fixture
def empty_desk(own_centre: Path) -> Path:
    """The centre without any reading of its data."""
    Run.objects.filter(name=QUALITY).delete()
    Reading.objects.all().delete()
    return own_centre


def opened(user_of: UserOf, rows: int = 100) -> Ticket:
    reading([issue(rows)])
    return actions.open_ticket("calls", ["talk_s"], "unit_from", by=user_of("quality_head"))


def test_the_readings_of_the_centre_in_service_are_taken_up_by_themselves(in_service: Path) -> None:
    """The run that calculated everything was told of; nobody had to ask."""
    found = Reading.objects.get()
    assert found.findings.count() > 5
    assert actions.take_up() == 0


def test_a_ticket_is_opened_from_the_page_and_once(client_of: ClientOf, empty_desk: Path) -> None:
    reading([issue(100), issue(100, column="wait_s")])
    client = client_of("quality_head")
    page = client.get("/facts/quality/").content.decode()
    assert 'value="wait_s"' in page
    sent = {"table": "calls", "issue": "unit_from", "column": ["talk_s", "wait_s"], "centre": ""}
    first = client.post("/facts/quality/open-ticket", sent)
    assert client.post("/facts/quality/open-ticket", sent).headers["Location"] == first.headers["Location"]
    ticket = Ticket.objects.get()
    assert (ticket.columns, ticket.rows, ticket.state, ticket.harms) == (
        ["talk_s", "wait_s"],
        100,
        "open",
        ["operations.daily", "capability.matrix"],
    )
    assert f"/facts/quality/tickets/{ticket.pk}/" in client.get("/facts/quality/").content.decode()
    assert Entry.objects.filter(verb="facts.ticket_open").count() == 1


def test_cases_of_one_fault_add_up(user_of: UserOf, empty_desk: Path) -> None:
    reading([issue(100, example="2026-03-05"), issue(30, example="2026-04-09"), issue(7, code="rounded")])
    assert actions.open_ticket("calls", ["talk_s"], "unit_from", by=user_of("quality_head")).rows == 130


def test_no_ticket_for_what_nobody_found(user_of: UserOf, empty_desk: Path) -> None:
    reading([issue(100)])
    with pytest.raises(CoachlineError, match="no longer there"):
        actions.open_ticket("calls", ["talk_s"], "rounded", by=user_of("quality_head"))


def test_a_fault_that_comes_back_after_it_was_mended_opens_its_ticket(user_of: UserOf, empty_desk: Path) -> None:
    ticket = opened(user_of)
    actions.change_ticket(ticket, by=user_of("quality_head"), state="mended")
    reading([issue(5, code="rounded")], days=1)
    assert actions.take_up() == 1
    ticket.refresh_from_db()
    assert ticket.state == "mended" and ticket.gone_since is not None
    back = reading([issue(40)], days=2)
    actions.take_up()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.gone_since, ticket.settled_at, ticket.rows) == ("open", None, None, 40)
    assert ticket.seen_at == back.finished_at
    assert [event.kind for event in ticket.events.all()] == ["opened", "state", "gone", "reopened"]
    assert Entry.objects.filter(verb="facts.ticket_reopen", user_name="system").count() == 1


def test_an_accepted_fault_stays_accepted_and_an_open_one_says_since_when_it_is_gone(user_of: UserOf, empty_desk: Path) -> None:
    ticket = opened(user_of)
    gone = reading([], days=1)
    reading([], days=2)
    actions.take_up()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.gone_since) == ("open", gone.finished_at)
    actions.change_ticket(ticket, by=user_of("quality_head"), state="accepted")
    reading([issue(9)], days=3)
    actions.take_up()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.gone_since, ticket.rows) == ("accepted", None, 9)


def test_an_old_ticket_is_opened_again_rather_than_a_second_one(user_of: UserOf, empty_desk: Path) -> None:
    ticket = opened(user_of)
    actions.change_ticket(ticket, by=user_of("quality_head"), state="accepted")
    again = actions.open_ticket("calls", ["talk_s"], "unit_from", by=user_of("quality_head"))
    assert again.pk == ticket.pk and again.state == "open"


def test_whoever_ends_a_run_tells_the_desk(user_of: UserOf, empty_desk: Path) -> None:
    run = reading([issue(100)])
    jobs.tell(run)
    assert Reading.objects.filter(run_id=run.pk).count() == 1
    assert Finding.objects.get().rows == 100


def test_a_reading_of_one_table_alone_says_nothing_of_the_others(user_of: UserOf, empty_desk: Path) -> None:
    ticket = opened(user_of)
    run = reading([], days=1)
    parameters = settled(QUALITY, {"table": "agents"}, centre_settings())
    Run.objects.filter(pk=run.pk).update(parameters=parameters, key=key_of("analysis", QUALITY, parameters, None))
    assert actions.take_up() == 0
    ticket.refresh_from_db()
    assert ticket.gone_since is None


def test_owner_day_and_comments_are_kept_with_who_did_it(client_of: ClientOf, user_of: UserOf, empty_desk: Path) -> None:
    ticket = opened(user_of)
    client = client_of("quality_head")
    owner = user_of("planner")
    sent = {"state": "told", "owner": owner.pk, "due": "2026-04-01", "comment": "已联系 <供应商>"}
    client.post(f"/facts/quality/tickets/{ticket.pk}/", sent)
    client.post(f"/facts/quality/tickets/{ticket.pk}/", {**sent, "comment": ""})
    ticket.refresh_from_db()
    assert (ticket.state, ticket.owner, ticket.due) == ("told", owner, date(2026, 4, 1))
    assert [event.kind for event in ticket.events.all()] == ["opened", "state", "owner", "due", "comment"]
    page = client.get(f"/facts/quality/tickets/{ticket.pk}/").content.decode()
    assert "已联系 &lt;供应商&gt;" in page and "<polyline" not in page
    reading([issue(60)], days=1)
    actions.take_up()
    assert "<polyline" in client.get(f"/facts/quality/tickets/{ticket.pk}/").content.decode()
    assert client.post(f"/facts/quality/tickets/{ticket.pk}/", {"state": "eaten"}).status_code == 422
    assert client.post(f"/facts/quality/tickets/{ticket.pk}/", {"due": "soon"}).status_code == 422
    assert client.post(f"/facts/quality/tickets/{ticket.pk}/", {"owner": user_of("agent").pk}).status_code == 422


def test_lists_narrow_by_state_owner_table_and_day(client_of: ClientOf, user_of: UserOf, empty_desk: Path) -> None:
    ticket = opened(user_of)
    actions.change_ticket(ticket, by=user_of("quality_head"), due=date(2020, 1, 1), owner=user_of("planner"))
    client = client_of("planner")
    link = f"/facts/quality/tickets/{ticket.pk}/"

    def listed(query: str) -> bool:
        return link in client.get(f"/facts/quality/tickets/{query}").content.decode()

    assert all(map(listed, ("", "?late=1", "?owner=me", "?state=open", "?state=all", "?table=calls")))
    assert not any(map(listed, ("?state=mended", "?table=agents", f"?owner={user_of('director').pk}")))


def test_who_may_see_may_not_always_work(client_of: ClientOf, user_of: UserOf, empty_desk: Path) -> None:
    ticket = opened(user_of)
    address = f"/facts/quality/tickets/{ticket.pk}/"
    for role in ("director", "planner", "auditor", "group_office", "administrator"):
        client = client_of(role)
        assert client.get("/facts/quality/").status_code == client.get(address).status_code == 200
        assert client.post(address, {"comment": "x"}).status_code == 403
        assert client.post("/facts/quality/open-ticket", {"table": "calls", "issue": "unit_from", "column": "talk_s"}).status_code == 403
    for role in ("agent", "inspector", "team_leader", "trainer"):
        client = client_of(role)
        for path in ("/facts/quality/", "/facts/quality/tickets/", address, "/facts/quality/tables/calls/"):
            assert client.get(path).status_code == 403
    assert ticket.events.count() == 1


def test_another_centre_neither_sees_nor_works_on_a_ticket(client_of: ClientOf, user_of: UserOf, empty_desk: Path) -> None:
    other = Centre.objects.create(name="别处中心")
    reading([issue(100)], of=other)
    with pytest.raises(NoPermission):
        actions.open_ticket("calls", ["talk_s"], "unit_from", by=user_of("quality_head"), centre=other)
    actions.take_up()
    found = Reading.objects.get(centre=other)
    ticket = Ticket.objects.create(
        centre=other,
        table="calls",
        columns=["talk_s"],
        key="calls.talk_s.unit_from",
        issue="unit_from",
        severity="high",
        rows=1,
        seen_at=found.at,
    )
    client = client_of("quality_head")
    assert client.get(f"/facts/quality/tickets/{ticket.pk}/").status_code == 404
    assert f"/tickets/{ticket.pk}/" not in client.get("/facts/quality/tickets/?state=all").content.decode()
    assert client.get("/facts/quality/?centre=别处中心").context["eyes"].centre != other
    with pytest.raises(NoPermission):
        actions.change_ticket(ticket, by=user_of("quality_head"), comment="x")
    assert client_of("auditor").get(f"/facts/quality/tickets/{ticket.pk}/").status_code == 200


def test_the_desk_narrows_to_table_weight_harm_and_ticket(user_of: UserOf, empty_desk: Path) -> None:
    opened(user_of)
    reading([issue(100), issue(7, code="rounded", severity="low") | {"harms": ""}], days=1)
    faults = desk(Perspective(None)).faults
    assert [fault.issue for fault in chosen(faults, severity="low")] == ["rounded"]
    assert [fault.issue for fault in chosen(faults, harmed="operations.daily")] == ["unit_from"]
    assert [fault.issue for fault in chosen(faults, ticket="none")] == ["rounded"]
    assert not chosen(faults, table="agents")


def test_the_desk_can_be_taken_along_and_shows_profiles(client_of: ClientOf, in_service: Path) -> None:
    client = client_of("director")
    table = client.get("/facts/quality/?download=csv")
    assert table.content.count(b"\r\n") > 5 or table.content.count(b"\n") > 5
    page = client.get("/facts/quality/tables/calls/").content.decode()
    assert "talk_s" in page and "customer_id" in page
    assert client.get("/facts/quality/tables/nothing/").status_code == 404
    assert client.get("/facts/quality/tables/calls/?download=xlsx").content[:2] == b"PK"


def test_without_a_reading_the_page_says_what_to_do(client_of: ClientOf, empty_desk: Path) -> None:
    page = client_of("director").get("/facts/quality/")
    assert page.status_code == 200 and "数据还没有检查过" in page.content.decode()
    assert client_of("director").get("/facts/quality/tables/calls/").status_code == 200
    assert client_of("director").get("/facts/quality/tickets/").status_code == 200


def test_the_lists_ask_the_same_number_of_questions_however_long_they_are(
    client_of: ClientOf, user_of: UserOf, empty_desk: Path, django_assert_num_queries: Any
) -> None:
    reading([issue(100 + i, code=code) for i, code in enumerate(("unit_from", "rounded", "level_from", "unit_on", "missing"))])
    client = client_of("quality_head")
    actions.open_ticket("calls", ["talk_s"], "unit_from", by=user_of("quality_head"))
    for path in ("/facts/quality/", "/facts/quality/tickets/"):
        client.get(path)
        with CaptureQueriesContext(connection) as few:
            client.get(path)
        for code in ("rounded", "level_from", "missing"):
            actions.open_ticket("calls", ["talk_s"], code, by=user_of("quality_head"))
        with django_assert_num_queries(len(few)):
            client.get(path)
        Ticket.objects.exclude(issue="unit_from").delete()


def test_what_happened_to_a_ticket_is_worded(client_of: ClientOf, user_of: UserOf, empty_desk: Path) -> None:
    ticket = opened(user_of)
    for kind in Event.Kind.values:
        Event.objects.create(ticket=ticket, kind=kind, value="open" if kind == "state" else "")
    client = client_of("quality_head")
    client.cookies["django_language"] = "en"
    page = client.get(f"/facts/quality/tickets/{ticket.pk}/").content.decode()
    assert "web.facts" not in page and "Found again after it was mended" in page
