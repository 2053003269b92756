"""What must hold for every answer, whoever asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

from coachline.web.base.content_policy import POLICY

SECRETS = ("https://robot.example/hook?key=3f9c-geheim", "SEC-ganz-geheim")
"""Address and secret of a group chat's robot; nothing ever shows them."""

TELLTALES = (b"Traceback (most recent", b"DJANGO_SETTINGS_MODULE", b"site-packages", b"DEBUG = ", b"SECRET_KEY")
"""Of traces, settings, and the page that Django shows to developers."""


class _Inline(HTMLParser):
    """Finds what our content policy would not run: scripts and styles inside the page, and attributes that act."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name.lower(): value or "" for name, value in attrs}
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.found.append("<script> without src")
        if tag == "style":
            self.found.append("<style>")
        for name, value in given.items():
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"<{tag} {name}>")
            if value.strip().lower().startswith(("javascript:", "vbscript:")):
                self.found.append(f"<{tag} {name}={value[:20]}>")


def faults(answer: Any, body: bytes) -> Iterator[str]:
    """What is wrong with an answer, whatever it was asked for."""
    if answer.headers.get("Content-Security-Policy") != POLICY:
        yield "another content policy"
    for header, value in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"), ("Referrer-Policy", "same-origin")):
        if answer.headers.get(header) != value:
            yield f"{header} is {answer.headers.get(header)}"
    if answer.status_code >= 500 and answer.status_code != 503:
        yield f"status {answer.status_code}"
    yield from (f"tells {mark!r}" for mark in TELLTALES if mark in body)
    yield from (f"tells {secret}" for secret in SECRETS if secret.encode() in body)
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        parser = _Inline()
        parser.feed(body.decode())
        yield from parser.found
