"""Correlation of service quality and real changes, as pages."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
ClientOf = Callable[[str], Client]


@pytest.mark.parametrize("address", ["/capability/correlation/", "/capability/trend/"])
def test_a_chapter_is_a_page_and_names_the_team_only_to_its_leader(
    client_of: ClientOf, team: frozenset[str], everybody: frozenset[str], address: str
) -> None:
    assert 'class="report"' in client_of("director").get(address).content.decode()
    text = client_of("team_leader").get(address).content.decode()
    assert not [agent for agent in everybody - team if agent in text]


def test_the_figures_of_the_correlation_are_on_the_page(client_of: ClientOf, everybody: frozenset[str]) -> None:
    text = client_of("director").get("/capability/correlation/").content.decode()
    assert "高于平均满意率" in text
    assert [agent for agent in everybody if agent in text]
