"""Looks at the beginning of a file and says what the import would make of it, also where the import would refuse it: mending comes before loading."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb
from ibis.backends.duckdb import Backend

from coachline.engine.compute import DuckDBCompute
from coachline.engine.lake import Lake
from coachline.engine.sources import staging
from coachline.engine.sources.beginning import beginning
from coachline.engine.sources.comparing import NO_FAULTS
from coachline.engine.sources.headers import Recognition, ambiguous, candidates, complete
from coachline.engine.sources.importing import missing_columns
from coachline.engine.sources.mapping import Mapping, Recipe
from coachline.engine.sources.masking import masked
from coachline.engine.sources.opening import clear_errors, first_bytes, open_rows
from coachline.engine.sources.preview import Candidate, ColumnPreview, Fault, Header, Preview
from coachline.engine.sources.pseudonym import Pseudonymiser
from coachline.engine.sources.raw import RawRows
from coachline.engine.sources.rejected import MalformedLine
from coachline.engine.sources.staging import Staged
from coachline.engine.sources.values import Reading, identifier
from coachline.engine.tables import Column, FactTable
from coachline.engine.tables.kinds import Choice, Pseudonym, Scale
from coachline.errors import CoachlineError

ROWS = 2_000
"""So many rows of a file are tried."""

SHOWN = 20
"""So many of them are shown as they stand."""

EXAMPLES = 5
LONGEST_EXAMPLE = 80
READ = 3


def preview_file(
    path: Path,
    lake: Lake,
    *,
    zone: str,
    pseudonymiser: Pseudonymiser,
    table: str | None = None,
    mapping: Mapping | None = None,
    memory: str = "1GB",
    rows: int = ROWS,
) -> Preview:
    """Look at the first `rows` rows of a file; nothing is written, and a large file is not read to its end.

    Parameters
    ----------
    path : path
    lake : Lake
        Into which it would be loaded.
    zone : str
        Time zone of wall clocks in the file.
    pseudonymiser : Pseudonymiser
    table : str, optional
        Fact table; without it the map names it, or it is told from the headers.
    mapping : Mapping, optional
        What is known so far of how the columns are made.

    Raises
    ------
    CoachlineError
        ``unknown_table``, and whatever keeps the file from being read at all. What a map can mend is no error here: it stands in
        `Preview.problems`.
    """
    compute = DuckDBCompute(memory)
    with tempfile.TemporaryDirectory(prefix="coachline-preview-") as scratch, closing(compute), clear_errors(path):
        connection = compute.connection
        connection.raw_sql(f"SET TimeZone = '{zone}'")
        first_bytes(path)
        head = beginning(path, Path(scratch))
        raw = _cut_alike(open_rows(head, mapping, connection.con, Path(scratch)).first(rows), connection.con)
        problems: list[CoachlineError] = []
        given, settled, recognition = _settled(mapping or Mapping(), raw.headers, table, path.name, problems)
        personal = {h for recipe in _personal(settled, recognition) for h in recipe.columns}
        seen = Preview(
            file=path.name,
            layout=raw.layout,
            table=None,
            candidates=tuple(_candidates(raw.headers, given)),
            mapping=given,
            settled=settled,
            headers=tuple(
                Header(h, tuple(name for name, recipe in settled.columns.items() if h in recipe.columns), h in personal)
                for h in raw.headers
            ),
            sample=(),
            columns=(),
            unknown=tuple(h for h in raw.headers if h),
            missing=(),
            repeated_headers=tuple(sorted(raw.duplicates)),
            skipped_sheets=tuple(raw.skipped_sheets),
            rows=0,
            bad_rows=0,
            whole=False,
            repeated_keys=0,
            faults=(),
            only_updates=False,
            problems=(),
            doubts=(),
        )
        if recognition is not None:
            seen, raw = _tried(seen, raw, recognition, Reading(zone, pseudonymiser), lake, problems, connection)
        else:
            count = connection.con.execute(f"SELECT count(*) FROM {raw.relation}").fetchall()[0][0]
            seen = replace(seen, rows=count)
        return replace(
            seen,
            sample=tuple(_sample(raw, personal, connection.con)),
            whole=head == path and seen.rows < rows,
            problems=tuple(problems),
        )


def _cut_alike(raw: RawRows, connection: duckdb.DuckDBPyConnection) -> RawRows:
    """`raw`, or the same with even line ends where it cannot be cut into rows as it is."""
    try:
        connection.execute(f"SELECT count(*) FROM {raw.relation}").fetchall()
    except duckdb.InvalidInputException:
        if raw.even_line_ends is None:
            raise
        return raw.even_line_ends()
    return raw


def _settled(
    mapping: Mapping, headers: Sequence[str], table: str | None, file: str, problems: list[CoachlineError]
) -> tuple[Mapping, Mapping, Recognition | None]:
    """The map without what does not fit the file, the same filled up, and what was recognised; None if no table was."""
    for _ in range(len(mapping.columns) + 1):
        try:
            settled, recognition = complete(mapping, headers, table, file)
        except CoachlineError as error:
            if error.code == "unknown_table":
                raise
            problems.append(error)
            unfit = error.facts.get("column")
            if unfit is None:
                break
            mapping = replace(mapping, columns={name: recipe for name, recipe in mapping.columns.items() if name != unfit})
        else:
            return mapping, settled, recognition
    return mapping, mapping, None


def _candidates(headers: Sequence[str], given: Mapping) -> Iterator[Candidate]:
    for recognition in candidates(headers, given):
        used = {header for recipe in recognition.recipes.values() for header in recipe.columns}
        yield Candidate(recognition.table.name, len(used), recognition.has_key, recognition.missing)


def _personal(mapping: Mapping, recognition: Recognition | None) -> Iterator[Recipe]:
    """Recipes of columns that are stored as pseudonyms."""
    for name, recipe in mapping.columns.items():
        of_customers = recognition is not None and isinstance(recognition.table.column(name).kind, Pseudonym)
        if recipe.hash or of_customers:
            yield recipe


def _tried(
    seen: Preview,
    raw: RawRows,
    recognition: Recognition,
    reading: Reading,
    lake: Lake,
    problems: list[CoachlineError],
    connection: Backend,
) -> tuple[Preview, RawRows]:
    """What becomes of the rows in the table that was recognised."""
    try:
        only_updates = bool(missing_columns(recognition, lake, seen.file))
    except CoachlineError as error:
        only_updates = False
        problems.append(error)
    problems += [error for error in (*ambiguous(seen.mapping, seen.settled, raw.duplicates), raw.refusal(seen.file)) if error is not None]
    doubts = []
    try:
        staged, malformed = staging.stage_as_meant(raw, recognition.table, seen.settled, reading, connection)
    except CoachlineError as error:
        if error.code != "day_or_month_first":
            raise
        doubts.append(error)
        # One way or the other, the same rows can be read.
        reading = replace(reading, day_first=False)
        staged, malformed = staging.stage_as_meant(raw, recognition.table, seen.settled, reading, connection)
    faults = _faults(staged, malformed, connection)
    read = _read(staged, connection.con)
    tried = replace(
        seen,
        table=recognition.table.name,
        columns=tuple(_column(c, seen, recognition.table, read, faults) for c in recognition.table.stored if c.name != "loaded_at"),
        unknown=recognition.unknown,
        missing=recognition.missing,
        rows=staged.rows,
        bad_rows=staged.bad,
        repeated_keys=_repeated_keys(staged, connection),
        faults=tuple(fault for name, fault in faults if name is None),
        only_updates=only_updates,
        doubts=tuple(doubts),
    )
    return tried, staged.raw


def _faults(staged: Staged, malformed: Sequence[MalformedLine], connection: Backend) -> list[tuple[str | None, Fault]]:
    """Every reason for which rows would be rejected, with the column that it is about, if it is about one."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in staging.bad_rows(staged, NO_FAULTS, connection).read_all().to_pylist() if staged.bad else ():
        for code in row["faults"]:
            cells = [(h, row[f"c{list(staged.raw.headers).index(h)}"] or "") for h in _headers(code, staged)]
            text = " ".join(cell for _, cell in cells) if not code.startswith("rule:") else " · ".join(f"{h}: {cell}" for h, cell in cells)
            found.setdefault(code, []).append((row["row"], text))
    # Beyond the rows that were tried there may be more of them; these are left to the check of the whole file.
    for line in malformed:
        if line.line < staged.raw.first_row + staged.rows + len(malformed):
            found.setdefault(line.fault, []).append((line.line, line.text))
    faults = []
    for code, cases in found.items():
        texts = dict.fromkeys(masked(text, _is_personal(code, staged)) or "" for _, text in cases)
        examples = tuple(text[:LONGEST_EXAMPLE] for text in texts if text.strip())[:EXAMPLES]
        at = tuple(row for row, _ in cases[:EXAMPLES])
        faults.append((_about(code), Fault(code, len(cases), examples, at)))
    return faults


def _about(code: str) -> str | None:
    kind, _, about = code.partition(":")
    return about if about and kind != "rule" else None


def _headers(code: str, staged: Staged) -> list[str]:
    """The headers whose cells show what a fault is about."""
    kind, _, about = code.partition(":")
    columns = next(rule.columns for rule in staged.table.rules if rule.code == about) if kind == "rule" else (about,)
    return [header for name in columns if name in staged.recipes for header in staged.recipes[name].columns]


def _is_personal(code: str, staged: Staged) -> bool:
    name = _about(code)
    if name is None:
        return False
    return isinstance(staged.table.column(name).kind, Pseudonym) or (name in staged.recipes and staged.recipes[name].hash)


def _read(staged: Staged, connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[tuple[str, str], ...]]:
    """Per column a few cells, and what they are read as."""
    names = [name for name in staged.present if staged.recipes[name].columns]
    if not names:
        return {}
    raws = [
        f"concat_ws(' ', {', '.join(staged.raw.column(header) for header in staged.recipes[name].columns)}), CAST({identifier(name)} AS VARCHAR)"
        for name in names
    ]
    rows = connection.execute(f"SELECT {', '.join(raws)} FROM typed LIMIT {SHOWN * 10}").fetchall()
    read = {}
    for place, name in enumerate(names):
        personal = _is_personal(f"read:{name}", staged)
        pairs = dict.fromkeys((row[2 * place], row[2 * place + 1]) for row in rows if row[2 * place] and row[2 * place + 1] is not None)
        read[name] = tuple((masked(cell, personal) or "", masked(value, personal) or "") for cell, value in list(pairs)[:READ])
    return read


def _column(
    column: Column,
    seen: Preview,
    table: FactTable,
    read: dict[str, tuple[tuple[str, str], ...]],
    faults: Sequence[tuple[str | None, Fault]],
) -> ColumnPreview:
    kind, limits = column.kind, column.limits
    words = kind.words if isinstance(kind, Choice | Scale) else ()
    return ColumnPreview(
        name=column.name,
        zh=column.zh,
        en=column.en,
        kind=re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type(kind).__name__).lower(),
        unit=kind.unit,
        choices=tuple(str(code) for code, _ in words),
        low=None if limits is None else limits.low,
        high=None if limits is None else limits.high,
        required=column.required and column.name != "source",
        key=column.name in table.key,
        recipe=seen.settled.columns.get(column.name),
        given=column.name in seen.mapping.columns,
        read=read.get(column.name, ()),
        faults=tuple(fault for name, fault in faults if name == column.name),
    )


def _repeated_keys(staged: Staged, connection: Backend) -> int:
    keys = [identifier(key) for key in staged.table.key if key in staged.present]
    if len(keys) < len(staged.table.key):
        return 0
    query = f"SELECT coalesce(sum(n - 1), 0) FROM (SELECT count(*) AS n FROM staged WHERE NOT bad GROUP BY {', '.join(keys)})"
    return int(connection.raw_sql(query).fetchall()[0][0])


def _sample(raw: RawRows, personal: set[str], connection: duckdb.DuckDBPyConnection) -> Iterator[tuple[str | None, ...]]:
    for row in connection.execute(f"SELECT * FROM {raw.relation} LIMIT {SHOWN}").fetchall():
        yield tuple(masked(cell, header in personal) for cell, header in zip(row, raw.headers, strict=True))
