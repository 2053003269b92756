"""What rules raise, who sees it, and that nobody else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from coachline.errors import CoachlineError
from coachline.report.metrics import IMPORTANCE
from coachline.web.accounts.models import User
from coachline.web.accounts.roles import ROLES
from coachline.web.base.refusals import NoPermission
from coachline.web.operations import alert_job, wording
from coachline.web.operations.actions import seeing
from coachline.web.operations.actions.raising import met, raise_alerts
from coachline.web.operations.models import Addressee, Alert, Receipt, Rule
from coachline.web.operations.permissions import TOLD, grants_told, places
from coachline.web.operations.queries.alerts import unseen_by, visible_to
from coachline.web.operations.queries.moves import Move, Moved, moved
from coachline.web.org.models import Centre, Grant, Team
from coachline.web.org.queries import Perspective
from coachline.web.runs.days import Days
from coachline.web.runs.models import Run
from coachline.wording import Wording

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_rules")]

ClientOf = Callable[[str], Client]
UserOf = Callable[[str], Any]
MakeRule = Callable[..., Rule]
DAY = date(2026, 3, 2)


def a_move(metric: str = "connect_rate", **facts: Any) -> Move:
    known = {
        "metric": metric, "unit": "share", "better": "up", "day": DAY, "value": 0.9, "n": 200.0, "before": 0.96, "expected": 0.96, "low": 0.93,
        "high": 0.99, "unusual": True, "since": DAY, "days": 1, "leading": None, "causes": (),
    }  # fmt: skip
    return Move(**{**known, **facts})


def an_alert(
    metric: str = "connect_rate", day: date = DAY, roles: tuple[str, ...] = ("director",), centre: Centre | None = None, **facts: Any
) -> Alert:
    move = a_move(metric, day=day, since=day, **facts)
    alert = Alert.objects.create(
        rule_name="底线",
        centre=centre or Centre.objects.order_by("pk").first(),
        metric=metric,
        day=day,
        facts={**move.facts, "condition": "unusual", "threshold": None},
    )
    Addressee.objects.bulk_create(Addressee(alert=alert, role=role) for role in roles)
    return alert


def a_user(name: str, role: str, *, centre: Centre | None = None, team: Team | None = None) -> User:
    user = User.objects.create_user(name, f"{name}@example.test", "Sesame-opens-42")
    Grant.objects.create(user=user, role=role, centre=centre, team=team)
    return user


@pytest.mark.parametrize(
    ("rule", "move", "meets"),
    [
        (Rule(condition="unusual", metric="connect_rate"), a_move(), True),
        (Rule(condition="unusual", metric="connect_rate"), a_move(unusual=False), False),
        (Rule(condition="unusual", metric="satisfaction"), a_move(), False),
        (Rule(condition="below", metric="connect_rate", threshold=0.9), a_move(), False),
        (Rule(condition="below", metric="connect_rate", threshold=0.91), a_move(), True),
        (Rule(condition="above", metric="connect_rate", threshold=0.89), a_move(), True),
        (Rule(condition="above", metric="connect_rate", threshold=0.9), a_move(), False),
        (Rule(condition="fell", metric="connect_rate", threshold=0.05), a_move(), True),
        (Rule(condition="fell", metric="connect_rate", threshold=0.07), a_move(), False),
        (Rule(condition="fell", metric="connect_rate", threshold=0.05), a_move(value=0.99, before=0.9), False),
        (Rule(condition="fell", metric="connect_rate", threshold=0.05), a_move(before=None), False),
        (Rule(condition="fell", metric="", threshold=0.05), a_move("asa", unit="seconds", value=5, before=60), False),
        (Rule(condition="unusual", metric="connect_rate", n_at_least=201), a_move(), False),
        (Rule(condition="unusual", metric="offered", n_at_least=201), a_move("offered", unit="count", n=None), True),
        (Rule(condition="unusual", metric=""), a_move("aht"), False),
    ],
)
def test_when_a_rule_is_met(rule: Rule, move: Move, meets: bool) -> None:
    assert bool(met(rule, [move])) == meets


def test_of_main_metrics_that_move_together_one_is_told() -> None:
    both = [a_move("connect_rate"), a_move("abandon_rate", better="down"), a_move("satisfaction")]
    assert [move.metric for move in met(Rule(condition="unusual", metric=""), both)] == ["connect_rate", "satisfaction"]


def test_the_rule_that_exists_from_the_start(transactional_db: None) -> None:
    """The migration of a fresh database makes it; `only_own_rules` took it away here, so it is asked of the migration itself."""
    from importlib import import_module

    from django.apps import apps

    import_module("coachline.web.operations.migrations.0002_first_rule").first_rule(apps, None)
    (rule,) = Rule.objects.all()
    assert (rule.metric, rule.condition, rule.roles, rule.mail, rule.enabled, rule.centre) == (
        "",
        "unusual",
        ["director"],
        False,
        True,
        None,
    )


def test_an_alert_is_raised_once_for_each_rule_metric_and_day(make_rule: MakeRule) -> None:
    make_rule()
    make_rule(name="另一条", threshold=1.2)
    first = raise_alerts()
    assert len(first) == 2
    found = moved(Perspective(None), Days())
    assert found is not None
    assert {(alert.metric, alert.day) for alert in first} == {("connect_rate", found.day)}
    known = next(move for move in found.moves if move.metric == "connect_rate")
    assert first[0].facts["value"] == known.value
    assert raise_alerts() == []
    assert Alert.objects.count() == 2


def test_a_rule_that_is_off_or_silent_raises_nothing(make_rule: MakeRule) -> None:
    make_rule(enabled=False)
    make_rule().silent_in.add(Centre.objects.get())
    assert raise_alerts() == []


def test_a_day_that_is_not_over_raises_nothing(make_rule: MakeRule, monkeypatch: pytest.MonkeyPatch) -> None:
    found = moved(Perspective(None), Days())
    assert found is not None
    make_rule()

    class Noon(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(found.day.year, found.day.month, found.day.day, 12, tzinfo=tz)

    monkeypatch.setattr("coachline.web.operations.actions.raising.datetime", Noon)
    assert raise_alerts() == []


def test_facts_tell_what_stood_in_the_stored_results(in_service: object) -> None:
    found = moved(Perspective(None), Days())
    assert isinstance(found, Moved)
    assert found.judged
    assert {"connect_rate", "offered"} <= {move.metric for move in found.moves}
    assert [move.metric for move in found.moves if move.metric in IMPORTANCE] == [
        m for m in IMPORTANCE if m in {x.metric for x in found.moves}
    ]
    rate = next(move for move in found.moves if move.metric == "connect_rate")
    assert {"business", "hour"} <= {cause.dimension for cause in rate.causes}
    assert rate.n is not None
    assert rate.n > 0


@pytest.mark.parametrize("role", TOLD)
def test_who_is_told_is_who_sees_it(role: str, user_of: UserOf) -> None:
    alert = an_alert(roles=(role,))
    sees = {name for name in ROLES if visible_to(user_of(name)).exists()}
    told = {grant.user.username for grant in grants_told([role], alert.centre)}
    assert sees == told == {role}


def test_an_agent_sees_nothing_of_operations(client_of: ClientOf, user_of: UserOf) -> None:
    alert = an_alert(roles=(*TOLD, "agent"))
    agent = client_of("agent")
    for path in (
        "",
        "service/",
        "intervals/",
        "passports/connect_rate/",
        "alerts/",
        f"alerts/{alert.pk}/",
        "alerts/rules/",
        "download.csv",
    ):
        assert agent.get(f"/operations/{path}").status_code == 403, path
    for path in (f"alerts/{alert.pk}/seen", "alerts/seen", "intervals/calculate"):
        assert agent.post(f"/operations/{path}").status_code == 403, path
    assert not visible_to(user_of("agent")).exists()
    assert "预警" not in agent.get("/bell").content.decode()


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"director"}))
def test_only_who_answers_for_alerts_sets_rules(role: str, client_of: ClientOf) -> None:
    client = client_of(role)
    rule = Rule.objects.create(name="x", roles=["director"])
    for path in ("alerts/rules/", "alerts/rules/new/", f"alerts/rules/{rule.pk}/", "alerts/channels/new/"):
        assert client.get(f"/operations/{path}").status_code == 403, path
    assert client.post(f"/operations/alerts/rules/{rule.pk}/remove").status_code == 403
    assert Rule.objects.filter(pk=rule.pk).exists()


def test_what_another_centre_raises_reaches_nobody_here(client_of: ClientOf, user_of: UserOf) -> None:
    other = Centre.objects.create(name="乙中心")
    theirs = an_alert(roles=("director", "team_leader", "group_office"), centre=other)
    ours = an_alert(roles=("director",))
    director = a_user("other_director", "director", centre=other)
    leader = a_user("other_leader", "team_leader", team=Team.objects.create(centre=other, name="乙一班"))
    assert list(visible_to(user_of("director"))) == [ours]
    assert list(visible_to(director)) == [theirs]
    assert list(visible_to(leader)) == [theirs]
    assert not visible_to(user_of("team_leader")).exists()
    assert list(visible_to(user_of("group_office"))) == [theirs]
    assert {grant.user.username for grant in grants_told(["director"], other)} == {"other_director"}
    client = client_of("director")
    assert client.get(f"/operations/alerts/{theirs.pk}/").status_code == 404
    assert client.post(f"/operations/alerts/{theirs.pk}/seen").status_code == 404
    assert not Receipt.objects.filter(alert=theirs).exists()
    assert client.get("/operations/alerts/?which=all").content.decode().count("list-group-item unseen") == 1


def test_a_role_without_a_place_is_told_of_nothing(in_service: object) -> None:
    nowhere = a_user("nowhere", "director")
    assert list(places(nowhere)) == []
    an_alert()
    assert not visible_to(nowhere).exists()
    assert "nowhere" not in {grant.user.username for grant in grants_told(["director"], Centre.objects.get())}


def test_seen_is_seen_by_oneself_only(user_of: UserOf, client_of: ClientOf) -> None:
    one, two = an_alert(roles=("director", "planner")), an_alert("satisfaction")
    director, planner = user_of("director"), user_of("planner")
    assert (
        client_of("director").post(f"/operations/alerts/{one.pk}/seen", {"next": "https://evil.example/"})["Location"]
        == "/operations/alerts/"
    )
    seeing.mark_seen(one.pk, by=director)
    assert list(unseen_by(director)) == [two]
    assert list(unseen_by(planner)) == [one]
    with pytest.raises(CoachlineError, match=str(two.pk)):
        seeing.mark_seen(two.pk, by=planner)
    with pytest.raises(NoPermission):
        seeing.mark_all_seen(by=user_of("agent"))
    assert seeing.mark_all_seen(by=director) == 1
    assert not unseen_by(director).exists()
    assert Receipt.objects.filter(user=director).count() == 2


def test_the_list_is_filtered_and_paged_with_a_constant_number_of_queries(client_of: ClientOf, user_of: UserOf) -> None:
    client = client_of("director")
    client.get("/operations/alerts/")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get("/operations/alerts/?which=all").status_code == 200
        return len(caught)

    an_alert()
    few = queries()
    for number in range(60):
        an_alert("satisfaction", day=date(2026, 1, 1 + number % 28), roles=("director", "quality_head"))
    # One circle of people more than before.
    assert queries() <= few + 2
    page = client.get("/operations/alerts/?which=all&metric=satisfaction&until=2026-01-05").content.decode()
    assert page.count("list-group-item unseen") == Alert.objects.filter(metric="satisfaction", day__lte=date(2026, 1, 5)).count()
    assert "page=2" in client.get("/operations/alerts/").content.decode()
    assert client.get("/operations/alerts/?since=yesterday").status_code == 422


def test_the_bell_asks_little_however_much_there_is(client_of: ClientOf) -> None:
    client = client_of("director")

    def asked() -> int:
        with CaptureQueriesContext(connection) as caught:
            client.get("/bell")
        return len(caught)

    asked()
    none = asked()
    for number in range(30):
        an_alert(day=date(2026, 1, 1 + number % 28))
    assert asked() == none
    page = client.get("/bell").content.decode()
    assert ">30<" in page
    assert page.count("bell-item") == 5


def test_the_first_page_tells_of_what_was_not_seen(client_of: ClientOf, user_of: UserOf) -> None:
    assert "card-alerts" not in client_of("director").get("/").content.decode()
    an_alert()
    assert "card-alerts" in client_of("director").get("/").content.decode()
    assert "card-alerts" not in client_of("quality_head").get("/").content.decode()


def test_an_alert_in_one_sentence(in_service: object) -> None:
    cause = {"dimension": "hour", "member": "9", "change": -0.04, "share": 0.6}
    alert = an_alert(days=3)
    alert.facts["leading"] = cause
    said = wording.sentence(alert, Wording("zh"), "甲中心")
    assert (
        said
        == "甲中心：2026-03-02 周一 接通率 90.0%，较前四周同日低 6.0 个百分点，超出往常范围 93.0% – 99.0%，已连续 3 天异常，主要来自时段“09:00”。"
    )
    alert.facts |= {"ends_at": "15:30", "usually_ends_at": "21:00"}
    assert "15:30" in wording.sentence(alert, Wording("en"))


def test_rules_are_asked_after_new_figures_and_only_then(in_service: object, make_rule: MakeRule) -> None:
    Run.objects.filter(kind=alert_job.KIND).delete()
    everything = Run.objects.get(kind="everything")
    alert_job.run_ended(everything)
    (asked,) = Run.objects.filter(kind=alert_job.KIND)
    assert asked.state == Run.State.WAITING
    alert_job.run_ended(everything)
    assert Run.objects.filter(kind=alert_job.KIND).count() == 1
    make_rule()
    from coachline.web.runs.execution import execute_here

    assert execute_here(str(asked.pk)) == Run.State.DONE
    assert Run.objects.get(pk=asked.pk).summary == {"raised": 1, "sent": 0}
    alert_job.run_ended(everything)
    assert Run.objects.filter(kind=alert_job.KIND).count() == 1
    Run.objects.filter(name="operations.causes").update(finished_at=timezone.now())
    alert_job.run_ended(everything)
    assert Run.objects.filter(kind=alert_job.KIND).count() == 2
