"""What outsiders, colleagues and files may try, and what stops it."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from coachline.web.accounts.models import User
from coachline.web.base.downloads import named
from coachline.web.facts.models import Upload
from coachline.web.journal.models import Entry
from coachline.web.org.models import Agent, Team
from tests.web.config.addresses import PAGES, addresses
from tests.web.config.conftest import address, everything
from tests.web.config.harmless import SECRETS, faults
from tests.web.conftest import PASSWORD
from tests.web.facts.exports import gb18030

pytestmark = pytest.mark.django_db

SignedIn = Callable[..., Client]
Things = dict[str, Any]
ELSEWHERE = ("https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)", "\\\\evil.example")
FORMULA = "=1+1"

UNDER_HTTPS = """
import json, django
from django.conf import settings
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()
from django.core.management import call_command
from django.test import Client
call_command("migrate", verbosity=0)
from coachline.web.accounts.models import User
user = User.objects.create_user("somebody", password="Sesame-opens-42")
client = Client(headers={"host": "coach.example"})
page = client.get("/login/", secure=True)
client.post("/login/", {"login": "somebody", "password": "Sesame-opens-42"}, secure=True)
print(json.dumps({
    "debug": settings.DEBUG,
    "key": settings.SECRET_KEY,
    "hash": user.password.split("$")[0],
    "plain": client.get("/login/").headers.get("Location"),
    "hsts": page.headers.get("Strict-Transport-Security"),
    "cookies": {name: [bool(cookie["secure"]), bool(cookie["httponly"]), cookie["samesite"]] for name, cookie in client.cookies.items()},
    "stranger": Client(headers={"host": "evil.example"}).get("/login/", secure=True).status_code,
}))
"""


@pytest.fixture(scope="module")
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """As an operator sets them behind HTTPS; a variable that other Django projects obey is none here."""
    folder = tmp_path_factory.mktemp("https")
    return {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "COACHLINE_CENTRE": str(folder),
        "COACHLINE_HTTPS": "1",
        "COACHLINE_HOSTS": "coach.example",
        "COACHLINE_SECRET_KEY": "k3" * 40 + "-of-the-environment-" + "xyzuvw",
        "DJANGO_SETTINGS_MODULE": "coachline.web.config.settings",
        "DEBUG": "1",
        "DJANGO_DEBUG": "1",
        "PYTHONWARNINGS": "ignore",
    }


def run(surroundings: dict[str, str], *command: str) -> str:
    done = subprocess.run([sys.executable, *command], env=surroundings, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_the_check_before_deployment_finds_nothing(surroundings: dict[str, str]) -> None:
    assert "no issues" in run(surroundings, "-m", "django", "check", "--deploy", "--fail-level", "WARNING")


def test_behind_https(surroundings: dict[str, str]) -> None:
    found = json.loads(next(line for line in run(surroundings, "-c", UNDER_HTTPS).splitlines() if line.startswith("{")))
    assert found["debug"] is False
    assert found["key"] == surroundings["COACHLINE_SECRET_KEY"]
    assert found["hash"] == "pbkdf2_sha256"
    assert found["plain"] == "https://coach.example/login/"
    assert "max-age=31536000" in found["hsts"]
    assert found["stranger"] == 400
    assert found["cookies"]["sessionid"] == [True, True, "Lax"]
    # The form's own cookie is read by htmx's requests; it opens nothing by itself.
    assert found["cookies"]["csrftoken"] == [True, False, "Lax"]


def test_no_form_is_taken_from_elsewhere(signed_in: SignedIn, things: Things) -> None:
    client = signed_in("administrator", enforce_csrf_checks=True)
    asked = [
        (name, address(name, parameters, things, "administrator")) for name, parameters in addresses() if "post" in PAGES[name].methods
    ]
    before = Entry.objects.count()
    found = {name: client.post(path, headers={"Origin": "https://evil.example"}).status_code for name, path in asked}
    assert len(found) > 40 and set(found.values()) == {403}, {name: status for name, status in found.items() if status != 403}
    assert Entry.objects.count() == before


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example", "testserver@evil.example"])
def test_a_strange_host_is_refused(in_service: Path, host: str) -> None:
    answer = Client(headers={"host": host}).get("/login/")
    assert answer.status_code == 400
    assert host.encode() not in answer.content
    assert not [fault for fault in faults(answer, answer.content) if fault.startswith("tells")]


@pytest.mark.parametrize("back", ELSEWHERE)
def test_nothing_leads_elsewhere(signed_in: SignedIn, things: Things, back: str) -> None:
    somebody = signed_in("director")
    answers = {
        "login": Client().post("/login/", {"login": "director", "password": PASSWORD, "next": back}),
        "login by address": Client().post("/login/?next=" + back, {"login": "director", "password": PASSWORD}),
        "language": somebody.post("/language", {"language": "en", "next": back}),
        "start": somebody.post("/runs/start-page", {"page": "operations.daily", "next": back}),
        "seen": somebody.post("/operations/alerts/seen", {"next": back}),
        "password again": somebody.post("/login/reauthenticate/", {"password": PASSWORD, "next": back}),
        "signed in already": somebody.get("/login/?next=" + back),
        "logout": somebody.post("/login/logout/", {"next": back}),
    }
    for name, answer in answers.items():
        assert answer.status_code == 302, (name, answer.content[:500])
        assert re.match(r"/(?![/\\])", answer.headers["Location"]), (name, answer.headers["Location"])


def test_what_is_too_large_is_not_stored(signed_in: SignedIn, api_client: Callable[[str], Client], things: Things, settings: Any) -> None:
    before = Upload.objects.count()
    settings.UPLOAD_LIMIT_BYTES = 1_000
    for client, path in ((signed_in("administrator"), "/facts/"), (api_client("administrator"), "/api/v1/facts/uploads")):
        answer = client.post(path, {"file": SimpleUploadedFile("a.csv", b"x" * 5_000)})
        assert answer.status_code == 413 and "1" in answer.content.decode()
        if path.startswith("/api/"):
            assert answer.json()["code"] == "upload_too_large"
    assert Upload.objects.count() == before


def test_names_of_files_add_no_header_and_leave_no_folder(signed_in: SignedIn, things: Things, own_centre: Path) -> None:
    bad = '..\\../..//x\r\nSet-Cookie: a=1;\u202e\x00"表.csv'
    header = named(HttpResponse(), bad).headers["Content-Disposition"]
    assert "\r" not in header and "\n" not in header and '"' not in header
    client = signed_in("administrator")
    outside = {path for path in own_centre.parent.rglob("*") if own_centre not in path.parents}
    client.post("/facts/", {"file": SimpleUploadedFile(bad, gb18030())})
    upload = Upload.objects.latest("at")
    assert upload.file.is_file() and upload.file.resolve().parent == (own_centre / "uploads" / str(upload.pk)).resolve()
    assert {path for path in own_centre.parent.rglob("*") if own_centre not in path.parents} == outside
    (own_centre / "rejects" / "two.csv").write_text("reason\n", encoding="utf-8")
    Upload.objects.filter(pk=upload.pk).update(rejects="two.csv")
    answer = client.get(f"/facts/uploads/{upload.pk}/rejects.csv")
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers and "\u202e" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    "path",
    [
        "/static/../../coachline.sqlite3",
        "/static/%2e%2e/%2e%2e/centre.toml",
        "/facts/tables/..%2f..%2fcentre.toml/",
        "/coachline.sqlite3",
        "/capability/agents/../../../etc/passwd/",
        "/facts/calls/..%2F..%2Fcentre.toml/x",
        "/facts/uploads/../centre.toml",
        "/centre.toml",
    ],
)
def test_no_address_leads_to_a_file(signed_in: SignedIn, things: Things, path: str) -> None:
    answer = signed_in("administrator").get(path)
    assert answer.status_code in (403, 404), path
    assert b"[" + b"centre]" not in answer.content and b"SQLite format" not in answer.content and b"root:" not in answer.content


def test_no_download_is_run_by_a_spreadsheet(things: Things, signed_in: SignedIn) -> None:
    everybody = everything("=1+1|cmd")
    Agent.objects.update(name=FORMULA)
    Team.objects.filter(pk=Team.objects.order_by("pk")[0].pk).update(name="@SUM(1)")
    Entry.objects.create(verb="facts.erase", user_name="+1", subject="-1+1", reason="\t=1", facts={"x": FORMULA})
    client = signed_in(everybody.username)
    names = [(name, parameters) for name, parameters in addresses() if "kind" in parameters]
    asked = {
        f"{name} {kind}": address(name, parameters, {**things, "kind": kind}, "director")
        for name, parameters in names
        for kind in ("csv", "xlsx")
    }
    for name in ("facts:calls", "facts:quality", "facts:profile", "operations:intervals"):
        parameters = dict(addresses())[name]
        asked |= {f"{name} {kind}": address(name, parameters, things, "director") + f"?download={kind}" for kind in ("csv", "xlsx")}
    assert len(asked) >= 24
    for name, path in asked.items():
        answer = client.get(path)
        assert answer.status_code == 200, (name, answer.status_code)
        assert answer.headers["Content-Disposition"].startswith("attachment"), name
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        if name.endswith("csv"):
            cells = [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))) for cell in row]
            assert cells, name
            assert not [cell for cell in cells if re.match(r"[=+\-@\t\r]", cell) and not _is_number(cell)], name
        else:
            with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
                sheets = [book.read(part).decode() for part in book.namelist() if part.startswith("xl/worksheets/sheet")]
            assert sheets and not [sheet for sheet in sheets if re.search(r"<f[ >]", sheet)], name


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


NASTY = ("\0", "9" * 40, "-1", "²", "'\"><script>alert(1)</script>", "0001-01-01", "9999-12-31", "ZGlk", "\U000e0001\u202e", "%", "NaN")
ASKED_BY = [
    "page",
    "centre",
    "since",
    "until",
    "q",
    "sort",
    "outcome",
    "team",
    "agent",
    "business",
    "state",
    "owner",
    "table",
    "after",
    "before",
    "queue",
    "rating",
    "call_id",
    "which",
    "metric",
    "day",
    "weekday",
    "by",
    "member",
    "shape",
    "role",
    "family",
    "severity",
    "harmed",
    "ticket",
    "kind",
    "who",
    "verb",
    "subject",
    "transferred",
    "page_code",
    "mine",
    "late",
    "span",
]


def test_no_question_breaks_a_page(things: Things, signed_in: SignedIn) -> None:
    client = signed_in(everything("everything").username)
    client.raise_request_exception = False
    wrong = []
    for name, parameters in addresses():
        if "get" not in PAGES[name].methods or name == "account_logout":
            continue
        path = address(name, parameters, things, "director").split("?")[0]
        for nasty in NASTY:
            answer = client.get(path, dict.fromkeys(ASKED_BY, nasty))
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
            if answer.status_code >= 500:
                wrong.append(f"{name} {nasty[:12]!r}: {answer.status_code}")
            if b"<script>alert(1)" in body and answer.headers["Content-Type"].startswith("text/html"):
                wrong.append(f"{name} says it as it is")
    assert not wrong, "\n".join(wrong)


def test_a_session_begins_anew_when_somebody_signs_in(in_service: Path) -> None:
    client = Client()
    client.get("/login/")
    session = client.session
    session["planted"] = 1
    session.save()
    planted = session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert client.post("/login/", {"login": "planner", "password": PASSWORD}).status_code == 302
    fresh = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert fresh != planted
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = planted
    assert thief.get("/me/").status_code == 302
    assert client.get("/me/").status_code == 200


def test_a_new_password_ends_every_session_and_signing_out_ends_this_one(in_service: Path) -> None:
    clients = [Client(), Client()]
    for client in clients:
        client.post("/login/", {"login": "planner", "password": PASSWORD})
    stolen = clients[0].cookies[settings.SESSION_COOKIE_NAME].value
    clients[0].post("/login/logout/")
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = stolen
    assert thief.get("/me/").status_code == 302
    user = User.objects.get(username="planner")
    user.set_password("Another-sesame-43")
    user.save()
    assert clients[1].get("/me/").status_code == 302


def test_who_may_no_longer_sign_in_is_out_at_once(signed_in: SignedIn, api_client: Callable[[str], Client], things: Things) -> None:
    client, programs = signed_in("planner"), api_client("planner")
    assert client.get("/me/").status_code == programs.get("/api/v1/me").status_code == 200
    User.objects.filter(username="planner").update(is_active=False)
    assert client.get("/me/").status_code == 302
    assert programs.get("/api/v1/me").status_code == 401


def test_secrets_do_not_reach_the_journal(things: Things, user_of: Callable[[str], Any]) -> None:
    from coachline.web.operations.actions.setting import remove_channel, save_channel
    from coachline.web.operations.models import Channel

    director, known = user_of("director"), Channel.objects.get()
    save_channel("群", "wecom", SECRETS[0], SECRETS[1], by=director, centre=known.centre, channel=known)
    remove_channel(save_channel("二群", "wecom", SECRETS[0], SECRETS[1], by=director, centre=known.centre), by=director)
    kept = json.dumps(list(Entry.objects.values()), default=str, ensure_ascii=False)
    assert "robot.example" in kept and not [secret for secret in SECRETS if secret in kept] and "geheim" not in kept
