"""Signing in: who gets in, who is told to wait, and that every page of it is ours."""

from __future__ import annotations

import base64
import hmac
import re
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail
from django.test import Client
from django.urls import get_resolver, reverse

from coachline.web.accounts.models import User
from coachline.web.journal.models import Entry
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN = "/login/"


def sign_in(client: Client, name: str, password: str = PASSWORD) -> Any:
    return client.post(LOGIN, {"login": name, "password": password})


def confirm(client: Client, there: str) -> None:
    """Enter the password again where a page asks for it."""
    asked = client.get(there)
    assert asked.status_code == 302 and asked["Location"].startswith(reverse("account_reauthenticate"))
    assert client.post(asked["Location"], {"password": PASSWORD, "next": there}).status_code == 302


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), "sha1").digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_the_right_password_opens_the_first_page_and_the_journal_knows(in_service: Any) -> None:
    answer = sign_in(Client(), "Director")
    assert answer.status_code == 302 and answer["Location"] == "/"
    assert Entry.objects.filter(verb="accounts.sign_in", user_name="director").count() == 1


def test_the_login_page_bears_the_centre_both_languages_and_whom_to_ask(in_service: Any) -> None:
    page = Client().get(LOGIN).content.decode()
    assert "测试中心" in page and "请联系本中心的系统管理员" in page and "忘记密码？</a>" not in page
    assert 'value="en"' in page and "oidc" not in page
    client = Client()
    client.cookies["django_language"] = "en"
    english = client.get(LOGIN).content.decode()
    assert "Sign in" in english and "Ask your centre&#x27;s administrator" in english


def test_the_sixth_attempt_is_refused_even_with_the_right_password(in_service: Any) -> None:
    client = Client()
    for _ in range(5):
        assert "用户名或密码不正确" in sign_in(client, "director", "wrong").content.decode()
    answer = sign_in(client, "director")
    assert answer.status_code == 200 and "请等 5 分钟后再试" in answer.content.decode()
    assert sign_in(Client(), "trainer").status_code == 302, "others can still sign in"


def test_right_passwords_are_not_counted(in_service: Any) -> None:
    for _ in range(8):
        assert sign_in(Client(), "director").status_code == 302


def test_a_closed_account_does_not_open(user_of: Callable[[str], User]) -> None:
    User.objects.filter(username="director").update(is_active=False)
    client = Client()
    answer = client.post(LOGIN, {"login": "director", "password": PASSWORD}, follow=True)
    assert "账号已停用" in answer.content.decode()
    assert not client.session.get("_auth_user_id")


def test_closing_an_account_ends_what_is_open(client_of: Callable[[str], Client]) -> None:
    client = client_of("director")
    assert client.get("/me/").status_code == 200
    User.objects.filter(username="director").update(is_active=False)
    assert client.get("/me/").status_code == 302


def test_second_factor_from_turning_on_to_signing_in(client_of: Callable[[str], Client], django_capture_on_commit_callbacks: Any) -> None:
    client = Client()
    sign_in(client, "director")
    activate = reverse("mfa_activate_totp")
    confirm(client, activate)
    page = client.get(activate).content.decode()
    secret = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", page)[1]  # type: ignore[index]

    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(activate, {"code": code_of(secret)})
    assert done["Location"] == reverse("mfa_view_recovery_codes")
    codes = re.search(r"<pre[^>]*>(.*?)</pre>", client.get(done["Location"]).content.decode(), re.S)[1].split()  # type: ignore[index]
    assert len(codes) == 10
    assert Entry.objects.filter(verb="accounts.add_second_factor").exists()

    again = Client()
    there = sign_in(again, "director")["Location"]
    assert there == reverse("mfa_authenticate")
    assert again.get("/me/").status_code == 302, "the password alone opens nothing"
    assert "两步验证" in again.get(there).content.decode()
    assert again.post(there, {"code": "000000"}).status_code == 200
    assert again.post(there, {"code": codes[0]})["Location"] == "/"
    assert again.get("/me/").status_code == 200
    twice = Client()
    there = sign_in(twice, "director")["Location"]
    assert twice.post(there, {"code": codes[0]}).status_code == 200, "a recovery code works once"


def test_turning_the_second_factor_off(client_of: Callable[[str], Client], user_of: Callable[[str], User]) -> None:
    TOTP.activate(user_of("director"), "JBSWY3DPEHPK3PXP")
    client = client_of("director")
    there = reverse("mfa_deactivate_totp")
    confirm(client, there)
    assert client.post(there)["Location"] == reverse("mfa_index")
    assert not Authenticator.objects.filter(user__username="director").exists()


def test_nobody_registers_and_nobody_resets_a_password_without_mail(in_service: Any) -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str)}
    assert not {name for name in names if "signup" in name or "email" in name or "connections" in name}
    assert Client().get("/login/signup/").status_code in (302, 404)
    assert Client().get(reverse("account_reset_password")).status_code == 404
    assert Client().post(reverse("account_reset_password"), {"email": "director@example.test"}).status_code == 404
    assert not mail.outbox


def test_with_mail_a_forgotten_password_is_chosen_anew(in_service: Any, settings: Any) -> None:
    settings.EMAIL_HOST = "smtp.example.test"
    client = Client()
    assert reverse("account_reset_password") in client.get(LOGIN).content.decode()
    User.objects.filter(username="director").update(must_change_password=True)
    assert client.post(reverse("account_reset_password"), {"email": "director@example.test"}).status_code == 302
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]  # type: ignore[index]
    form = client.get(link, follow=True)
    assert "设置密码" in form.content.decode()
    fresh = "Another-sesame-43"
    assert client.post(form.request["PATH_INFO"], {"password1": fresh, "password2": fresh}).status_code == 302
    assert sign_in(Client(), "director", fresh).status_code == 302
    assert not User.objects.get(username="director").must_change_password


def test_an_address_that_nobody_has_gets_the_same_answer_and_no_mail(in_service: Any, settings: Any) -> None:
    settings.EMAIL_HOST = "smtp.example.test"
    answer = Client().post(reverse("account_reset_password"), {"email": "nobody@example.test"}, follow=True)
    assert "重置邮件已经发出" in answer.content.decode() and not mail.outbox


def test_too_many_requests_have_a_page_of_ours(in_service: Any, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login": "1/m/ip"}
    client = Client()
    sign_in(client, "director", "wrong")
    answer = sign_in(client, "director", "wrong")
    assert answer.status_code == 429 and "操作过于频繁" in answer.content.decode() and "测试中心" in answer.content.decode()


PUBLIC = ("account_login", "account_inactive", "account_reset_password", "account_reset_password_done", "account_reset_password_from_key_done",
          "socialaccount_login_cancelled", "socialaccount_login_error")  # fmt: skip
SIGNED_IN = ("account_logout", "account_reauthenticate", "account_change_password", "mfa_index", "mfa_reauthenticate")
CONFIRMED = ("mfa_deactivate_totp", "mfa_generate_recovery_codes")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_page_stands_in_our_frame_and_holds_no_style_and_no_script(
    client_of: Callable[[str], Client], user_of: Callable[[str], User], settings: Any, language: str
) -> None:
    settings.EMAIL_HOST = "smtp.example.test"
    user = user_of("director")
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    client = client_of("director")
    client.cookies["django_language"] = language
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    stranger = Client()
    stranger.cookies["django_language"] = language
    halfway = Client()
    halfway.cookies["django_language"] = language
    sign_in(halfway, "director")
    pages = {name: stranger.get(reverse(name)) for name in PUBLIC}
    pages |= {name: client.get(reverse(name)) for name in (*SIGNED_IN, *CONFIRMED)}
    pages["mfa_authenticate"] = halfway.get(reverse("mfa_authenticate"))
    pages["bad_link"] = stranger.get(reverse("account_reset_password_from_key", args=["1", "x-y"]))
    client.post(reverse("mfa_generate_recovery_codes"))
    pages["mfa_view_recovery_codes"] = client.get(reverse("mfa_view_recovery_codes"))
    for name, answer in pages.items():
        text = answer.content.decode()
        assert answer.status_code in (200, 401), (name, answer.status_code)
        assert "测试中心" in text and 'id="main"' in text, name
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", text), name
        assert not re.search(r"\bweb\.[a-z_]+\.[a-z_.]+", re.sub(r'"[^"]*"', "", text)), f"{name} lacks a sentence"
    client.post(reverse("mfa_deactivate_totp"))
    activate = client.get(reverse("mfa_activate_totp"))
    assert activate.status_code == 200 and "data:image/svg+xml" in activate.content.decode()
