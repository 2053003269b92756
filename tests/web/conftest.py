"""A small centre in service: simulated, loaded through the real import, everything calculated, a user of every role.

It is made once per session and committed before the first test, so every test starts from it and rolls its own changes back. A test that
writes to the lake or to files takes ``own_centre``, a copy.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from coachline.engine.simulate.size import CentreSize
from coachline.web.accounts.roles import ROLES

SIZE = CentreSize(agents=12, businesses=10, days=45, calls=9_000)
PASSWORD = "Sesame-opens-42"


@pytest.fixture(scope="session", autouse=True)
def _settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What tests do otherwise: a centre of their own, plain names of static files, quick passwords."""
    from django.conf import settings

    settings.COACHLINE_CENTRE = tmp_path_factory.mktemp("centre") / "c"
    settings.STATIC_ROOT = tmp_path_factory.mktemp("static")
    settings.CACHES["default"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(scope="session")
def centre_of_tests(_settings_of_tests: None) -> Path:
    """The folder of the centre; nobody writes to it."""
    from django.conf import settings

    from coachline.sample import load_exports, shorten_searches, simulate_files

    folder = Path(settings.COACHLINE_CENTRE)
    exports = simulate_files(folder, SIZE, 5, lambda step: None)
    load_exports(folder, "测试中心", exports, lambda file, step: None)
    shorten_searches(folder, 1)
    return folder


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any, centre_of_tests: Path) -> None:
    """The database of the session, with what is in service in it."""
    from coachline.web.org.actions import sync_from_facts
    from coachline.web.runs.actions import enqueue
    from coachline.web.runs.execution import execute_here
    from coachline.web.runs.models import Run

    with django_db_blocker.unblock():
        sync_from_facts(by=None)
        for role in ROLES:
            _make_user(role)
        run = enqueue("everything", "everything", {}, by=None)
        state = execute_here(str(run.pk))
        assert state == Run.State.DONE, Run.objects.get(pk=run.pk).error
        _keep_baseline()


_BASELINE: list[sqlite3.Connection] = []
"""What was in service when the session began, as a copy of the whole database."""


def _keep_baseline() -> None:
    from django.db import connection

    if connection.vendor == "sqlite":
        connection.ensure_connection()
        _BASELINE.append(sqlite3.connect(":memory:", check_same_thread=False))
        connection.connection.backup(_BASELINE[0])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """A test of real transactions empties the database when it ends; the next one must find what is in service again."""
    yield
    if not _BASELINE or not {"transactional_db", "live_server", "_live_server_helper"} & set(getattr(item, "fixturenames", ())):
        marker = item.get_closest_marker("django_db")
        if not _BASELINE or marker is None or not marker.kwargs.get("transaction"):
            return
    from django.db import connection
    from pytest_django.plugin import blocking_manager_key

    with item.config.stash[blocking_manager_key].unblock():
        connection.ensure_connection()
        _BASELINE[0].backup(connection.connection)


def _make_user(role: str) -> None:
    from coachline.web.accounts.models import User
    from coachline.web.org.models import Agent, Centre, Grant, Team

    user = User.objects.create_user(role, f"{role}@example.test", PASSWORD, name=f"测试{role}")
    reach = ROLES[role]
    grant = Grant(user=user, role=role)
    if reach == "centre":
        grant.centre = Centre.objects.get()
    elif reach == "team":
        grant.team = Team.objects.order_by("name").first()
    elif reach == "own":
        grant.centre = Centre.objects.get()
        Agent.objects.filter(pk=Agent.objects.filter(team__isnull=False, role="客服专员").first().pk).update(user=user)  # type: ignore[union-attr]
    grant.save()


@pytest.fixture
def in_service(db: None, centre_of_tests: Path) -> Path:
    """The centre's folder, with the database that belongs to it."""
    return centre_of_tests


@pytest.fixture
def own_centre(in_service: Path, tmp_path: Path, settings: Any) -> Path:
    """A copy of the centre that the test may write to."""
    copy = tmp_path / "centre"
    shutil.copytree(in_service, copy)
    settings.COACHLINE_CENTRE = copy
    return copy


@pytest.fixture
def user_of(in_service: Path) -> Callable[[str], Any]:
    """``user_of("director")`` -> the user who holds that role."""
    from coachline.web.accounts.models import User

    return lambda role: User.objects.get(username=role)


@pytest.fixture
def client_of(user_of: Callable[[str], Any]) -> Callable[[str], Client]:
    """``client_of("director")`` -> a client that is signed in."""

    def signed_in(role: str) -> Client:
        client = Client()
        client.force_login(user_of(role), backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return signed_in


@pytest.fixture(autouse=True)
def _forget_cache() -> Iterator[None]:
    yield
    from django.core.cache import cache

    cache.clear()
