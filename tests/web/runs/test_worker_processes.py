"""Real workers, killed, stopped and crowded, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from coachline.centre import Centre
from tests.repo.tree import ROOT

PATIENCE_S = 90
ON_EITHER_DATABASE = pytest.mark.parametrize("whole_place", ["sqlite"], indirect=True, scope="module")
"""For what is about processes only: the database has no part in it."""


class Place:
    """A centre with its application: workers can be started in it, and a driver does what the server would."""

    def __init__(self, folder: Path, database: str | None) -> None:
        self.folder = folder
        self.environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.web.runs.application", "PYTHONPATH": str(ROOT)}
        self.environment.pop("DATABASE_URL", None)
        if database:
            self.environment["DATABASE_URL"] = database
        self.workers: list[subprocess.Popen[bytes]] = []
        command = [sys.executable, "-m", "tests.web.runs.driver", str(folder)]
        self.driver = subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._answer() == "ready"

    def do(self, name: str, *arguments: Any) -> Any:
        assert self.driver.stdin is not None
        self.driver.stdin.write(json.dumps([name, *arguments]) + "\n")
        self.driver.stdin.flush()
        return self._answer()

    def _answer(self) -> Any:
        assert self.driver.stdout is not None
        return json.loads(self.driver.stdout.readline())

    def worker(self, *options: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "coachline", "worker", "--centre", str(self.folder), *options]
        self.workers.append(subprocess.Popen(command, env=self.environment))
        return self.workers[-1]

    def work_off(self) -> None:
        """Everything that waits, by one worker."""
        assert self.worker("--until-empty").wait(PATIENCE_S) == 0

    def sleeping(self, name: str, seconds: float = 60) -> tuple[str, subprocess.Popen[bytes], int]:
        """A run that a worker has begun: its number, the worker, and the process that does it."""
        run = self.do("start", "sleep", name, {"seconds": seconds})
        worker = self.worker()
        return run, worker, self.process_of(run, 1)

    def process_of(self, run: str, attempt: int) -> int:
        return int(wait_for(lambda: self.marks(f"{run}-{attempt}-*"))[0].rpartition("-")[2])

    def marks(self, pattern: str) -> list[str]:
        return [mark.name for mark in (self.folder / "marks").glob(pattern)]

    def state(self, run: str, wanted: str) -> dict[str, Any]:
        """What is to be seen of a run, once it is in this state."""

        def seen() -> Any:
            found = self.do("look", run)
            return found if found["state"] == wanted else None

        return wait_for(seen)  # type: ignore[no-any-return]

    def end_workers(self) -> None:
        for worker in self.workers:
            if worker.poll() is None:
                worker.terminate()
        for worker in self.workers:
            worker.wait(PATIENCE_S)
        self.workers.clear()

    def close(self) -> None:
        self.end_workers()
        assert self.driver.stdin is not None
        self.driver.stdin.close()
        self.driver.wait(PATIENCE_S)


def wait_for(seen: Callable[[], Any]) -> Any:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        found = seen()
        if found:
            return found
        time.sleep(0.1)
    pytest.fail("waited in vain")


def gone(process: int) -> bool:
    """Not there, or only its entry is left until somebody asks how it ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def whole_place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("workers") / "c"
    Centre.create(folder, "Werk").close()
    place = Place(folder, request.getfixturevalue("postgres")() if request.param == "postgresql" else None)
    yield place
    place.close()


@pytest.fixture
def place(whole_place: Place) -> Iterator[Place]:
    yield whole_place
    whole_place.end_workers()


def test_a_run_whose_worker_was_killed_is_taken_up_again_and_its_process_does_not_survive(place: Place) -> None:
    run, worker, process = place.sleeping("killed worker", seconds=2)
    worker.kill()
    worker.wait()
    wait_for(lambda: gone(process))
    assert place.do("look", run)["state"] == "running"
    place.work_off()
    seen = place.do("look", run)
    assert (seen["state"], seen["attempts"], seen["told"]) == ("done", 2, True)
    assert "web.runs.log.worker_lost" in seen["log"]
    assert len(place.marks(f"{run}-*")) == 2


def test_a_run_that_kills_its_worker_every_time_is_marked_as_lost(place: Place) -> None:
    run, worker, process = place.sleeping("killed twice")
    worker.kill()
    worker.wait()
    second = place.worker()
    place.process_of(run, 2)
    second.kill()
    second.wait()
    place.work_off()
    seen = place.do("look", run)
    assert (seen["state"], seen["attempts"], seen["told"]) == ("lost", 2, True)
    assert gone(process)


def test_a_worker_that_is_asked_to_end_puts_its_run_back(place: Place) -> None:
    run, worker, process = place.sleeping("stopped", seconds=2)
    worker.terminate()
    assert worker.wait(PATIENCE_S) == 0
    assert gone(process)
    seen = place.do("look", run)
    assert (seen["state"], seen["attempts"], seen["error"]) == ("waiting", 0, None)
    place.work_off()
    assert place.do("look", run)["state"] == "done"


@ON_EITHER_DATABASE
def test_what_is_called_off_or_crashes_ends_with_a_reason_and_the_worker_goes_on(place: Place) -> None:
    run, worker, process = place.sleeping("cancelled")
    place.do("cancel", run)
    place.state(run, "cancelled")
    assert gone(process)
    ends = {kind: place.do("start", kind, kind, {}) for kind in ("abort", "killed", "greedy", "nonsense")}
    last = place.do("start", "sleep", "after all that", {"seconds": 0})
    place.state(last, "done")
    assert {kind: place.state(run, "failed")["error"] for kind, run in ends.items()} == {
        "abort": "run_process_died",
        "killed": "run_process_died",
        "greedy": "run_out_of_memory",
        "nonsense": "run_kind_unknown",
    }
    assert worker.poll() is None


def test_a_waiting_run_whose_place_in_the_queue_was_lost_gets_another_one(place: Place) -> None:
    run = place.do("start", "sleep", "forgotten", {"seconds": 0})
    place.do("lose_place", run)
    place.work_off()
    assert place.do("look", run)["state"] == "done"


def test_two_workers_do_each_run_once_while_others_write(place: Place) -> None:
    runs = [place.do("start", "chat", f"talk {number}", {"lines": 25}) for number in range(16)]
    place.worker()
    place.worker()
    written = place.do("hammer", 8, 60)
    assert written == {"faults": [], "written": 480}
    for run in runs:
        seen = place.state(run, "done")
        assert (seen["attempts"], len(seen["log"])) == (1, 25)
    assert len(place.marks(f"{runs[0]}-*")) == 1
    assert all(len(place.marks(f"{run}-*")) == 1 for run in runs)


@ON_EITHER_DATABASE
def test_a_worker_has_no_threads_of_an_engine(place: Place) -> None:
    """What was forked from a process that has used one could wait for ever for a lock that nobody gives back."""
    run, worker, _process = place.sleeping("look at its worker")
    names = {(task / "comm").read_text().strip() for task in Path(f"/proc/{worker.pid}/task").iterdir()}
    assert not {name for name in names if name.startswith(("tokio", "polars-0", "polars-1", "rayon", "duckdb"))}, names
    place.do("cancel", run)
    place.state(run, "cancelled")


@ON_EITHER_DATABASE
def test_a_child_is_ended_with_whatever_signal_it_takes(place: Place) -> None:
    run, _worker, process = place.sleeping("stopped by hand")
    os.kill(process, signal.SIGSTOP)
    place.do("cancel", run)
    place.state(run, "cancelled")
    assert gone(process)
