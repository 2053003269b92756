"""What a look at a file tells before it is loaded: how it is laid out, what was recognised, and what of its first rows cannot be read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from coachline.engine.sources.mapping import Mapping, Recipe
from coachline.engine.sources.raw import Layout
from coachline.errors import CoachlineError


@dataclass(frozen=True)
class Candidate:
    """How well a file fits a table.

    Attributes
    ----------
    table : str
    used : int
        Headers of the file that the table knows.
    has_key : bool
        Whether one row can be told from another: without it the file cannot be loaded into this table.
    missing : tuple of str
        Required columns that no header supplies.
    """

    table: str
    used: int
    has_key: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class Header:
    """A header of the file.

    Attributes
    ----------
    header : str
        As a map names it: repeated ones are numbered; empty where a column has none.
    columns : tuple of str
        Columns of the table that are made from it.
    personal : bool
        Whether its cells are masked as a whole.
    """

    header: str
    columns: tuple[str, ...]
    personal: bool


@dataclass(frozen=True)
class Fault:
    """A reason for which rows would be rejected.

    Attributes
    ----------
    code : str
        As rejects bear it: ``unreadable:talk_s``, ``rule:abandoned_has_no_talk``, ``summary_row``, or what makes a line no row.
    rows : int
        Among the rows that were looked at.
    examples : tuple of str
        Different cells of such rows, masked.
    at : tuple of int
        Numbers, in the file, of the first such rows.
    """

    code: str
    rows: int
    examples: tuple[str, ...]
    at: tuple[int, ...]


@dataclass(frozen=True)
class ColumnPreview:
    """A column of the table, and how the file supplies it.

    Attributes
    ----------
    name, zh, en : str
    kind : str
        What it takes: ``text``, ``path``, ``pseudonym``, ``instant``, ``day``, ``seconds``, ``number``, ``integer``, ``flag``, ``choice``, ``scale``,
        ``text_map`` or ``number_map``.
    unit : str, optional
    choices : tuple of str
        The values of a ``choice`` or a ``scale``: what the words of the file are to be turned into.
    low, high : float, optional
        Limits.
    required, key : bool
    recipe : Recipe, optional
        How it is made now; None if nothing supplies it.
    given : bool
        Whether the map says so; otherwise it was recognised.
    read : tuple of (str, str)
        Cells of the first rows and what they are read as, both masked.
    faults : tuple of Fault
    """

    name: str
    zh: str
    en: str
    kind: str
    unit: str | None
    choices: tuple[str, ...]
    low: float | None
    high: float | None
    required: bool
    key: bool
    recipe: Recipe | None
    given: bool
    read: tuple[tuple[str, str], ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Preview:
    """What a look at a file tells.

    Attributes
    ----------
    file : str
    layout : Layout
        Kind, encoding, delimiter, sheets, header row.
    table : str, optional
        The table that it holds; None if the headers do not tell, `candidates` then say how well each fits.
    candidates : tuple of Candidate
        All tables, the one that fits best first.
    mapping : Mapping
        The map as it was given, without what does not fit this file; `settled` is the same filled up by what was recognised.
    headers : tuple of Header
        In the order of the file.
    sample : tuple of tuple
        The first rows as text, a cell per header, personal ones masked.
    columns : tuple of ColumnPreview
        Of the table, in its order; empty without a table.
    unknown : tuple of str
        Headers that were not used.
    missing : tuple of str
        Required columns that nothing supplies.
    repeated_headers : tuple of str
        Headers that occur more than once.
    skipped_sheets : tuple of str
        Sheets that were looked at and hold something else.
    rows, bad_rows : int
        Rows that were looked at, and how many of them would be rejected as the map stands.
    whole : bool
        Whether these are all rows of the file.
    repeated_keys : int
        Rows, among those looked at, with the key of an earlier one.
    faults : tuple of Fault
        Of whole rows, and of lines that are none.
    only_updates : bool
        Whether the file lacks required columns and can still complete rows that are loaded already.
    problems : tuple of CoachlineError
        What the import would refuse the file for, as the map stands.
    doubts : tuple of CoachlineError
        What the first rows leave open, and the whole file may settle or not.
    """

    file: str
    layout: Layout
    table: str | None
    candidates: tuple[Candidate, ...]
    mapping: Mapping
    settled: Mapping
    headers: tuple[Header, ...]
    sample: tuple[tuple[str | None, ...], ...]
    columns: tuple[ColumnPreview, ...]
    unknown: tuple[str, ...]
    missing: tuple[str, ...]
    repeated_headers: tuple[str, ...]
    skipped_sheets: tuple[str, ...]
    rows: int
    bad_rows: int
    whole: bool
    repeated_keys: int
    faults: tuple[Fault, ...]
    only_updates: bool
    problems: tuple[CoachlineError, ...]
    doubts: tuple[CoachlineError, ...]

    def as_dict(self) -> dict[str, Any]:
        """All of it as values that JSON knows."""
        listed = {name: [asdict(entry) for entry in getattr(self, name)] for name in ("candidates", "headers", "faults")}
        errors = {name: [{"code": e.code, "facts": e.facts} for e in getattr(self, name)] for name in ("problems", "doubts")}
        maps = {name: getattr(self, name).as_dict() for name in ("mapping", "settled")}
        columns = [asdict(column) | {"recipe": column.recipe and column.recipe.as_dict()} for column in self.columns]
        return vars(self) | listed | errors | maps | {"layout": asdict(self.layout), "columns": columns}
