"""The organisation follows the facts: who is new, moved, gone; nothing is deleted and nothing is changed twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from coachline.centre import Centre as CentreFolder
from coachline.web.accounts.models import User
from coachline.web.base.refusals import NoPermission
from coachline.web.journal.models import Entry
from coachline.web.org.actions import give, sync_from_facts
from coachline.web.org.models import Agent, Centre, Grant, Membership, Team
from coachline.web.org.permissions import today

pytestmark = pytest.mark.django_db
HEAD = "工号,姓名,班组,中心,岗位,入职日期,离职日期\n"


@pytest.fixture
def folder(in_service: Any, tmp_path: Path) -> CentreFolder:
    """An empty centre, and an organisation without anybody."""
    Grant.objects.all().delete()
    Membership.objects.all().delete()
    for model in (Agent, Team, Centre):
        model.objects.all().delete()
    return CentreFolder.create(tmp_path / "c", "本中心")


def load(folder: CentreFolder, *rows: str, head: str = HEAD) -> None:
    file = folder.folder / "agents.csv"
    file.write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    done = folder.import_file(file, "agents")
    assert not done.rejected


def sync(folder: CentreFolder) -> dict[str, int]:
    return {key: n for key, n in asdict(sync_from_facts(by=None, opened=folder)).items() if n}


def test_an_empty_centre_has_its_own_name(folder: CentreFolder) -> None:
    assert sync(folder) == {"centres": 1}
    assert list(Centre.objects.values_list("name", "is_default")) == [("本中心", True)]
    assert sync(folder) == {}


def test_centres_teams_agents_and_memberships_come_from_the_table(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,客服专员,2020-01-02,", "2,李四,一班,甲,班组长,,", "3,王五,一班,乙,客服专员,,", "4,赵六,,乙,,,")
    assert sync(folder) == {"centres": 2, "teams": 2, "agents": 4}
    first = Agent.objects.get(agent_id="1")
    assert (first.name, str(first.team), str(first.centre), first.hired_on) == ("张三", "一班", "甲", date(2020, 1, 2))
    assert Team.objects.filter(name="一班").count() == 2
    assert Agent.objects.get(agent_id="4").team is None
    assert list(Membership.objects.values_list("agent__agent_id", "since", "until")) == [
        ("1", None, None),
        ("2", None, None),
        ("3", None, None),
    ]
    assert Entry.objects.filter(verb="org.sync", user_name="system", subject="本中心").count() == 1


def test_twice_changes_nothing_and_enters_nothing(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,", "2,李四,二班,甲,,,2020-01-01")
    sync(folder)
    before = [list(model.objects.order_by("pk").values()) for model in (Centre, Team, Agent, Membership, Entry)]
    assert sync(folder) == {}
    assert [list(model.objects.order_by("pk").values()) for model in (Centre, Team, Agent, Membership, Entry)] == before


def test_whoever_moves_closes_one_membership_and_opens_another(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,", "2,李四,一班,甲,,,")
    sync(folder)
    load(folder, "1,张三,二班,甲,,,")
    assert sync(folder) == {"teams": 1, "changed": 1, "moved": 1}
    history = Membership.objects.filter(agent__agent_id="1").order_by("pk").values_list("team__name", "since", "until")
    assert list(history) == [("一班", None, today()), ("二班", today(), None)]
    assert Membership.objects.get(agent__agent_id="2").until is None


def test_whoever_leaves_is_kept_without_a_team_and_may_come_back(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,", "2,李四,一班,甲,,,")
    sync(folder)
    gone = today() - timedelta(days=3)
    load(folder, f"1,张三,一班,甲,,,{gone}", f"2,李四,一班,甲,,,{today() + timedelta(days=9)}")
    assert sync(folder) == {"changed": 2, "left": 1}
    agent = Agent.objects.get(agent_id="1")
    assert agent.team is None and agent.left_on == gone and Membership.objects.get(agent=agent).until == gone
    assert str(Agent.objects.get(agent_id="2").team) == "一班", "they are still there until that day"
    assert sync(folder) == {}
    load(folder, "1,张三,一班,甲,,,")
    assert sync(folder)["changed"] == 1
    assert Membership.objects.filter(agent=agent, until=None, since=today()).count() == 1


def test_a_newcomer_is_in_the_team_since_they_were_hired(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,2019-01-01,")
    sync(folder)
    hired = today() - timedelta(days=5)
    load(folder, f"2,李四,一班,甲,,{hired},", "3,王五,一班,甲,,,")
    sync(folder)
    since = dict(Membership.objects.values_list("agent__agent_id", "since"))
    assert since == {"1": None, "2": hired, "3": today()}, "of those who were there before, nobody knows"


def test_a_team_with_a_new_name_is_the_same_team(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,", "2,李四,一班,甲,,,", "3,王五,二班,甲,,,")
    sync(folder)
    team = Team.objects.get(name="一班")
    leader = User.objects.create_user("leader")
    give(leader, "team_leader", team=team, by=None)
    load(folder, "1,张三,精英班,甲,,,", "2,李四,精英班,甲,,,", "9,新人,精英班,甲,,,")
    assert sync(folder) == {"renamed": 1, "agents": 1}
    team.refresh_from_db()
    assert team.name == "精英班" and leader.grants.get().team == team  # type: ignore[attr-defined]
    assert Membership.objects.filter(agent__agent_id="1").count() == 1


def test_half_a_team_that_moves_is_a_new_team(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,", "2,李四,一班,甲,,,", "3,王五,二班,甲,,,")
    sync(folder)
    load(folder, "1,张三,三班,甲,,,")
    assert sync(folder) == {"teams": 1, "changed": 1, "moved": 1}
    load(folder, "2,李四,四班,甲,,,", "3,王五,四班,甲,,,")
    assert sync(folder) == {"teams": 1, "changed": 2, "moved": 2}, "two teams that become one are no renaming"


def test_people_without_a_centre_belong_to_the_only_one_else_to_that_of_the_settings(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,", "2,李四,二班,,,,")
    sync(folder)
    assert str(Agent.objects.get(agent_id="2").centre) == "甲"
    load(folder, "3,王五,一班,本中心,,,")
    sync(folder)
    assert str(Agent.objects.get(agent_id="2").centre) == "本中心" and Centre.objects.get(is_default=True).name == "本中心"


def test_where_several_centres_leave_it_open_people_belong_to_none(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,", "2,李四,一班,乙,,,", "3,王五,三班,,,,")
    sync(folder)
    agent = Agent.objects.get(agent_id="3")
    assert agent.centre is None and agent.team is None and not Centre.objects.filter(is_default=True).exists()


def test_the_centre_agrees_with_what_analyses_take_for_its_people(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,", "2,李四,一班,本中心,,,", "3,王五,三班,,,,")
    sync(folder)
    for centre in Centre.objects.all():
        facts = folder.facts(of=centre.name)
        assert set(facts.collect(facts.table("agents").select("agent_id"))["agent_id"].to_pylist()) == set(
            centre.agents.values_list("agent_id", flat=True)
        )


def test_a_centre_that_gets_its_name_keeps_its_roles_and_one_that_goes_stays(folder: CentreFolder) -> None:
    sync(folder)
    director = User.objects.create_user("dir")
    give(director, "director", by=None)
    load(folder, "1,张三,一班,甲,,,")
    assert sync(folder)["renamed"] == 1
    assert str(director.grants.get().centre) == "甲"  # type: ignore[attr-defined]
    load(folder, "1,张三,一班,乙,,,", "2,李四,一班,丙,,,")
    sync(folder)
    assert dict(Centre.ever.values_list("name", "in_facts")) == {"甲": False, "乙": True, "丙": True}


def test_people_who_only_appear_in_calls_are_there_without_a_team(folder: CentreFolder) -> None:
    load(folder, "1,张三,一班,甲,,,")
    calls = folder.folder / "calls.csv"
    calls.write_text(
        "呼叫流水号,来电时间,工号,呼叫结果\n1,2026-03-01 09:00:00,1,接通\n2,2026-03-01 09:05:00,77,接通\n3,2026-03-01 09:06:00,,放弃\n",
        encoding="utf-8",
    )
    assert not folder.import_file(calls, "calls").rejected
    assert sync(folder) == {"centres": 1, "teams": 1, "agents": 2}
    found = Agent.objects.get(agent_id="77")
    assert found.team is None and str(found.centre) == "甲" and found.name == ""
    load(folder, "77,孙七,一班,甲,,,")
    assert sync(folder) == {"changed": 1, "moved": 1}


def test_there_is_no_query_per_person(folder: CentreFolder) -> None:
    def queries(n: int) -> int:
        load(folder, *(f"{i},人{i},班{i % 5},甲,,," for i in range(n)))
        with CaptureQueriesContext(connection) as caught:
            sync(folder)
        return len(caught)

    # A statement of SQLite takes some hundred rows.
    queries(10)
    assert queries(60) < 25
    assert queries(900) < 50
    assert queries(900) < 10, "nothing to do"


def test_only_whoever_maintains_the_organisation_asks_for_it(
    own_centre: Any, client_of: Callable[[str], Client], user_of: Callable[[str], User]
) -> None:
    with pytest.raises(NoPermission):
        sync_from_facts(by=user_of("director"))
    assert client_of("director").post(reverse("org:sync")).status_code == 403
    answer = client_of("administrator").post(reverse("org:sync"), follow=True)
    assert "无需更新" in answer.content.decode()
