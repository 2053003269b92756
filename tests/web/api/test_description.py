"""The description of the API that others build on."""

from __future__ import annotations

import json
import re

import pytest

from tests.repo.tree import ROOT
from tools.write_openapi import TARGET, description

REFUSAL = {"$ref": "#/components/schemas/Refusal"}
METHODS = {"get", "post", "put", "patch", "delete"}
DESCRIPTION = json.loads(TARGET.read_text(encoding="utf-8"))
OPERATIONS = {f"{method} {path}": operation for path, methods in DESCRIPTION["paths"].items() for method, operation in methods.items()}


def test_the_description_is_current() -> None:
    """``make docs`` puts it right."""
    assert TARGET.read_text(encoding="utf-8") == description(), TARGET.relative_to(ROOT)


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+_[a-z_]+", name) for name in names), names


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_refusal_has_one_shape(operation: str) -> None:
    answers = OPERATIONS[operation]["responses"]
    assert {"401", "403"} <= set(answers)
    assert ("404" in answers) or "{" not in operation, "what an address names may not be there"
    takes_something = OPERATIONS[operation].get("requestBody") or any(p["in"] == "query" for p in OPERATIONS[operation]["parameters"])
    assert "422" in answers or not takes_something
    for status, answer in answers.items():
        if int(status) >= 400:
            assert answer["content"]["application/json"]["schema"] == REFUSAL


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_says_what_it_does_and_wants_a_token(operation: str) -> None:
    assert OPERATIONS[operation]["description"]
    assert OPERATIONS[operation]["security"] == [{"TokenAuth": []}]


def test_descriptions_are_for_readers_of_the_api() -> None:
    """Sections of docstrings are for those who read the code."""
    assert "----" not in TARGET.read_text(encoding="utf-8")
