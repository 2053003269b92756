"""Pages of inspection: drawn from what was calculated, for those who may see it, and no inspector's name for a team leader."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]


@pytest.mark.parametrize(("path", "title"), [("/quality/", "质检结果"), ("/quality/mystery/", "拨测")])
def test_the_quality_head_sees_pictures(path: str, title: str, client_of: ClientOf) -> None:
    page = client_of("quality_head").get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert f'<h1 class="page-title">{title}</h1>' in text
    assert text.count("data-picture") >= 1


@pytest.mark.parametrize("role", ["agent", "planner", "administrator"])
def test_whoever_has_nothing_to_do_with_it_is_told_so(role: str, client_of: ClientOf) -> None:
    assert client_of(role).get("/quality/").status_code == 403


def test_a_team_leader_reads_nothing_about_inspectors(client_of: ClientOf) -> None:
    from coachline.stored import load_result
    from coachline.web.runs.models import Run

    run = Run.objects.filter(name="quality.severity", state="done").first()
    assert run is not None
    inspectors = load_result(run.folder).table()["inspector_id"].to_pylist()
    text = client_of("team_leader").get("/quality/").content.decode()
    assert inspectors
    assert not [inspector for inspector in inspectors if inspector.startswith("QC") and inspector in text]
