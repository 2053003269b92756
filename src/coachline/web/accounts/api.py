"""Who is asking, and what they may do."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from coachline.web.accounts.roles import VERBS
from coachline.web.base.schemas import refusals

router = Router()


class Me(Schema):
    """The user of the token."""

    username: str
    name: str
    verbs: list[str]


@router.get("", response={200: Me, **refusals()})
def me(request: HttpRequest) -> dict[str, object]:
    """The user of this token, and the verbs that it may use."""
    user: Any = request.user
    return {"username": user.get_username(), "name": user.get_full_name(), "verbs": [verb for verb in VERBS if user.has_perm(verb)]}
