"""Messages to the robots of group chats, and to any address that takes JSON.

An address comes from a user, so where it leads is checked before anything is sent, and the connection goes to the very address that was checked:
a name that resolves to something else a moment later leads nowhere else.
"""

from __future__ import annotations

import base64
import hmac
import http.client
import ipaddress
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from django.conf import settings

from coachline.errors import CoachlineError

CONNECT_S = 5.0
WHOLE_S = 10.0
"""From the connection to the end of the answer."""
MOST_ANSWER = 64_000
MOST_SAID = 80
"""Characters of a service's own words that are shown."""
METADATA = frozenset(map(ipaddress.ip_address, ("100.100.100.200", "192.0.0.192", "168.63.129.16", "fd00:ec2::254")))
"""Where clouds keep their machines' credentials, beside the link-local ones."""
NAT64 = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True)
class Message:
    """What is sent: a short title, one sentence, the page to look at, and the same as data for programs."""

    title: str
    text: str
    link: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


def send(kind: str, url: str, secret: str, message: Message) -> None:
    """Send `message` and make sure that the service has taken it.

    Raises
    ------
    CoachlineError
        ``webhook_...``; never with anything of the address beyond its host, nor of the secret.
    """
    target = checked_url(url)
    address = reachable_address(target)
    query, headers, body = _request(kind, target, secret, message)
    status, answer = _post(target, address, query, headers, body)
    if 300 <= status < 400:
        raise CoachlineError("webhook_redirected", host=target.hostname)
    if not 200 <= status < 300:
        raise CoachlineError("webhook_refused", host=target.hostname, status=status)
    if kind != "plain":
        _require_success(kind, target, secret, answer)


def checked_url(url: str) -> SplitResult:
    """The parts of an address that messages may be sent to, as far as its spelling tells.

    Raises
    ------
    CoachlineError
        ``webhook_address_bad``, ``webhook_not_https``, ``webhook_forbidden``.
    """
    if re.search(r"[\s\x00-\x1f\x7f\\]", url):
        raise CoachlineError("webhook_address_bad")
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        raise CoachlineError("webhook_address_bad") from None
    if target.scheme not in ("http", "https") or not target.hostname or target.username is not None or port == 0:
        raise CoachlineError("webhook_address_bad")
    if target.scheme == "http" and not settings.WEBHOOK_HTTP:
        raise CoachlineError("webhook_not_https")
    try:
        literal = ipaddress.ip_address(target.hostname)
    except ValueError:
        return target
    _require_allowed(str(literal), target.hostname)
    return target


def reachable_address(target: SplitResult) -> tuple[str, int]:
    """The address and port to connect to; every address of the name must be allowed, not only the first.

    Raises
    ------
    CoachlineError
        ``webhook_unknown_host``, ``webhook_forbidden``.
    """
    assert target.hostname
    port = target.port or (443 if target.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(target.hostname, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise CoachlineError("webhook_unknown_host", host=target.hostname) from None
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        _require_allowed(address, target.hostname)
    return addresses[0], port


def _require_allowed(address: str, host: str) -> None:
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in NAT64 else None)
        ip = inner or ip
    if ip.is_multicast or ip in METADATA or ip.is_link_local or (ip.is_reserved and not ip.is_loopback):
        raise CoachlineError("webhook_forbidden", host=host)
    # 0.0.0.0/8 leads to this machine, too.
    here = ip.is_loopback or ip.is_unspecified or (ip.version == 4 and int(ip) >> 24 == 0)
    if here and not settings.WEBHOOK_LOCAL:
        raise CoachlineError("webhook_forbidden", host=host)


def _request(kind: str, target: SplitResult, secret: str, message: Message) -> tuple[str, dict[str, str], bytes]:
    """Query, headers and body as the service wants them, signed where there is a secret."""
    query, headers = target.query, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "Coachline"}
    content: dict[str, Any]
    text = message.text + (f"\n{message.link}" if message.link else "")
    if kind == "wecom":
        content = {"msgtype": "text", "text": {"content": f"{message.title}\n{text}"}}
    elif kind == "dingtalk":
        link = f"\n\n[{message.link}]({message.link})" if message.link else ""
        content = {
            "msgtype": "markdown",
            "markdown": {"title": message.title, "text": f"#### {_plain(message.title)}\n\n{_plain(message.text)}{link}"},
        }
        if secret:
            stamp = str(round(time.time() * 1000))
            sign = base64.b64encode(hmac.digest(secret.encode(), f"{stamp}\n{secret}".encode(), "sha256")).decode()
            query += ("&" if query else "") + f"timestamp={stamp}&sign={quote(sign, safe='')}"
    elif kind == "feishu":
        content = {"msg_type": "text", "content": {"text": f"{message.title}\n{text}"}}
        if secret:
            stamp = str(round(time.time()))
            content |= {"timestamp": stamp, "sign": base64.b64encode(hmac.digest(f"{stamp}\n{secret}".encode(), b"", "sha256")).decode()}
    else:
        content = {"title": message.title, "text": message.text, "link": message.link, **message.data}
    body = json.dumps(content, ensure_ascii=False).encode()
    if kind == "plain" and secret:
        stamp = str(round(time.time()))
        headers |= {
            "X-Coachline-Timestamp": stamp,
            "X-Coachline-Signature": hmac.digest(secret.encode(), f"{stamp}\n".encode() + body, "sha256").hex(),
        }
    return query, headers, body


def _plain(text: str) -> str:
    """Text in which no name can become a link, a picture or a heading."""
    return text.translate(str.maketrans("[]<>*_`#", "［］＜＞＊＿｀＃"))


def _post(target: SplitResult, address: tuple[str, int], query: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
    assert target.hostname
    kind = _PinnedHTTPS if target.scheme == "https" else _Pinned
    connection = kind(target.hostname, address[1], timeout=CONNECT_S)
    connection.address = address
    late = threading.Event()

    def hang_up() -> None:
        # Whoever answers a byte a second would otherwise hold us for ever: time-outs count from byte to byte.
        late.set()
        with suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(WHOLE_S, hang_up)
    watch.daemon = True
    watch.start()
    try:
        connection.request("POST", (target.path or "/") + (f"?{query}" if query else ""), body=body, headers=dict(headers))
        answer = connection.getresponse()
        content = answer.read(MOST_ANSWER)
        if late.is_set():
            raise CoachlineError("webhook_slow", host=target.hostname)
        return answer.status, content
    except TimeoutError:
        raise CoachlineError("webhook_slow", host=target.hostname) from None
    except ssl.SSLError:
        raise CoachlineError("webhook_slow" if late.is_set() else "webhook_certificate", host=target.hostname) from None
    except (OSError, http.client.HTTPException):
        raise CoachlineError("webhook_slow" if late.is_set() else "webhook_unreachable", host=target.hostname) from None
    finally:
        watch.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """Connects to `address`, whatever the name says by now."""

    address: tuple[str, int]

    def connect(self) -> None:
        self.sock = socket.create_connection(self.address, self.timeout)


class _PinnedHTTPS(_Pinned):
    default_port = 443

    def connect(self) -> None:
        super().connect()
        # The handshake comes after the assignment, so that whoever hangs up finds the connection.
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
        self.sock.do_handshake()


def _require_success(kind: str, target: SplitResult, secret: str, answer: bytes) -> None:
    """Chat services answer 200 to everything, and say in the body whether they mean it."""
    try:
        said = json.loads(answer)
        code = next((said[name] for name in _CODES[kind] if name in said), None)
    except (ValueError, TypeError):
        raise CoachlineError("webhook_no_answer", host=target.hostname) from None
    if code is None:
        raise CoachlineError("webhook_no_answer", host=target.hostname)
    if code != 0:
        words = str(said.get("errmsg") or said.get("msg") or said.get("StatusMessage") or "")
        raise CoachlineError("webhook_answered", host=target.hostname, code=str(code)[:12], said=_without(words, target, secret))


_CODES = {"wecom": ("errcode",), "dingtalk": ("errcode",), "feishu": ("code", "StatusCode")}


def _without(words: str, target: SplitResult, secret: str) -> str:
    """A service's own words, short, with nothing in them that opens the group to who reads them."""
    for part in (secret, target.query, *target.path.split("/"), *(pair.partition("=")[2] for pair in target.query.split("&"))):
        if len(part) >= 6:
            words = words.replace(part, "…")
    short = "".join(character for character in words if character.isprintable())[:MOST_SAID]
    return short or "-"
