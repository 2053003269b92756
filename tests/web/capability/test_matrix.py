"""The matrix: its page, its cells as JSON for those who may be seen, the table that says the same, one cell."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from coachline.web.runs.models import Run

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]

OUTCOME = "resolved"
ADDRESS = f"/capability/matrix.json?outcome={OUTCOME}"


def read(client: Client, address: str = ADDRESS) -> dict[str, Any]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.content[:300]
    found: dict[str, Any] = json.loads(answer.content)
    return found


def test_the_cells_are_those_of_the_result(client_of: ClientOf, cells: pl.DataFrame) -> None:
    store = read(client_of("director"))
    part = store["outcomes"][OUTCOME]
    known = {(row["agent_id"], row["business"]): row for row in cells.filter((pl.col("outcome") == OUTCOME) & (pl.col("n") > 0)).to_dicts()}
    assert len(part["b"]) == len(known)
    for a, agent in enumerate(store["agents"]):
        for at in range(part["starts"][a], part["starts"][a + 1]):
            row = known[agent, store["businesses"][part["b"][at]]]
            assert (part["n"][at], part["e"][at], part["v"][at]) == (row["n"], round(row["estimate"] * 1000), row["verdict"][0])
    assert sorted(a for _, members in store["people"] for a in members) == list(range(len(store["agents"])))
    assert sorted(b for _, members in store["families"] for b in members) == list(range(len(store["businesses"])))


def test_a_team_leader_gets_the_cells_of_the_team_and_nobody_else(
    client_of: ClientOf, team: frozenset[str], everybody: frozenset[str]
) -> None:
    answer = client_of("team_leader").get(ADDRESS).content.decode()
    assert set(json.loads(answer)["agents"]) <= team
    assert not [agent for agent in everybody - team if agent in answer]
    assert set(json.loads(answer)["agents"])


@pytest.mark.parametrize(
    "address",
    [
        "/capability/",
        "/capability/matrix/",
        "/capability/weak/",
        "/capability/agents/",
        "/capability/matrix.csv",
        "/capability/weak.csv",
        "/capability/agents.csv",
    ],
)
def test_lists_of_a_team_leader_name_the_team_only(
    client_of: ClientOf, team: frozenset[str], everybody: frozenset[str], address: str
) -> None:
    answer = client_of("team_leader").get(address)
    assert answer.status_code == 200
    assert not [agent for agent in everybody - team if agent in answer.content.decode()]


def test_an_unchanged_outcome_is_not_sent_again_and_another_reader_gets_another_mark(client_of: ClientOf) -> None:
    director = client_of("director")
    first = director.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert first["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(first.content))["agents"]
    assert "no-cache" in first["Cache-Control"]
    assert director.get(ADDRESS, headers={"If-None-Match": first["ETag"]}).status_code == 304
    assert client_of("team_leader").get(ADDRESS, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_an_outcome_that_nobody_records_is_not_found(client_of: ClientOf) -> None:
    assert client_of("director").get("/capability/matrix.json?outcome=nothing").status_code == 404
    assert client_of("director").get("/capability/matrix.json").status_code == 404


def test_the_page_says_what_was_found_and_keeps_its_filters(client_of: ClientOf, cells: pl.DataFrame) -> None:
    text = client_of("director").get(f"/capability/?outcome={OUTCOME}&q=80001&weak=1&sort=team").content.decode()
    seen = cells.filter((pl.col("outcome") == OUTCOME) & (pl.col("n") > 0))
    assert f"{seen.height:,} 格" in text
    assert f"{seen.filter(pl.col('verdict') == 'below').height:,} 格待提升" in text
    assert f'<option value="{OUTCOME}" selected>' in text
    assert 'name="q" value="80001"' in text
    assert '<option value="team" selected>' in text
    assert f"outcome={OUTCOME}&amp;q=80001" in text, "links to the table follow the filters"


def test_the_table_says_the_same_page_by_page(client_of: ClientOf, cells: pl.DataFrame, self_id: str) -> None:
    client = client_of("director")
    seen = cells.filter((pl.col("outcome") == OUTCOME) & (pl.col("n") > 0))
    pages = -(-seen.height // 50)
    rows = [
        client.get(f"/capability/matrix/?outcome={OUTCOME}&page={page}").content.decode().count("<tr><th") for page in range(1, pages + 1)
    ]
    assert sum(rows) == seen.height + pages, "each page has a row of headings"
    own = client.get(f"/capability/matrix/?outcome={OUTCOME}&q={self_id}").content.decode()
    assert own.count("<tr><th") - 1 == min(50, seen.filter(pl.col("agent_id") == self_id).height)
    weak = client.get(f"/capability/matrix/?outcome={OUTCOME}&weak=1").content.decode()
    assert weak.count("<tr><th") - 1 == min(50, seen.filter(pl.col("verdict") == "below").height) or "没有符合条件" in weak


def test_downloads_hold_what_the_table_lists(client_of: ClientOf, cells: pl.DataFrame, self_id: str) -> None:
    answer = client_of("director").get(f"/capability/matrix.csv?outcome={OUTCOME}&q={self_id}")
    lines = answer.content.decode("utf-8-sig").splitlines()
    seen = cells.filter((pl.col("outcome") == OUTCOME) & (pl.col("n") > 0) & (pl.col("agent_id") == self_id))
    assert len(lines) == seen.height + 1
    assert lines[0].startswith("坐席工号,业务类型,结果,次数")
    assert client_of("director").get(f"/capability/matrix.xlsx?outcome={OUTCOME}").content[:2] == b"PK"


def test_a_cell_says_everything_about_itself(client_of: ClientOf, cells: pl.DataFrame, self_id: str, business: str) -> None:
    asked = {"agent": self_id, "business": business, "outcome": OUTCOME}
    page = client_of("director").get("/capability/cell/", asked)
    assert page.status_code == 200
    assert b"<html" in page.content
    part = client_of("director").get("/capability/cell/", asked, headers={"HX-Request": "true"})
    text = part.content.decode()
    assert "<html" not in text
    row = cells.filter((pl.col("agent_id") == self_id) & (pl.col("business") == business) & (pl.col("outcome") == OUTCOME)).row(
        0, named=True
    )
    assert f"{row['n']:,}" in text
    for link in (f"/capability/agents/{self_id}/", "/capability/businesses/", f"/facts/calls/?agent={self_id}"):
        assert link in text


def test_a_cell_that_is_not_there_or_not_to_be_seen_is_not_found(
    client_of: ClientOf, team: frozenset[str], everybody: frozenset[str], business: str
) -> None:
    client = client_of("team_leader")
    foreign = sorted(everybody - team)[0]
    answers = [client.get("/capability/cell/", {"agent": agent, "business": business}) for agent in (foreign, "nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert client.get("/capability/cell/", {"agent": sorted(team)[0], "business": "没有/这项"}).status_code == 404
    assert client.get("/capability/cell/").status_code == 404


@pytest.mark.parametrize(
    "address", ["/capability/", "/capability/matrix/", "/capability/agents/", "/capability/weak/", "/capability/businesses/"]
)
def test_lists_ask_the_database_as_often_for_many_rows_as_for_few(client_of: ClientOf, address: str) -> None:
    client = client_of("director")
    client.get(address)

    def asked(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address + query).status_code == 200
        return len(queries)

    assert asked("") == asked("?q=80001") <= 20


def test_what_was_not_calculated_offers_to_do_so(client_of: ClientOf) -> None:
    Run.objects.filter(name__startswith="capability.").delete()
    director = client_of("director")
    for address in (
        "/capability/",
        "/capability/matrix/",
        "/capability/agents/",
        "/capability/weak/",
        "/capability/businesses/",
        "/capability/businesses/甲/",
    ):
        answer = director.get(address)
        assert answer.status_code == 200, address
        assert "开始计算" in answer.content.decode(), address
    assert director.get(ADDRESS).status_code == 404
    offered = '<input type="hidden" name="page" value="capability.matrix">'
    assert offered in director.get("/capability/").content.decode()
    assert offered not in client_of("team_leader").get("/capability/").content.decode()
