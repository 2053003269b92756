"""A password that somebody else chose is changed first, and nothing else is open until then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from coachline.web.accounts.actions import make_token
from coachline.web.accounts.models import User
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db
CHANGE = "/login/password/change/"
FRESH = "Another-sesame-43"


@pytest.fixture
def newcomer(in_service: Any) -> Client:
    User.objects.filter(username="director").update(must_change_password=True)
    client = Client()
    assert client.post("/login/", {"login": "director", "password": PASSWORD}).status_code == 302
    return client


def change(client: Client, old: str, new: str) -> Any:
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


@pytest.mark.parametrize("there", ["/", "/me/", "/org/users/", "/org/", "/journal/", "/me/tokens/", "/login/2fa/"])
def test_every_page_leads_to_the_password(newcomer: Client, there: str) -> None:
    answer = newcomer.get(there)
    assert answer.status_code == 302 and answer["Location"] == CHANGE
    part = newcomer.get(there, headers={"HX-Request": "true"})
    assert part.status_code == 204 and part["HX-Redirect"] == CHANGE
    assert newcomer.post(there)["Location"] == CHANGE


def test_the_interface_says_it_in_its_own_way(newcomer: Client) -> None:
    answer = newcomer.get("/api/v1/anything")
    assert answer.status_code == 403 and answer.json()["code"] == "password_due"


def test_signing_out_and_the_language_stay_open(newcomer: Client) -> None:
    assert newcomer.post(reverse("language"), {"language": "en", "next": CHANGE}).status_code == 302
    assert "chosen by the administrator" in newcomer.get(CHANGE).content.decode()
    assert newcomer.post(reverse("account_logout")).status_code == 302
    assert newcomer.get("/me/")["Location"].startswith("/login/?next=")


def test_a_new_password_opens_everything(newcomer: Client) -> None:
    assert change(newcomer, PASSWORD, FRESH).status_code == 302
    assert newcomer.get("/me/").status_code == 200
    assert not User.objects.get(username="director").must_change_password


def test_the_same_or_a_weak_password_is_none(newcomer: Client) -> None:
    assert "新密码不能与原密码相同" in change(newcomer, PASSWORD, PASSWORD).content.decode()
    for weak in ("short", "1234567890", "director12"):
        change(newcomer, PASSWORD, weak)
    change(newcomer, "not the old one", FRESH)
    assert newcomer.get("/me/")["Location"] == CHANGE
    assert User.objects.get(username="director").check_password(PASSWORD)


def test_a_new_password_ends_tokens_and_other_sessions(client_of: Callable[[str], Client], user_of: Callable[[str], User]) -> None:
    user = user_of("director")
    make_token(user, "屏幕", ["operations.view"], 30, by=user)
    other, own = client_of("director"), client_of("director")
    assert change(own, PASSWORD, FRESH).status_code == 302
    assert own.get("/me/").status_code == 200
    assert other.get("/me/").status_code == 302
    assert not user.tokens.filter(revoked_at=None).exists()
