"""The application as it runs for people: the sample centre behind ``coachline demo``, once on SQLite and once on PostgreSQL, in a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import CHROMIUM, QUIET
from tests.web.postgres import postgres  # noqa: F401 - a fixture

ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
LONGEST_START_S = 900
AGENTS, CALLS = 12, 9_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser nobody can be followed through the pages; say so once, plainly."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


@dataclass(frozen=True)
class Service:
    """A running application.

    Attributes
    ----------
    address : str
        Where it answers.
    folder : Path
        Its centre.
    passwords : dict of str
        User name to password.
    last_day : date
        The last day with calls.
    """

    address: str
    folder: Path
    passwords: dict[str, str]
    last_day: date


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def service(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """``coachline demo`` with a smaller centre, until the session ends."""
    folder = tmp_path_factory.mktemp(request.param) / "centre"
    surroundings = {**os.environ, "COACHLINE_LANG": "zh", "OPENBLAS_NUM_THREADS": "1"}
    surroundings.pop("DATABASE_URL", None)
    if request.param == "postgresql":
        surroundings["DATABASE_URL"] = request.getfixturevalue("postgres")()
    size = ["--agents", str(AGENTS), "--calls", str(CALLS)]
    command = [sys.executable, "-m", "coachline", "demo", "--centre", str(folder), "--port", "8300", *size]
    process = subprocess.Popen(
        command, env=surroundings, cwd=folder.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
    )
    try:
        said: list[str] = []
        address = _address(process, said)
        lines = (folder / "demo-users.txt").read_text(encoding="utf-8").splitlines()
        passwords = {name: password for name, password, *_ in (line.split("\t") for line in lines)}
        yield Service(address, folder, passwords, date.today() - timedelta(days=1))
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _address(process: subprocess.Popen[str], said: list[str]) -> str:
    """Wait until the address is printed; go on reading, so that the process never waits for its reader."""
    found = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if ADDRESS.search(line):
                found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    assert found.wait(LONGEST_START_S), "".join(said)
    address = next((hit[0] for line in said if (hit := ADDRESS.search(line))), None)
    assert address, "".join(said)
    return address


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield opened
        opened.close()


SignIn = Callable[..., Any]
LOOK_EVERY_MS = 200


def until(page: Any, expression: str, timeout_s: float = 30) -> None:
    """Wait until `expression` is true in the page. The browser's own way to wait would need what our content policy forbids.

    A page that is being drawn anew may not have what is asked about yet: then it is not true yet.
    """
    from playwright.sync_api import Error

    asked = f"(() => {{ try {{ return Boolean({expression}); }} catch {{ return false; }} }})()"
    for _ in range(int(timeout_s * 1000 / LOOK_EVERY_MS)):
        try:
            if page.evaluate(asked):
                return
        except Error as error:
            if "context was destroyed" not in str(error):
                raise
        page.wait_for_timeout(LOOK_EVERY_MS)
    raise AssertionError(f"{page.url}: not within {timeout_s} s: {expression}")


@pytest.fixture
def sign_in(service: Service, browser: Any) -> Iterator[SignIn]:
    """``sign_in("director", width=1366, language="zh")`` -> the page after signing in. Whatever the console says in between fails the test."""
    with _signed_in(service, browser) as open_:
        yield open_


@pytest.fixture(scope="session")
def sign_in_once(service: Service, browser: Any) -> Iterator[SignIn]:
    """The same, for what several tests need to have been done."""
    with _signed_in(service, browser) as open_:
        yield open_


@contextmanager
def _signed_in(service: Service, browser: Any) -> Iterator[SignIn]:
    contexts, said = [], []

    def open_(name: str, width: int = 1366, language: str = "zh", password: str = "", scheme: str = "light") -> Any:
        context = browser.new_context(viewport={"width": width, "height": 844 if width < 600 else 768}, locale="zh-CN", color_scheme=scheme)
        contexts.append(context)
        if language == "en":
            context.add_cookies([{"name": "django_language", "value": "en", "url": service.address}])
        page = context.new_page()
        page.on("console", lambda message: said.append(f"{page.url} {message.text}") if message.type == "error" else None)
        page.on("pageerror", lambda error: said.append(f"{page.url} {error}"))
        page.goto(service.address)
        page.fill("input[name=login]", name)
        page.fill("input[name=password]", password or service.passwords[name])
        page.press("input[name=password]", "Enter")
        page.wait_for_selector("nav#menu", state="attached")
        return page

    yield open_
    for context in contexts:
        context.close()
    # A refusal that a test asks for is an answer of the server that the console reports, too.
    unexpected = [line for line in said if "the server responded with a status of 4" not in line]
    assert not unexpected, unexpected
