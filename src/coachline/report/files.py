"""Writing the report's files so that a reader never sees half of one."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from xlsxwriter.exceptions import XlsxWriterException

from coachline.errors import CoachlineError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def into(folder: Path) -> Iterator[Path]:
    """A scratch folder inside `folder`; whatever goes wrong with the disk in it is told so that it can be mended.

    Raises
    ------
    CoachlineError
        ``report_disk_full`` or ``report_not_writable``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".report-", dir=folder, ignore_cleanup_errors=True) as scratch:
            yield Path(scratch)
    except (OSError, XlsxWriterException) as problem:
        cause = problem if isinstance(problem, OSError) else next((a for a in problem.args if isinstance(a, OSError)), None)
        if cause is not None and cause.errno in _FULL:
            raise CoachlineError("report_disk_full", folder=str(folder)) from problem
        raise CoachlineError("report_not_writable", folder=str(folder), reason=_reason(cause or problem)) from problem


def put(made: Path, final: Path) -> None:
    """Move a finished file to its place in one step."""
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    made.replace(final)


def _reason(problem: BaseException) -> str:
    return (problem.strerror if isinstance(problem, OSError) else None) or str(problem)
