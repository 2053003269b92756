"""serve, worker, user and demo as people use them: real processes, real answers, nothing left over."""

from __future__ import annotations

import http.client
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from coachline.centre import Centre

PATIENCE_S = 300
COMMAND = [sys.executable, "-m", "coachline"]


def surroundings(**more: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("COACHLINE_", "DJANGO_", "DATABASE_"))}
    return {**clean, "COACHLINE_LANG": "en", "COLUMNS": "200", **more}


def coachline(*words: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, env=surroundings(**more), check=False)


def wait_for(seen: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = seen()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail("waited in vain")


def offspring(process: int) -> list[int]:
    """Every process below this one."""
    found = []
    for child in Path(f"/proc/{process}/task/{process}/children").read_text().split():
        found += [int(child), *offspring(int(child))]
    return found


def living(processes: list[int]) -> list[int]:
    def lives(process: int) -> bool:
        try:
            return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
        except (FileNotFoundError, ProcessLookupError):
            return False

    return [process for process in processes if lives(process)]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served") / "c"
    Centre.create(folder, "Served").close()
    return folder


@pytest.fixture
def served(centre: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """``coachline serve`` on a free port, and its address."""
    with (tmp_path / "err").open("w") as errors:
        command = [*COMMAND, "serve", "--centre", str(centre), "--port", "0", "--workers", "1"]
        process = subprocess.Popen(command, env=surroundings(), stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    address = re.search(r"http://[\d.]+:\d+/", line)
    assert address is not None, (line, (tmp_path / "err").read_text())
    yield process, address[0]
    if process.poll() is None:
        process.kill()
    process.wait()


def status(address: str, path: str = "/healthz") -> int:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE_S)
    connection.request("GET", path)
    return connection.getresponse().status


def worker_of(process: subprocess.Popen[str]) -> int | None:
    for child in offspring(process.pid):
        if "worker" in Path(f"/proc/{child}/cmdline").read_text().split("\0"):
            return child
    return None


def test_serve_answers_keeps_a_worker_and_leaves_nothing_behind(served: tuple[subprocess.Popen[str], str], centre: Path) -> None:
    process, address = served
    assert status(address) == 200
    assert status(address, "/") == 302
    assert (centre / "coachline.sqlite3").stat().st_mode & 0o007 == 0
    first = wait_for(lambda: worker_of(process))
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: (found := worker_of(process)) != first and found)
    everything = offspring(process.pid)
    assert second in everything
    process.terminate()
    assert process.wait(PATIENCE_S) == 0
    assert living(everything) == []


def test_server_and_worker_end_with_a_command_that_was_killed(served: tuple[subprocess.Popen[str], str]) -> None:
    process, _ = served
    wait_for(lambda: worker_of(process))
    everything = offspring(process.pid)
    process.kill()
    process.wait()
    wait_for(lambda: not living(everything))


def test_an_interrupt_ends_it_in_order(served: tuple[subprocess.Popen[str], str]) -> None:
    process, _ = served
    everything = offspring(process.pid)
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0
    assert living(everything) == []


def test_what_keeps_it_from_starting_is_one_clear_line(served: tuple[subprocess.Popen[str], str], centre: Path, tmp_path: Path) -> None:
    _, address = served
    taken = str(urlsplit(address).port)
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['django'] = None\n")
    for words, surrounding, said in (
        (("serve", "--port", taken, "--centre", centre), {}, f"Port {taken} of 127.0.0.1 is in use"),
        (("serve", "--host", "203.0.113.7", "--centre", centre), {}, "cannot listen on 203.0.113.7"),
        (("serve", "--centre", tmp_path), {}, "is not a centre"),
        (("worker", "--centre", tmp_path), {}, "is not a centre"),
        (("serve", "--centre", centre), {"DATABASE_URL": "postgres://x:y@127.0.0.1:1/z"}, "The database does not answer"),
        (("worker", "--centre", centre), {"DATABASE_URL": "postgres://x:y@127.0.0.1:1/z"}, "The database does not answer"),
        (("serve", "--centre", centre), {"DATABASE_URL": "oracle-or-so"}, "DATABASE_URL is not an address"),
        (("serve", "--centre", centre), {"PYTHONPATH": str(tmp_path)}, "pip install 'coachline[web]'"),
        (("user", "list", "--centre", centre), {"PYTHONPATH": str(tmp_path)}, "pip install 'coachline[web]'"),
    ):
        done = coachline(*words, **surrounding)
        assert done.returncode == 1, (words, done.stderr)
        assert said in done.stderr and len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_users_are_added_listed_and_given_new_passwords(centre: Path) -> None:
    added = coachline("user", "add", "wang", "--role", "administrator", "--called", "王", "--centre", centre)
    password = re.search(r"password: (\S+)", added.stdout)
    assert added.returncode == 0 and password is not None and len(password[1]) >= 12
    renewed = coachline("user", "password", "WANG", "--centre", centre)
    assert renewed.returncode == 0 and password[1] not in renewed.stdout
    assert coachline("user", "list", "--centre", centre).stdout.split("\t")[:3] == ["wang", "王", "Administrator\n"]
    for words, said in (
        (("add", "wang", "--role", "auditor"), "wang"),
        (("add", "li", "--role", "team_leader", "--team", "A"), "no team A"),
        (("password", "li"), "no user li"),
    ):
        done = coachline("user", *words, "--centre", centre)
        assert done.returncode == 1 and said in done.stderr, (words, done.stderr)


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    # To look must not make the file.
    connection = sqlite3.connect(f"file:{folder / 'coachline.sqlite3'}?mode=ro", uri=True)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def some_loaded(folder: Path) -> bool:
    try:
        return bool(rows(folder, "SELECT 1 FROM facts_upload WHERE state = 'loaded'"))
    except sqlite3.OperationalError:
        # The tables are not there yet.
        return False


def test_a_demo_that_was_interrupted_goes_on_where_it_stopped(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    command = [*COMMAND, "demo", "--no-serve", "--agents", "12", "--days", "30", "--calls", "4000", "--centre", str(folder)]
    first = subprocess.Popen(command, env=surroundings(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: some_loaded(folder) or first.poll() is not None)
        assert first.poll() is None
        below = offspring(first.pid)
    finally:
        first.kill()
        first.wait()
    wait_for(lambda: not living(below))
    done = coachline(*command[3:])
    assert done.returncode == 0, done.stderr
    exports = len(list((folder / "exports").iterdir()))
    assert rows(folder, "SELECT count(*), count(DISTINCT name) FROM facts_upload WHERE state = 'loaded'") == [(exports, exports)]
    assert rows(folder, "SELECT count(*) FROM org_grant") == [(10,)]
    assert rows(folder, "SELECT a.team_id = g.team_id FROM org_agent a, org_grant g WHERE a.user_id AND g.team_id") == [(1,)]
    assert (folder / "reports" / "report.html").exists()
    users = (folder / "demo-users.txt").read_text("utf-8").splitlines()
    assert (folder / "demo-users.txt").stat().st_mode & 0o777 == 0o600
    assert all("\t".join(line.split("\t")[:2]).replace("\t", " ") in re.sub(" +", " ", done.stdout) for line in users)
    again = coachline(*command[3:])
    assert again.stdout.splitlines()[2:] == done.stdout.splitlines()[2:]
