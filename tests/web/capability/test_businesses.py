"""Businesses: the list by difficulty, and one with those of its agents who may be seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

import polars as pl
import pytest
from django.test import Client

from tests.web.capability.conftest import stored
from tests.web.capability.test_agents import data_of

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]


def listed(text: str) -> list[str]:
    return re.findall(r'<th scope="row" class="path"><a href="/capability/businesses/[^"]*">([^<]+)</a>', text)


def test_the_list_has_every_business_those_with_most_calls_first(client_of: ClientOf) -> None:
    rows = stored("capability.businesses").polars("businesses").filter((pl.col("outcome") == "resolved") & (pl.col("n") > 0))
    order = rows.sort("n", "business", descending=[True, False])["business"].to_list()
    assert listed(client_of("director").get("/capability/businesses/?outcome=resolved").content.decode()) == order[:50]
    family = order[0].split("/")[0]
    found = listed(client_of("director").get(f"/capability/businesses/?outcome=resolved&family={family}").content.decode())
    assert found == [name for name in order if name == family or name.startswith(f"{family}/")][:50]


def test_a_business_shows_all_its_agents_to_the_centre_and_the_team_to_its_leader(
    client_of: ClientOf, business: str, team: frozenset[str], everybody: frozenset[str], cells: pl.DataFrame
) -> None:
    handled = set(cells.filter((pl.col("business") == business) & (pl.col("n") > 0))["agent_id"])
    address = f"/capability/businesses/{quote(business)}/"
    director = client_of("director").get(address).content.decode()
    assert set(data_of(director)["stores"]["capability"]["agents"]) == handled
    leader = client_of("team_leader").get(address).content.decode()
    assert set(data_of(leader)["stores"]["capability"]["agents"]) == handled & team
    assert not [agent for agent in everybody - team if agent in leader]


def test_a_business_is_compared_with_all_others(client_of: ClientOf, business: str) -> None:
    rows = stored("capability.businesses").polars("businesses").filter((pl.col("outcome") == "resolved") & (pl.col("n") > 0))
    picture = data_of(client_of("director").get(f"/capability/businesses/{quote(business)}/").content.decode())["pictures"][0]
    middle = rows["estimate"].quantile(0.5, "linear")
    assert middle is not None
    assert picture["difficulty"]["resolved"]["peers"][1] == round(middle * 1000)


def test_a_business_of_the_matrix_that_nobody_has_handled_yet_says_so(
    client_of: ClientOf, business: str, changed: Callable[..., object]
) -> None:
    rows = stored("capability.businesses").polars("businesses")
    changed("capability.businesses", businesses=rows.with_columns(n=pl.when(pl.col("business") == business).then(0).otherwise("n")))
    answer = client_of("director").get(f"/capability/businesses/{quote(business)}/")
    assert answer.status_code == 200
    assert "还没有人办过这项业务" in answer.content.decode()


def test_a_business_that_nobody_knows_is_not_found(client_of: ClientOf) -> None:
    assert client_of("director").get("/capability/businesses/没有/这项/").status_code == 404


def test_a_leader_whose_team_does_not_handle_a_business_is_told_so(
    client_of: ClientOf, business: str, team: frozenset[str], changed: Callable[..., object], cells: pl.DataFrame
) -> None:
    changed("capability.matrix", matrix=cells.filter(~(pl.col("agent_id").is_in(sorted(team)) & (pl.col("business") == business))))
    answer = client_of("team_leader").get(f"/capability/businesses/{quote(business)}/")
    assert answer.status_code == 200
    assert "没有人办过这项业务" in answer.content.decode()
