"""Agents: the list, the page of one, and what an agent sees of themselves."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from django.test import Client

from coachline.web.org.models import Agent
from coachline.web.runs.models import Run
from tests.web.capability.conftest import stored

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]


def data_of(text: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="report-data">(.*?)</script>', text, re.S)
    assert found, "no picture on the page"
    read: dict[str, Any] = json.loads(found[1])
    return read


def bare(text: str, name: str) -> str:
    """A page without the name that was asked for and without the token of its forms."""
    return re.sub(r"[A-Za-z0-9]{64}", "", text.replace(name, ""))


def test_an_agent_sees_themselves_and_no_other_number_anywhere(
    client_of: ClientOf, self_id: str, everybody: frozenset[str], business: str
) -> None:
    client = client_of("agent")
    others = everybody - {self_id}
    assert len(others) > 5
    for address in ("/capability/me/", f"/capability/agents/{self_id}/", f"/capability/cell/?agent={self_id}&business={business}"):
        answer = client.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        assert self_id in text
        assert not [other for other in others if other in text], address
    data = data_of(client.get("/capability/me/").content.decode())
    assert data["stores"]["capability"]["agents"] == [self_id]
    assert data["links"] == {}


def test_names_of_colleagues_are_not_told_either(client_of: ClientOf, self_id: str) -> None:
    text = client_of("agent").get("/capability/me/").content.decode()
    names = set(Agent.objects.exclude(agent_id=self_id).exclude(name="").values_list("name", flat=True)) - set(
        Agent.objects.filter(agent_id=self_id).values_list("name", flat=True)
    )
    assert names
    assert not [name for name in names if name in text]


def test_whoever_an_agent_asks_for_the_answer_is_the_same(
    client_of: ClientOf, self_id: str, everybody: frozenset[str], business: str
) -> None:
    client = client_of("agent")
    foreign, unknown = sorted(everybody - {self_id})[0], "99999999"
    for address in ("/capability/agents/{}/", "/capability/cell/?agent={}&business=" + business):
        there, nobody = client.get(address.format(foreign)), client.get(address.format(unknown))
        assert (there.status_code, nobody.status_code) == (404, 404)
        assert bare(there.content.decode(), foreign) == bare(nobody.content.decode(), unknown)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "matrix/",
        "matrix.json?outcome=index",
        "matrix.csv",
        "agents.csv",
        "businesses/",
        "businesses.csv",
        "weak/",
        "weak.csv",
        "correlation/",
        "trend/",
    ],
)
def test_an_agent_compares_nobody(client_of: ClientOf, address: str) -> None:
    assert client_of("agent").get(f"/capability/{address}").status_code == 403


def test_an_agent_who_opens_the_list_lands_on_their_own_page(client_of: ClientOf) -> None:
    answer = client_of("agent").get("/capability/agents/")
    assert (answer.status_code, answer["Location"]) == (302, "/capability/me/")


def test_the_menu_of_an_agent_has_their_own_page_only(client_of: ClientOf) -> None:
    text = client_of("agent").get("/capability/me/").content.decode()
    assert 'href="/capability/me/"' in text
    assert 'href="/capability/weak/"' not in text
    other = client_of("director").get("/capability/").content.decode()
    assert 'href="/capability/me/"' not in other
    assert 'href="/capability/weak/"' in other


def test_an_agent_reads_strengths_first_and_kind_words(client_of: ClientOf, self_id: str) -> None:
    text = client_of("agent").get("/capability/me/").content.decode()
    assert data_of(text)["pictures"][0]["strengths_first"] is True
    assert "strengths_first" not in client_of("director").get(f"/capability/agents/{self_id}/").content.decode()
    assert "/facts/calls/" not in text
    assert not re.search(r"差(?![异别距])", re.sub(r"<script.*?</script>", "", text, flags=re.S))


def test_no_rank_below_the_middle_is_on_any_page(client_of: ClientOf) -> None:
    overall = stored("capability.agents").polars("agents")
    client = client_of("director")
    checked = 0
    for agent in overall["agent_id"].unique():
        answer = client.get(f"/capability/agents/{agent}/")
        picture = data_of(answer.content.decode())["pictures"][0]
        for code, part in picture["overall"].items():
            row = overall.filter((pl.col("agent_id") == agent) & (pl.col("outcome") == code)).row(0, named=True)
            low = row["rank_high"] is None or row["rank_high"] > -(-part["people"] // 2)
            assert (part["best"], part["worst"]) == ([None], [None]) if low else ([row["rank_low"]], [row["rank_high"]])
            checked += low
    assert checked


def test_colleagues_are_the_band_of_all_and_not_of_those_who_may_be_seen(client_of: ClientOf, team: frozenset[str]) -> None:
    agent = sorted(team)[0]
    for role in ("director", "team_leader"):
        picture = data_of(client_of(role).get(f"/capability/agents/{agent}/").content.decode())["pictures"][0]
        overall = stored("capability.agents").polars("agents").filter(pl.col("outcome") == "resolved")
        middle = overall["estimate"].quantile(0.5, "linear")
        assert middle is not None
        assert picture["overall"]["resolved"]["peers"][1] == round(middle * 1000)


def test_a_team_leader_opens_the_team_and_nobody_else(client_of: ClientOf, team: frozenset[str], everybody: frozenset[str]) -> None:
    client = client_of("team_leader")
    assert {client.get(f"/capability/agents/{agent}/").status_code for agent in team} == {200}
    assert {client.get(f"/capability/agents/{agent}/").status_code for agent in everybody - team} == {404}


def test_the_list_has_estimates_with_intervals_and_ranks_as_ranges(client_of: ClientOf) -> None:
    overall = stored("capability.agents").polars("agents").filter(pl.col("outcome") == "index")
    text = client_of("director").get("/capability/agents/?outcome=index").content.decode()
    assert text.count('<tr><th scope="row">') == overall.height
    wide = overall.filter(pl.col("rank_low") < pl.col("rank_high")).row(0, named=True)
    assert f"第 {wide['rank_low']}–{wide['rank_high']} 名（共 {overall.height} 人）" in text
    assert text.count('class="strip"') == overall.height


def test_the_list_can_be_searched_by_name_sorted_and_taken_along(client_of: ClientOf) -> None:
    client = client_of("director")
    someone = Agent.objects.exclude(name="").filter(team__isnull=False).first()
    assert someone is not None
    found = client.get(f"/capability/agents/?q={someone.name}").content.decode()
    assert f"/capability/agents/{someone.agent_id}" in found
    overall = stored("capability.agents").polars("agents").filter(pl.col("outcome") == "index").sort("estimate", descending=True)
    listed = re.findall(
        r'<th scope="row"><a href="/capability/agents/([^"]+)/"',
        client.get("/capability/agents/?outcome=index&sort=estimate").content.decode(),
    )
    assert listed == overall["agent_id"].to_list()
    assert someone.team is not None
    of_team = client.get(f"/capability/agents.csv?outcome=index&team={someone.team.name}").content.decode("utf-8-sig").splitlines()[1:]
    assert {line.split(",")[0] for line in of_team} <= set(Agent.objects.filter(team=someone.team).values_list("agent_id", flat=True))
    assert of_team


def test_the_profile_of_an_agent_is_on_the_page(client_of: ClientOf, self_id: str) -> None:
    rows = stored("capability.profile").polars("profile").filter(pl.col("agent_id") == self_id)
    text = client_of("director").get(f"/capability/agents/{self_id}/").content.decode()
    calls = rows.filter((pl.col("group") == "basics") & (pl.col("tag") == "calls")).row(0, named=True)
    assert f"<dt>通话量</dt><dd>{calls['number']:,.0f}</dd>" in text


def test_a_colleague_whom_the_centres_tags_name_is_not_told_to_the_agent(
    client_of: ClientOf, changed: Callable[..., Run], self_id: str, everybody: frozenset[str]
) -> None:
    rows = stored("capability.profile").polars("profile")
    mentor = sorted(everybody - {self_id})[0]
    told = (
        rows.filter((pl.col("agent_id") == self_id) & (pl.col("group") == "basics"))
        .head(1)
        .with_columns(tag=pl.lit("师傅"), value=pl.lit(mentor), number=pl.lit(None, pl.Float64))
    )
    changed("capability.profile", profile=pl.concat([rows, told]))
    assert mentor not in client_of("agent").get("/capability/me/").content.decode()
    assert f"<dt>师傅</dt><dd>{mentor}</dd>" in client_of("director").get(f"/capability/agents/{self_id}/").content.decode()


def test_an_agent_without_evidence_has_a_page_that_says_so(client_of: ClientOf, changed: Callable[..., Run], self_id: str) -> None:
    for analysis, table in (("capability.matrix", "matrix"), ("capability.agents", "agents")):
        changed(analysis, **{table: stored(analysis).polars(table).filter(pl.col("agent_id") != self_id)})
    answer = client_of("agent").get("/capability/me/")
    assert answer.status_code == 200
    assert "还没有能评估的通话" in answer.content.decode()


def test_a_user_who_is_no_agent_is_told_so(client_of: ClientOf, self_id: str) -> None:
    Agent.objects.filter(agent_id=self_id).update(user=None)
    answer = client_of("agent").get("/capability/me/")
    assert answer.status_code == 200
    assert "还没有对应的坐席" in answer.content.decode()
