"""Every operation by the token of every role: what the verb says is what happens, and without a token nothing does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES
from tests.web.api.test_description import DESCRIPTION
from tests.web.config.addresses import API, SIGNED_IN
from tests.web.config.conftest import holds
from tests.web.config.harmless import faults
from tests.web.facts.exports import gb18030

pytestmark = pytest.mark.django_db

Things = dict[str, Any]
OPERATIONS = tuple(
    (operation["operationId"], method, path) for path, methods in DESCRIPTION["paths"].items() for method, operation in methods.items()
)
HARMLESS = {
    "home_ask": {"parameters": {}},
    "facts_map_upload": {"mapping": {}},
    "facts_check_upload": {},
    "facts_open_ticket": {"table": "calls", "columns": ["x"], "issue": "none"},
    "facts_change_ticket": {"comment": "看过了"},
}
"""Bodies of operations that want one."""


def test_every_operation_has_its_line() -> None:
    """tests/web/config/addresses.py."""
    assert {name for name, _, _ in OPERATIONS} == set(API)


def filled(path: str, things: Things) -> str:
    pks = things["pks"]
    run = pks["runs:detail"] if "{name}" not in path else things["run_id"]
    known = {"upload_id": pks["facts:upload-detail"], "ticket_id": pks["facts:ticket"], "alert_id": pks["operations:alert"], "run_id": run}
    return path.format(**known, name=things["name"], table=things["which"])


def asked(client: Client, name: str, method: str, path: str) -> Any:
    if method == "get":
        return client.get(path)
    if name == "facts_send_upload":
        return client.post(path, {"file": SimpleUploadedFile("a.csv", gb18030())})
    return getattr(client, method)(path, json.dumps(HARMLESS.get(name, {})), content_type="application/json")


def test_roles(api_client: Callable[[str], Client], things: Things) -> None:
    wrong = []
    for who in ROLES:
        client, may_have_one = api_client(who), User.objects.get(username=who).has_perm("accounts.tokens")
        for name, method, path in OPERATIONS:
            with transaction.atomic():
                answer = asked(client, name, method, filled(path, things))
                transaction.set_rollback(True)
            allowed = API[name] == SIGNED_IN or holds(who, API[name])
            if not may_have_one:
                fine = answer.status_code == 401
            elif not allowed:
                fine = answer.status_code == 403 and answer.json()["code"] == "no_permission"
            else:
                fine = answer.status_code in (200, 201, 202) if method == "get" else answer.status_code not in (401, 403, 405, 500)
            if not fine:
                wrong.append(f"{who} {name}: {answer.status_code} {answer.content[:200]!r}")
            if answer.status_code >= 400 and set(answer.json()) != {"code", "message"}:
                wrong.append(f"{name} refuses in another shape: {answer.content[:200]!r}")
            wrong += [f"{who} {name}: {fault}" for fault in faults(answer, answer.content)]
    assert not wrong, "\n".join(wrong)


def test_a_session_opens_no_operation(signed_in: Callable[..., Client], things: Things) -> None:
    """So no page elsewhere can use the browser of somebody who has signed in."""
    client = signed_in("administrator")
    found = {name: asked(client, name, method, filled(path, things)).status_code for name, method, path in OPERATIONS}
    assert set(found.values()) == {401}, found
