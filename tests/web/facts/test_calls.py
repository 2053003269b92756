"""Looking at calls and other tables: who sees which, page after page, and nobody sees a customer."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from coachline.centre import Centre as CentreFolder
from coachline.web.facts.queries import calls as asked
from coachline.web.journal.models import Entry
from coachline.web.org.models import Agent, Grant, Team

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]
UserOf = Callable[[str], Any]


def rows_of(folder: Path) -> list[dict[str, Any]]:
    """All calls as the list should have them: newest first, then by key."""
    with CentreFolder(folder) as opened:
        rows: list[dict[str, Any]] = opened.facts().collect(opened.table("calls")).to_pylist()
    return sorted(rows, key=lambda row: (-row["arrived_at"].timestamp(), row["source"], row["call_id"]))


def shown(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"/facts/calls/{query}")
    assert answer.status_code == 200
    return [row["call_id"] for row in answer.context["found"]["rows"]]


def test_pages_follow_each_other_without_gap_or_repetition(client_of: ClientOf, in_service: Path) -> None:
    client = client_of("director")
    expected = [row["call_id"] for row in rows_of(in_service)]
    seen: list[str] = []
    places: list[list[str]] = []
    query = ""
    for _ in range(5):
        answer = client.get(f"/facts/calls/{query}")
        places.append([row["call_id"] for row in answer.context["found"]["rows"]])
        seen += places[-1]
        query = f"?after={answer.context['found']['older']}"
    assert seen == expected[: 5 * asked.SIZE]
    back = client.get(f"/facts/calls/?before={answer.context['found']['newer']}").context["found"]
    assert [row["call_id"] for row in back["rows"]] == places[3]
    first = client.get("/facts/calls/").context["found"]
    assert first["newer"] == "" and first["older"]


def test_the_last_page_says_that_it_is_the_last(client_of: ClientOf, in_service: Path) -> None:
    client = client_of("director")
    oldest = rows_of(in_service)[-60:]
    day = oldest[0]["arrived_at"]
    found = client.get(f"/facts/calls/?until={(day + timedelta(days=1)).date()}").context["found"]
    while found["older"]:
        found = client.get(f"/facts/calls/?until={(day + timedelta(days=1)).date()}&after={found['older']}").context["found"]
    assert found["rows"][-1]["call_id"] == oldest[-1]["call_id"] and found["newer"]


def test_calls_of_one_moment_are_told_apart_by_their_key(client_of: ClientOf, own_centre: Path) -> None:
    file = own_centre / "same.csv"
    lines = [f"S{i:03d},2026-12-01 10:00:00,80001,5,answered" for i in range(130)]
    file.write_text("\n".join(["call_id,arrived_at,agent_id,talk_s,outcome", *lines]) + "\n", encoding="utf-8")
    with CentreFolder(own_centre) as opened:
        opened.import_file(file, "calls")
    client = client_of("director")
    seen, query = [], "?"
    for _ in range(3):
        found = client.get(f"/facts/calls/?{query}").context["found"]
        seen += [row["call_id"] for row in found["rows"]]
        query = f"after={found['older']}"
    assert [call for call in seen if call.startswith("S")] == [f"S{i:03d}" for i in range(130)]


@pytest.mark.parametrize(
    ("query", "holds"),
    [
        ("rating=1", lambda row: row["rating"] == 1),
        ("outcome=abandoned", lambda row: row["outcome"] == "abandoned"),
        ("ticketed=yes", lambda row: row["ticketed"] is True),
        ("resolved=no", lambda row: row["resolved"] is False),
    ],
)
def test_filters_narrow_and_are_counted(query: str, holds: Callable[[dict[str, Any]], bool], client_of: ClientOf, in_service: Path) -> None:
    expected = [row["call_id"] for row in rows_of(in_service) if holds(row)]
    found = client_of("director").get(f"/facts/calls/?{query}").context["found"]
    assert [row["call_id"] for row in found["rows"]] == expected[: asked.SIZE]
    assert found["count"] == len(expected) and not found["more_than"]


def test_agent_business_queue_days_and_number_narrow(client_of: ClientOf, in_service: Path) -> None:
    client = client_of("director")
    rows = rows_of(in_service)
    one = next(row for row in rows if row["agent_id"] and row["business"] and row["queue"])
    assert shown(client, f"?call_id={one['call_id']}") == [one["call_id"]]
    by_agent = [row["call_id"] for row in rows if row["agent_id"] == one["agent_id"]]
    assert shown(client, f"?agent={one['agent_id']}") == by_agent[: asked.SIZE]
    assert shown(client, f"?agent={Agent.objects.get(agent_id=one['agent_id']).name}")[:1] == by_agent[:1]
    above = one["business"].split("/")[0]
    by_business = [row["call_id"] for row in rows if (row["business"] or "").split("/")[0] == above]
    assert shown(client, f"?business={above}") == by_business[: asked.SIZE]
    assert shown(client, f"?queue={one['queue']}") == [row["call_id"] for row in rows if row["queue"] == one["queue"]][: asked.SIZE]
    day = (one["arrived_at"] + timedelta(hours=8)).date()
    of_day = [row["call_id"] for row in rows if (row["arrived_at"] + timedelta(hours=8)).date() == day]
    assert shown(client, f"?since={day}&until={day}") == of_day[: asked.SIZE]
    assert shown(client, "?agent=nobody") == []
    assert client.get("/facts/calls/?since=2026-13-99").status_code == 422
    assert client.get("/facts/calls/?rating=xx&team=yy").status_code == 200
    assert client.get("/facts/calls/?after=nonsense").status_code == 422


def test_a_team_leader_sees_calls_of_the_own_team_only(client_of: ClientOf, user_of: UserOf, in_service: Path) -> None:
    team = Grant.objects.get(user=user_of("team_leader")).team
    own = set(Agent.objects.filter(team=team).values_list("agent_id", flat=True))
    rows = rows_of(in_service)
    client = client_of("team_leader")
    assert shown(client) == [row["call_id"] for row in rows if row["agent_id"] in own][: asked.SIZE]
    other = next(row for row in rows if row["agent_id"] and row["agent_id"] not in own)
    waiting = next(row for row in rows if row["agent_id"] is None)
    for row in (other, waiting):
        assert shown(client, f"?call_id={row['call_id']}") == []
        assert client.get(f"/facts/calls/{row['source']}/{row['call_id']}").status_code == 404
    assert shown(client, f"?agent={other['agent_id']}") == []
    another = Team.objects.exclude(pk=team.pk).first()
    assert another is None or shown(client, f"?team={another.pk}") == []
    downloaded = client.get("/facts/calls/?download=csv").content.decode("utf-8-sig")
    assert other["call_id"] not in downloaded and downloaded.count("\n") > 10


@pytest.mark.parametrize("role", ["agent", "trainer", "planner", "group_office"])
def test_others_see_no_calls(role: str, client_of: ClientOf, in_service: Path) -> None:
    client = client_of(role)
    for path in ("/facts/calls/", "/facts/calls/?download=csv", "/facts/calls/main/1", "/facts/tables/agents/"):
        assert client.get(path).status_code == 403


def test_one_call_shows_its_inspections_and_the_customers_other_calls(client_of: ClientOf, in_service: Path) -> None:
    rows = rows_of(in_service)
    with CentreFolder(in_service) as opened:
        sheets = opened.facts().collect(opened.table("inspections")).to_pylist()
    inspected = {sheet["call_id"] for sheet in sheets}
    by_customer: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_customer.setdefault(row["customer_id"], []).append(row)
    called_often = (row for row in rows if row["call_id"] in inspected and row["customer_id"] and len(by_customer[row["customer_id"]]) > 1)
    call = max(
        called_often, key=lambda row: sum(abs(o["arrived_at"] - row["arrived_at"]) < timedelta(7) for o in by_customer[row["customer_id"]])
    )
    page = client_of("director").get(f"/facts/calls/{call['source']}/{call['call_id']}")
    assert len(page.context["inspections"]) == sum(sheet["call_id"] == call["call_id"] for sheet in sheets)
    around = [other for other in by_customer[call["customer_id"]] if abs(other["arrived_at"] - call["arrived_at"]) < timedelta(7)]
    assert [row["call_id"] for row in page.context["others"]] == [other["call_id"] for other in around if other is not call]
    assert client_of("director").get("/facts/calls/main/none-such").status_code == 404


def test_sheets_about_agents_of_other_teams_are_not_on_the_page_of_a_call(client_of: ClientOf, user_of: UserOf, own_centre: Path) -> None:
    # A form may name somebody else than the call does: whoever took it over, or a slip of the inspector.
    team = Grant.objects.get(user=user_of("team_leader")).team
    own = Agent.objects.filter(team=team).values_list("agent_id", flat=True)[0]
    other = Agent.objects.exclude(team=team).values_list("agent_id", flat=True)[0]
    calls, sheets = own_centre / "calls.csv", own_centre / "sheets.csv"
    calls.write_text(f"call_id,arrived_at,agent_id,talk_s,outcome\nSH1,2026-12-01 10:00:00,{own},5,answered\n", encoding="utf-8")
    head = "inspection_id,call_id,agent_id,inspector_id,inspected_at,score"
    sheets.write_text(f"{head}\nI-own,SH1,{own},Q1,2026-12-02,90\nI-other,SH1,{other},Q1,2026-12-02,61\n", encoding="utf-8")
    with CentreFolder(own_centre) as opened:
        opened.import_file(calls, "calls")
        opened.import_file(sheets, "inspections")
    address = "/facts/calls/main/SH1"
    assert len(client_of("director").get(address).context["inspections"]) == 2
    page = client_of("team_leader").get(address)
    assert len(page.context["inspections"]) == 1
    assert "I-other" not in page.content.decode() and other not in page.content.decode()


def test_nothing_shows_a_customer(client_of: ClientOf, in_service: Path) -> None:
    client = client_of("director")
    row = rows_of(in_service)[0]
    pages = [
        "/facts/calls/",
        f"/facts/calls/{row['source']}/{row['call_id']}",
        "/facts/calls/?download=csv",
        "/facts/tables/survey_answers/",
    ]
    for path in pages:
        text = client.get(path).content.decode("utf-8-sig")
        assert not re.search(r"c_[0-9a-f]{24}|1[3-9]\d{9}(?!\d)|\.wav", text), path


def test_downloads_are_journalled_and_cut(client_of: ClientOf, in_service: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asked, "MOST", 100)
    answer = client_of("director").get("/facts/calls/?download=csv")
    assert answer.content.decode("utf-8-sig").strip().count("\n") == 100
    assert "100" in answer.headers["Content-Disposition"]
    assert Entry.objects.get(verb="facts.download").facts["rows"] == 100
    assert client_of("director").get("/facts/calls/?rating=1&download=xlsx").content[:2] == b"PK"


def test_the_list_asks_the_same_number_of_questions_however_long_it_is(
    client_of: ClientOf, in_service: Path, django_assert_num_queries: Any
) -> None:
    client = client_of("director")
    one = next(row["call_id"] for row in rows_of(in_service) if row["agent_id"])
    client.get(f"/facts/calls/?call_id={one}")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/facts/calls/?call_id={one}")
    with django_assert_num_queries(len(few)):
        assert len(client.get("/facts/calls/").context["found"]["rows"]) == asked.SIZE


def test_other_tables_can_be_looked_at_as_far_as_one_sees(client_of: ClientOf, user_of: UserOf, in_service: Path) -> None:
    director, leader = client_of("director"), client_of("team_leader")
    about = ("trainings", "enrolments", "exams", "shifts", "wishes", "transcripts", "survey_answers")
    tables = ("agents", "businesses", "inspections", "inspection_items", *about)
    for table in tables:
        first = director.get(f"/facts/tables/{table}/")
        assert first.status_code == 200 and first.context["rows"], table
    own = set(Agent.objects.filter(team=Grant.objects.get(user=user_of("team_leader")).team).values_list("agent_id", flat=True))
    page = leader.get("/facts/tables/agents/")
    assert {row[0]["text"] for row in page.context["rows"]} == own
    assert leader.get("/facts/tables/survey_answers/").status_code == 403
    assert leader.get("/facts/tables/transcripts/").status_code == 403
    assert director.get("/facts/tables/calls/").status_code == 404
    assert director.get("/facts/tables/nothing/").status_code == 404
    one = director.get("/facts/tables/shifts/").context
    two = director.get(f"/facts/tables/shifts/?after={one['next']}").context
    assert one["rows"] != two["rows"] and len(one["rows"]) == len(two["rows"]) == 50
    back = director.get(f"/facts/tables/shifts/?before={two['previous']}").context
    assert back["rows"] == one["rows"] and back["previous"] == ""
    assert director.get("/facts/tables/agents/?after=" + one["next"]).status_code == 422


def test_another_centre_is_not_seen(client_of: ClientOf, own_centre: Path) -> None:
    people = own_centre / "people.csv"
    people.write_text("agent_id,name,centre\nX1,某人,别处中心\n", encoding="utf-8")
    calls = own_centre / "calls.csv"
    calls.write_text("call_id,arrived_at,agent_id,talk_s,outcome\nXC1,2026-12-01 10:00:00,X1,5,answered\n", encoding="utf-8")
    with CentreFolder(own_centre) as opened:
        opened.import_file(people, "agents")
        opened.import_file(calls, "calls")
    from coachline.web.org.actions import sync_from_facts

    sync_from_facts(by=None)
    client = client_of("director")
    assert "XC1" not in shown(client)
    assert shown(client, "?call_id=XC1&centre=别处中心") == []
    assert client.get("/facts/calls/main/XC1").status_code == 404
    assert "X1" not in str(client.get("/facts/tables/agents/").context["rows"])
    assert shown(client_of("auditor"), "?call_id=XC1") == ["XC1"]
