"""The journal is added to and read, and nothing in the application changes or removes an entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from coachline.web.accounts.models import User
from coachline.web.journal.actions import record
from coachline.web.journal.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(in_service: Any) -> Entry:
    return record("org.activate", by=None, named="张三", reason="回来了")


def _rename(found: Entry) -> None:
    found.reason = "other"
    found.save()


@pytest.mark.parametrize(
    "change",
    [
        _rename,
        lambda entry: entry.save(update_fields=["reason"]),
        lambda entry: entry.delete(),
        lambda entry: Entry.objects.filter(pk=entry.pk).update(reason="other"),
        lambda entry: Entry.objects.filter(pk=entry.pk).delete(),
        lambda entry: Entry.objects.all()._raw_delete("default"),
        lambda entry: Entry._base_manager.filter(pk=entry.pk).delete(),
        lambda entry: Entry._base_manager.filter(pk=entry.pk).update(reason="other"),
        lambda entry: Entry.objects.bulk_update([entry], ["reason"]),
        lambda entry: Entry.objects.update_or_create(pk=entry.pk, defaults={"reason": "other"}),
        lambda entry: Entry.objects.bulk_create([entry], update_conflicts=True, unique_fields=["id"], update_fields=["reason"]),
        lambda entry: Entry(pk=entry.pk, verb="x", user_name="x").save(force_update=True),
        lambda entry: Entry.objects.filter(pk=entry.pk).select_for_update().update(reason="other"),
    ],
)
def test_entries_refuse_to_be_changed_or_removed(entry: Entry, change: Callable[[Entry], Any]) -> None:
    before = list(Entry.objects.values())
    with pytest.raises(TypeError, match="only added to"):
        change(Entry.objects.get(pk=entry.pk))
    assert list(Entry.objects.values()) == before


def test_removing_a_user_or_a_thing_removes_no_entry(in_service: Any) -> None:
    user = User.objects.create_user("gone")
    record("org.activate", by=user, subject=user)
    user.delete()
    entry = Entry.objects.get(user_name="gone")
    assert entry.subject == "gone"
    assert not [field for field in Entry._meta.get_fields() if field.is_relation], "nothing hangs on it that could take it along"


def test_no_address_writes_to_it(client_of: Callable[[str], Client], entry: Entry) -> None:
    client = client_of("administrator")
    before = list(Entry.objects.order_by("pk").values())
    for address in (reverse("journal:list"), reverse("journal:entry", args=[entry.pk]), reverse("journal:download", args=["csv"])):
        for method in ("post", "put", "patch", "delete"):
            assert getattr(client, method)(address).status_code == 405, (method, address)
    assert list(Entry.objects.order_by("pk").values()) == before


def _views(patterns: list[Any]) -> list[Any]:
    found = []
    for pattern in patterns:
        found += _views(pattern.url_patterns) if isinstance(pattern, URLResolver) else [pattern] if isinstance(pattern, URLPattern) else []
    return found


def test_there_is_no_admin_and_no_other_page_of_it(in_service: Any) -> None:
    assert not apps.is_installed("django.contrib.admin")
    modules = {getattr(view.callback, "__module__", "") for view in _views(get_resolver().url_patterns)}
    assert {module for module in modules if ".journal" in module} == {"coachline.web.journal.views"}
