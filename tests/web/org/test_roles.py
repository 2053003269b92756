"""Giving and taking roles: where each is held, who may, and that an administrator always remains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from coachline.errors import CoachlineError
from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES
from coachline.web.base.refusals import NoPermission
from coachline.web.journal.models import Entry
from coachline.web.org import actions
from coachline.web.org.models import Agent, Centre, Grant, Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(user_of: Callable[[str], User]) -> User:
    return user_of("administrator")


@pytest.fixture
def somebody(in_service: Any) -> User:
    return User.objects.create_user("somebody")


@pytest.mark.parametrize("role", ROLES)
def test_a_role_is_held_where_it_belongs(somebody: User, administrator: User, role: str) -> None:
    team = Team.objects.first()
    grant = actions.give(somebody, role, Centre.objects.get(), team, by=administrator)
    held = {"centre": (Centre.objects.get(), None), "team": (None, team)}.get(ROLES[role], (None, None))
    assert (grant.centre, grant.team) == held
    assert somebody.has_perm("accounts.matrix")
    entry = Entry.objects.get(verb="org.give")
    assert entry.user_name == "administrator" and entry.facts["role"] == role and entry.subject_id == str(somebody.pk)


def test_twice_is_once(somebody: User, administrator: User) -> None:
    first = actions.give(somebody, "auditor", by=administrator)
    assert actions.give(somebody, "auditor", by=administrator) == first
    assert Entry.objects.filter(verb="org.give").count() == 1


def test_the_database_holds_a_role_once_per_place(somebody: User) -> None:
    centre, team = Centre.objects.get(), Team.objects.first()
    for place in ({}, {"centre": centre}, {"team": team}):
        Grant.objects.create(user=somebody, role="director", **place)
        with pytest.raises(IntegrityError), transaction.atomic():
            Grant.objects.create(user=somebody, role="director", **place)


def test_a_place_is_asked_for_where_there_is_a_choice(somebody: User, administrator: User) -> None:
    actions.give(somebody, "director", by=administrator)
    Centre.objects.create(name="第二中心")
    for role, code in (("team_leader", "role_needs_team"), ("trainer", "role_needs_centre"), ("emperor", "unknown_role")):
        with pytest.raises(CoachlineError) as refused:
            actions.give(somebody, role, by=administrator)
        assert refused.value.code == code


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_nobody_else_changes_users(user_of: Callable[[str], User], client_of: Callable[[str], Client], somebody: User, role: str) -> None:
    by = user_of(role)
    grant = user_of("planner").grants.get()  # type: ignore[attr-defined]
    agent = Agent.objects.filter(user=None)[0]
    for action in (
        lambda: actions.give(by, "administrator", by=by),
        lambda: actions.take(grant, by=by),
        lambda: actions.create_user("x", by=by),
        lambda: actions.deactivate(somebody, by=by),
        lambda: actions.activate(somebody, by=by),
        lambda: actions.reset_password(somebody, by=by),
        lambda: actions.reset_second_factor(somebody, by=by),
        lambda: actions.link_agent(somebody, agent, by=by),
        lambda: actions.unlink_agent(somebody, by=by),
        lambda: actions.plan_import([], by=by),
        lambda: actions.confirm_import([], by=by),
    ):
        with pytest.raises(NoPermission):
            action()
    client = client_of(role)
    for name in ("give", "deactivate", "activate", "reset_password", "reset_second_factor", "link_agent", "unlink_agent"):
        assert client.post(reverse(f"org:{name}", args=[somebody.pk])).status_code == 403, name
    assert client.post(reverse("org:take", args=[somebody.pk, grant.pk])).status_code == 403
    for name in ("new_user", "import_users"):
        assert client.get(reverse(f"org:{name}")).status_code == 403
    assert client.post(reverse("org:confirm_import")).status_code == 403
    assert somebody.pk and not User.objects.filter(username="x").exists()


def test_an_administrator_of_one_centre_manages_nobody(somebody: User) -> None:
    by = User.objects.create_user("half")
    Grant.objects.create(user=by, role="administrator", centre=Centre.objects.get())
    with pytest.raises(NoPermission):
        actions.give(by, "administrator", by=by)


def test_nobody_takes_their_own_last_administration(administrator: User, somebody: User) -> None:
    actions.give(somebody, "administrator", by=administrator)
    own = Grant.objects.get(user=administrator, role="administrator")
    with pytest.raises(CoachlineError) as refused:
        actions.take(own, by=administrator)
    assert refused.value.code == "own_administration"
    actions.take(own, by=somebody)
    assert not User.objects.get(pk=administrator.pk).has_perm("accounts.manage")


def test_the_last_administrator_stays(administrator: User, somebody: User) -> None:
    own = Grant.objects.get(user=administrator, role="administrator")
    actions.give(somebody, "administrator", by=None)
    User.objects.filter(pk=somebody.pk).update(is_active=False)
    for remove in (lambda: actions.take(own, by=None), lambda: actions.deactivate(administrator, by=None)):
        with pytest.raises(CoachlineError) as refused:
            remove()
        assert refused.value.code == "last_administrator", "a closed account is no administrator"
    actions.activate(User.objects.get(pk=somebody.pk), by=administrator)
    actions.deactivate(administrator, by=None)
    assert not User.objects.get(pk=administrator.pk).is_active


def test_nobody_closes_their_own_account(administrator: User, somebody: User) -> None:
    actions.give(somebody, "administrator", by=administrator)
    with pytest.raises(CoachlineError) as refused:
        actions.deactivate(administrator, by=administrator)
    assert refused.value.code == "own_account"


def test_a_role_that_was_taken_is_gone_at_once(
    client_of: Callable[[str], Client], user_of: Callable[[str], User], administrator: User
) -> None:
    client = client_of("auditor")
    assert client.get(reverse("journal:list")).status_code == 200
    actions.take(user_of("auditor").grants.get(), by=administrator)  # type: ignore[attr-defined]
    assert client.get(reverse("journal:list")).status_code == 403
    entry = Entry.objects.get(verb="org.take")
    assert entry.facts["role"] == "auditor" and entry.subject == "测试auditor"
