"""What pages show can be had through the API: the same rows, the same scope, the same refusals."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coachline.engine.tables import TABLES
from coachline.web.accounts.models import User
from coachline.web.facts.models import Finding, Reading, Ticket
from coachline.web.journal.models import Entry
from coachline.web.operations.models import Addressee, Alert
from coachline.web.org.models import Agent, Centre, Grant, Team
from coachline.web.runs.execution import execute_here
from coachline.web.runs.models import Run
from tests.web.facts.exports import MENDED, NUMBER, gb18030

pytestmark = pytest.mark.django_db

ApiOf = Callable[..., Client]
ROOT = "/api/v1"


def got(client: Client, path: str, **given: Any) -> Any:
    answer = client.get(ROOT + path, given)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def sent(client: Client, path: str, status: int, method: str = "post", **given: Any) -> Any:
    answer = getattr(client, method)(ROOT + path, json.dumps(given), content_type="application/json")
    assert answer.status_code == status, answer.content.decode()
    return answer.json()


def test_the_organisation(api_of: ApiOf) -> None:
    client = api_of("administrator", "org.view", "accounts.view")
    [centre] = got(client, "/org/centres")
    teams = got(client, "/org/teams")
    assert centre["teams"] == teams["total"] == Team.objects.count()
    assert [team["leaders"] for team in teams["items"]].count(["team_leader"]) == 1
    agents = got(client, "/org/agents", state="all", size=3, page=2)
    assert [row["agent_id"] for row in agents["items"]] == list(Agent.objects.values_list("agent_id", flat=True)[3:6])
    first = agents["items"][0]
    assert [row["agent_id"] for row in got(client, "/org/agents", q=first["agent_id"], state="all")["items"]] == [first["agent_id"]]
    assert got(client, "/org/agents", centre_id=2**70)["items"] == got(client, "/org/agents", centre_id=-1)["items"] == []
    [user] = got(client, "/org/users", q="team_leader")["items"]
    assert user["grants"][0]["role"] == "team_leader" and user["grants"][0]["team"] and not user["second_factor"]


def test_a_team_leader_has_no_token_and_a_director_sees_the_own_centre(api_of: ApiOf) -> None:
    director = api_of("director")
    Team.objects.create(centre=Centre.objects.create(name="第二中心"), name="外地班")
    assert "外地班" not in json.dumps(got(director, "/org/teams"), ensure_ascii=False)
    assert "外地班" in json.dumps(got(api_of("auditor"), "/org/teams"), ensure_ascii=False)


def test_a_token_does_what_it_was_made_for_and_no_more(api_of: ApiOf) -> None:
    client = api_of("administrator", "org.view")
    assert client.get(f"{ROOT}/org/centres").status_code == 200
    closed = ("/org/users", "/facts/uploads", "/facts/calls", "/facts/tickets", "/operations/alerts", "/journal/entries", "/runs")
    for path in closed:
        answer = client.get(ROOT + path)
        assert answer.status_code == 403 and answer.json()["code"] == "no_permission", path
    assert got(client, "/analyses") == []


def test_calls_page_by_page_without_customers(api_of: ApiOf) -> None:
    client = api_of("director", "facts.browse")
    first = got(client, "/facts/calls", outcome="abandoned")
    second = got(client, "/facts/calls", outcome="abandoned", after=first["after"])
    both = [*first["items"], *second["items"]]
    assert len({(row["source"], row["call_id"]) for row in both}) == len(both) > len(first["items"])
    assert [row["arrived_at"] for row in both] == sorted((row["arrived_at"] for row in both), reverse=True)
    assert {row["outcome"] for row in both} == {"abandoned"}
    assert not {"customer_id", "recording"} & set(first["items"][0])
    day = first["items"][0]["arrived_at"][:10]
    assert {row["arrived_at"][:10] for row in got(client, "/facts/calls", since=day, until=day)["items"]} == {day}
    rated = got(client, "/facts/calls", rating=5, transferred=True)["items"]
    assert {(row["rating"], row["transferred"]) for row in rated} <= {(5, True)}
    assert got(client, "/facts/calls", call_id="没有的")["items"] == []


@pytest.mark.parametrize(
    "given",
    [
        {"since": "2026-02-30"},
        {"since": "0001-01-01"},
        {"until": "9999-12-31"},
        {"since": "2026-03-02", "until": "2026-03-01"},
        {"agent": "a\0b"},
        {"business": "x" * 201},
        {"rating": "6"},
        {"team_id": str(2**70)},
        {"outcome": "lost"},
    ],
    ids=str,
)
def test_what_nobody_can_ask_for_is_refused_in_one_shape(api_of: ApiOf, given: dict[str, str]) -> None:
    answer = api_of("director", "facts.browse").get(f"{ROOT}/facts/calls", given)
    assert answer.status_code == 422
    assert set(answer.json()) == {"code", "message"} and answer.json()["message"]


def test_choices_of_the_description_are_those_of_the_table() -> None:
    from coachline.web.facts.api.calls import CallsWanted

    known = [code for code, _ in TABLES["calls"].column("outcome").kind.words]  # type: ignore[attr-defined]
    assert CallsWanted.model_json_schema()["properties"]["outcome"]["enum"] == ["", *known]


def test_a_file_is_sent_mended_checked_loaded(api_of: ApiOf, own_centre: Path) -> None:
    client = api_of("administrator", "facts.upload")
    answer = client.post(f"{ROOT}/facts/uploads", {"file": SimpleUploadedFile("../../话单.csv", gb18030())})
    assert answer.status_code == 201, answer.content.decode()
    upload = answer.json()
    path = f"/facts/uploads/{upload['id']}"
    assert upload["name"] == "话单.csv" and NUMBER not in answer.content.decode()
    assert upload["preview"]["missing"] == ["outcome"]
    assert sent(client, f"{path}/load", 422)["code"] == "upload_not_ready"
    assert sent(client, f"{path}/map", 200, "put", mapping=MENDED)["state"] == "mapped"
    run = sent(client, f"{path}/check", 202)
    assert execute_here(run["id"]) == Run.State.DONE
    assert got(client, f"/runs/{run['id']}")["state"] == "done"
    checked = got(client, path)
    assert checked["state"] == "checked" and checked["counts"]["accepted"] == 3 and checked["reasons"][0]["rows"] == 1
    assert execute_here(sent(client, f"{path}/load", 202)["id"]) == Run.State.DONE
    assert [row["state"] for row in got(client, "/facts/uploads", state="loaded")["items"]] == ["loaded"]
    assert sent(client, f"{path}/discard", 422)["code"] == "upload_not_ready"


def test_a_file_can_be_given_up_and_nonsense_is_not_taken(api_of: ApiOf, own_centre: Path) -> None:
    client = api_of("administrator", "facts.upload")
    sent_file = client.post(f"{ROOT}/facts/uploads", {"file": SimpleUploadedFile("a.csv", gb18030())}).json()
    assert sent(client, f"/facts/uploads/{sent_file['id']}/discard", 200)["state"] == "discarded"
    refused = client.post(f"{ROOT}/facts/uploads", {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.4")})
    assert refused.status_code == 422 and set(refused.json()) == {"code", "message"}
    assert client.post(f"{ROOT}/facts/uploads").json()["code"] == "request_unfit"


def test_tickets(api_of: ApiOf, user_of: Callable[[str], Any], in_service: Path) -> None:
    from coachline.web.facts.actions import take_up

    take_up()
    finding: Finding = Reading.objects.first().findings.exclude(column="").first()  # type: ignore[union-attr, assignment]
    client = api_of("quality_head", "facts.quality", "facts.tickets")
    asked = {"table": finding.table, "columns": [finding.column], "issue": finding.issue}
    ticket = sent(client, "/facts/tickets", 201, **asked)
    assert sent(client, "/facts/tickets", 201, **asked)["id"] == ticket["id"]
    changed = sent(client, f"/facts/tickets/{ticket['id']}", 200, "patch", state="told", owner="director", due="2026-12-31")
    assert (changed["state"], changed["owner"], changed["due"]) == ("told", "director", "2026-12-31")
    again = sent(client, f"/facts/tickets/{ticket['id']}", 200, "patch", owner=None)
    assert (again["state"], again["owner"], again["due"]) == ("told", None, "2026-12-31")
    assert [row["id"] for row in got(client, "/facts/tickets", state="told")["items"]] == [ticket["id"]]
    stranger = User.objects.create_user("stranger")
    Grant.objects.create(user=stranger, role="director", centre=Centre.objects.create(name="第二中心"))
    Ticket.objects.update(centre=user_of("director").grants.get().centre)
    assert sent(client, f"/facts/tickets/{ticket['id']}", 422, "patch", owner="stranger")["code"] == "ticket_owner_unfit"
    assert got(client, "/facts/tickets", owner="stranger")["items"] == []
    assert sent(client, f"/facts/tickets/{ticket['id']}", 422, "patch", state="gone")["code"] == "ticket_state_unknown"
    assert sent(client, "/facts/tickets", 404, table="calls", columns=["x"], issue="x")["code"] == "not_there"
    assert sent(api_of("planner", "facts.quality"), f"/facts/tickets/{ticket['id']}", 403, "patch", state="open")
    assert Ticket.objects.get().state == "told"


def test_alerts_are_seen_by_those_they_were_told_to(api_of: ApiOf, in_service: Path) -> None:
    last = Run.objects.filter(kind="analysis").latest("finished_at").finished_at
    assert last is not None
    for role in ("director", "planner"):
        alert = Alert.objects.create(rule_name="接通率", centre=Centre.objects.get(), metric="connect_rate", day=last.date())
        Addressee.objects.create(alert=alert, role=role)
    client = api_of("director", "operations.view")
    [alert] = got(client, "/operations/alerts")["items"]
    assert not alert["seen"]
    other = Alert.objects.exclude(pk=alert["id"]).get()
    assert client.get(f"{ROOT}/operations/alerts/{other.pk}").status_code == 404
    assert sent(client, f"/operations/alerts/{other.pk}/seen", 404)
    assert sent(client, f"/operations/alerts/{alert['id']}/seen", 200)["seen"]
    assert got(client, "/operations/alerts", unseen=True)["total"] == 0
    assert got(client, "/operations/alerts", since=(last.date() + timedelta(days=1)).isoformat())["total"] == 0
    assert sent(api_of("planner", "operations.view"), "/operations/alerts/seen", 200) == {"seen": 1}


def test_cells_of_the_matrix(api_of: ApiOf) -> None:
    client = api_of("director", "capability.view")
    found = got(client, "/capability/cells", size=1000)
    first = found["items"][0]
    assert found["total"] == len(found["items"]) and [row["n"] for row in found["items"]] == sorted(
        (r["n"] for r in found["items"]), reverse=True
    )
    only = got(client, "/capability/cells", agent=first["agent_id"], business=first["business"], outcome=first["outcome"])
    assert only["items"] == [first]
    assert got(client, "/capability/cells", page=1_000_000)["items"] == []
    assert client.get(f"{ROOT}/capability/cells", {"outcome": "nonsense"}).status_code == 404
    weak = got(client, "/capability/weak", size=1000)
    assert weak["expected_wrong"] == pytest.approx(sum(1 - row["p_below"] for row in weak["items"]))


def test_the_journal(api_of: ApiOf) -> None:
    client = api_of("auditor", "journal.read")
    made = got(client, "/journal/entries", verb="accounts.make_token")
    assert made["total"] == Entry.objects.filter(verb="accounts.make_token").count() == 1
    assert made["items"][0]["user"] == "auditor" and made["items"][0]["sentence"] != "accounts.make_token"
    assert api_of("director").get(f"{ROOT}/journal/entries").status_code == 403


def test_own_runs_are_followed_by_the_token_that_started_them(api_of: ApiOf, own_centre: Path) -> None:
    client = api_of("planner", "operations.view", "runs.start")
    run = sent(client, "/analyses/operations.hours/runs", 202, parameters={"cap_h": 160})
    assert got(client, f"/runs/{run['id']}")["state"] == "waiting"
    assert client.get(f"{ROOT}/runs").status_code == 403
    assert sent(api_of("planner", "operations.view"), f"/runs/{run['id']}/cancel", 403)
    assert sent(client, f"/runs/{run['id']}/cancel", 200)["state"] == "cancelled"


@pytest.mark.parametrize(("language", "word"), [("en", "token"), ("zh-CN,zh;q=0.9", "令牌"), ("", "令牌"), ("xx;q=\0", "令牌")])
def test_refusals_in_the_language_that_is_asked_for(in_service: Path, language: str, word: str) -> None:
    answer = Client(headers={"Accept-Language": language} if language else {}).get(f"{ROOT}/me")
    assert answer.status_code == 401 and answer["WWW-Authenticate"] == "Bearer"
    assert word in answer.json()["message"]
    assert "Accept-Language" in answer["Vary"]
