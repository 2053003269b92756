"""Somebody with a browser: signs in, keeps cookies and files as a browser does, opens pages and what these fetch by themselves."""

from __future__ import annotations

import gzip
import html
import http.client
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from urllib.parse import urlencode

LINK = re.compile(r'(?:href|src)="([^"#]+)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Answer:
    """What came back, and how long it took until the last byte was there."""

    status: int
    body: bytes
    headers: dict[str, str]
    seconds: float


@dataclass
class User:
    """One person at one browser.

    Attributes
    ----------
    links : mapping of str to set of str
        Addresses that pages have shown, by the kind of page that they lead to; see `bench.web_pages`.
    files : mapping of str to str
        Static files that the browser holds, with the mark under which it asks whether they are the same still; empty where it need not ask.
    """

    name: str
    port: int
    links: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    files: dict[str, str] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    unchanged: int = 0
    fetched: int = 0

    def __post_init__(self) -> None:
        self.cookies: dict[str, str] = {"django_language": "zh-hans"}
        self._connection: http.client.HTTPConnection | None = None

    def sign_in(self, password: str) -> None:
        """By the form, as everybody does."""
        form = self.get("/login/")
        token = TOKEN.search(form.body.decode())
        assert token is not None, f"no form to sign in: {form.status}"
        given = urlencode({"csrfmiddlewaretoken": token[1], "login": self.name, "password": password})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://127.0.0.1:{self.port}/login/"}
        answer = self._ask("POST", "/login/", given.encode(), headers)
        assert answer.status == 302, f"{self.name} could not sign in: {answer.status}"

    def get(self, address: str, **headers: str) -> Answer:
        return self._ask("GET", address, None, headers)

    def fetch_files(self, page: bytes) -> None:
        """The static files that a page names: new ones, and those that have to be asked for again."""
        for address in {html.unescape(found) for found in LINK.findall(page.decode()) if found.startswith("/static/")}:
            mark = self.files.get(address)
            if mark == "":
                continue
            answer = self.get(address, **({"If-Modified-Since": mark} if mark else {}))
            assert answer.status in (200, 304), f"{address}: {answer.status}"
            self.unchanged += answer.status == 304
            self.fetched += answer.status == 200
            if answer.status == 200:
                for_ever = "immutable" in answer.headers.get("cache-control", "")
                self.files[address] = "" if for_ever else answer.headers.get("last-modified", "")

    def fetch_part(self, address: str) -> Answer:
        """What a script of the page asks for, with the mark of what the browser holds of it."""
        mark = self.marks.get(address)
        answer = self.get(address, **{"HX-Request": "true"}, **({"If-None-Match": mark} if mark else {}))
        if "etag" in answer.headers:
            self.marks[address] = answer.headers["etag"]
        return answer

    def _ask(self, method: str, address: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        sent = {
            "Accept": "text/html,*/*",
            "Accept-Encoding": "gzip",
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            **headers,
        }
        began = time.perf_counter()
        for attempt in (1, 2):
            connection = self._connection or http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
            used, self._connection = self._connection is not None, connection
            try:
                connection.request(method, address, body, sent)
                response = connection.getresponse()
                content = response.read()
                break
            except (http.client.HTTPException, OSError):
                connection.close()
                self._connection = None
                # The server closes connections that were idle; a browser then opens another one.
                if attempt == 2 or not used:
                    raise
        seconds = time.perf_counter() - began
        if response.will_close:
            connection.close()
            self._connection = None
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        found = {name.lower(): value for name, value in response.getheaders()}
        if found.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return Answer(response.status, content, found, seconds)
