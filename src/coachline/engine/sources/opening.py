"""Opens a file by what it is, not by what it is called: exports named .xls are often text or web pages."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from coachline.engine.sources.beginning import OLE, PARQUET, ZIP
from coachline.engine.sources.columnar import open_parquet
from coachline.engine.sources.delimited import open_delimited
from coachline.engine.sources.mapping import Mapping
from coachline.engine.sources.raw import RawRows
from coachline.engine.sources.web_table import open_web_table
from coachline.engine.sources.workbook import open_workbook
from coachline.errors import CoachlineError

OTHER = {b"%PDF": "PDF", b"\x1f\x8b": "gzip", b"7z\xbc\xaf": "7z", b"Rar!": "RAR"}


def open_rows(path: Path, mapping: Mapping | None, connection: duckdb.DuckDBPyConnection, scratch: Path) -> RawRows:
    """The raw rows of any file that Coachline reads.

    Raises
    ------
    CoachlineError
        ``no_such_file``, ``is_directory``, ``cannot_open``, ``no_rows``, ``not_a_table``, and what the readers raise.
    """
    head = first_bytes(path)
    if head.startswith(PARQUET):
        return open_parquet(path, connection)
    if head.startswith((ZIP, OLE)):
        rows, cells = open_workbook(path, mapping)
        connection.register(rows.relation, cells)
        return rows
    for magic, name in OTHER.items():
        if head.startswith(magic):
            raise CoachlineError("kind_not_supported", file=path.name, kind=name)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        rows, cells = open_web_table(path, mapping)
        connection.register(rows.relation, cells)
        return rows
    return open_delimited(path, mapping, scratch)


def first_bytes(path: Path) -> bytes:
    """The first bytes of a file, which tell its kind.

    Raises
    ------
    CoachlineError
        ``no_such_file``, ``is_directory``, ``cannot_open``, ``no_rows``.
    """
    if path.is_dir():
        raise CoachlineError("is_directory", file=str(path))
    try:
        with path.open("rb") as file:
            head = file.read(1024)
    except FileNotFoundError:
        raise CoachlineError("no_such_file", file=str(path)) from None
    except OSError as error:
        raise CoachlineError("cannot_open", file=str(path), reason=error.strerror or str(error)) from None
    if not head:
        raise CoachlineError("no_rows", file=path.name)
    return head


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """What DuckDB says of a file in words that say what to do."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise CoachlineError("out_of_memory", file=path.name) from None
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        code: dict[str, Any] = {"folder": tempfile.gettempdir()} if "No space left" in reason else {"file": path.name, "reason": reason}
        raise CoachlineError("disk_full" if "folder" in code else "file_unreadable", **code) from None
    except OSError as error:
        raise CoachlineError("cannot_open", file=path.name, reason=error.strerror or str(error)) from None
