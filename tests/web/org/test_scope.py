"""Whom a user may see: over every role, in two centres, and never those of the other one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from django.urls import reverse

from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES, VERBS, reach
from coachline.web.base.refusals import NoPermission
from coachline.web.org import queries
from coachline.web.org.models import Agent, Centre, Grant, Team
from coachline.web.org.permissions import Scope, require_everything, require_scope, scope_of, today

pytestmark = pytest.mark.django_db
VERB = "capability.view"


@pytest.fixture
def two(in_service: Any) -> dict[str, Any]:
    """Two centres of two teams of two agents each, beside nobody else."""
    Grant.objects.all().delete()
    Agent.objects.all().delete()
    Team.objects.all().delete()
    Centre.objects.all().delete()
    made: dict[str, Any] = {}
    for c in "AB":
        made[c] = Centre.objects.create(name=c)
        for t in "12":
            team = made[c + t] = Team.objects.create(centre=made[c], name=f"班{t}")
            for n in "xy":
                made[c + t + n] = Agent.objects.create(agent_id=c + t + n, centre=made[c], team=team, name=f"人{c}{t}{n}")
    made["loose"] = Agent.objects.create(agent_id="A-loose", centre=made["A"])
    made["nowhere"] = Agent.objects.create(agent_id="nowhere")
    return made


def user(*grants: dict[str, Any], name: str = "somebody") -> User:
    made = User.objects.create_user(name)
    for grant in grants:
        Grant.objects.create(user=made, **grant)
    return made


def seen(who: User, verb: str = VERB) -> set[str]:
    return set(queries.agents(who, verb).values_list("agent_id", flat=True))


ALL_A = {"A1x", "A1y", "A2x", "A2y", "A-loose"}
ALL_B = {"B1x", "B1y", "B2x", "B2y"}


@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_as_far_as_the_matrix_says(two: dict[str, Any], role: str) -> None:
    place = {"centre": {"centre": two["A"]}, "team": {"team": two["A1"]}}.get(ROLES[role], {})
    who = user({"role": role, **place})
    two["A1x"].user = who
    two["A1x"].save()
    for verb in VERBS:
        fresh = User.objects.get(pk=who.pk)
        expected = {
            None: set(),
            "own": {"A1x"},
            "team": {"A1x", "A1y"},
            "centre": ALL_A,
            "group": ALL_A | ALL_B | {"nowhere"},
        }[reach(role, verb)]
        assert seen(fresh, verb) == expected, verb
        assert fresh.has_perm(verb) == bool(expected)
        assert fresh.has_perm(verb, "group") == (reach(role, verb) == "group")  # type: ignore[arg-type]


def test_several_roles_add_up(two: dict[str, Any]) -> None:
    who = user({"role": "team_leader", "team": two["A1"]}, {"role": "team_leader", "team": two["B2"]}, {"role": "agent"})
    two["A2y"].user = who
    two["A2y"].save()
    assert seen(who) == {"A1x", "A1y", "B2x", "B2y", "A2y"}
    assert seen(who, "quality.view") == {"A1x", "A1y", "B2x", "B2y"}, "an agent sees no inspection results here"
    assert {c.name for c in queries.centres(who, VERB)} == {"A", "B"}


def test_a_director_of_one_centre_and_leader_in_the_other(two: dict[str, Any]) -> None:
    who = user({"role": "director", "centre": two["A"]}, {"role": "team_leader", "team": two["B1"]})
    assert seen(who) == ALL_A | {"B1x", "B1y"}
    assert seen(who, "operations.alerts") == ALL_A


def test_a_role_reaches_no_further_than_where_it_is_held(two: dict[str, Any]) -> None:
    who = user({"role": "administrator", "centre": two["A"]})
    assert seen(who, "accounts.manage") == ALL_A
    with pytest.raises(NoPermission):
        require_everything(who, "accounts.manage")
    assert not seen(user({"role": "director", "team": two["A1"]}, name="b"), "operations.alerts") - {"A1x", "A1y"}
    assert not scope_of(user({"role": "director"}, name="c"), VERB), "a director of nowhere"


def test_whoever_has_left_sees_nothing_and_stays_seen(two: dict[str, Any]) -> None:
    who = user({"role": "agent"})
    Agent.objects.filter(pk=two["A1x"].pk).update(user=who, left_on=today())
    assert seen(who) == {"A1x"}, "the last day is still theirs"
    Agent.objects.filter(pk=two["A1x"].pk).update(left_on=today() - timedelta(days=1))
    assert seen(who) == set()
    assert not list(queries.centres(User.objects.get(pk=who.pk), VERB))
    assert "A1x" in seen(user({"role": "director", "centre": two["A"]}, name="d"))


def test_no_role_a_closed_account_and_strangers_see_nothing(two: dict[str, Any]) -> None:
    who = user()
    assert not scope_of(who, VERB) and not seen(who)
    with pytest.raises(NoPermission):
        require_scope(who, VERB)
    closed = user({"role": "administrator"}, name="closed")
    closed.is_active = False
    assert not scope_of(closed, "accounts.manage")
    assert not scope_of(AnonymousUser(), VERB)
    assert not Agent.objects.filter(Scope().agents).exists()


def test_perspective_of_a_single_centre(in_service: Any) -> None:
    team = Team.objects.first()
    assert team is not None
    director, leader = User.objects.get(username="director"), User.objects.get(username="team_leader")
    eyes = queries.perspective(director, VERB)
    assert eyes.centre is None and eyes.whole and eyes.choices == ()
    held = leader.grants.get().team  # type: ignore[attr-defined]
    narrowed = queries.perspective(leader, VERB)
    assert narrowed.centre is None and narrowed.people == frozenset(held.agents.values_list("agent_id", flat=True))
    agent = User.objects.get(username="agent")
    assert queries.perspective(agent, VERB).people == frozenset({agent.agent.agent_id})  # type: ignore[attr-defined]


def test_perspective_of_two_centres(two: dict[str, Any]) -> None:
    office = user({"role": "group_office"}, name="office")
    assert queries.perspective(office, VERB) == queries.Perspective(None, None, (two["A"], two["B"]))
    assert queries.perspective(office, VERB, "B").centre == two["B"]
    assert queries.perspective(office, VERB, "no such").centre is None
    director = user({"role": "director", "centre": two["A"]}, name="dir")
    for wanted in ("", "A", "B", "no such"):
        eyes = queries.perspective(director, VERB, wanted)
        assert eyes.centre == two["A"] and eyes.whole and not eyes.choices
    leader = user({"role": "team_leader", "team": two["B1"]}, name="lead")
    for wanted in ("", "A"):
        assert queries.perspective(leader, VERB, wanted) == queries.Perspective(two["B"], frozenset({"B1x", "B1y"}), ())
    both = user({"role": "director", "centre": two["A"]}, {"role": "team_leader", "team": two["B1"]}, name="both")
    assert queries.perspective(both, VERB, "A").whole
    assert queries.perspective(both, VERB, "B").people == frozenset({"B1x", "B1y"})
    with pytest.raises(NoPermission):
        queries.perspective(user(name="none"), VERB)


def test_a_centre_that_the_facts_forgot_opens_nothing_of_the_one_that_is_left(two: dict[str, Any]) -> None:
    director = user({"role": "director", "centre": two["A"]})
    Centre.objects.filter(name="A").update(in_facts=False)
    eyes = queries.perspective(director, VERB)
    assert not eyes.whole and not eyes.people & ALL_B  # type: ignore[operator]


@pytest.mark.parametrize(
    ("role", "place"), [("director", {"centre": "A"}), ("team_leader", {"team": "A1"}), ("quality_head", {"centre": "A"})]
)
def test_pages_never_show_the_other_centre(two: dict[str, Any], role: str, place: dict[str, str]) -> None:
    who = user({"role": role, **{key: two[name] for key, name in place.items()}})
    stranger = user({"role": "inspector", "centre": two["B"]}, name="stranger-of-b")
    client = Client()
    client.force_login(who, backend="allauth.account.auth_backends.AuthenticationBackend")
    for address in (reverse("org:list"), reverse("org:agents"), reverse("org:agents") + "?state=all", reverse("org:agents") + f"?team={two['B1'].pk}",
                    reverse("org:agents") + f"?centre={two['B'].pk}&state=all", reverse("org:users") + "?state=all"):  # fmt: skip
        text = client.get(address).content.decode()
        assert not [name for name in (*ALL_B, "人B", "stranger-of-b", ">B<", "nowhere") if name in text], address
    assert client.get(reverse("org:agent", args=[two["B1x"].pk])).status_code == 404
    assert client.get(reverse("org:agent", args=[two["A1x"].pk])).status_code == 200
    assert client.get(reverse("org:user", args=[stranger.pk])).status_code in (403, 404)


def test_of_somebody_in_both_centres_only_the_own_roles_are_shown(two: dict[str, Any]) -> None:
    user({"role": "trainer", "centre": two["A"]}, {"role": "inspector", "centre": two["B"]}, name="both")
    client = Client()
    client.force_login(user({"role": "director", "centre": two["A"]}), backend="allauth.account.auth_backends.AuthenticationBackend")
    text = client.get(reverse("org:user", args=[User.objects.get(username="both").pk])).content.decode()
    assert "内训师" in text and "质检员" not in text
