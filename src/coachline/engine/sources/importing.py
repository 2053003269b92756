"""One file into one fact table: open, recognise, type and check, compare with the lake, write in one commit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa

from coachline.engine.compute import DuckDBCompute
from coachline.engine.lake import Lake
from coachline.engine.result import Note
from coachline.engine.sources import staging
from coachline.engine.sources.comparing import Comparison, compare
from coachline.engine.sources.headers import Recognition, ambiguous, complete
from coachline.engine.sources.mapping import Mapping
from coachline.engine.sources.opening import clear_errors, open_rows
from coachline.engine.sources.pseudonym import ROUNDED, Pseudonymiser
from coachline.engine.sources.raw import RawRows
from coachline.engine.sources.rejected import MalformedLine, on_disk
from coachline.engine.sources.values import Reading, identifier
from coachline.engine.tables import FactTable
from coachline.engine.tables.kinds import Pseudonym
from coachline.errors import CoachlineError

Progress = Callable[[str], None]
"""Told the step that begins: ``opening``, ``reading``, ``comparing``, ``rejecting``, ``writing``."""

OTHER_SYSTEM_SHARE, OTHER_SYSTEM_ROWS = 0.5, 20
"""If so many of the known keys come with another time and another person, these are other events under the same numbers."""


@dataclass(frozen=True)
class Load:
    """What became of a file.

    Attributes
    ----------
    accepted, replaced, unchanged, rejected : int
        Rows that were new, took the place of a row with the same key, were known already, could not be taken.
    mapping : Mapping
        How the columns were made, complete enough to be written down as a map file.
    unknown : tuple of str
        Headers that were not used.
    headers : tuple of str
        All headers of the file.
    rejects : pyarrow.Table or None
        ``row`` in the file, ``faults`` (codes), and the raw cells as ``c0``, ``c1``, ... with customers' numbers hashed. It lies on disk.
    malformed : sequence of MalformedLine
        Lines that were no rows; they count as rejected.
    version : int or None
        Of the table after the load; None if nothing was written.
    rejects_file : path or None
        Where the rejected rows were written.
    """

    table: str
    file: str
    accepted: int
    replaced: int
    unchanged: int
    rejected: int
    mapping: Mapping
    unknown: tuple[str, ...]
    headers: tuple[str, ...]
    rejects: pa.Table | None
    malformed: Sequence[MalformedLine]
    notes: tuple[Note, ...]
    version: int | None
    rejects_file: Path | None = None


def import_file(
    path: Path,
    lake: Lake,
    *,
    zone: str,
    pseudonymiser: Pseudonymiser,
    table: str | None = None,
    mapping: Mapping | None = None,
    memory: str = "1GB",
    dry_run: bool = False,
    replace_other_events: bool = False,
    progress: Progress = lambda step: None,
) -> Load:
    """Load `path` into its fact table, or with `dry_run` only say what would become of it.

    Loading the same rows again changes nothing; a row with a known key replaces the old one; columns that the file lacks keep
    what an earlier file said. Rows that break a rule are returned with every reason, the rest load.

    Raises
    ------
    CoachlineError
        Whatever keeps the file as a whole from being read; the lake is then as before.
    """
    progress("opening")
    before = _fingerprint(path)
    compute = DuckDBCompute(memory)
    connection = compute.connection
    with tempfile.TemporaryDirectory(prefix="coachline-import-") as scratch, _closing(compute), clear_errors(path):
        connection.raw_sql(f"SET TimeZone = '{zone}'")
        raw = open_rows(path, mapping, connection.con, Path(scratch))
        settled, recognition = complete(mapping, raw.headers, table, path.name)
        fact_table = recognition.table
        for error in (*ambiguous(mapping, settled, raw.duplicates), raw.refusal(path.name)):
            if error is not None:
                raise error
        only_updates = missing_columns(recognition, lake, path.name)
        progress("reading")
        staged, malformed = staging.stage_as_meant(raw, fact_table, settled, Reading(zone, pseudonymiser), connection)
        raw = staged.raw
        if staged.rows == 0 and not malformed:
            raise CoachlineError("no_rows", file=path.name)
        if _fingerprint(path) != before:
            raise CoachlineError("file_changed", file=path.name)
        progress("comparing")
        with lake.writing():
            comparison = compare(staged, lake.snapshot(fact_table.name), compute, only_updates)
            if not replace_other_events:
                _refuse_other_system(comparison, fact_table)
            # The rejects come first: they need a second look at the file, which may have changed, and then nothing must have been written.
            progress("rejecting")
            faulty = staged.bad + comparison.faults.num_rows
            hidden = partial(_without_customers, raw=raw, mapping=settled, table=fact_table, pseudonymiser=pseudonymiser)
            rejects = None
            if faulty:
                rejects = on_disk(staging.bad_rows(staged, comparison.faults, connection), Path(scratch) / "rejects.arrow", hidden)
            if _fingerprint(path) != before:
                raise CoachlineError("file_changed", file=path.name)
            notes = _notes(raw, recognition, staged, connection.con)
            version = None if dry_run else _write(comparison, fact_table, lake, connection.con, path, progress)
    return Load(
        table=fact_table.name,
        file=path.name,
        accepted=comparison.new,
        replaced=comparison.changed,
        unchanged=comparison.unchanged,
        rejected=(0 if rejects is None else rejects.num_rows) + len(malformed),
        mapping=settled,
        unknown=recognition.unknown,
        headers=tuple(raw.headers),
        rejects=rejects,
        malformed=malformed,
        notes=notes,
        version=version,
    )


def missing_columns(recognition: Recognition, lake: Lake, file: str) -> tuple[str, ...]:
    """Required columns that the file lacks. Over a key alone it can still update rows that are there.

    Raises
    ------
    CoachlineError
        ``columns_missing`` where it cannot.
    """
    missing = recognition.missing
    keys = [k for k in missing if k in recognition.table.key]
    snapshot = lake.snapshot(recognition.table.name)
    if keys or (missing and (snapshot is None or snapshot.rows == 0)):
        names = ", ".join(f"{name} ({recognition.table.column(name).zh})" for name in missing)
        unused = ", ".join(recognition.unknown) or "-"
        raise CoachlineError("columns_missing", file=file, table=recognition.table.name, columns=names, unused=unused)
    return missing


def _refuse_other_system(comparison: Comparison, table: FactTable) -> None:
    if comparison.other_events >= OTHER_SYSTEM_ROWS and comparison.other_events > OTHER_SYSTEM_SHARE * comparison.changed:
        raise CoachlineError("keys_of_other_events", rows=comparison.other_events, table=table.name)


def _write(
    comparison: Comparison, table: FactTable, lake: Lake, connection: duckdb.DuckDBPyConnection, path: Path, progress: Progress
) -> int | None:
    """Commit what is new or changed; None if there is nothing."""
    if comparison.new + comparison.changed == 0:
        return None
    progress("writing")
    now = datetime.now(UTC).isoformat()
    connection.execute("SET TimeZone = 'UTC'")
    query = comparison.query.replace(Comparison.NOW, f"TIMESTAMPTZ '{now}'")
    if table.when is not None:
        # Side by side in time, rows are found again without reading all of them.
        query += f" ORDER BY {identifier(table.when)}"
    rows = connection.sql(query).to_arrow_reader(100_000).cast(table.schema)
    what = {"loaded": path.name, "accepted": str(comparison.new), "replaced": str(comparison.changed)}
    return lake.merge(table, rows, what) if comparison.changed else lake.append(table.name, rows, what)


def _notes(raw: RawRows, recognition: Recognition, staged: staging.Staged, connection: duckdb.DuckDBPyConnection) -> tuple[Note, ...]:
    notes = []
    if recognition.unknown:
        notes.append(Note("unknown_headers", {"headers": ", ".join(recognition.unknown)}))
    if raw.skipped_sheets:
        notes.append(Note("skipped_sheets", {"sheets": ", ".join(raw.skipped_sheets)}))
    for column in staged.table.columns:
        if isinstance(column.kind, Pseudonym) and column.name in staged.present:
            rounded = _rounded(staged, column.name, connection)
            if rounded:
                notes.append(Note("rounded_numbers", {"column": column.name, "rows": rounded}))
    return tuple(notes)


def _rounded(staged: staging.Staged, column: str, connection: duckdb.DuckDBPyConnection) -> int:
    """Rows whose number Excel rounded. It rounds all long numbers of a sheet or none: the first rows tell whether to count them all."""
    cells = [staged.raw.column(header) for header in staged.recipes[column].columns]
    for cell in cells:
        first = (
            f"SELECT count(*) FROM (SELECT {cell} AS cell FROM {staged.raw.relation} LIMIT 1000) WHERE regexp_full_match(cell, '{ROUNDED}')"
        )
        if connection.execute(first).fetchall()[0][0]:
            whole = f"SELECT count(*) FROM {staged.raw.relation} WHERE regexp_full_match({cell}, '{ROUNDED}')"
            return int(connection.execute(whole).fetchall()[0][0])
    return 0


def _without_customers(
    rejects: pa.RecordBatch, *, raw: RawRows, mapping: Mapping, table: FactTable, pseudonymiser: Pseudonymiser
) -> pa.RecordBatch:
    """Rejected rows with personal identifiers hashed as in the lake, so that mended rows can be loaded again."""
    for name, recipe in mapping.columns.items():
        personal = "c" if isinstance(table.column(name).kind, Pseudonym) else "s" if recipe.hash else None
        for header in recipe.columns if personal else ():
            place = f"c{list(raw.headers).index(header)}"
            hidden = [
                cell if not (cell or "").strip() else pseudonymiser.of(cell.strip(), personal or "c") for cell in rejects[place].to_pylist()
            ]
            rejects = rejects.set_column(rejects.schema.get_field_index(place), place, pa.array(hidden, pa.string()))
    return rejects


def _fingerprint(path: Path) -> tuple[int, ...]:
    try:
        status = path.stat()
    except OSError:
        # Opening says better what is wrong with it.
        return ()
    return (status.st_size, status.st_mtime_ns, status.st_ino)


@contextmanager
def _closing(compute: DuckDBCompute) -> Iterator[None]:
    try:
        yield
    finally:
        compute.close()
