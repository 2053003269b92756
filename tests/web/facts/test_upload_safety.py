"""Files that want to do harm, or are none: refused before anything of them is kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from coachline.errors import CoachlineError
from coachline.web.facts import actions
from coachline.web.facts.models import Upload
from coachline.web.facts.models.names import on_disk, shown
from tests.web.facts.exports import MENDED, gb18030
from tests.web.facts.test_uploads import done, fresh, received

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]
UserOf = Callable[[str], Any]


def workbook_bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (300 << 20))
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"%PDF-1.7 ...", "a.pdf"),
        (b"MZ\x90\x00\x03\x00\x00\x00" * 50, "setup.exe"),
        (b"PK\x03\x04" + b"\0" * 50, "broken.xlsx"),
        (b"PAR1 not really", "x.parquet"),
    ],
)
def test_what_can_be_no_table_is_refused_and_not_kept(content: bytes, name: str, client_of: ClientOf, own_centre: Path) -> None:
    client = client_of("administrator")
    answer = client.post("/facts/", {"file": SimpleUploadedFile(name, content)}, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert name in answer.json()["refused"][0]
    assert not Upload.objects.exists()
    assert not list((own_centre / "uploads").glob("*"))


def test_a_zip_that_unpacks_to_far_too_much_is_refused_unopened(user_of: UserOf, own_centre: Path) -> None:
    with pytest.raises(CoachlineError, match="300 MB"):
        received(workbook_bomb(), "bomb.xlsx", user_of("administrator"))
    assert not list((own_centre / "uploads").glob("*"))


def test_a_file_beyond_the_limit_is_refused_before_and_while_it_is_stored(
    user_of: UserOf, client_of: ClientOf, own_centre: Path, settings: Any
) -> None:
    settings.UPLOAD_LIMIT_BYTES = 2_000_000
    big = b"a,b\n" + b"1,2\n" * 600_000
    assert client_of("administrator").post("/facts/", {"file": SimpleUploadedFile("a.csv", big)}).status_code == 413
    with pytest.raises(CoachlineError, match="2 MB"):
        received(big, "a.csv", user_of("administrator"))
    assert not list((own_centre / "uploads").glob("*"))


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..",
        "C:\\x\\话单.csv",
        "a\x00b\n.csv",
        "\u202egnp.csv",
        "长" * 300 + ".csv",
        "x[1]*?.csv",
        "'; DROP TABLE.csv",
        "",
    ],
)
def test_names_are_only_names(name: str, user_of: UserOf, client_of: ClientOf, own_centre: Path) -> None:
    upload = received(gb18030(), name, user_of("administrator"))
    assert upload.file.parent.parent == own_centre / "uploads"
    assert upload.file.stat().st_mode & 0o777 == 0o600
    assert len(upload.name) <= 200 and not set(upload.name) & set("/\\\n\x00\u202e")
    assert upload.preview["table"] == "calls"
    assert client_of("administrator").get("/facts/").status_code == 200
    actions.set_mapping(upload, MENDED, by=user_of("administrator"))
    done(actions.check(upload, by=user_of("administrator")))
    assert upload.folder.exists() and fresh(upload).rejects


def test_long_names_keep_their_ending() -> None:
    assert shown("长" * 300 + ".csv").endswith("….csv")
    assert len(on_disk(shown("长" * 300 + ".csv")).encode()) <= 180
    assert on_disk("~$.hidden") == "~_.hidden"
