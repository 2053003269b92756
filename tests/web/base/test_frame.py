"""What holds for every page: language, policy, refusals, and that nobody gets in without signing in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from coachline.errors import CoachlineError
from coachline.web.base.content_policy import POLICY
from coachline.web.base.language import LanguageMiddleware, short
from coachline.web.base.refusals import NoPermission, RefusalMiddleware
from coachline.web.base.upload_limit import UploadLimitMiddleware

pytestmark = pytest.mark.django_db

ClientOf = Callable[[str], Client]


def refused(error: Exception, path: str = "/somewhere", **headers: str) -> HttpResponse:
    request = RequestFactory().get(path, headers=headers)
    request.htmx = bool(headers)
    if headers:
        request.htmx = type("Details", (), {"boosted": False, "__bool__": lambda self: True})()
    response = RefusalMiddleware(lambda r: HttpResponse()).process_exception(request, error)
    assert response is not None
    return response


def text_of(response: HttpResponse) -> str:
    return response.content.decode()


def test_a_refusal_says_what_would_be_accepted() -> None:
    response = refused(CoachlineError("unknown_table", name="x", known="calls, agents"))
    assert response.status_code == 404
    assert "calls, agents" in text_of(response)


def test_a_part_of_a_page_gets_its_refusal_without_a_frame() -> None:
    response = refused(CoachlineError("not_there", what="x"), hx_request="true")
    assert response.status_code == 404
    assert "<html" not in text_of(response)


def test_an_unforeseen_error_shows_a_number_and_no_trace(caplog: pytest.LogCaptureFixture) -> None:
    response = refused(ZeroDivisionError("secret detail"))
    assert response.status_code == 500
    assert "secret" not in text_of(response)
    (number,) = re.findall(r"\b[0-9a-f]{8}\b", text_of(response))
    assert number in caplog.text
    assert "secret detail" in caplog.text


@pytest.mark.parametrize("error", [CoachlineError("lake_busy"), NoPermission("facts.upload"), ZeroDivisionError()])
def test_the_api_answers_in_json(error: Exception) -> None:
    response = refused(error, "/api/v1/anything")
    assert response["Content-Type"] == "application/json"


def test_who_lacks_a_verb_is_told_which(client_of: ClientOf) -> None:
    response = refused(NoPermission("facts.upload"))
    assert response.status_code == 403
    assert "导入数据" in text_of(response)


@pytest.mark.parametrize("path", ["/", "/analyses/", "/runs/", "/me/", "/org/", "/journal/", "/facts/", "/operations/", "/capability/"])
def test_nobody_gets_in_without_signing_in(path: str, in_service: object) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_no_page_may_run_a_script_of_its_own(in_service: object) -> None:
    response = Client().get("/login/")
    policy = response["Content-Security-Policy"]
    assert policy == POLICY
    assert "unsafe" not in policy
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_chinese_unless_somebody_chooses_english() -> None:
    said = []
    answer = LanguageMiddleware(lambda request: said.append(short()) or HttpResponse())  # type: ignore[func-returns-value]
    factory = RequestFactory()
    answer(factory.get("/", headers={"accept-language": "en-GB,en"}))
    english = factory.get("/")
    english.COOKIES[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer(english)
    nonsense = factory.get("/")
    nonsense.COOKIES[settings.LANGUAGE_COOKIE_NAME] = "../../etc"
    answer(nonsense)
    assert said == ["zh", "en", "zh"]


def test_choosing_a_language_leads_back_and_nowhere_else(in_service: object) -> None:
    client = Client()
    response = client.post("/language", {"language": "en", "next": "/login/?next=/"})
    assert response["Location"] == "/login/?next=/"
    assert 'lang="en"' in client.get("/login/").content.decode()
    assert client.post("/language", {"language": "en", "next": "https://evil.example/"})["Location"] == "/"
    assert client.post("/language", {"language": "en", "next": "//evil.example/"})["Location"] == "/"


def test_what_is_too_large_is_turned_away_unread() -> None:
    def answer(request: HttpRequest) -> HttpResponse:
        raise AssertionError("nothing of it may be read")

    request = RequestFactory().post("/facts/", b"", content_type="application/octet-stream")
    request.META["CONTENT_LENGTH"] = str(settings.UPLOAD_LIMIT_BYTES + 1)
    response = UploadLimitMiddleware(answer)(request)
    assert response.status_code == 413
    assert str(settings.UPLOAD_LIMIT_BYTES // 1_000_000) in text_of(response)


def test_the_server_says_whether_it_is_up(in_service: object) -> None:
    assert Client().get("/healthz").json() == {"ok": True}
