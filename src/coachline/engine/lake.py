"""The lake: one Delta table per fact table, in which every load is one commit.

A reader takes the files of one version and sees nothing of loads that are under way. A load that dies leaves files that no version
names, and the version before it stands. One writer at a time holds the lock, so that two loads of the same rows end as one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
from deltalake import CommitProperties, DeltaTable, WriterProperties, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError
from filelock import FileLock, Timeout

from coachline.engine.facts import FileSpan, Snapshot
from coachline.engine.tables import TABLES, FactTable
from coachline.errors import CoachlineError

LONGEST_WAIT_S = 600
"""How long a load waits for another one to finish."""

MILLISECOND = timedelta(milliseconds=1)

ROWS_PER_GROUP = 131_072
"""Rows of a file that share one entry of smallest and largest values. Whoever looks for one day reads no more than the few groups that may hold it."""

_GROUPED = WriterProperties(max_row_group_size=ROWS_PER_GROUP)

_Commit = tuple[str, int, int, int]
"""Name, inode, size and time of a file of a log."""


@dataclass(frozen=True)
class Version:
    """One commit of a table."""

    version: int
    committed_at_ms: int
    what: Mapping[str, str]
    """What was loaded or erased, as the writer put it down."""


class Lake:
    """The fact tables below a folder. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._kept: dict[str, tuple[_Commit, Snapshot]] = {}

    def snapshot(self, name: str, version: int | None = None) -> Snapshot | None:
        """The files of table `name`, now or as of `version`; None where nothing was ever loaded.

        What was read is kept until the table's log has a newer commit: asking again then costs no more than listing the log.

        Raises
        ------
        CoachlineError
            ``no_such_version``; ``version_erased`` if an erasure removed files of that version for good.
        """
        newest = self._newest_commit(name) if version is None else None
        if newest is not None and name in self._kept:
            commit, kept = self._kept[name]
            if commit == newest:
                return kept
        table = self._open(name, version)
        if table is None:
            return None
        files = table.file_uris()
        if version is not None and not all(Path(file).exists() for file in files):
            raise CoachlineError("version_erased", table=name, version=version)
        actions = pa.table(table.get_add_actions(flatten=True))
        found = Snapshot(table.version(), files, sum(actions["num_records"].to_pylist()), _spans(actions, files, TABLES[name].when))
        if newest is not None:
            # A commit that came since the log was listed is in what is kept; the next listing sees it and reads once more.
            self._kept[name] = newest, found
        return found

    def snapshots(self, versions: Mapping[str, int] | None = None) -> dict[str, Snapshot]:
        """All tables that exist, as of `versions` where given."""
        found = {name: self.snapshot(name, (versions or {}).get(name)) for name in TABLES}
        return {name: snapshot for name, snapshot in found.items() if snapshot is not None}

    def history(self, name: str) -> list[Version]:
        """All commits of a table, the newest first."""
        table = self._open(name)
        if table is None:
            return []
        plain = {
            "timestamp",
            "operation",
            "operationParameters",
            "operationMetrics",
            "clientVersion",
            "engineInfo",
            "version",
            "readVersion",
        }
        return [
            Version(entry["version"], entry.get("timestamp", 0), {k: str(v) for k, v in entry.items() if k not in plain})
            for entry in table.history()
        ]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the lock that every change of the lake needs; the system frees it if the process dies.

        Raises
        ------
        CoachlineError
            ``lake_busy`` after ten minutes, ``no_permission``.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            lock = FileLock(self.folder / ".lock", timeout=LONGEST_WAIT_S)
            lock.acquire()
        except Timeout:
            raise CoachlineError("lake_busy") from None
        except OSError as error:
            raise _io_error(error, self.folder) from None
        try:
            yield
        finally:
            lock.release()

    def append(self, name: str, rows: pa.RecordBatchReader, what: Mapping[str, str]) -> int:
        """Add rows whose keys are not in the table. One commit; returns its version."""
        with _clear_errors(self.folder):
            write_deltalake(
                self.folder / name,
                rows,
                mode="append",
                schema_mode="merge" if self._open(name) is not None else None,
                name=name,
                writer_properties=_GROUPED,
                commit_properties=CommitProperties(custom_metadata=dict(what)),
            )
        return self._version(name)

    def merge(self, table: FactTable, rows: pa.RecordBatchReader, what: Mapping[str, str]) -> int:
        """Add rows, replacing those of the same key. One commit; returns its version."""
        existing = self._open(table.name)
        assert existing is not None
        same_key = " AND ".join(f"old.{column} = new.{column}" for column in table.key)
        with _clear_errors(self.folder):
            (
                existing.merge(
                    rows,
                    predicate=same_key,
                    source_alias="new",
                    target_alias="old",
                    merge_schema=True,
                    writer_properties=_GROUPED,
                    commit_properties=CommitProperties(custom_metadata=dict(what)),
                )
                .when_matched_update_all()
                .when_not_matched_insert_all()
                .execute()
            )
        return self._version(table.name)

    def delete(self, name: str, predicate: str, what: Mapping[str, str]) -> int:
        """Delete rows; returns how many."""
        table = self._open(name)
        if table is None:
            return 0
        with _clear_errors(self.folder):
            metrics = table.delete(predicate, writer_properties=_GROUPED, commit_properties=CommitProperties(custom_metadata=dict(what)))
        return int(metrics["num_deleted_rows"])

    def blank(self, name: str, columns: Sequence[str], predicate: str, what: Mapping[str, str]) -> int:
        """Set `columns` to unknown where `predicate` holds; returns in how many rows."""
        table = self._open(name)
        if table is None:
            return 0
        with _clear_errors(self.folder):
            metrics = table.update(
                updates=dict.fromkeys(columns, "NULL"),
                predicate=predicate,
                writer_properties=_GROUPED,
                commit_properties=CommitProperties(custom_metadata=dict(what)),
            )
        return int(metrics["num_updated_rows"])

    def vacuum(self, name: str) -> None:
        """Remove every file that the last version does not need, so that nothing deleted can be read any more."""
        table = self._open(name)
        if table is not None:
            with _clear_errors(self.folder):
                table.vacuum(retention_hours=0, enforce_retention_duration=False, dry_run=False)

    def _open(self, name: str, version: int | None = None) -> DeltaTable | None:
        if not (self.folder / name).exists():
            return None
        try:
            return DeltaTable(self.folder / name, version=version)
        except TableNotFoundError:
            # A first load that died before its commit leaves a folder without a log.
            return None
        except DeltaError:
            if version is None:
                raise
            raise CoachlineError("no_such_version", table=name, version=version) from None

    def _version(self, name: str) -> int:
        return DeltaTable(self.folder / name).version()

    def _newest_commit(self, name: str) -> _Commit | None:
        """The newest file of a table's log; its size and time tell it from one of the same number in a lake that was put in this one's place."""
        try:
            with os.scandir(self.folder / name / "_delta_log") as entries:
                newest = max((entry.name for entry in entries if entry.name.endswith(".json")), default=None)
            if newest is None:
                return None
            status = (self.folder / name / "_delta_log" / newest).stat()
        except OSError:
            # Opening says better what is wrong with it.
            return None
        return newest, status.st_ino, status.st_size, status.st_mtime_ns


def _spans(actions: pa.Table, files: Sequence[str], when: str | None) -> dict[str, FileSpan]:
    """When the rows of each file are, as the log says; a file of which it does not say is left out."""
    first, last = f"min.{when}", f"max.{when}"
    if first not in actions.column_names or last not in actions.column_names:
        return {}
    by_name = {file.rpartition("/")[2]: file for file in files}
    spans = {}
    for entry in actions.select(["path", "num_records", first, last]).to_pylist():
        file = by_name.get(entry["path"].rpartition("/")[2])
        if file is not None and entry[first] is not None and entry[last] is not None:
            # The log cuts instants to milliseconds.
            spans[file] = FileSpan(file, entry["num_records"], entry[first], entry[last] + MILLISECOND)
    return spans


@contextmanager
def _clear_errors(folder: Path) -> Iterator[None]:
    """Storage faults in words that say what to do; the lake stays at its last complete version."""
    try:
        yield
    except OSError as error:
        raise _io_error(error, folder) from None
    except DeltaError as error:
        message = str(error)
        if "No space left" in message:
            raise CoachlineError("disk_full", folder=str(folder)) from None
        if "ermission denied" in message:
            raise CoachlineError("no_permission", folder=str(folder)) from None
        raise


def _io_error(error: OSError, folder: Path) -> CoachlineError:
    import errno

    message = str(error)
    if error.errno == errno.ENOSPC or "No space left" in message:
        return CoachlineError("disk_full", folder=str(folder))
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS) or "ermission denied" in message:
        return CoachlineError("no_permission", folder=str(folder))
    return CoachlineError("storage_failed", folder=str(folder), reason=message.splitlines()[0] if message else type(error).__name__)
