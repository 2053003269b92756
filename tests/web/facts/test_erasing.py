"""A customer who asks to be forgotten, and what nobody may keep of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from coachline.centre import Centre
from coachline.web.base.refusals import NoPermission
from coachline.web.facts import actions
from coachline.web.facts.models import Upload
from coachline.web.journal.models import Entry
from tests.web.facts.exports import MENDED, NUMBER, gb18030

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(own_centre: Path) -> Path:
    """The centre with three calls of which one is this customer's."""
    file = own_centre / "new.csv"
    file.write_bytes(gb18030())
    with Centre(own_centre) as opened:
        opened.import_file(file, "calls", MENDED)
    return own_centre


def loaded(folder: Path) -> int:
    with Centre(folder) as opened:
        table = opened.table("calls")
        return len(opened.facts().collect(table.filter(table.call_id.isin(["T1", "T2", "T3"]))))


def test_a_customer_is_erased_and_the_journal_does_not_know_who(known: Path, client_of: Callable[[str], Client]) -> None:
    client = client_of("administrator")
    assert client.get("/facts/erase/").status_code == 200
    assert loaded(known) == 3
    page = client.post("/facts/erase/", {"number": NUMBER, "reason": "客户来信要求"}).content.decode()
    assert loaded(known) == 2
    assert NUMBER not in page
    entry = Entry.objects.get(verb="facts.erase")
    assert (entry.reason, entry.facts["calls"], entry.user_name) == ("客户来信要求", 1, "administrator")
    kept = "".join(str(vars(each)) for each in Entry.objects.all())
    assert NUMBER not in kept and "c_" not in str(entry.facts)
    again = client.post("/facts/erase/", {"number": NUMBER, "reason": "再次确认"}).content.decode()
    assert "没有任何存储的资料" in again


def test_files_that_wait_go_too_and_are_spoken_of(known: Path, client_of: Callable[[str], Client], user_of: Callable[[str], Any]) -> None:
    upload = actions.receive_upload(known / "new.csv", "new.csv", by=user_of("administrator"))
    assert upload.file.exists()
    page = client_of("administrator").post("/facts/erase/", {"number": "1", "reason": "x y"}).content.decode()
    assert "等待载入的 1 个文件" in page and "没有任何存储的资料" in page
    assert not upload.folder.exists()
    assert Upload.objects.get().state == Upload.State.DISCARDED
    assert Entry.objects.get(verb="facts.erase").facts["uploads"] == 1


def test_a_file_that_is_being_checked_is_spoken_of(known: Path, client_of: Callable[[str], Client], user_of: Callable[[str], Any]) -> None:
    upload = actions.receive_upload(known / "new.csv", "new.csv", by=user_of("administrator"))
    actions.set_mapping(upload, MENDED, by=user_of("administrator"))
    actions.check(upload, by=user_of("administrator"))
    page = client_of("administrator").post("/facts/erase/", {"number": "1", "reason": "x y"}).content.decode()
    assert "正在检查或载入的文件有 1 个" in page and "等待载入的 1 个文件" not in page
    assert Upload.objects.get().state == Upload.State.CHECKING


@pytest.mark.parametrize(
    "sent", [{"number": "", "reason": "x"}, {"number": NUMBER, "reason": " "}, {"number": NUMBER, "reason": f"客户 {NUMBER} 来信"}]
)
def test_without_number_or_reason_nothing_is_erased(sent: dict[str, str], known: Path, client_of: Callable[[str], Client]) -> None:
    answer = client_of("administrator").post("/facts/erase/", sent)
    assert answer.status_code == 422 and NUMBER not in answer.content.decode()
    assert loaded(known) == 3 and not Entry.objects.filter(verb="facts.erase").exists()


def test_only_who_may_erase_does(known: Path, client_of: Callable[[str], Client], user_of: Callable[[str], Any]) -> None:
    assert client_of("director").post("/facts/erase/", {"number": NUMBER, "reason": "x"}).status_code == 403
    with pytest.raises(NoPermission):
        actions.erase_customer(NUMBER, by=user_of("quality_head"), reason="x")
    assert loaded(known) == 3
