"""Who works on a run, and whether that process is still there."""

from __future__ import annotations

import os
import secrets
import socket

_MARKS: dict[int, str] = {}


def this_worker() -> str:
    """Machine, process, and a mark that no other process of the same number has had."""
    pid = os.getpid()
    if pid not in _MARKS:
        _MARKS[pid] = secrets.token_hex(4)
    return f"{socket.gethostname()[:80]}:{pid}:{_MARKS[pid]}"


def gone(worker: str) -> bool:
    """Whether the process of that name has surely ended; of another machine nobody here can say."""
    machine, _, rest = worker.partition(":")
    pid, _, mark = rest.partition(":")
    if machine != socket.gethostname()[:80] or not pid.isdigit():
        return False
    if int(pid) == os.getpid():
        return _MARKS.get(os.getpid()) != mark
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
