"""Two centres in one deployment: each reader sees the results of the own one."""

from __future__ import annotations

import json
from collections.abc import Callable

import polars as pl
import pytest
from django.test import Client

from coachline.web.org.models import Agent, Centre
from tests.web.capability.conftest import stored

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]
JSON = "/capability/matrix.json?outcome=resolved"


@pytest.fixture
def halves(changed: Callable[..., object]) -> tuple[frozenset[str], frozenset[str]]:
    """The agents of the director's centre and of another one, each with results of its own beside those of all."""
    own = Centre.objects.get()
    other = Centre.objects.create(name="第二中心")
    names = list(Agent.objects.order_by("agent_id").values_list("agent_id", flat=True))
    parts = frozenset(names[::2]), frozenset(names[1::2])
    Agent.objects.filter(agent_id__in=parts[1]).update(centre=other, team=None)
    for centre, members in ((own, parts[0]), (other, parts[1])):
        for analysis, table in (("matrix", "matrix"), ("agents", "agents")):
            found = stored(f"capability.{analysis}").polars(table)
            changed(f"capability.{analysis}", centre=centre, **{table: found.filter(pl.col("agent_id").is_in(sorted(members)))})
        for analysis in ("businesses", "trend", "profile"):
            changed(f"capability.{analysis}", centre=centre)
    return parts


def test_a_director_sees_the_own_centre_whatever_the_address_says(
    client_of: ClientOf, halves: tuple[frozenset[str], frozenset[str]]
) -> None:
    own, other = halves
    for query in ("", "&centre=第二中心", "&centre="):
        assert set(json.loads(client_of("director").get(JSON + query).content)["agents"]) <= own
    text = client_of("director").get("/capability/agents/?centre=第二中心").content.decode()
    assert not [agent for agent in other if agent in text]
    assert client_of("director").get(f"/capability/agents/{sorted(other)[0]}/").status_code == 404
    assert client_of("director").get(f"/capability/agents/{sorted(own)[0]}/").status_code == 200


def test_the_group_chooses_a_centre_or_sees_all(client_of: ClientOf, halves: tuple[frozenset[str], frozenset[str]]) -> None:
    client = client_of("group_office")
    everybody = set(json.loads(client.get(JSON).content)["agents"])
    assert everybody & halves[0] and everybody & halves[1]
    assert set(json.loads(client.get(JSON + "&centre=第二中心").content)["agents"]) <= halves[1]
    assert '<option value="第二中心" selected>' in client.get("/capability/?centre=第二中心").content.decode()


def test_an_agent_is_compared_with_the_own_centre(client_of: ClientOf, halves: tuple[frozenset[str], frozenset[str]]) -> None:
    text = client_of("group_office").get(f"/capability/agents/{sorted(halves[1])[0]}/").content.decode()
    people = stored("capability.agents").polars("agents")
    in_centre = people.filter(pl.col("agent_id").is_in(sorted(halves[1])) & (pl.col("outcome") == "resolved")).height
    assert f'"people":{in_centre},' in text


def test_a_cell_opened_from_the_map_of_all_shows_the_result_of_all(
    client_of: ClientOf, halves: tuple[frozenset[str], frozenset[str]], changed: Callable[..., object], cells: pl.DataFrame
) -> None:
    agent = sorted(halves[1])[0]
    seen = cells.filter((pl.col("agent_id") == agent) & (pl.col("outcome") == "resolved") & (pl.col("n") > 0)).row(0, named=True)
    mine = (pl.col("agent_id") == agent) & (pl.col("business") == seen["business"])
    changed("capability.matrix", matrix=cells.with_columns(n=pl.when(mine).then(77_777).otherwise(pl.col("n"))))
    asked = {"agent": agent, "business": seen["business"], "outcome": "resolved"}
    client = client_of("group_office")
    assert "77,777" in client.get("/capability/cell/", {**asked, "centre": ""}).content.decode()
    assert "77,777" not in client.get("/capability/cell/", asked).content.decode()
