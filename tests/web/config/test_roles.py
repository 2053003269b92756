"""Every address by everybody: who may, may; who may not, is told so; and looking changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.test import Client

from coachline.web.journal.models import Entry
from tests.web.config.addresses import PAGES, addresses
from tests.web.config.conftest import WHO, address, may
from tests.web.config.harmless import faults

pytestmark = pytest.mark.django_db

SignedIn = Callable[..., Client]
Things = dict[str, Any]
ADDRESSES = tuple(addresses())
RECORDED = {"facts.rejects"}
"""Whoever takes rows of people along is entered in the journal."""
GOES_ON = {"sessions.session"}
ENDS_THE_SESSION = {"account_logout"}


def state() -> dict[str, str]:
    """Everything in the database, table by table."""
    return {
        model._meta.label_lower: hashlib.sha256(repr(sorted(map(repr, model._base_manager.values_list()))).encode()).hexdigest()
        for model in apps.get_models()
        if model._meta.label_lower not in GOES_ON
    }


def test_every_address_has_its_line() -> None:
    """And every line its address: tests/web/config/addresses.py."""
    assert {name for name, _ in ADDRESSES} == set(PAGES)


def test_looking(signed_in: SignedIn, things: Things) -> None:
    wrong = [fault for who in WHO for fault in _looked(who, signed_in(who), things)]
    assert not wrong, "\n".join(wrong)


def _looked(who: str, client: Client, things: Things) -> Iterator[str]:
    asked = {name: address(name, parameters, things, who) for name, parameters in ADDRESSES}
    before, known = state(), set(Entry.objects.values_list("pk", flat=True))
    for name, path in asked.items():
        answer = client.get(path)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        expected = _expected(who, name)
        if answer.status_code != expected:
            yield f"{who} {name}: {answer.status_code}, not {expected} ({PAGES[name].verb})"
        elif (
            expected == 302 and who == "anonymous" and not answer.headers["Location"].startswith("/login/") and name not in ENDS_THE_SESSION
        ):
            yield f"{name} leads to {answer.headers['Location']}"
        yield from (f"{who} {name}: {fault}" for fault in faults(answer, body))
    entered = set(Entry.objects.exclude(pk__in=known).values_list("verb", flat=True))
    if entered - RECORDED:
        yield f"{who}: looking was entered as {entered}"
    yield from (f"{who}: looking has changed {table}" for table in _changes(before) if table != "journal.entry")


def _expected(who: str, name: str) -> int:
    page = PAGES[name]
    if who == "anonymous":
        return page.anonymous
    if "get" not in page.methods:
        return 405
    if name == "capability:agents" and who == "agent":
        # Who sees nobody else is led to the own page.
        return 302
    return page.status if may(who, page) else page.refused


def test_changing(signed_in: SignedIn, things: Things) -> None:
    """An empty form: who may is told what is lacking, or it is done; who may not changes nothing."""
    wrong = [fault for who in WHO for fault in _changed(who, signed_in(who), things)]
    assert not wrong, "\n".join(wrong)


def _changed(who: str, client: Client, things: Things) -> Iterator[str]:
    asked = {name: address(name, parameters, things, who) for name, parameters in ADDRESSES if name not in ENDS_THE_SESSION}
    before = state()
    for name, path in asked.items():
        page = PAGES[name]
        if "post" in page.methods and may(who, page, changing=True):
            with transaction.atomic():
                answer = client.post(path, dict(page.body))
                transaction.set_rollback(True)
            if answer.status_code >= 500 or answer.status_code in (403, 405):
                yield f"{who} {name}: {answer.status_code} though they hold {page.verb}"
            continue
        # Where there is nothing, there is nothing to change.
        expected = page.refused if "post" in page.methods else 404 if page.status == 404 else 405
        if who == "anonymous" and page.anonymous == 302:
            expected = 302
        answer = client.post(path, dict(page.body))
        if answer.status_code not in (expected, 405 if expected == 404 else expected):
            yield f"{who} {name}: {answer.status_code} to a POST, not {expected}"
    yield from (f"{who}: what was refused has changed {table}" for table in _changes(before))


def _changes(before: dict[str, str]) -> list[str]:
    return sorted(table for table, content in state().items() if content != before[table])
