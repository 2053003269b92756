"""The list of weak cells: what it costs to believe it is said, and where there is nothing to tell apart, too."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl
import pytest
from django.test import Client

from coachline.engine.capability.weak_cells import WEAK
from coachline.engine.result import Note
from coachline.web.org.models import Agent
from tests.web.capability.conftest import stored

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]
Changed = Callable[..., object]


@pytest.fixture
def weak(changed: Changed, cells: pl.DataFrame) -> pl.DataFrame:
    """A list of known length: the sixty cells of the resolved outcome that are most probably below."""
    seen = cells.filter((pl.col("outcome") == "resolved") & (pl.col("n") > 0)).sort("p_below", descending=True).head(60)
    rows = seen.with_columns(gap=pl.col("standard") - pl.col("estimate"), wrong_so_far=pl.lit(0.1)).with_columns(
        lost=pl.col("gap") * pl.col("n")
    )
    listed = rows.select(WEAK.names()).cast(WEAK)
    changed("capability.matrix", weak=listed)
    return listed


def test_the_list_says_how_many_of_its_entries_are_expected_to_be_wrong(client_of: ClientOf, weak: pl.DataFrame) -> None:
    text = client_of("director").get("/capability/weak/").content.decode()
    wrong = float((1 - weak["p_below"]).sum())
    assert f"共 {weak.height} 处" in text
    assert f"涉及 {weak['agent_id'].n_unique()} 人；预计其中约 {wrong:,.0f} 处其实达标（误判上限 10%）" in text
    assert text.count('<tr><th scope="row">') == 50


def test_filters_narrow_the_list_and_what_is_said_of_it(client_of: ClientOf, weak: pl.DataFrame) -> None:
    team = Agent.objects.filter(agent_id__in=weak["agent_id"].to_list(), team__isnull=False).first()
    assert team is not None and team.team is not None
    members = list(Agent.objects.filter(team=team.team).values_list("agent_id", flat=True))
    own = weak.filter(pl.col("agent_id").is_in(members))
    text = client_of("director").get(f"/capability/weak/?team={team.team.name}").content.decode()
    assert f"共 {own.height} 处" in text
    assert f"约 {float((1 - own['p_below']).sum()):,.0f} 处" in text
    assert "没有能确认的待提升" in client_of("director").get("/capability/weak/?outcome=passed").content.decode()


def test_the_costliest_stand_first_and_the_download_has_all(client_of: ClientOf, weak: pl.DataFrame) -> None:
    order = weak.sort("lost", "agent_id", "business", descending=[True, False, False])["agent_id"].to_list()
    text = client_of("director").get("/capability/weak/").content.decode()
    assert re.findall(r'<th scope="row"><a href="/capability/agents/([^"]+)/"', text) == order[:50]
    lines = client_of("director").get("/capability/weak.csv").content.decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[0] for line in lines] == order


def test_where_people_cannot_be_told_apart_nobody_is_named(client_of: ClientOf, changed: Changed, cells: pl.DataFrame) -> None:
    alike = Note("nothing_to_tell_apart", {"outcomes": ", ".join(sorted(cells["outcome"].unique()))})
    changed("capability.matrix", notes=(alike,), weak=pl.DataFrame(schema=WEAK))
    for address in ("/capability/weak/", "/capability/", "/capability/matrix/"):
        text = client_of("director").get(address).content.decode()
        assert "人与人之间没有可分辨的差异" in text, address
        assert "/capability/agents/8" not in text, address
    assert client_of("director").get("/capability/matrix.json?outcome=resolved").status_code == 404
    assert stored("capability.matrix").polars("weak").is_empty()
