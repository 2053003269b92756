"""Backup of a centre into one file, and back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from coachline.centre import SETTINGS_FILE, Centre
from coachline.errors import CoachlineError

DATABASE = "coachline.sqlite3"
LEFT_OUT = {".lock", ".upgrade.lock", f"{DATABASE}-wal", f"{DATABASE}-shm", ".cache", ".static", ".scratch"}
"""Files and folders that come into being again by themselves."""
UNFINISHED = ".part"
"""How everything ends that is still being written: it bears its name only when it is whole."""
DATABASE_VARIABLE = "DATABASE_URL"


def backup(centre: Centre, target: Path) -> int:
    """Write everything of a centre, its key included, into a gzipped tar; returns the size in bytes.

    No load runs meanwhile; results, uploads and decisions may come and go. The file appears under its name only when it is whole.

    Raises
    ------
    CoachlineError
        ``cannot_write``, ``backup_inside_centre``.
    """
    target = target.resolve()
    root = centre.folder.resolve()
    if target.is_relative_to(root):
        raise CoachlineError("backup_inside_centre", file=str(target))
    unfinished = target.with_name(target.name + ".part")
    try:
        with (
            centre.lake.writing(),
            tempfile.TemporaryDirectory() as scratch,
            tarfile.open(unfinished, "w:gz", compresslevel=1, dereference=True) as archive,
        ):
            for path in _entries(root):
                saved = _steady_copy(path, Path(scratch)) if path.name == DATABASE else path
                try:
                    archive.add(saved, arcname=str(path.relative_to(root)), recursive=False)
                except FileNotFoundError:
                    # Results are tidied away, and uploads end, while the backup is written.
                    if saved.exists():
                        raise
        unfinished.chmod(0o600)
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CoachlineError("cannot_write", file=str(target), reason=error.strerror or str(error)) from None
    return target.stat().st_size


def decisions_elsewhere() -> bool:
    """Whether users, journal and runs are in a database outside the centre's folder, which a backup does not contain."""
    return bool(os.environ.get(DATABASE_VARIABLE))


def restore(file: Path, folder: Path) -> Centre:
    """Unpack a backup into a folder that is empty or not there yet, and open it.

    Raises
    ------
    CoachlineError
        ``no_such_file``, ``folder_not_empty``, ``backup_damaged``, ``cannot_write``.
    """
    if not file.is_file():
        raise CoachlineError("no_such_file", file=str(file))
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CoachlineError("folder_not_empty", folder=str(folder))
    unfinished = folder.resolve().with_name(folder.resolve().name + ".part")
    try:
        unfinished.mkdir(parents=True)
        with tarfile.open(file, "r:gz") as archive:
            if not all(_plain(member) for member in archive.getmembers()):
                raise CoachlineError("backup_damaged", file=str(file))
            # Python 3.11.2, which Debian 12 has, knows no filters yet; the check above does without.
            archive.extraction_filter = getattr(tarfile, "data_filter", None)
            archive.extractall(unfinished)  # noqa: S202
        if not (unfinished / SETTINGS_FILE).is_file():
            raise CoachlineError("backup_damaged", file=str(file))
        with Centre(unfinished) as centre:
            missing = [f for s in centre.lake.snapshots().values() for f in s.files if not Path(f).exists()]
        if missing:
            raise CoachlineError("backup_damaged", file=str(file))
        if folder.exists():
            folder.rmdir()
        unfinished.replace(folder)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise CoachlineError("backup_damaged", file=str(file)) from error
    except OSError as error:
        raise CoachlineError("cannot_write", file=str(folder), reason=error.strerror or str(error)) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return Centre(folder)


def _entries(root: Path) -> Iterator[Path]:
    """Files that are saved, decisions first, lest they speak of results that came later; and folders in which there are none."""
    for folder, folders, files in os.walk(root, followlinks=True):
        folders[:] = sorted(filter(_saved, folders))
        saved = sorted(filter(_saved, files))
        yield from (Path(folder) / name for name in saved)
        if not folders and not saved:
            yield Path(folder)


def _saved(name: str) -> bool:
    return name not in LEFT_OUT and not name.endswith(UNFINISHED)


def _plain(member: tarfile.TarInfo) -> bool:
    """Whether `member` is what a backup holds: a file or folder below the centre's own, no link, no device, no way out."""
    path = PurePosixPath(member.name)
    return (member.isfile() or member.isdir()) and not path.is_absolute() and ".." not in path.parts


def _steady_copy(database: Path, scratch: Path) -> Path:
    """A copy of a SQLite database that may be written to at this moment."""
    copy = scratch / DATABASE
    source, target = sqlite3.connect(database), sqlite3.connect(copy)
    with source, target:
        source.backup(target)
    source.close()
    target.close()
    return copy
