"""One's own account, and the page that says who may do what."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from coachline.web.accounts import queries as account_queries
from coachline.web.accounts import roles as account_roles
from coachline.web.accounts.models import User
from coachline.web.accounts.queries import duties
from coachline.web.accounts.roles import ROLES, VERBS
from coachline.web.journal.models import Entry

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ROLES)
def test_everybody_sees_their_account_and_the_matrix(client_of: Callable[[str], Client], role: str) -> None:
    client = client_of(role)
    assert client.get(reverse("accounts:me")).status_code == 200
    assert client.get(reverse("accounts:matrix")).status_code == 200


def test_roles_and_reach_stand_in_words(client_of: Callable[[str], Client]) -> None:
    page = client_of("team_leader").get(reverse("accounts:me")).content.decode()
    assert "班组长" in page and "一班" in page
    assert "查看能力评估" in page and "本班组" in page and "管理用户与角色" not in page


def test_whoever_holds_no_role_is_told_whom_to_ask(in_service: object) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody"), backend="allauth.account.auth_backends.AuthenticationBackend")
    assert "还没有任何角色" in client.get(reverse("accounts:me")).content.decode()


def test_name_and_address_are_changed_and_entered(client_of: Callable[[str], Client], user_of: Callable[[str], User]) -> None:
    client = client_of("trainer")
    assert client.post(reverse("accounts:profile"), {"name": "", "email": "x"}).status_code == 422
    assert client.post(reverse("accounts:profile"), {"name": " 李老师 ", "email": "li@example.test"}).status_code == 302
    user = user_of("trainer")
    assert (user.name, user.email) == ("李老师", "li@example.test")
    entry = Entry.objects.get(verb="accounts.change_profile")
    assert entry.facts["before"]["name"] == "测试trainer" and entry.facts["after"]["name"] == "李老师"


def test_the_matrix_says_who_holds_each_duty_now(in_service: object) -> None:
    rows = {row.verb.code: row for row in duties()}
    assert rows.keys() == VERBS.keys()
    assert rows["accounts.manage"].people == 1 and not rows["accounts.manage"].unheld
    assert rows["operations.alerts"].cells[list(ROLES).index("director")] == "centre"
    User.objects.filter(username="director").update(is_active=False)
    left = {row.verb.code: row for row in duties()}
    assert left["operations.alerts"].unheld and left["operations.alerts"].people == 0
    assert left["operations.view"].people == rows["operations.view"].people - 1 and not left["operations.view"].unheld


def test_somebody_with_two_roles_is_one_person(user_of: Callable[[str], User]) -> None:
    before = {row.verb.code: row.people for row in duties()}
    director = user_of("director")
    director.grants.create(role="auditor")  # type: ignore[attr-defined]
    after = {row.verb.code: row.people for row in duties()}
    assert after["operations.view"] == before["operations.view"]
    assert after["journal.read"] == before["journal.read"] + 1


def test_shared_and_unheld_duties_stand_on_the_page(client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:
    changed = dict(VERBS)
    changed["facts.upload"] = replace(VERBS["facts.upload"], roles={"administrator": "group", "planner": "centre"})
    changed["facts.erase"] = replace(VERBS["facts.erase"], roles={})
    monkeypatch.setattr(account_roles, "VERBS", changed)
    monkeypatch.setattr(account_queries, "VERBS", changed)
    rows = {row.verb.code: row for row in duties()}
    assert rows["facts.upload"].shared and rows["facts.erase"].unheld and not rows["facts.erase"].people
    page = client_of("agent").get(reverse("accounts:matrix")).content.decode()
    assert "有 1 项职责目前无人承担" in page and "有 1 项职责由多个角色承担" in page


def test_the_matrix_goes_along_as_a_table(client_of: Callable[[str], Client]) -> None:
    client = client_of("agent")
    text = client.get(reverse("accounts:matrix_download", args=["csv"])).content.decode("utf-8-sig")
    assert len(text.strip().splitlines()) == len(VERBS) + 1 and "系统管理员" in text
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(reverse("accounts:matrix_download", args=["xlsx"])).content))
    assert any("查看操作日志" in map(str, row) for row in book.get_sheet_by_index(0).to_python())
    assert client.get(reverse("accounts:matrix_download", args=["exe"])).status_code == 422


def test_query_counts_do_not_depend_on_how_many_there_are(client_of: Callable[[str], Client]) -> None:
    client = client_of("administrator")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("accounts:matrix")).status_code == 200
        return len(caught)

    before = queries()
    for i in range(50):
        User.objects.create_user(f"u{i}").grants.create(role="auditor")  # type: ignore[attr-defined]
    assert queries() == before


def test_flags_of_the_library_open_nothing(in_service: object) -> None:
    client = Client()
    user = User.objects.create_superuser("root", password="x")
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert not user.has_perm("accounts.manage")
    for name in ("org:users", "org:list", "journal:list", "accounts:tokens"):
        assert client.get(reverse(name)).status_code == 403, name
