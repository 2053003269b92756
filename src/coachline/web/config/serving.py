"""Server and worker as two processes that begin and end together."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from coachline.errors import CoachlineError
from coachline.web.config import companion

GRACE_S = 15.0
LOOK_EVERY_S = 0.2
READY_WITHIN_S = 90.0
LONGEST_PAUSE_S = 60.0
STEADY_S = 120.0
"""A worker that has lived for so long before it died is started again at once."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that is ours, so that nobody can take the port between a check and the start.

    Raises
    ------
    CoachlineError
        ``port_taken``, ``no_such_address``, ``port_forbidden``.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, OverflowError):
        raise CoachlineError("no_such_address", host=host, port=port) from None
    held = socket.socket(family, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind(address)
        # Where somebody else listens under the same address, only this tells.
        held.listen(128)
    except PermissionError:
        held.close()
        raise CoachlineError("port_forbidden", port=port) from None
    except OSError as error:
        held.close()
        code = "port_taken" if error.errno == errno.EADDRINUSE else "no_such_address"
        raise CoachlineError(code, host=host, port=port) from None
    held.set_inheritable(True)
    return held


def listen_near(host: str, port: int, tries: int = 50) -> socket.socket:
    """The first free port from `port` on.

    Raises
    ------
    CoachlineError
        As `listen`, of the last that was tried.
    """
    for ahead in range(tries - 1):
        try:
            return listen(host, port + ahead)
        except CoachlineError as error:
            if error.code != "port_taken":
                raise
    return listen(host, port + tries - 1)


def address_of(held: socket.socket) -> str:
    """What to type into a browser on this machine."""
    host, port = held.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - a name for it
    return f"http://{shown}:{port}/"


class Service:
    """The two processes.

    Parameters
    ----------
    held : socket
        From `listen`.
    processes : int
        How many of the server's.
    worker : bool
    said : callable
        ``said(code, **facts)`` says what happens.
    """

    def __init__(self, held: socket.socket, folder: Path, *, processes: int, worker: bool, said: Callable[..., None]) -> None:
        self.held = held
        self.folder = folder
        self.processes = processes
        self.with_worker = worker
        self.said = said
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.stopping = False
        self._began = 0.0
        self._pause = 0.0
        self._again_at = 0.0

    def run(self, ready: Callable[[], None] = lambda: None) -> int:
        """Serve until asked to end; returns the exit code. ``ready()`` is called once the first answer has come."""
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.server = self._start_server()
            if self.with_worker:
                self._start_worker()
            if self._answers():
                ready()
            while not self.stopping:
                if self.server.poll() is not None:
                    self.said("cli.serve.server_died", code=self.server.returncode)
                    return 1
                self._look_after_worker()
                time.sleep(LOOK_EVERY_S)
            return 0
        finally:
            end(*(process for process in (self.server, self.worker) if process is not None))
            self.held.close()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, frame: Any) -> None:
        self.stopping = True

    def _start_server(self) -> subprocess.Popen[bytes]:
        number = self.held.fileno()
        command = [sys.executable, "-m", "gunicorn", "--config", "python:coachline.web.config.gunicorn_settings"]
        return _start([*command, "--bind", f"fd://{number}", "--workers", str(self.processes)], self.folder, (number,))

    def _start_worker(self) -> None:
        self._began = time.monotonic()
        self.worker = start_worker(self.folder)

    def _look_after_worker(self) -> None:
        if self.worker is None:
            if self.with_worker and time.monotonic() >= self._again_at:
                self._start_worker()
            return
        if self.worker.poll() is None:
            return
        lived = time.monotonic() - self._began
        self._pause = 0.0 if lived > STEADY_S else min(LONGEST_PAUSE_S, 2 * self._pause or 1.0)
        self._again_at = time.monotonic() + self._pause
        self.said("cli.serve.worker_died", code=self.worker.returncode, seconds=self._pause)
        self.worker = None

    def _answers(self) -> bool:
        """Wait for the first answer, whatever it is."""
        host, port = self.held.getsockname()[:2]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - a name for it
        until = time.monotonic() + READY_WITHIN_S
        while not self.stopping and time.monotonic() < until:
            if self.server is None or self.server.poll() is not None:
                return False
            connection = http.client.HTTPConnection(host, port, timeout=READY_WITHIN_S)
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except (OSError, http.client.HTTPException):
                time.sleep(LOOK_EVERY_S)
            else:
                return True
            finally:
                connection.close()
        return False


@contextmanager
def worker_beside(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker for as long as something is waited for."""
    worker = start_worker(folder)
    try:
        yield worker
    finally:
        end(worker)


def start_worker(folder: Path) -> subprocess.Popen[bytes]:
    return _start([sys.executable, "-m", "coachline", "worker", "--centre", str(folder)], folder, ())


def end(*processes: subprocess.Popen[bytes]) -> None:
    """Ask processes to end, and make sure of it."""
    running = [process for process in processes if process.poll() is None]
    for process in running:
        process.terminate()
    until = time.monotonic() + GRACE_S
    for process in running:
        try:
            process.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _start(command: list[str], folder: Path, inherited: tuple[int, ...]) -> subprocess.Popen[bytes]:
    """A process in a session of its own, so that an interrupt at the keyboard reaches only us and we end it in order."""
    environment = {**os.environ, "COACHLINE_CENTRE": str(folder), companion.VARIABLE: str(os.getpid())}
    return subprocess.Popen(command, env=environment, pass_fds=inherited, start_new_session=True, stdin=subprocess.DEVNULL)  # noqa: S603
