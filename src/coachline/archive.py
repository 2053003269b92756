"""Backup of a centre into one file, and back."""

from __future__ import annotations

import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from pathlib import Path, PurePosixPath

from coachline.centre import SETTINGS_FILE, Centre
from coachline.errors import CoachlineError

DATABASE = "coachline.sqlite3"
LEFT_OUT = {".lock", ".upgrade.lock", f"{DATABASE}-wal", f"{DATABASE}-shm", ".cache", ".static", ".scratch"}
"""Files and folders that come into being again by themselves."""


def backup(centre: Centre, target: Path) -> int:
    """Write everything of a centre, its key included, into a gzipped tar; returns the size in bytes.

    No load runs meanwhile; the file appears under its name only when it is whole.

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
        with centre.lake.writing(), tempfile.TemporaryDirectory() as scratch, tarfile.open(unfinished, "w:gz", compresslevel=1) as archive:
            for path in sorted(root.rglob("*")):
                inside = path.relative_to(root)
                if LEFT_OUT.intersection(inside.parts) or (path.is_dir() and any(path.iterdir())):
                    continue
                if path.name == DATABASE:
                    path = _steady_copy(path, Path(scratch))
                archive.add(path, arcname=str(inside), recursive=False)
        unfinished.chmod(0o600)
        unfinished.replace(target)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise CoachlineError("cannot_write", file=str(target), reason=error.strerror or str(error)) from None
    return target.stat().st_size


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
