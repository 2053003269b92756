"""Mail and channels: each alert arrives once, or it is said why not."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from coachline.web.operations import alert_job
from coachline.web.operations.actions.raising import raise_alerts
from coachline.web.operations.actions.sending import ATTEMPTS, LEASE, PAUSES, next_due, send_due
from coachline.web.operations.models import Channel, Delivery, Rule
from coachline.web.runs.models import Run
from tests.web.operations.receiving import Group, serving

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_own_rules")]
MakeRule = Callable[..., Rule]


@pytest.fixture(autouse=True)
def _this_machine(settings: Any) -> None:
    settings.WEBHOOK_LOCAL = settings.WEBHOOK_HTTP = True
    settings.COACHLINE_ADDRESS = "https://coachline.example.com"


def to(group: Group, kind: str = "wecom") -> Channel:
    return Channel.objects.create(name="群", kind=kind, url=group.url)


def test_mail_reaches_who_is_told_and_nobody_else(make_rule: MakeRule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COACHLINE_LANG", raising=False)
    make_rule(roles=["director", "planner"], mail=True)
    (alert,) = raise_alerts()
    assert send_due() == 2
    assert sorted(m.to[0] for m in mail.outbox) == ["director@example.test", "planner@example.test"]
    assert "接通率" in mail.outbox[0].subject
    assert f"https://coachline.example.com/operations/alerts/{alert.pk}/" in mail.outbox[0].body
    assert send_due() == 0
    assert len(mail.outbox) == 2


def test_without_a_mail_server_nobody_is_told_that_mail_was_sent(make_rule: MakeRule, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    make_rule(mail=True)
    raise_alerts()
    assert send_due() == 0
    assert Delivery.objects.get().error["code"] == "mail_not_set_up"


def test_a_channel_gets_an_alert_once_after_its_server_came_back(make_rule: MakeRule) -> None:
    with serving(Group()) as group:
        channel = to(group)
        port = group.port
    make_rule(channels=[channel])
    (alert,) = raise_alerts()
    now = timezone.now()
    assert send_due(now) == 0
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.error["code"]) == ("waiting", 1, "webhook_unreachable")
    with serving(Group(), port) as group:
        assert send_due(now + PAUSES[0] - timedelta(seconds=1)) == 0
        assert not group.came
        assert send_due(now + PAUSES[0]) == 1
        assert send_due(now + timedelta(days=1)) == 0
    (came,) = group.came
    assert f"/operations/alerts/{alert.pk}/" in json.loads(came.body)["text"]["content"]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.error) == ("sent", 2, None)


def test_after_the_last_attempt_it_is_given_up_in_words(make_rule: MakeRule, client_of: Any) -> None:
    with serving(Group(status=500)) as group:
        make_rule(channels=[to(group)])
        (alert,) = raise_alerts()
        now = timezone.now()
        for number in range(ATTEMPTS + 2):
            send_due(now + number * timedelta(hours=1))
    assert len(group.came) == ATTEMPTS == len(PAUSES) + 1
    assert Delivery.objects.get().state == "failed"
    page = client_of("director").get(f"/operations/alerts/{alert.pk}/").content.decode()
    assert "HTTP 500" in page
    assert "未送达" in page


def test_one_channel_that_fails_keeps_no_other_waiting(make_rule: MakeRule) -> None:
    with serving(Group(status=500)) as broken, serving(Group()) as well:
        make_rule(channels=[to(broken), to(well)])
        raise_alerts()
        assert send_due() == 1
    assert len(well.came) == 1


def test_what_is_being_sent_is_not_sent_by_another_worker(make_rule: MakeRule) -> None:
    with serving(Group()) as group:
        make_rule(channels=[to(group)])
        raise_alerts()
        now = timezone.now()
        # A worker has taken it up and died.
        Delivery.objects.update(attempts=1, next_at=now + LEASE)
        assert send_due(now) == 0
        assert send_due(now + LEASE) == 1


def test_the_queue_is_told_when_to_try_again(make_rule: MakeRule) -> None:
    from coachline.web.runs.execution import execute_here

    with serving(Group()) as group:
        make_rule(channels=[to(group)])
    run = alert_job.start()
    assert execute_here(str(run.pk)) == Run.State.DONE
    (note,) = DBTaskResult.objects.filter(task_path__endswith="tasks.wake")
    at = next_due()
    assert at is not None
    assert abs(note.run_after - at) < timedelta(seconds=1)
    before = Run.objects.filter(kind=alert_job.KIND).count()
    Run.objects.filter(pk=run.pk).update(state=Run.State.FAILED)
    run.refresh_from_db()
    alert_job.run_ended(run)
    assert Run.objects.filter(kind=alert_job.KIND).count() == before


def test_messages_wait_for_a_channel_that_was_removed_no_longer(make_rule: MakeRule, channel: Channel) -> None:
    make_rule(channels=[channel])
    raise_alerts()
    channel.delete()
    assert send_due() == 0
    assert Delivery.objects.get().error["code"] == "delivery_without_channel"
