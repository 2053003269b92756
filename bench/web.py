"""The web application under twenty people at once: pages of a working morning over ten million calls, on SQLite and on PostgreSQL.

The real server is started, everybody signs in by the form, and opens pages with pauses as people make them; a second round without pauses says
what the machine can carry. A page counts from the request to the last byte of its HTML. None may run an analysis: `bench.web_witness` would have
written it down, and the number of runs must stay what it was.
"""

from __future__ import annotations

import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench import web_record
from bench.measure import Line
from bench.web_centre import PASSWORD, USERS, Costs, environment, postgres, ready, runs
from bench.web_pages import ASIDE, FRAME, PAGES, Page, address_of, gather
from bench.web_user import User

GOAL_MS = 300.0
THINKING_S = (1.0, 3.0)


@dataclass
class Round:
    """What a round of browsing gave: milliseconds by kind of page, of their parts, and what went wrong."""

    pages: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    parts: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    bytes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    load: float = 0.0

    @property
    def all(self) -> list[float]:
        return [each for found in self.pages.values() for each in found]

    def summary(self) -> dict[str, Any]:
        def of(found: list[float]) -> dict[str, float]:
            return {"loads": len(found), "median": median(found), "p95": _share(found, 0.95), "p99": _share(found, 0.99)}

        return {
            **of(self.all),
            "per_second": len(self.all) / self.seconds,
            "errors": len(self.errors),
            "load": self.load,
            "parts": of(self.parts) if self.parts else None,
            "pages": {code: {**of(found), "kb": self.bytes.get(code, 0) / 1000} for code, found in self.pages.items()},
        }


def _share(found: list[float], share: float) -> float:
    return float(np.quantile(found, share))


def measure(calls: int, *, quick: bool) -> list[Line]:
    """Page loads on both databases; the details go to a file beside the centre."""
    folder, costs = ready(calls)
    lines = _costs(calls, costs)
    figures: dict[str, Any] = {"calls": calls, "costs": vars(costs)}
    for name in ("SQLite", "PostgreSQL"):
        scratch = Path(tempfile.mkdtemp(prefix="coachline-postgres-"))
        with postgres(folder, scratch) if name == "PostgreSQL" else nullcontext("") as database:
            figures[name] = found = _measure(folder, database, quick=quick)
        shutil.rmtree(scratch, ignore_errors=True)
        lines += _lines(name, found)
        web_record.FIGURES.write_text(json.dumps(figures, ensure_ascii=False, indent=1), encoding="utf-8")
    if not quick:
        web_record.write(figures)
    return lines


def _costs(calls: int, costs: Costs) -> list[Line]:
    return [
        Line(f"{calls:,} calls: everything calculated", costs.calculate_s, "s"),
        Line(f"{calls:,} calls: everything calculated, peak memory", costs.calculate_gb, "GB"),
    ]


def _lines(name: str, found: dict[str, Any]) -> list[Line]:
    calm, driven = found["calm"], found["driven"]
    slowest = max(calm["pages"].items(), key=lambda item: item[1]["p95"])
    return [
        Line(f"20 users on {name}: page, 95 % within", calm["p95"], "ms", GOAL_MS),
        Line(f"20 users on {name}: page, median", calm["median"], "ms"),
        Line(f"20 users on {name}: page beside the bare frame, median, ratio", calm["median"] / calm["pages"][FRAME]["median"], "x"),
        Line(f"20 users on {name}: slowest kind ({slowest[0]}), 95 % within", slowest[1]["p95"], "ms"),
        Line(f"20 users on {name}: errors", calm["errors"] + driven["errors"] + found["first"]["errors"], "", 0),
        Line(f"20 users on {name}: runs started and analyses run", found["runs"] + found["analyses"], "", 0),
        Line(f"20 users on {name}: load of the machine", calm["load"], ""),
        Line(f"20 users without pauses on {name}: pages a second", driven["per_second"], ""),
        Line(f"20 users without pauses on {name}: page, 95 % within", driven["p95"], "ms"),
        Line(f"20 users on {name}: first look at each page, median", found["first"]["median"], "ms"),
        Line(f"20 users on {name}: memory of the server", found["memory_gb"], "GB"),
    ]


def _measure(folder: Path, database: str, *, quick: bool) -> dict[str, Any]:
    witness = folder / "bench-server-analyses.txt"
    witness.write_text("", encoding="utf-8")
    given = environment(folder, witness, database)
    before = runs(folder, given)
    # What was drawn earlier is forgotten, so that the first look is one.
    shutil.rmtree(folder / ".cache", ignore_errors=True)
    with _served(folder, given) as (port, process):
        people = [User(f"{role}{number}", port) for role, count in USERS.items() for number in range(count)]
        for person in people:
            person.sign_in(PASSWORD)
        first, allowed = _first_looks(people)
        calm = _browse(people, allowed, 15 if quick else 180, THINKING_S)
        driven = _browse(people, allowed, 8 if quick else 60, (0.0, 0.0))
        floor = _floor(port)
        memory = _memory(process.pid)
    found = {"first": first.summary(), "calm": calm.summary(), "driven": driven.summary(), "healthz_ms": floor, "memory_gb": memory}
    for kept in (first, calm, driven):
        for error in kept.errors[:10]:
            print(error, file=sys.stderr)
    return {**found, "runs": runs(folder, given) - before, "analyses": len(witness.read_text(encoding="utf-8").splitlines())}


@contextmanager
def _served(folder: Path, given: dict[str, str]) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """The application as `coachline serve` starts it, without the worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "coachline", "serve", "--no-worker", "--port", str(port), "--centre", str(folder)]
    process = subprocess.Popen(command, env=given, stdout=subprocess.DEVNULL)
    try:
        for _ in range(600):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
                break
            except OSError:
                assert process.poll() is None, "the server has ended"
                time.sleep(0.2)
            finally:
                connection.close()
        yield port, process
    finally:
        process.terminate()
        process.wait(60)


def _first_looks(people: list[User]) -> tuple[Round, dict[str, list[Page]]]:
    """Everybody, one after the other, opens every page that they may open: what nobody has opened before has to be drawn."""
    seen, allowed = Round(), dict[str, list[Page]]()
    began = time.perf_counter()
    for person in people:
        chance = random.Random(person.name)
        mine: list[Page] = []
        for page in (*(page for page in PAGES if not page.many), *(page for page in PAGES if page.many)):
            address = address_of(page, person, chance)
            if address is not None and _open(person, page, address, seen, may_be_refused=True):
                mine.append(page)
        allowed[person.name] = mine
    seen.seconds, seen.load = time.perf_counter() - began, os.getloadavg()[0]
    return seen, allowed


def _browse(people: list[User], allowed: dict[str, list[Page]], seconds: float, thinking: tuple[float, float]) -> Round:
    """Everybody at once, for so long."""
    rounds = [Round() for _ in people]
    until = time.perf_counter() + seconds
    began = time.perf_counter()

    def browse(person: User, seen: Round) -> None:
        chance = random.Random(f"{person.name}{thinking}")
        mine = allowed[person.name]
        time.sleep(chance.uniform(0, thinking[1]))
        while time.perf_counter() < until:
            page = chance.choices(mine, [page.weight for page in mine])[0]
            address = address_of(page, person, chance)
            assert address is not None
            _open(person, page, address, seen)
            time.sleep(chance.uniform(*thinking))

    threads = [threading.Thread(target=browse, args=each) for each in zip(people, rounds, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    together = Round(seconds=time.perf_counter() - began, load=os.getloadavg()[0])
    for seen in rounds:
        for code, found in seen.pages.items():
            together.pages[code] += found
        together.parts += seen.parts
        together.errors += seen.errors
        together.bytes |= seen.bytes
    return together


def _open(person: User, page: Page, address: str, seen: Round, *, may_be_refused: bool = False) -> bool:
    """Open a page with all that a browser fetches for it; whether it came."""
    try:
        answer = person.get(address)
        if answer.status != 200:
            # What a role must not see, or is led elsewhere from, is not theirs to open; that these answers are right is tested elsewhere.
            if not (may_be_refused and answer.status in (302, 403, 404)):
                seen.errors.append(f"{person.name} {address}: {answer.status}")
            return False
        seen.pages[page.code].append(answer.seconds * 1000)
        seen.bytes[page.code] = len(answer.body)
        gather(person, address, answer.body)
        person.fetch_files(answer.body)
        for part in (*ASIDE, *page.parts):
            came = person.fetch_part(part)
            seen.parts.append(came.seconds * 1000)
            if came.status not in (200, 304):
                seen.errors.append(f"{person.name} {part}: {came.status}")
    except (OSError, http.client.HTTPException, AssertionError) as error:
        seen.errors.append(f"{person.name} {address}: {error!r}")
        return False
    return True


def _floor(port: int, times: int = 50) -> float:
    """Milliseconds of the smallest answer that there is, with nobody else there."""
    watcher = User("watcher", port)
    return median(watcher.get("/healthz").seconds * 1000 for _ in range(times))


def _memory(pid: int) -> float:
    """GB that the server's processes hold together, each shared page counted once."""
    children = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    parents: dict[int, int] = {}
    for child in children:
        try:
            parents[child] = int((Path("/proc") / str(child) / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    family, grown = {pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in family} - family
        grown = bool(more)
        family |= more
    held = 0
    for member in family:
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            held += int(line.split()[1]) if line.startswith("Pss:") else 0
    return held / 1024 / 1024
