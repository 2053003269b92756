"""A result as a folder: ``result.json`` and ``tables/*.parquet``."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from coachline.engine.result import Check, Note, Provenance, Result
from coachline.errors import CoachlineError
from coachline.stored.values import as_json, as_value

FORMAT = 1
RESULT_FILE = "result.json"
TABLES_FOLDER = "tables"

_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")


def save_result(result: Result, folder: Path) -> None:
    """Write a result into `folder`, which appears whole, on disk, or not at all; an earlier result there is replaced.

    Raises
    ------
    CoachlineError
        ``cannot_write``.
    TypeError
        A value, fact or parameter is of a kind that no result holds.
    """
    unfinished = folder.with_name(f".{folder.name}.part")
    replaced = folder.with_name(f".{folder.name}.replaced.part")
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)
        (unfinished / TABLES_FOLDER).mkdir(parents=True)
        files = {name: _file_of(name, number) for number, name in enumerate(result.tables)}
        for name, file in files.items():
            pq.write_table(result.tables[name], unfinished / TABLES_FOLDER / file, write_page_checksum=True)
            _to_disk(unfinished / TABLES_FOLDER / file)
        content = json.dumps(_account(result, unfinished / TABLES_FOLDER, files), ensure_ascii=True, allow_nan=False, indent=1)
        (unfinished / RESULT_FILE).write_text(content, encoding="ascii")
        for path in (unfinished / RESULT_FILE, unfinished / TABLES_FOLDER, unfinished):
            _to_disk(path)
        if folder.exists():
            # Folders that hold something cannot be replaced in one step: the old one steps aside first.
            folder.replace(replaced)
        unfinished.replace(folder)
        _to_disk(folder.parent)
    except OSError as error:
        raise CoachlineError("cannot_write", file=str(folder), reason=error.strerror or str(error)) from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(replaced, ignore_errors=True)


def load_result(folder: Path) -> Result:
    """The result that `save_result` wrote; a table is read when it is first asked for.

    Raises
    ------
    CoachlineError
        ``result_damaged``: not there, not whole, or not what was written. A table whose inside is damaged raises it when it is read.
    """
    try:
        content = json.loads((folder / RESULT_FILE).read_text(encoding="ascii"))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}")
        files = {}
        for name, file, size in content["tables"]:
            path = folder / TABLES_FOLDER / file
            if not _is_ours(file) or path.stat().st_size != size:
                raise ValueError(file)
            files[str(name)] = path
        return Result(
            values=MappingProxyType(as_value(content["values"])),
            tables=StoredTables(files),
            checks=tuple(Check(**_with_facts(check)) for check in content["checks"]),
            notes=tuple(Note(**_with_facts(note)) for note in content["notes"]),
            provenance=Provenance(**as_value(content["provenance"])),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(folder, error) from None


class StoredTables(Mapping[str, pa.Table]):
    """Tables in Parquet files, by name and in order; each is read once, when it is first asked for."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = dict(files)
        self._read: dict[str, pa.Table] = {}
        self._reading = threading.Lock()

    def __getitem__(self, name: str) -> pa.Table:
        file = self._files[name]
        with self._reading:
            if name not in self._read:
                self._read[name] = _as_written(file)
            return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def scan(self, name: str) -> pl.LazyFrame:
        """A table of which only what is asked for will be read: columns and rows that a page shows, of millions."""
        return pl.scan_parquet(self._files[name], glob=False)

    def schema(self, name: str) -> pa.Schema:
        """Columns of a table, without its rows."""
        file = self._files[name]
        try:
            return _schema_as_written(pq.read_schema(file), pq.read_metadata(file).metadata)
        except (OSError, pa.ArrowException) as error:
            raise _damaged(file, error) from None


def _account(result: Result, folder: Path, files: Mapping[str, str]) -> dict[str, Any]:
    source = result.provenance
    return {
        "format": FORMAT,
        "values": as_json(dict(result.values)),
        "tables": [[name, file, (folder / file).stat().st_size] for name, file in files.items()],
        "checks": [as_json({"code": c.code, "ok": bool(c.ok), "figure": c.figure, "facts": dict(c.facts)}) for c in result.checks],
        "notes": [as_json({"code": n.code, "facts": dict(n.facts)}) for n in result.notes],
        "provenance": as_json(
            {
                "analysis": source.analysis, "version": source.version, "parameters": dict(source.parameters), "lake": dict(source.lake),
                "engine": source.engine, "when": source.when, "seconds": source.seconds, "centre": source.centre,
            }
        ),
    }  # fmt: skip


def _with_facts(stored: Any) -> dict[str, Any]:
    read = as_value(stored)
    return {**read, "facts": dict(read["facts"])}


def _file_of(name: str, number: int) -> str:
    """A table's file is called like the table where any file may be called so, else by its place."""
    return f"{name}.parquet" if _PLAIN_NAME.fullmatch(name) else f"{number}.parquet"


def _is_ours(file: Any) -> bool:
    return re.fullmatch(r"[a-z0-9_]+[.]parquet", file) is not None


def _as_written(file: Path) -> pa.Table:
    try:
        read = pq.ParquetFile(file, page_checksum_verification=True)
        table = read.read()
        return table.cast(_schema_as_written(table.schema, read.metadata.metadata))
    except (OSError, ValueError, pa.ArrowException) as error:
        raise _damaged(file, error) from None


def _schema_as_written(read: pa.Schema, metadata: Mapping[bytes, bytes] | None) -> pa.Schema:
    """Parquet has fewer kinds than Arrow, e.g. no seconds; Arrow keeps its own beside the data."""
    kept = (metadata or {}).get(b"ARROW:schema")
    return read if kept is None else pa.ipc.read_schema(pa.py_buffer(base64.b64decode(kept)))


def _to_disk(path: Path) -> None:
    """Wait until what was written of a file or a folder's list would survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _damaged(path: Path, error: Exception) -> CoachlineError:
    return CoachlineError("result_damaged", file=str(path), reason=str(error).splitlines()[0] if str(error) else type(error).__name__)
