"""Messages to group chats, against a real server: what is sent, what counts as taken, and where nothing is ever sent to."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socket
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from coachline.errors import CoachlineError
from coachline.web.operations import webhooks
from coachline.web.operations.webhooks import Message, send
from tests.web.operations.receiving import Group, serving

MESSAGE = Message(
    "预警：接通率", "接通率 91.2%，较前四周同日低 5.1 个百分点。", "https://c.example.com/operations/alerts/1/", {"metric": "connect_rate"}
)
SECRET = "SEC-of-the-group"


@pytest.fixture(autouse=True)
def _this_machine(settings: Any) -> None:
    settings.WEBHOOK_LOCAL = settings.WEBHOOK_HTTP = True


def refusal(kind: str, group: Group, secret: str = "") -> CoachlineError:
    with pytest.raises(CoachlineError) as raised:
        send(kind, group.url, secret, MESSAGE)
    return raised.value


def test_wecom_gets_a_text() -> None:
    with serving(Group()) as group:
        send("wecom", group.url, "", MESSAGE)
    (came,) = group.came
    said = json.loads(came.body)
    assert said["msgtype"] == "text"
    assert "较前四周同日低 5.1 个百分点" in said["text"]["content"]
    assert MESSAGE.link in said["text"]["content"]
    assert came.path.endswith("access_token=0123456789abcdef")


def test_dingtalk_gets_markdown_with_a_signature_of_its_kind() -> None:
    with serving(Group()) as group:
        send("dingtalk", group.url, SECRET, Message("预警", "业务「[点我](http://evil.example)」"))
    (came,) = group.came
    said = json.loads(came.body)
    assert said["msgtype"] == "markdown"
    assert "](" not in said["markdown"]["text"]
    given = parse_qs(urlsplit(came.path).query)
    assert given["access_token"] == ["0123456789abcdef"]
    stamp = given["timestamp"][0]
    assert abs(int(stamp) - time.time() * 1000) < 60_000
    expected = base64.b64encode(hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()).decode()
    assert given["sign"] == [expected]


def test_feishu_gets_a_text_with_a_signature_of_its_kind() -> None:
    with serving(Group(answer=b'{"StatusCode": 0, "StatusMessage": "success"}')) as group:
        send("feishu", group.url, SECRET, MESSAGE)
    said = json.loads(group.came[0].body)
    assert said["msg_type"] == "text"
    assert MESSAGE.text in said["content"]["text"]
    key = f"{said['timestamp']}\n{SECRET}".encode()
    assert said["sign"] == base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def test_another_system_gets_data_that_it_can_verify() -> None:
    with serving(Group(status=204, answer=b"")) as group:
        send("plain", group.url, SECRET, MESSAGE)
    (came,) = group.came
    assert json.loads(came.body)["metric"] == "connect_rate"
    signed = f"{came.headers['x-coachline-timestamp']}\n".encode() + came.body
    assert came.headers["x-coachline-signature"] == hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_without_a_secret_nothing_is_signed(kind: str) -> None:
    with serving(Group()) as group:
        send(kind, group.url, "", MESSAGE)
    assert "sign" not in group.came[0].path
    assert "sign" not in json.loads(group.came[0].body)


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("wecom", b'{"errcode": 93000, "errmsg": "invalid webhook url"}'),
        ("dingtalk", b'{"errcode": 310000, "errmsg": "sign not match"}'),
        ("feishu", b'{"code": 19021, "msg": "sign match fail"}'),
    ],
)
def test_a_service_that_says_no_in_its_body_is_believed(kind: str, answer: bytes) -> None:
    with serving(Group(answer=answer)) as group:
        error = refusal(kind, group)
    assert error.code == "webhook_answered"
    assert error.facts["code"] in answer.decode()


@pytest.mark.parametrize("answer", [b"<html>login</html>", b"[]", b"{}", b"", b"null", b"3"])
def test_an_answer_that_says_nothing_is_no_success(answer: bytes) -> None:
    with serving(Group(answer=answer)) as group:
        assert refusal("wecom", group).code == "webhook_no_answer"


@pytest.mark.parametrize("status", [400, 404, 500, 503])
def test_an_error_of_the_server_is_no_success(status: int) -> None:
    with serving(Group(status=status)) as group:
        error = refusal("plain", group)
    assert (error.code, error.facts["status"]) == ("webhook_refused", status)


def test_what_a_service_says_is_shown_short_and_without_the_key_of_the_group() -> None:
    words = f"bad token 0123456789abcdef and {SECRET} " + "x" * 500
    with serving(Group(answer=json.dumps({"errcode": 1, "errmsg": words}).encode())) as group:
        error = refusal("wecom", group, SECRET)
    assert len(error.facts["said"]) <= webhooks.MOST_SAID
    told = str(error.facts)
    assert "0123456789abcdef" not in told
    assert SECRET not in told


def test_a_redirect_is_not_followed() -> None:
    with serving(Group()) as other, serving(Group(status=302, location=other.url)) as group:
        assert refusal("plain", group).code == "webhook_redirected"
    assert not other.came


def test_a_server_that_is_silent_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "CONNECT_S", 0.2)
    with serving(Group(wait_s=1.0)) as group:
        assert refusal("plain", group).code == "webhook_slow"


def test_a_server_that_sends_a_byte_now_and_then_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "WHOLE_S", 0.3)
    with serving(Group(answer=b"x" * 50, drip_s=0.1)) as group:
        assert refusal("plain", group).code == "webhook_slow"


def test_a_server_that_is_down_cannot_be_reached() -> None:
    with serving(Group()) as group:
        pass
    assert refusal("plain", group).code == "webhook_unreachable"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "127.1", "2130706433"],
)
def test_this_machine_gets_nothing(host: str, settings: Any) -> None:
    settings.WEBHOOK_LOCAL = False
    with serving(Group()) as group:
        with pytest.raises(CoachlineError) as raised:
            send("plain", f"http://{host}:{group.port}/", "", MESSAGE)
        assert raised.value.code in ("webhook_forbidden", "webhook_unknown_host")
    assert not group.came


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "100.100.100.200", "[fe80::1]", "[fd00:ec2::254]", "[64:ff9b::a9fe:a9fe]", "[::ffff:169.254.169.254]", "224.0.0.1"],
)
def test_credentials_of_the_cloud_are_never_asked_for(host: str) -> None:
    with pytest.raises(CoachlineError) as raised:
        send("plain", f"https://{host}/latest/meta-data", "", MESSAGE)
    assert raised.value.code == "webhook_forbidden"


def test_of_a_name_every_address_must_be_allowed(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.WEBHOOK_LOCAL = False
    known = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in ("93.184.216.34", "127.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *given, **more: known)
    with pytest.raises(CoachlineError) as raised:
        send("plain", "https://two-faced.example/", "", MESSAGE)
    assert raised.value.code == "webhook_forbidden"


def test_the_address_that_was_checked_is_the_one_that_gets_the_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a name server that answers something else a moment later: nobody asks it again."""
    real, asked = socket.getaddrinfo, []

    def resolve(host: str, port: int, *given: Any, **more: Any) -> Any:
        if host != "moving.example":
            return real(host, port, *given, **more)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "203.0.113.1", port, *given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with serving(Group(answer=b"")) as group:
        send("plain", f"http://moving.example:{group.port}/hook", "", MESSAGE)
    assert group.came[0].headers["host"] == f"moving.example:{group.port}"
    assert len(asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ftp://a.example/",
        "file:///etc/passwd",
        "https://",
        "https://u:p@a.example/",
        "https://a.example:99999/",
        "https://a.example/\r\nX: y",
        "//a.example",
        "https://a\\@b",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CoachlineError) as raised:
        webhooks.checked_url(url)
    assert raised.value.code == "webhook_address_bad"


def test_without_tls_only_where_it_was_allowed(settings: Any) -> None:
    settings.WEBHOOK_HTTP = False
    with serving(Group()) as group:
        assert refusal("plain", group).code == "webhook_not_https"
    assert not group.came
