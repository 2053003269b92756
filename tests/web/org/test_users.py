"""Users: made, closed, opened, given new passwords, tied to agents."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import check_password, identify_hasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.web.accounts.actions import make_token
from coachline.web.accounts.models import User
from coachline.web.journal.models import Entry
from coachline.web.org import actions
from coachline.web.org.models import Agent, Centre, Grant, Team
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(user_of: Callable[[str], User]) -> User:
    return user_of("administrator")


def test_a_user_made_without_a_password_gets_one_that_must_be_changed(administrator: User) -> None:
    made = actions.create_user(" 张三 ", "张三", by=administrator, role="inspector")
    assert made.user.username == "张三" and made.user.must_change_password and made.user.check_password(made.password)
    assert len(made.password) >= 16 and made.password != actions.create_user("b", by=administrator).password
    assert made.user.grants.get().centre == Centre.objects.get()  # type: ignore[attr-defined]
    assert made.password not in str(list(Entry.objects.values()))


def test_the_command_line_makes_the_first_administrator(in_service: Any) -> None:
    made = actions.create_user("root", by=None, role="administrator", password="A-good-one-42")
    assert made.user.has_perm("accounts.manage") and not made.user.must_change_password
    assert Entry.objects.get(verb="org.create_user").user_name == "system"


@pytest.mark.parametrize(
    ("username", "password", "code"),
    [("director", "", "user_name_taken"), ("DIRECTOR", "", "user_name_taken"), ("", "", "user_name_unfit"), ("a b", "", "user_name_unfit"),
     ("x" * 151, "", "user_name_unfit"), ("fine", "12345", "password_unfit")],
)  # fmt: skip
def test_what_a_user_cannot_be(administrator: User, username: str, password: str, code: str) -> None:
    with pytest.raises(CoachlineError) as refused:
        actions.create_user(username, by=administrator, password=password)
    assert refused.value.code == code


def test_a_user_that_cannot_have_the_role_is_not_made(administrator: User) -> None:
    with pytest.raises(CoachlineError):
        actions.create_user("halfway", by=administrator, role="team_leader")
    assert not User.objects.filter(username="halfway").exists()


def test_drawn_passwords_are_hashed_quickly_and_renewed_at_the_first_sign_in(administrator: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    made = actions.create_user("fast", by=administrator)
    assert made.user.password.split("$")[1] == "5000"
    assert check_password(made.password, made.user.password) and not check_password("x" + made.password, made.user.password)
    assert Client().post("/login/", {"login": "fast", "password": made.password}).status_code == 302
    fresh = User.objects.get(username="fast")
    assert identify_hasher(fresh.password).decode(fresh.password)["iterations"] > 500_000


def test_a_new_password_ends_sessions_and_tokens(
    client_of: Callable[[str], Client], user_of: Callable[[str], User], administrator: User
) -> None:
    user, client = user_of("director"), client_of("director")
    make_token(user, "t", ["operations.view"], 30, by=user)
    password = actions.reset_password(user, by=administrator)
    assert client.get("/me/").status_code == 302
    assert not user.tokens.filter(revoked_at=None).exists()
    again = Client()
    assert again.post("/login/", {"login": "director", "password": PASSWORD}).status_code == 200
    assert again.post("/login/", {"login": "director", "password": password}).status_code == 302
    assert again.get("/me/")["Location"] == reverse("account_change_password")
    assert password not in str(list(Entry.objects.values()))


def test_one_agent_is_one_user(user_of: Callable[[str], User], administrator: User) -> None:
    first, second = Agent.objects.filter(user=None)[:2]
    trainer, planner = user_of("trainer"), user_of("planner")
    actions.link_agent(trainer, first, by=administrator)
    with pytest.raises(CoachlineError) as refused:
        actions.link_agent(planner, first, by=administrator)
    assert refused.value.code == "agent_taken"
    actions.link_agent(trainer, second, by=administrator)
    assert list(Agent.objects.filter(user=trainer)) == [second]
    assert Entry.objects.filter(verb="org.link_agent").first().facts == {"agent": second.agent_id, "before": first.agent_id}  # type: ignore[union-attr]
    actions.unlink_agent(trainer, by=administrator)
    actions.link_agent(planner, first, by=administrator)
    assert not Agent.objects.filter(user=trainer).exists()


def test_an_administrator_adds_a_user_in_the_browser(client_of: Callable[[str], Client]) -> None:
    client = client_of("administrator")
    team, agent = Team.objects.first(), Agent.objects.filter(user=None)[0]
    page = reverse("org:new_user")
    assert client.post(page, {"username": "li", "name": "李", "agent": "no-such"}).status_code == 422
    assert "换一个" in client.post(page, {"username": "director", "name": "李"}).content.decode()
    shown = client.post(page, {"username": "li", "name": "李四", "role": "team_leader", "team": team.pk, "agent": agent.agent_id})  # type: ignore[union-attr]
    assert shown.status_code == 200 and "no-store" in shown["Cache-Control"]
    password = re.search(r'id="password">([^<]+)<', shown.content.decode())[1]  # type: ignore[index]
    user = User.objects.get(username="li")
    assert user.check_password(password) and user.grants.get().team == team and user.agent == agent  # type: ignore[attr-defined]
    assert password not in client.get(reverse("org:user", args=[user.pk])).content.decode()


def test_roles_accounts_and_factors_are_changed_in_the_browser(client_of: Callable[[str], Client], user_of: Callable[[str], User]) -> None:
    client, user = client_of("administrator"), user_of("trainer")

    def do(name: str, *more: Any, **given: Any) -> str:
        return client.post(reverse(f"org:{name}", args=[user.pk, *more]), given, follow=True).content.decode()

    assert "已授予“审计员”角色" in do("give", role="auditor")
    assert client.post(reverse("org:give", args=[user.pk]), {"role": "nonsense"}).status_code == 422
    assert "班组长须指定班组" in do("give", role="team_leader")
    grant = user.grants.get(role="auditor")  # type: ignore[attr-defined]
    assert client.post(reverse("org:take", args=[user_of("planner").pk, grant.pk])).status_code == 404, "not a role of theirs"
    assert "已收回“审计员”角色" in do("take", grant.pk)
    assert "账号已停用" in do("deactivate", reason="休假")
    assert Entry.objects.get(verb="org.deactivate").reason == "休假"
    assert "账号已恢复" in do("activate")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    assert "两步验证已重置" in do("reset_second_factor")
    assert "重置两步验证" not in do("unlink_agent")
    agent = Agent.objects.filter(user=None)[0]
    assert "已对应到" in do("link_agent", agent=agent.agent_id)
    assert client.post(reverse("org:link_agent", args=[user.pk]), {"agent": "none"}).status_code == 422
    assert re.search(r'id="password">[^<]{16}<', do("reset_password"))
    for name in ("give", "deactivate", "reset_password", "take"):
        args = [user.pk, grant.pk] if name == "take" else [user.pk]
        assert client.get(reverse(f"org:{name}", args=args)).status_code == 405, "looking changes nothing"


def test_the_list_is_narrowed(client_of: Callable[[str], Client], user_of: Callable[[str], User]) -> None:
    client = client_of("administrator")
    user_of("trainer").grants.all().delete()  # type: ignore[attr-defined]
    TOTP.activate(user_of("director"), "JBSWY3DPEHPK3PXP")
    User.objects.filter(username="planner").update(is_active=False)
    Agent.objects.filter(user=user_of("agent")).update(left_on=timezone.now().date())
    everybody = set(User.objects.values_list("username", flat=True))

    def found(**given: str) -> set[str]:
        answer = client.get(reverse("org:users"), given)
        return {user.username for user in answer.context["page"]}

    assert found() == everybody - {"planner"}
    assert found(state="all") == everybody
    assert found(state="inactive") == {"planner"}
    assert found(state="roleless") == {"trainer"}
    assert found(state="single_factor") == everybody - {"planner", "director"}
    assert found(state="left") == {"agent"}
    assert found(role="director") == {"director"}
    assert found(q="DIRECT") == {"director"} and found(q="测试dir") == {"director"}
    assert found(centre=str(Centre.objects.get().pk), role="agent") == {"agent"}
    assert "没有符合条件的记录" in client.get(reverse("org:users"), {"q": "nobody at all"}).content.decode()
    for nonsense in ({"centre": "x"}, {"centre": "9" * 40}, {"state": "x"}, {"role": "x"}, {"q": "\x00"}, {"page": "x"}):
        assert client.get(reverse("org:users"), nonsense).status_code == 200


@pytest.mark.parametrize("name", ["org:users", "org:list", "org:agents"])
def test_lists_ask_the_database_as_often_for_sixty_as_for_ten(client_of: Callable[[str], Client], name: str) -> None:
    client, centre = client_of("administrator"), Centre.objects.get()

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse(name)).status_code == 200
        return len(caught)

    def add(first: int, n: int) -> None:
        for i in range(first, first + n):
            team = Team.objects.create(centre=centre, name=f"新班{i}")
            user = User.objects.create_user(f"leader{i}")
            Grant.objects.create(user=user, role="team_leader", team=team)
            Grant.objects.create(user=user, role="inspector", centre=centre)
            Agent.objects.create(agent_id=f"n{i}", centre=centre, team=team, user=user)

    add(0, 10)
    few = queries()
    add(10, 50)
    assert queries() == few
    page = client.get(reverse(name)).context["page"]
    assert len(page) == 50 and page.paginator.num_pages == 2
    assert len(client.get(reverse(name), {"page": "2"}).context["page"]) == page.paginator.count - 50


def test_agents_are_found_and_their_history_shown(client_of: Callable[[str], Client]) -> None:
    client = client_of("director")
    team = Team.objects.get()
    other = Team.objects.create(centre=team.centre, name="新班")
    agent = Agent.objects.filter(team=team)[0]
    agent.memberships.update(until=timezone.now().date())
    agent.memberships.create(team=other, since=timezone.now().date())
    loose = Agent.objects.create(agent_id="loose-1", centre=team.centre)
    gone = Agent.objects.create(agent_id="gone-1", centre=team.centre, left_on="2020-01-01")

    def found(**given: Any) -> set[str]:
        return {a.agent_id for a in client.get(reverse("org:agents"), given).context["page"]}

    assert found(q=agent.agent_id) == {agent.agent_id}
    assert found(team=team.pk) == set(team.agents.values_list("agent_id", flat=True))
    assert "loose-1" in found(state="loose") and agent.agent_id not in found(state="loose")
    assert found(state="unlisted") >= {"loose-1"} and "gone-1" in found(state="left") and "gone-1" not in found()
    assert {"gone-1", "loose-1"} <= found(state="all")
    page = client.get(reverse("org:agent", args=[agent.pk])).content.decode()
    assert str(team) in page and str(other) in page and "更早" in page and "至今" in page
    for each in (loose, gone):
        assert client.get(reverse("org:agent", args=[each.pk])).status_code == 200
    organisation = client.get(reverse("org:list")).content.decode()
    assert "测试team_leader" in organisation and "人没有班组" in organisation


def test_an_organisation_without_anybody_says_what_to_do(client_of: Callable[[str], Client]) -> None:
    client = client_of("auditor")
    Grant.objects.exclude(role="auditor").delete()
    Agent.objects.all().delete()
    Team.objects.all().delete()
    Centre.objects.all().delete()
    assert "还没有组织数据" in client.get(reverse("org:list")).content.decode()
    assert "没有符合条件的记录" in client.get(reverse("org:agents")).content.decode()
