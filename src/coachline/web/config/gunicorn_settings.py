"""Settings of the server, read by gunicorn; what differs from start to start stands on its command line."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from coachline.errors import CoachlineError
from coachline.web.config.companion import end_with_parent

wsgi_app = "coachline.web.config.wsgi:application"
worker_class = "gthread"
threads = 8
"""Of each process: pages wait for the database and for files more than they compute."""
preload_app = True
timeout = 120
graceful_timeout = 5
keepalive = 5
loglevel = "warning"
# Signs of life of its processes: in memory, where there is such a place.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108


def on_starting(server: Any) -> None:
    end_with_parent()


def post_worker_init(worker: Any) -> None:
    """Look at the lake once before the first reader waits: what is imported only then takes longer than a page."""
    from coachline.web.base.centre_folder import centre

    with suppress(CoachlineError):
        centre().lake.snapshots()
