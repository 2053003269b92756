"""Requests that nobody thought of, made from the description of the API: whatever is sent, the answer is one that the description knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from coachline.web.accounts.models import User
from tests.web.api.conftest import token_of
from tests.web.config.conftest import everything

pytestmark = pytest.mark.django_db

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 8
"""For each operation, way and token: what keeps the whole within a minute. The same ones each time."""
REFUSES = 400

Things = dict[str, Any]


@pytest.mark.parametrize("who", ["everything", "planner"])
def test_every_answer_is_described(who: str, things: Things) -> None:
    """With a token for all that there is, and with a narrow one."""
    secret = (
        token_of(everything("everything")) if who == "everything" else token_of(User.objects.get(username=who), ["runs.view", "org.view"])
    )
    application = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    refused, tried, wrong = 0, 0, []
    for found in application.get_all_operations():
        operation = found.ok()
        for ask in _ways(operation, things):
            statuses: list[int] = []
            try:
                _tried(ask, secret, statuses)
            except Exception as fault:
                wrong.append(f"{operation.label}: {fault}")
            tried += len(statuses)
            refused += sum(status >= REFUSES for status in statuses)
    assert not wrong, "\n\n".join(wrong)
    assert 0 < refused < tried > 200


def _ways(operation: Any, things: Things) -> Iterator[Any]:
    """As described, of things that are there; and in every way otherwise."""
    pks = things["pks"]
    known = {
        "upload_id": str(pks["facts:upload-detail"]),
        "ticket_id": pks["facts:ticket"],
        "alert_id": pks["operations:alert"],
        "run_id": str(pks["runs:detail"]),
        "name": things["name"],
        "table": things["which"],
    }
    there = {parameter.name: known[parameter.name] for parameter in operation.path_parameters}
    yield operation.as_strategy(GenerationMode.POSITIVE, **({"path_parameters": there} if there else {}))
    if there or operation.query.items or operation.body.items:
        yield operation.as_strategy(GenerationMode.NEGATIVE)


def _tried(ask: Any, secret: str, statuses: list[int]) -> None:
    @seed(4)
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(ask)
    def one(case: Any) -> None:
        with transaction.atomic():
            answer = case.call(headers={"Authorization": f"Bearer {secret}"})
            transaction.set_rollback(True)
        statuses.append(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    one()
