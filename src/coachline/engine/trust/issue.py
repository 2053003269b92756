"""One fault in the facts: where, how many rows, how grave, and which results it harms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import pyarrow as pa

Severity = Literal["high", "medium", "low"]

_SEVERITIES: tuple[Severity, ...] = ("low", "medium", "high")

Grade = Literal["wrong", "gap", "doubt", "lost_days", "remark"]
"""What a fault means. ``wrong``: the rows say something that cannot be. ``gap``: something is not known. ``doubt``: it may be so, but
somebody should look. ``lost_days``: days are absent altogether. ``remark``: nothing is wrong, a figure cannot be computed."""

_FROM: Mapping[Grade, tuple[float, float]] = {
    "wrong": (0.001, 0.05),
    "gap": (0.05, 0.5),
    "doubt": (0.01, 2.0),
    "lost_days": (0.0, 0.1),
    "remark": (2.0, 2.0),
}
"""Share of rows from which on a fault is of medium, and of high severity; 2 means never."""


class Reader(Protocol):
    """What a row of the table of contents tells about the facts that an analysis uses."""

    @property
    def needs(self) -> tuple[str, ...]: ...
    @property
    def reads(self) -> Mapping[str, tuple[str, ...]]: ...


@dataclass(frozen=True)
class Issue:
    """A fault.

    Attributes
    ----------
    table, column : str
        Where it shows.
    code : str
        Key below ``issue.`` in the catalogues; for a rule across columns, the rule's own code.
    rows : int
        Rows concerned.
    share : float
        Their share, of all rows of the table unless the method page says otherwise for the code.
    grade : Grade
    example : str, optional
        Short, language-free and without personal data.
    also : tuple of str
        Further columns that are harmed.
    whole_row : bool
        The fault spoils rows as such, hence every analysis that uses the table.
    """

    table: str
    column: str
    code: str
    rows: int
    share: float
    grade: Grade
    example: str | None = None
    also: tuple[str, ...] = ()
    whole_row: bool = False

    def harms(self, readers: Mapping[str, Reader]) -> tuple[str, ...]:
        """Names of the analyses whose results this fault touches."""
        columns = {self.column, *self.also}
        return tuple(
            name
            for name, reader in readers.items()
            if (self.whole_row and (self.table in reader.needs or self.table in reader.reads))
            or columns & set(reader.reads.get(self.table, ()))
        )

    def severity(self, harmed: bool) -> Severity:
        """By grade and share; one step lower where no analysis is harmed."""
        medium, high = _FROM[self.grade]
        step = 2 if self.share >= high else 1 if self.share >= medium else 0
        step -= 1 if step and not harmed else 0
        return _SEVERITIES[step]


ISSUES = pa.schema(
    [
        ("table", pa.string()),
        ("column", pa.string()),
        ("issue", pa.string()),
        ("rows", pa.int64()),
        ("share", pa.float64()),
        ("example", pa.string()),
        ("severity", pa.string()),
        ("harms", pa.string()),
    ]
)

_ORDER: Mapping[str, int] = {"high": 0, "medium": 1, "low": 2}


def as_table(issues: Iterable[Issue], readers: Mapping[str, Reader]) -> pa.Table:
    """The main table of `facts.quality`: gravest first, then most rows."""
    rows = []
    for issue in issues:
        harms = issue.harms(readers)
        rows.append(
            {
                "table": issue.table,
                "column": issue.column,
                "issue": issue.code,
                "rows": issue.rows,
                "share": issue.share,
                "example": issue.example,
                "severity": issue.severity(bool(harms)),
                "harms": ", ".join(harms),
            }
        )
    rows.sort(key=lambda r: (_ORDER[str(r["severity"])], -int(str(r["rows"])), r["table"], r["column"], r["issue"], r["example"] or ""))
    return pa.Table.from_pylist(rows, ISSUES)
