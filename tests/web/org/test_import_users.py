"""Many users from one table: what would happen is said first, and done only when confirmed."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from coachline.errors import CoachlineError
from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES
from coachline.web.journal.models import Entry
from coachline.web.org import actions
from coachline.web.org.actions.import_users import role_names
from coachline.web.org.models import Agent, Centre, Team

pytestmark = pytest.mark.django_db
HEAD = "用户名,姓名,角色,中心,班组,工号\n"


@pytest.fixture
def administrator(user_of: Callable[[str], User]) -> User:
    return user_of("administrator")


def rows_of(tmp_path: Path, text: str, encoding: str = "utf-8", name: str = "users.csv") -> list[dict[str, str]]:
    file = tmp_path / name
    file.write_bytes(text.encode(encoding))
    return actions.read_users(file, name)


def faults(tmp_path: Path, text: str) -> list[list[str]]:
    return [[code for code, _ in each.errors] for each in actions.plan_import(rows_of(tmp_path, HEAD + text), by=None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings_of_chinese_exports(in_service: Any, tmp_path: Path, encoding: str) -> None:
    rows = rows_of(tmp_path, HEAD + "zhang,张三,质检员,,,\nli,李四,内训师,,,\n", encoding)
    assert [(row["row"], row["username"], row["name"], row["role"]) for row in rows] == [
        ("2", "zhang", "张三", "质检员"),
        ("3", "li", "李四", "内训师"),
    ]


def test_workbooks_with_english_headers_and_numbers(in_service: Any, tmp_path: Path) -> None:
    file = tmp_path / "users.xlsx"
    agent = Agent.objects.filter(user=None)[0]
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["User name", "Full name", "Role", "Note", "Agent ID"])
        sheet.write_row(1, 0, ["wang", "Wang", "Agent", "x", int(agent.agent_id)])
    [planned] = actions.plan_import(actions.read_users(file, "users.xlsx"), by=None)
    assert not planned.errors and planned.code == "agent" and planned.agent == agent


def test_every_role_is_known_in_both_languages() -> None:
    for names in (["中心主任", "Director", "director"], ["班组长", "Team leader", "team_leader"]):
        assert len({role_names()[name.lower().replace("_", " ")] for name in names}) == 1
    assert set(role_names().values()) == set(ROLES)


def test_what_is_wrong_is_said_of_each_row(in_service: Any, tmp_path: Path) -> None:
    taken = Agent.objects.exclude(user=None)[0].agent_id
    free = Agent.objects.filter(user=None)[0].agent_id
    found = faults(
        tmp_path,
        f",无名,质检员,,,\na b,x,质检员,,,\nc,x,皇帝,,,\nd,x,质检员,火星中心,,\ne,x,班组长,,,\nf,x,班组长,,九十九班,\n"
        f"g,x,客服专员,,,\nh,x,客服专员,,,no-such\ni,x,客服专员,,,{taken}\nj,x,客服专员,,,{free}\nk,x,客服专员,,,{free}\n",
    )
    assert found == [["no_username"], ["username"], ["role"], ["centre"], ["role_needs_team"], ["team"],
                     ["no_agent_id"], ["agent"], ["agent_taken"], [], ["agent_taken"]]  # fmt: skip


def test_a_team_that_two_centres_have_needs_its_centre(in_service: Any, tmp_path: Path) -> None:
    team = Team.objects.first()
    other = Centre.objects.create(name="乙")
    Team.objects.create(centre=other, name=team.name)  # type: ignore[union-attr]
    assert faults(tmp_path, f"a,x,班组长,,{team},\nb,x,班组长,乙,{team},\nc,x,质检员,,,\n") == [
        ["team_of_several"],
        [],
        ["role_needs_centre"],
    ]


def test_each_row_does_one_thing(administrator: User, tmp_path: Path) -> None:
    team = Team.objects.first()
    text = (
        HEAD
        + f"New,新人,质检员,,,\nnew,,内训师,,,\nNEW,,质检员,,,\ndirector,,中心主任,,,\ndirector,别名,审计员,,,\nlead,组长,班长,,{team},\n"
    )
    rows = rows_of(tmp_path, text)
    planned = actions.plan_import(rows, by=administrator)
    assert [each.does for each in planned] == ["create", "role", "nothing", "nothing", "role", "create"]
    assert not User.objects.filter(username="New").exists(), "looking changes nothing"
    done = actions.confirm_import(rows, by=administrator)
    assert [each.username for each, _ in done.made] == ["New", "lead"] and done.given == 2
    new = User.objects.get(username="New")
    assert {grant.role for grant in new.grants.all()} == {"inspector", "trainer"} and new.check_password(done.made[0][1])  # type: ignore[attr-defined]
    assert User.objects.get(username="director").name == "测试director", "users that there are keep everything else"
    assert Entry.objects.get(verb="org.import_users").facts == {"made": 2, "given": 2}
    assert [each.does for each in actions.plan_import(rows, by=administrator)] == ["nothing"] * 6
    assert not actions.confirm_import(rows, by=administrator).made


def test_what_is_no_table_of_users(in_service: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CoachlineError) as refused:
        rows_of(tmp_path, "工号,姓名\n1,张三\n", name="people.csv")
    assert refused.value.code == "users_lack_column" and refused.value.facts["file"] == "people.csv"
    with pytest.raises(CoachlineError) as refused:
        rows_of(tmp_path, "", name="empty.csv")
    assert refused.value.facts["file"] == "empty.csv", "not the name under which the server keeps it"
    monkeypatch.setattr(actions.import_users, "MOST", 3)
    assert len(rows_of(tmp_path, HEAD + "".join(f"u{i},,质检员,,,\n" for i in range(3)))) == 3
    with pytest.raises(CoachlineError) as refused:
        rows_of(tmp_path, HEAD + "".join(f"u{i},,质检员,,,\n" for i in range(4)))
    assert refused.value.code == "users_too_many"


def upload(client: Client, text: str, name: str = "用户.csv") -> Any:
    return client.post(reverse("org:import_users"), {"file": SimpleUploadedFile(name, text.encode("gb18030"))})


def signed(answer: Any) -> str:
    return str(re.search(r'name="rows" value="([^"]+)"', answer.content.decode())[1])  # type: ignore[index]


def test_upload_preview_confirm_and_the_passwords_once(client_of: Callable[[str], Client]) -> None:
    client = client_of("administrator")
    assert client.get(reverse("org:import_users")).status_code == 200
    preview = upload(client, HEAD + "zhang,张三,质检员,,,\nwrong,王五,皇帝,,,\n=cmd,赵六,质检员,,,\nli,=1+1,内训师,,,\n")
    text = preview.content.decode()
    assert "不认识角色“皇帝”" in text and "新建用户" in text and "2 行有误" in text and "张三" in text
    assert not User.objects.filter(username="zhang").exists()
    done = client.post(reverse("org:confirm_import"), {"rows": signed(preview)})
    assert "no-store" in done["Cache-Control"]
    data = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', done.content.decode())[1]  # type: ignore[index]
    table = list(csv.reader(io.StringIO(base64.b64decode(data).decode("utf-8-sig"))))
    assert [row[0] for row in table] == ["用户名", "zhang", "li"]
    assert User.objects.get(username="zhang").check_password(table[1][-1])
    assert not any(cell.startswith("=") for row in table for cell in row), "no spreadsheet runs it"
    again = client.post(reverse("org:confirm_import"), {"rows": signed(preview)}).content.decode()
    assert "新建 0 个用户" in again and "base64" not in again


def test_only_what_was_shown_to_oneself_is_confirmed(client_of: Callable[[str], Client], user_of: Callable[[str], User]) -> None:
    client = client_of("administrator")
    rows = signed(upload(client, HEAD + "zhang,张三,质检员,,,\n"))
    user_of("auditor").grants.create(role="administrator")  # type: ignore[attr-defined]
    for who, what in (("auditor", rows), ("administrator", rows[:-3] + "xyz"), ("administrator", "")):
        answer = client_of(who).post(reverse("org:confirm_import"), {"rows": what})
        assert answer.status_code == 422 and "重新上传" in answer.content.decode()
    assert not User.objects.filter(username="zhang").exists()


def test_files_that_cannot_be_read_are_refused_in_words(client_of: Callable[[str], Client]) -> None:
    client = client_of("administrator")
    assert client.post(reverse("org:import_users")).status_code == 422 or client.post(reverse("org:import_users")).status_code == 200
    assert upload(client, "姓名\n张三\n").status_code == 422
    assert client.post(reverse("org:import_users"), {"file": SimpleUploadedFile("x.pdf", b"%PDF-1.7 ...")}).status_code == 422
    only_wrong = upload(client, HEAD + "a,x,皇帝,,,\n").content.decode()
    assert 'name="rows"' not in only_wrong and "换一个文件" in only_wrong


def test_the_example_is_understood(client_of: Callable[[str], Client], tmp_path: Path) -> None:
    client = client_of("administrator")
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        file = tmp_path / "sample.xlsx"
        file.write_bytes(client.get(reverse("org:import_sample", args=["xlsx"])).content)
        planned = actions.plan_import(actions.read_users(file, "sample.xlsx"), by=None)
        assert [each.code for each in planned] == list(ROLES)
