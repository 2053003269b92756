"""Faults in the data, folded for reading: nobody reads the same fault forty times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

CASES = 3
"""Cases of one fault that are shown singly."""


def folded(issues: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows that would say the same again, as one: a fault of several columns in the same rows, and many cases of one fault.

    Of many cases the largest `CASES` stay; the row after them carries how ``many`` there are beyond.
    """
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for issue in issues:
        same = tuple(issue[name] for name in ("table", "issue", "severity", "rows", "example"))
        if same not in found:
            found[same] = {**issue, "many": 0}
            continue
        for name in ("column", "harms"):
            found[same][name] = _joined(found[same][name], issue[name])
    cases: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for issue in found.values():
        cases.setdefault(tuple(issue[name] for name in ("table", "issue", "severity", "column")), []).append(issue)
    shown = []
    for alike in cases.values():
        beyond = alike[CASES:]
        shown += alike if len(beyond) < 2 else [*alike[:CASES], {**beyond[0], "rows": None, "share": None, "many": len(beyond)}]
    return shown


def _joined(some: str | None, more: str | None) -> str:
    return ", ".join(dict.fromkeys([*names(some), *names(more)]))


def names(text: str | None) -> list[str]:
    """The entries of a comma separated cell."""
    return [name.strip() for name in (text or "").split(",") if name.strip()]
