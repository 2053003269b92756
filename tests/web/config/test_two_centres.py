"""Two centres share one application, and whoever works in one of them meets nothing of the other, on no page and in no answer of the API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from coachline.centre import Centre as CentreFolder
from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES
from coachline.web.facts.models import Ticket
from coachline.web.operations.models import Addressee, Alert
from coachline.web.org.actions import sync_from_facts
from coachline.web.org.models import Agent, Centre, Grant, Team
from coachline.web.runs.actions import enqueue
from coachline.web.runs.execution import execute_here
from coachline.web.runs.models import Run
from tests.web.config.addresses import PAGES, addresses
from tests.web.config.conftest import address
from tests.web.config.test_tokens import OPERATIONS, filled

OTHER = "彼岸中心"
"""The centre that is not theirs."""
ASKED = ("", "centre=" + OTHER)
OF_THE_GROUP = ("group_office", "auditor", "administrator")


@pytest.fixture
def theirs(things: dict[str, Any], own_centre: Path) -> dict[str, set[str]]:
    """Half of the people in a second centre, everything calculated for both; by kind, what tells of the other one."""
    first = Centre.objects.get()
    mine = Agent.objects.get(user__username="agent").agent_id
    with CentreFolder(own_centre) as opened:
        facts = opened.facts()
        people = facts.collect(facts.table("agents")).to_pylist()
    for place, person in enumerate(people):
        if place % 2 and person["agent_id"] != mine:
            person |= {"centre": OTHER, "name": f"彼岸人{place}", "team": f"彼岸班{place % 3}"}
        elif not person["centre"]:
            person["centre"] = first.name
    columns = ("agent_id", "name", "team", "centre", "role", "hired_on", "left_on")
    rows = [",".join(columns), *(",".join(str(person[column] or "") for column in columns) for person in people)]
    file = own_centre / "people.csv"
    file.write_text("\n".join(rows), encoding="utf-8")
    with CentreFolder(own_centre) as opened:
        opened.import_file(file, "agents")
    sync_from_facts(by=None)
    other = Centre.objects.get(name=OTHER)
    assert Agent.objects.filter(centre=other).count() >= 4 <= Agent.objects.filter(centre=first).count()
    run = enqueue("everything", "everything", {}, by=None)
    assert execute_here(str(run.pk)) == Run.State.DONE
    with CentreFolder(own_centre) as opened:
        facts = opened.facts(of=OTHER)
        calls = facts.table("calls")
        ids = facts.collect(calls.order_by(calls.arrived_at.desc()).select("call_id").limit(400)).column(0).to_pylist()
    _of_the_other(other)
    found = Agent.objects.filter(centre=other)
    return {
        "number": set(found.values_list("agent_id", flat=True)),
        "name": set(found.values_list("name", flat=True)),
        "team": set(Team.objects.filter(centre=other).values_list("name", flat=True)),
        "call": set(ids),
        "text": {"彼岸告警", "彼岸缺陷", "彼岸用户"},
    }


def _of_the_other(other: Centre) -> None:
    """A user, an alert and a ticket of the other centre."""
    Grant.objects.create(user=User.objects.create_user("beyond", name="彼岸用户"), role="director", centre=other)
    alert = Alert.objects.create(
        rule_name="彼岸告警", centre=other, metric="connect_rate", day="2026-03-02", facts={"unit": "share", "value": 0.1}
    )
    for role in ROLES:
        Addressee.objects.create(alert=alert, role=role)
    known = Ticket.objects.get()
    Ticket.objects.create(
        centre=other,
        table="calls",
        columns=["wait_s"],
        key="calls.wait_s.x",
        issue=known.issue,
        severity="high",
        rows=3,
        seen_at=known.seen_at,
    )
    Ticket.objects.filter(centre=other).update(example="彼岸缺陷")


def test_nothing_of_the_other_centre_is_met(
    signed_in: Callable[..., Client], api_client: Callable[[str], Client], things: dict[str, Any], theirs: dict[str, set[str]]
) -> None:
    """The search is one that finds: whoever works for the group meets everything that is looked for. Both centres are calculated once for the two halves."""
    bodies = [body for _, body in _answers("auditor", signed_in("auditor"), api_client("auditor"), things)]
    assert {kind for body in bodies for kind, _ in _told(body, theirs)} == set(theirs)
    wrong = []
    for who in ROLES:
        if who in OF_THE_GROUP:
            continue
        for path, body in _answers(who, signed_in(who), api_client(who), things):
            wrong += [f"{who} {path}: {kind} {told}" for kind, told in _told(body, theirs)]
    assert not wrong, "\n".join(wrong)


def _answers(who: str, client: Client, programs: Client, things: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Everything that somebody can look at, asked as usual and asked for the other centre."""
    for name, parameters in addresses():
        if "get" not in PAGES[name].methods or name == "account_logout":
            continue
        for query in ASKED:
            path = address(name, parameters, things, who)
            path += ("&" if "?" in path else "?") + query
            yield path, _body(client.get(path))
    for _, method, path in OPERATIONS:
        if method == "get":
            for query in ASKED:
                asked_for = f"{filled(path, things)}?{query}"
                yield asked_for, json.dumps(_json(programs.get(asked_for)), ensure_ascii=False)


def _body(answer: Any) -> str:
    content: bytes = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return content.decode("utf-8", "replace")


def _json(answer: Any) -> Any:
    return answer.json() if answer["Content-Type"].startswith("application/json") else None


def _told(body: str, theirs: dict[str, set[str]]) -> list[tuple[str, str]]:
    """What a text tells of the other centre; a number counts where it stands by itself."""
    words = set(re.findall(r"[\w-]+", body))
    return [
        (kind, each) for kind, known in theirs.items() for each in sorted(known) if each in words or (kind != "number" and each in body)
    ]
