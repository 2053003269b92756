"""Reading the journal: who may, narrowed, in words, and taken along."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES, VERBS
from coachline.web.journal.actions import record
from coachline.web.journal.models import Entry
from coachline.web.journal.queries import facts_of, kind, sentence
from coachline.web.org.models import Centre, Grant

pytestmark = pytest.mark.django_db
READERS = {"auditor", "administrator"}


@pytest.mark.parametrize("role", ROLES)
def test_auditors_read_and_others_do_not(client_of: Callable[[str], Client], role: str) -> None:
    client, entry = client_of(role), record("org.activate", by=None, named="张三")
    expected = 200 if role in READERS else 403
    for address in (reverse("journal:list"), reverse("journal:entry", args=[entry.pk]), reverse("journal:download", args=["csv"])):
        assert client.get(address).status_code == expected, address


def test_whoever_reads_it_reads_all_of_it(in_service: Any) -> None:
    assert set(VERBS["journal.read"].roles.values()) == {"group"}
    half = User.objects.create_user("half")
    Grant.objects.create(user=half, role="auditor", centre=Centre.objects.get())
    client = Client()
    client.force_login(half, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("journal:list")).status_code == 403, "an auditor of one centre would read of the others"


def test_entries_are_narrowed(client_of: Callable[[str], Client], user_of: Callable[[str], User]) -> None:
    client = client_of("auditor")
    old = record("org.activate", by=user_of("director"), named="张三", centre="甲")
    new = record("org.deactivate", by=None, named="李四")
    table = Entry._meta.db_table
    with connection.cursor() as cursor:
        # Past the model, which would refuse.
        cursor.execute(f"UPDATE {table} SET at = %s WHERE id = %s", [timezone.now() - timedelta(days=40), old.pk])
    today = timezone.now().date()

    def found(**given: str) -> set[int]:
        answer = client.get(reverse("journal:list"), given)
        assert answer.status_code == 200
        return {entry.pk for entry in answer.context["page"]}

    assert found(who="DIREC", subject="张") == {old.pk}
    assert found(verb="org.deactivate") == {new.pk} and found(centre="甲") == {old.pk} and found(subject="李四") == {new.pk}
    assert old.pk in found(until=str(today - timedelta(days=38))) and new.pk not in found(until=str(today - timedelta(days=38)))
    assert new.pk in found(since=str(today - timedelta(days=2))) and old.pk not in found(since=str(today - timedelta(days=2)))
    assert found(subject="nobody") == set()
    for nonsense in ({"since": "x"}, {"until": "0001-01-01"}, {"since": "9999-12-31"}, {"who": "\x00"}, {"verb": "'"}, {"page": "-1"}):
        found(**nonsense)
    assert "没有符合条件的记录" in client.get(reverse("journal:list"), {"subject": "nobody"}).content.decode()


def test_sentences_speak_in_words(client_of: Callable[[str], Client]) -> None:
    entry = record("org.give", by=None, named="张三", role="director", place="甲")
    client = client_of("auditor")
    assert sentence(entry) == "授予“中心主任”角色（甲）" and kind("org.give") == "授予“…”角色（…）"
    assert "授予“中心主任”角色（甲）" in client.get(reverse("journal:list")).content.decode()
    client.cookies["django_language"] = "en"
    assert "Gave the role Director (甲)" in client.get(reverse("journal:list")).content.decode()
    lacking = record("org.give", by=None)
    assert sentence(lacking) == "授予“无”角色（无）", "an old entry may lack a fact"
    assert sentence(record("no.such", by=None)) == "no.such"


def test_braces_and_markup_in_names_do_no_harm(client_of: Callable[[str], Client]) -> None:
    entry = record("org.link_agent", by=None, named="<script>{x}", agent="{0}{boom}<b>", reason="<img src=x>")
    client = client_of("auditor")
    for address in (reverse("journal:list"), reverse("journal:entry", args=[entry.pk])):
        text = client.get(address).content.decode()
        assert "{boom}&lt;b&gt;" in text and "<script>{x}" not in text and "<img src=x>" not in text


def test_what_was_and_what_became_of_it_stand_side_by_side(client_of: Callable[[str], Client]) -> None:
    entry = record("accounts.change_profile", by=None, before={"name": "旧", "email": ""}, after={"name": "新", "email": "a@b"}, days=3)
    assert [(fact.name, fact.before, fact.after) for fact in facts_of(entry)] == [
        ("姓名", "旧", "新"),
        ("邮箱", "无", "a@b"),
        ("天数", None, "3"),
    ]
    page = client_of("auditor").get(reverse("journal:entry", args=[entry.pk])).content.decode()
    assert "之前" in page and "旧" in page and "新" in page
    assert client_of("auditor").get(reverse("journal:entry", args=[10**9])).status_code == 404


def test_it_goes_along_as_a_table_that_no_spreadsheet_runs(client_of: Callable[[str], Client]) -> None:
    client = client_of("auditor")
    record("org.deactivate", by=None, named="=HYPERLINK(1)", reason="+1", centre="@x")
    record("org.activate", by=None, named="别人")
    address = reverse("journal:download", args=["csv"])
    table = list(csv.reader(io.StringIO(client.get(address, {"verb": "org.deactivate"}).content.decode("utf-8-sig"))))
    assert len(table) == 2 and table[0][0] == "时间" and table[1][2] == "停用账号"
    assert not any(cell[:1] in ("=", "+", "@") for cell in table[1])
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(reverse("journal:download", args=["xlsx"])).content))
    assert len(book.get_sheet_by_index(0).to_python()) >= Entry.objects.count()
    assert client.get(reverse("journal:download", args=["exe"])).status_code == 422


def test_a_download_that_would_never_end_is_refused(client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coachline.web.journal.views.MOST", 1)
    record("org.activate", by=None)
    record("org.activate", by=None)
    assert client_of("auditor").get(reverse("journal:download", args=["csv"])).status_code == 422


def test_sixty_entries_ask_the_database_as_often_as_ten(client_of: Callable[[str], Client]) -> None:
    client = client_of("auditor")

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("journal:list"), {"verb": "org.activate"}).status_code == 200
        return len(caught)

    for i in range(10):
        record("org.activate", by=None, named=f"u{i}", centre=f"c{i}")
    few = queries()
    for i in range(50):
        record("org.activate", by=None, named=f"v{i}", centre=f"d{i}")
    assert queries() == few
    page = client.get(reverse("journal:list"), {"verb": "org.activate", "page": "2"}).context["page"]
    assert page.number == 2 and page.paginator.count == 60
