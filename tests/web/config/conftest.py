"""A centre with one row of everything, and people of every role who look at it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from coachline.web.accounts.models import Token, User
from coachline.web.accounts.permissions import require
from coachline.web.accounts.roles import ROLES
from coachline.web.base.refusals import NoPermission
from coachline.web.facts.models import Reading, SavedMap, Upload
from coachline.web.journal.models import Entry
from coachline.web.operations.models import Channel, Rule
from coachline.web.operations.permissions import TOLD
from coachline.web.org.models import Agent, Centre, Grant, Team
from coachline.web.org.queries import Perspective
from coachline.web.runs.queries import latest, result, timetable
from tests.web.api.conftest import client_with, token_of
from tests.web.config.addresses import ANYBODY, PAGES, SIGNED_IN, Page
from tests.web.config.harmless import SECRETS
from tests.web.conftest import PASSWORD
from tests.web.facts.exports import gb18030
from tests.web.operations.test_alerts import an_alert

WHO = (*ROLES, "roleless", "anonymous")


@pytest.fixture
def things(own_centre: Path) -> dict[str, Any]:
    """Parts of addresses, by name; what they stand for is there, and concerns everybody who may see anything of its kind."""
    from coachline.web.facts import actions

    centre = Centre.objects.get()
    agent = Agent.objects.get(user__username="agent")
    Agent.objects.filter(pk=agent.pk).update(team=Team.objects.get(grants__user__username="team_leader"))
    administrator = User.objects.get(username="administrator")
    User.objects.create_user("roleless", "roleless@example.test", PASSWORD, name="无角色")
    timetable()
    actions.take_up()
    reading = Reading.objects.first()
    assert reading is not None
    finding = reading.findings.exclude(column="").first()
    assert finding is not None
    ticket = actions.open_ticket(finding.table, [finding.column], finding.issue, by=User.objects.get(username="quality_head"))
    upload = actions.receive_upload(io.BytesIO(gb18030()), "话单.csv", by=administrator)
    (own_centre / "rejects").mkdir(exist_ok=True)
    (own_centre / "rejects" / "one.csv").write_text("reason\n", encoding="utf-8")
    Upload.objects.filter(pk=upload.pk).update(rejects="one.csv", counts={"accepted": 3, "replaced": 0, "unchanged": 0, "rejected": 1})
    channel = Channel.objects.create(name="群", kind="wecom", url=SECRETS[0], secret=SECRETS[1], centre=centre)
    rule = Rule.objects.create(name="接通率", centre=centre, metric="connect_rate", roles=["director"])
    rule.channels.add(channel)
    run = latest("operations.daily", {}, None)
    assert run is not None
    alert = an_alert("connect_rate", roles=TOLD)
    cells = pl.from_arrow(_matrix())
    assert isinstance(cells, pl.DataFrame)
    cell = (
        cells.filter((pl.col("agent_id") == agent.agent_id) & (pl.col("outcome") == "resolved"))
        .sort("n", descending=True)
        .row(0, named=True)
    )
    call = _call(agent.agent_id)
    pks = {
        "operations:alert": alert.pk,
        "operations:alert-seen": alert.pk,
        **dict.fromkeys(("operations:rule", "operations:rule-remove", "operations:rule-silence"), rule.pk),
        **dict.fromkeys(("operations:channel", "operations:channel-remove", "operations:channel-test"), channel.pk),
        **{name: upload.pk for name in PAGES if name.startswith("facts:upload") or name in ("facts:map-file", "facts:rejects")},
        "facts:map-change": SavedMap.objects.create(name="表", fingerprint="x", table="calls").pk,
        "facts:ticket": ticket.pk,
        **dict.fromkeys(("runs:detail", "runs:cancel"), run.pk),
        "org:agent": agent.pk,
        "journal:entry": Entry.objects.order_by("pk")[0].pk,
    }
    return {
        "pks": pks,
        "name": run.name,
        "run_id": run.pk,
        "which": "daily",
        "table": "agents",
        "kind": "csv",
        "metric": "connect_rate",
        "agent_id": agent.agent_id,
        "business": cell["business"],
        "source": call["source"],
        "call_id": call["call_id"],
        "grant": User.objects.get(username="planner").grants.get().pk,  # type: ignore[attr-defined]
        "user": User.objects.get(username="planner").pk,
        "provider_id": "company",
        "uidb36": "1",
        "key": "a-b",
    }


def _matrix() -> Any:
    run = latest("capability.matrix", {}, None)
    assert run is not None
    return result(run, Perspective(None)).table()


def _call(agent_id: str) -> dict[str, Any]:
    from coachline.web.base.centre_folder import centre

    facts = centre().facts()
    calls = facts.table("calls")
    found: dict[str, Any] = facts.collect(calls.filter(calls.agent_id == agent_id).select("source", "call_id").limit(1)).to_pylist()[0]
    return found


@pytest.fixture
def signed_in(things: dict[str, Any]) -> Callable[..., Client]:
    """``signed_in("director")`` -> a client that has just typed its password; ``"anonymous"`` has not."""

    def client(who: str, **how: Any) -> Client:
        opened = Client()
        if who != "anonymous":
            for path in ("/login/", "/login/reauthenticate/"):
                assert opened.post(path, {"login": who, "password": PASSWORD}).status_code == 302
        opened.handler.enforce_csrf_checks = how.get("enforce_csrf_checks", False)
        return opened

    return client


@pytest.fixture
def api_client(things: dict[str, Any]) -> Callable[[str], Client]:
    """``api_client("director")`` -> a client with a token for everything that they may; those who may have none send one that never was."""

    def client(who: str) -> Client:
        user = User.objects.filter(username=who).first()
        return client_with(token_of(user) if user is not None and user.has_perm("accounts.tokens") else "coachline_none")

    return client


def address(name: str, parameters: tuple[str, ...], things: dict[str, Any], who: str) -> str:
    """The address of a page with everything filled in, as `who` would ask for it."""
    known = {**things, "pk": things["pks"].get(name, things["user"])}
    if name == "accounts:revoke_token":
        known["pk"] = _token(who).pk
    if name == "facts:profile":
        known["table"] = "calls"
    path = reverse(name, kwargs={parameter: known[parameter] for parameter in parameters})
    query = PAGES[name].query.format(**{key: quote(str(value)) for key, value in known.items()}) if name in PAGES else ""
    return f"{path}?{query}" if query else path


def _token(who: str) -> Token:
    """A token of `who`, or of somebody else where they can have none."""
    owner = User.objects.filter(username=who).first()
    if owner is None or not owner.has_perm("accounts.tokens"):
        owner = User.objects.get(username="director")
    known = Token.objects.filter(user=owner).first()
    if known is None:
        token_of(owner, ["accounts.tokens"])
        known = Token.objects.get(user=owner)
    return known


def may(who: str, page: Page, *, changing: bool = False) -> bool:
    """Whether the line of a page lets `who` open it, or change something by it."""
    if changing and page.changing:
        return who != "anonymous" and holds(who, page.changing)
    if page.verb == ANYBODY or who == "anonymous":
        return page.verb == ANYBODY
    return page.verb == SIGNED_IN or (who not in page.not_for and holds(who, page.verb))


def holds(who: str, verb: str) -> bool:
    try:
        require(User.objects.get(username=who), verb)
    except NoPermission:
        return False
    return True


def everything(username: str) -> User:
    """Somebody who holds every role, so that one look shows all."""
    user = User.objects.create_user(username, password=PASSWORD, name=username)
    for grant in list(Grant.objects.filter(user__username__in=ROLES)):
        Grant.objects.create(user=user, role=grant.role, centre=grant.centre, team=grant.team)
    return user
