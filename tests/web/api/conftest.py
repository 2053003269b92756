"""Tokens, and requests that carry them."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import pytest
from django.test import Client

from coachline.web.accounts.actions import make_token
from coachline.web.accounts.roles import VERBS

Api = Callable[..., Any]


def client_with(secret: str) -> Client:
    """A client whose requests carry a token and no session."""
    return Client(headers={"Authorization": f"Bearer {secret}"})


def token_of(user: Any, verbs: Collection[str] = ()) -> str:
    """The secret of a token for these verbs; for all that `user` may do where none are named."""
    wanted = verbs or [verb for verb in VERBS if user.has_perm(verb)]
    return make_token(user, "测试", wanted, 30, by=user)[1]


@pytest.fixture
def api_of(user_of: Callable[[str], Any]) -> Callable[..., Client]:
    """``api_of("director", "runs.view")`` -> a client with a token of that user for these verbs."""
    return lambda role, *verbs: client_with(token_of(user_of(role), verbs))
