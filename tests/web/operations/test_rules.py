"""Rules and channels: set by whom they concern, entered in the journal, their keys never shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from coachline.errors import CoachlineError
from coachline.web.accounts.models import User
from coachline.web.base.refusals import NoPermission
from coachline.web.journal.models import Entry
from coachline.web.operations.actions.setting import Wish, save_channel, save_rule, silence
from coachline.web.operations.models import Alert, Channel, Rule
from coachline.web.org.models import Centre, Grant
from tests.web.operations.receiving import Group, serving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_service")]

ClientOf = Callable[[str], Client]
UserOf = Callable[[str], Any]
GIVEN = {
    "name": "接通率底线",
    "centre": "all",
    "metric": "connect_rate",
    "condition": "below",
    "threshold": "95",
    "n_at_least": "30",
    "roles": ["director"],
    "enabled": "on",
}
KEY = "0123456789abcdef"


def test_a_rule_is_typed_as_people_say_it(client_of: ClientOf) -> None:
    director = client_of("director")
    assert director.post("/operations/alerts/rules/new/", GIVEN).status_code == 302
    rule = Rule.objects.get(name="接通率底线")
    assert rule.threshold == pytest.approx(0.95)
    assert 'value="95.0"' in director.get(f"/operations/alerts/rules/{rule.pk}/").content.decode()
    director.post(f"/operations/alerts/rules/{rule.pk}/", {**GIVEN, "condition": "fell", "threshold": "3"})
    rule.refresh_from_db()
    assert (rule.condition, rule.threshold) == ("fell", pytest.approx(0.03))
    director.post(f"/operations/alerts/rules/{rule.pk}/", {**GIVEN, "metric": "asa", "condition": "above", "threshold": "30"})
    rule.refresh_from_db()
    assert rule.threshold == 30
    assert "平均应答速度：高于 00:30" in director.get("/operations/alerts/rules/").content.decode()
    verbs = list(Entry.objects.filter(subject="接通率底线").order_by("pk").values_list("verb", flat=True))
    assert verbs == ["operations.rule_add", "operations.rule_change", "operations.rule_change"]


def test_what_a_rule_raised_outlives_it(client_of: ClientOf, make_rule: Callable[..., Rule]) -> None:
    rule = make_rule()
    alert = Alert.objects.create(rule=rule, rule_name=rule.name, metric="connect_rate", day="2026-03-02")
    client_of("director").post(f"/operations/alerts/rules/{rule.pk}/remove")
    alert.refresh_from_db()
    assert (alert.rule, alert.rule_name) == (None, "底线")
    assert Entry.objects.filter(verb="operations.rule_remove").exists()


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        (Wish("x"), "rule_without_addressee"),
        (Wish("x", roles=["agent"]), "rule_role_unfit"),
        (Wish("x", roles=["director"], condition="below", metric="asa"), "rule_without_threshold"),
        (Wish("x", roles=["director"], condition="below", metric="asa", threshold=-1), "rule_without_threshold"),
        (Wish("x", roles=["director"], condition="above", threshold=1), "rule_needs_metric"),
        (Wish("x", roles=["director"], condition="fell", metric="asa", threshold=1), "rule_needs_share"),
        (Wish("x", roles=["director"], metric="nothing"), "unknown_metric"),
    ],
)
def test_what_cannot_be_a_rule(wish: Wish, code: str, user_of: UserOf) -> None:
    with pytest.raises(CoachlineError) as raised:
        save_rule(wish, by=user_of("director"))
    assert raised.value.code == code


def test_a_refusal_stands_above_the_form_with_what_was_typed(client_of: ClientOf) -> None:
    answer = client_of("director").post("/operations/alerts/rules/new/", {**GIVEN, "roles": [], "name": "没有人"})
    assert answer.status_code == 422
    assert "请至少选择一个角色" in answer.content.decode()
    assert 'value="没有人"' in answer.content.decode()


def test_an_address_and_its_secret_are_never_shown_again(client_of: ClientOf, caplog: pytest.LogCaptureFixture) -> None:
    director = client_of("director")
    given = {
        "name": "运营群",
        "kind": "dingtalk",
        "url": f"https://chat.example/send?access_token={KEY}",
        "secret": "SEC-of-the-group",
        "centre": "all",
    }
    assert director.post("/operations/alerts/channels/new/", given).status_code == 302
    channel = Channel.objects.get()
    assert channel.url.endswith(KEY)
    pages = [
        director.get(path).content.decode()
        for path in ("/operations/alerts/rules/", f"/operations/alerts/channels/{channel.pk}/", "/operations/alerts/rules/new/")
    ]
    director.post(f"/operations/alerts/channels/{channel.pk}/", {**given, "url": "", "secret": "", "name": "改名"})
    channel.refresh_from_db()
    assert (channel.name, channel.secret) == ("改名", "SEC-of-the-group")
    assert channel.url.endswith(KEY)
    bad = director.post(f"/operations/alerts/channels/{channel.pk}/", {**given, "url": f"ftp://x/{KEY}"})
    assert bad.status_code == 422
    told = "".join([*pages, bad.content.decode(), caplog.text, *(f"{e.subject} {e.facts}" for e in Entry.objects.all())])
    assert KEY not in told
    assert "SEC-of-the-group" not in told
    assert "chat.example" in pages[0]
    director.post(f"/operations/alerts/channels/{channel.pk}/", {**given, "url": "", "secret": "", "without_secret": "on"})
    channel.refresh_from_db()
    assert channel.secret == ""


def test_a_test_message_says_whether_it_arrived(client_of: ClientOf, settings: Any) -> None:
    settings.WEBHOOK_LOCAL = settings.WEBHOOK_HTTP = True
    director = client_of("director")
    with serving(Group()) as group:
        channel = Channel.objects.create(name="运营群", kind="feishu", url=group.url)
        assert "已送达“运营群”" in director.post(f"/operations/alerts/channels/{channel.pk}/test", follow=True).content.decode()
        group.answer = b'{"code": 19021, "msg": "sign match fail"}'
        page = director.post(f"/operations/alerts/channels/{channel.pk}/test", follow=True).content.decode()
    assert "19021" in page
    assert len(group.came) == 2
    assert Entry.objects.filter(verb="operations.channel_test").count() == 2


def test_that_mail_is_not_set_up_is_said_where_it_is_wished_for(client_of: ClientOf, settings: Any) -> None:
    director = client_of("director")
    assert "COACHLINE_SMTP_HOST" not in director.get("/operations/alerts/rules/new/").content.decode()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "COACHLINE_SMTP_HOST" in director.get("/operations/alerts/rules/new/").content.decode()


def test_of_two_centres_each_director_sets_their_own(user_of: UserOf, client_of: ClientOf) -> None:
    other = Centre.objects.create(name="乙中心")
    director = user_of("director")
    own = Centre.objects.order_by("pk").first()
    assert own is not None
    theirs = User.objects.create_user("other_director", "o@example.test", "Sesame-opens-42")
    Grant.objects.create(user=theirs, role="director", centre=other)
    rule = save_rule(Wish("乙的", centre=other, roles=["director"]), by=theirs)
    channel = save_channel("乙群", "wecom", "https://chat.example/k", None, by=theirs, centre=other)
    for act in (
        lambda: save_rule(Wish("x", centre=other, roles=["director"]), by=director),
        lambda: save_rule(Wish("x", centre=own, roles=["director"]), by=director, rule=rule),
        lambda: save_rule(Wish("x", roles=["director"]), by=director),
        lambda: save_channel("x", "wecom", "", None, by=director, centre=own, channel=channel),
        lambda: silence(Rule.objects.filter(centre=None)[0], other, True, by=director),
    ):
        with pytest.raises(NoPermission):
            act()
    with pytest.raises(CoachlineError) as raised:
        save_rule(Wish("x", centre=own, roles=["director"], channels=[channel]), by=director)
    assert raised.value.code == "rule_channel_unfit"
    client = client_of("director")
    assert client.get(f"/operations/alerts/rules/{rule.pk}/").status_code == 403
    assert client.post(f"/operations/alerts/channels/{channel.pk}/test").status_code == 403
    page = client.get("/operations/alerts/rules/").content.decode()
    assert "乙的" not in page
    assert "乙群" not in page
    everybodys = Rule.objects.get(centre=None)
    assert client.post(f"/operations/alerts/rules/{everybodys.pk}/silence", {"centre": own.pk, "quiet": "1"}).status_code == 302
    assert list(everybodys.silent_in.all()) == [own]
    client.post(f"/operations/alerts/rules/{everybodys.pk}/silence", {"centre": own.pk, "quiet": "0"})
    assert not everybodys.silent_in.exists()
