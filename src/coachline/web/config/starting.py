"""What must be in order before anything runs: the folder, the settings, the database and its tables, static files."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import io
import os
from pathlib import Path

from filelock import FileLock

from coachline.centre import SETTINGS_FILE, Settings
from coachline.errors import CoachlineError

SETTINGS_MODULE = "coachline.web.config.settings"
LOCK = ".upgrade.lock"
LONGEST_WAIT_S = 300
STAMP = ".stamp"


def enter(folder: Path) -> Path:
    """Make this process the application of the centre in `folder`: settings read, database there, its tables up to date.

    Raises
    ------
    CoachlineError
        ``web_not_installed``, ``not_a_centre`` and what else is wrong with its settings, ``database_unreadable``, ``database_away``,
        ``web_misconfigured``.
    """
    if importlib.util.find_spec("django") is None:
        raise CoachlineError("web_not_installed")
    # Sessions, passwords' hashes and results about people are nobody else's on this machine.
    os.umask(os.umask(0) | 0o007)
    folder = folder.resolve()
    Settings.read(folder / SETTINGS_FILE)
    os.environ["COACHLINE_CENTRE"] = str(folder)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
    _set_up()
    _require_database()
    _check()
    with FileLock(folder / LOCK, timeout=LONGEST_WAIT_S):
        _bring_up_to_date()
    return folder


def _set_up() -> None:
    import django

    try:
        django.setup()
    except ValueError as error:
        if os.environ.get("DATABASE_URL") and "dj_database_url" in type(error).__module__:
            raise CoachlineError("database_unreadable") from None
        raise


def _require_database() -> None:
    from django.db import OperationalError, connection

    try:
        connection.ensure_connection()
    except OperationalError as error:
        raise CoachlineError("database_away", reason=_first_line(error)) from None


def _check() -> None:
    from django.core.checks import ERROR, run_checks

    faults = [fault for fault in run_checks() if fault.level >= ERROR]
    if faults:
        raise CoachlineError("web_misconfigured", reason="; ".join(str(fault.msg) for fault in faults))


def _bring_up_to_date() -> None:
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            call_command("migrate", interactive=False, verbosity=0, skip_checks=True)
    except DatabaseError as error:
        raise CoachlineError("database_not_upgraded", reason=_first_line(error)) from None


def collect_static(folder: Path) -> bool:
    """Put static files where the server finds them, under names that change with their content; False where they lie there already.

    Raises
    ------
    CoachlineError
        ``assets_missing``, ``cannot_write``.
    """
    from django.conf import settings
    from django.core.management import call_command

    if not (Path(str(settings.STATICFILES_DIRS[0])) / "vendor" / "htmx.min.js").exists():
        raise CoachlineError("assets_missing")
    target = Path(settings.STATIC_ROOT)
    mark = _fingerprint()
    with FileLock(folder / LOCK, timeout=LONGEST_WAIT_S):
        if (target / STAMP).exists() and (target / STAMP).read_text(encoding="ascii") == mark:
            return False
        try:
            # What earlier versions left stays: pages that were open during an upgrade go on asking for it.
            call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True, stdout=io.StringIO())
            (target / STAMP).write_text(mark, encoding="ascii")
        except OSError as error:
            raise CoachlineError("cannot_write", file=str(target), reason=error.strerror or str(error)) from None
    return True


def _fingerprint() -> str:
    """What is equal as long as version and static files are the same."""
    from django.contrib.staticfiles.finders import get_finders

    found = [importlib.metadata.version("coachline")]
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            found.append(f"{path} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
