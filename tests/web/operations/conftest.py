"""Alerts to look at: rules that the figures of the small centre meet."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coachline.web.operations.actions.setting import Wish, save_rule
from coachline.web.operations.models import Channel, Rule

MakeRule = Callable[..., Rule]


@pytest.fixture
def make_rule(user_of: Callable[[str], Any]) -> MakeRule:
    """``make_rule(roles=["director"])``: a rule that any day meets, as the connect rate is never above 1.5."""

    def made(**wish: Any) -> Rule:
        return save_rule(
            Wish(**{"name": "底线", "metric": "connect_rate", "condition": "below", "threshold": 1.5, "roles": ["director"], **wish}),
            by=user_of("director"),
        )

    return made


@pytest.fixture
def only_own_rules(in_service: Path) -> None:
    """Without the rule that exists from the start."""
    Rule.objects.all().delete()


@pytest.fixture
def channel(in_service: Path) -> Channel:
    return Channel.objects.create(
        name="运营群", kind="dingtalk", url="https://chat.example/send?access_token=0123456789abcdef", secret="SEC-of-the-group"
    )
