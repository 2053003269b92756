"""Keys to the API: they open what their owner chose, as long as both may."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.web.accounts.actions import make_token, revoke_token, user_of_token
from coachline.web.accounts.models import Token, User
from coachline.web.base.refusals import NoPermission
from coachline.web.journal.models import Entry
from coachline.web.org.permissions import scope_of
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db
VERB = "operations.view"


@pytest.fixture
def director(user_of: Callable[[str], User]) -> User:
    return user_of("director")


@pytest.fixture
def made(director: User) -> tuple[Token, str]:
    return make_token(director, "日报大屏", [VERB], 30, by=director)


def test_a_token_opens_its_verbs_and_no_others(director: User, made: tuple[Token, str]) -> None:
    found = user_of_token(made[1], VERB)
    assert found == director
    assert found.has_perm(VERB) and scope_of(found, VERB).centres
    assert director.has_perm("capability.view") and not found.has_perm("capability.view") and not scope_of(found, "capability.view")
    assert user_of_token(made[1], "capability.view") is None
    assert user_of_token(made[1]) == director


def test_a_token_never_opens_more_than_its_owner_may_now(director: User, made: tuple[Token, str]) -> None:
    director.grants.all().delete()  # type: ignore[attr-defined]
    assert user_of_token(made[1], VERB) is None


@pytest.mark.parametrize("secret", ["", "coachline_", "coachline_" + "x" * 43, "\x00", "ü" * 2000])
def test_what_is_no_secret_opens_nothing(made: tuple[Token, str], secret: str) -> None:
    assert user_of_token(secret, VERB) is None
    assert user_of_token(made[1][:-1], VERB) is None
    assert user_of_token(made[0].digest, VERB) is None


def test_the_secret_is_kept_nowhere(director: User, made: tuple[Token, str]) -> None:
    token, secret = made
    assert len(secret) > 40
    kept = json.dumps([list(Token.objects.values()), list(Entry.objects.values("facts", "subject", "reason"))], default=str)
    assert secret not in kept and secret[len(token.beginning) :] not in kept and secret.startswith(token.beginning)


@pytest.mark.parametrize(
    "change",
    [
        {"expires_at": timezone.now() - timedelta(seconds=1)},
        {"revoked_at": timezone.now()},
        {"user__is_active": False},
        {"user__must_change_password": True},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_has_ended_opens_nothing(made: tuple[Token, str], change: dict[str, Any]) -> None:
    [(name, value)] = change.items()
    if name.startswith("user__"):
        User.objects.filter(pk=made[0].user_id).update(**{name.removeprefix("user__"): value})
    else:
        Token.objects.filter(pk=made[0].pk).update(**change)
    assert user_of_token(made[1], VERB) is None


def test_one_query_whatever_the_secret(made: tuple[Token, str], django_assert_num_queries: Any) -> None:
    user_of_token(made[1])
    with django_assert_num_queries(1):
        user_of_token("coachline_none")
    with django_assert_num_queries(2):
        # The second one reads the owner's roles; the use is not written again so soon.
        user_of_token(made[1], VERB)


def test_when_it_was_used_is_written_once_a_minute(made: tuple[Token, str]) -> None:
    token, secret = made
    user_of_token(secret)
    token.refresh_from_db()
    first = token.used_at
    assert first is not None
    user_of_token(secret)
    token.refresh_from_db()
    assert token.used_at == first
    Token.objects.filter(pk=token.pk).update(used_at=first - timedelta(seconds=61))
    user_of_token(secret)
    token.refresh_from_db()
    assert token.used_at is not None and token.used_at >= first


@pytest.mark.parametrize(
    ("name", "verbs", "days"),
    [("", [VERB], 30), ("x", [], 30), ("x", [VERB], 31), ("x", [VERB], 100_000), ("x", ["no.such"], 30)],
)
def test_what_a_token_must_be(director: User, name: str, verbs: list[str], days: int) -> None:
    with pytest.raises(CoachlineError, match="30 / 90 / 365"):
        make_token(director, name, verbs, days, by=director)


def test_nobody_makes_a_token_for_what_they_may_not_or_for_others(director: User, user_of: Callable[[str], User]) -> None:
    with pytest.raises(NoPermission):
        make_token(director, "x", [VERB, "accounts.manage"], 30, by=director)
    with pytest.raises(NoPermission):
        make_token(director, "x", [VERB], 30, by=user_of("administrator"))
    agent = user_of("agent")
    with pytest.raises(NoPermission):
        make_token(agent, "x", ["capability.view"], 30, by=agent)


def test_owners_and_administrators_revoke(made: tuple[Token, str], director: User, user_of: Callable[[str], User]) -> None:
    with pytest.raises(NoPermission):
        revoke_token(made[0], by=user_of("trainer"))
    revoke_token(made[0], by=user_of("administrator"))
    assert user_of_token(made[1], VERB) is None
    entries = Entry.objects.filter(verb="accounts.revoke_token")
    assert entries.count() == 1
    revoke_token(made[0], by=director)
    assert entries.count() == 1, "ending it twice is no second deed"


def test_the_page_asks_for_the_password_shows_the_secret_once_and_revokes(client_of: Callable[[str], Client]) -> None:
    client = client_of("director")
    assert "还没有令牌" in client.get(reverse("accounts:tokens")).content.decode()
    make = reverse("accounts:make_token")
    asked = client.get(make)
    assert asked.status_code == 302 and "reauthenticate" in asked["Location"]
    client.post(asked["Location"], {"password": PASSWORD, "next": make})
    assert client.post(make, {"name": "大屏", "days": "30", "verbs": ["accounts.manage"]}).status_code == 422
    shown = client.post(make, {"name": "大屏", "days": "90", "verbs": [VERB]})
    token = Token.objects.get(name="大屏")
    assert "no-store" in shown["Cache-Control"]
    secret = shown.content.decode().split('id="secret">')[1].split("<")[0]
    assert user_of_token(secret, VERB) is not None and 89 <= (token.expires_at - timezone.now()).days <= 90
    listed = client.get(reverse("accounts:tokens")).content.decode()
    assert secret not in listed and token.beginning in listed
    assert client_of("trainer").post(reverse("accounts:revoke_token", args=[token.pk])).status_code == 404
    assert client.post(reverse("accounts:revoke_token", args=[token.pk])).status_code == 302
    assert user_of_token(secret, VERB) is None


def test_agents_have_no_tokens(client_of: Callable[[str], Client]) -> None:
    client = client_of("agent")
    assert client.get(reverse("accounts:tokens")).status_code == 403
    assert reverse("accounts:tokens") not in client.get(reverse("accounts:me")).content.decode()
