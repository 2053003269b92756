"""How far the data can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coachline.engine.result import Result
from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import Chapter, Desk, Need

SEVERITIES = ("high", "medium", "low")
CASES = 3
"""Cases of one fault that are shown singly."""


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result("facts.quality")
    issues = _issues(result)
    blocks: list[Block] = [statement(desk, result)]
    if issues:
        folded = _folded(issues)
        rows = [
            Row(
                [
                    words(f"issue.{issue['issue']}"),
                    desk.table_title(issue["table"]),
                    words("report.list_separator").join(desk.column_title(issue["table"], c) for c in _names(issue["column"])),
                    words(f"severity.{issue['severity']}"),
                    "" if issue["many"] else show.count(issue["rows"]),
                    "" if issue["many"] else show.share(issue["share"]),
                    words("report.trust.more", count=issue["many"]) if issue["many"] else issue["example"] or "",
                    harmed(desk, [issue]),
                ],
                mark=issue["severity"] == "high",
            )
            for issue in folded
        ]
        heads = [
            Column(words("column.issue"), figure=False, long=True),
            Column(words("column.table"), figure=False),
            Column(words("column.column"), figure=False),
            Column(words("column.severity"), figure=False),
            Column(words("column.rows")),
            Column(words("column.share")),
            Column(words("column.example"), figure=False),
            Column(words("column.harms"), figure=False, long=True),
        ]
        blocks.append(Table.of(words("report.trust.table"), heads, rows))
    return blocks


def statement(desk: Desk, result: Result) -> Paragraph:
    """One paragraph: how many faults of which weight, and which results suffer."""
    words = desk.words
    issues = _issues(result)
    high = [issue for issue in issues if issue["severity"] == "high"]
    if not issues:
        return Paragraph(words("report.trust.clean"))
    if not high:
        return Paragraph(words("report.trust.minor", count=len(issues)))
    worst = max(high, key=lambda issue: issue["share"] or 0)
    named = words(
        "report.trust.worst",
        issue=words(f"issue.{worst['issue']}"),
        where=words("report.list_separator").join(desk.column_title(worst["table"], c) for c in _names(worst["column"]))
        or desk.table_title(worst["table"]),
        share=desk.show.share(worst["share"]),
    )
    return Paragraph(
        words("report.trust.serious", count=len(issues), high=len(high), harmed=harmed(desk, high) or desk.show.unknown, worst=named),
        "look",
    )


def harmed(desk: Desk, issues: Sequence[dict[str, Any]]) -> str:
    """Titles of the analyses that `issues` harm, each once."""
    names = list(dict.fromkeys(name for issue in issues for name in _names(issue["harms"])))
    return desk.words("report.list_separator").join(desk.words(f"analysis.{name}.title") for name in names)


def _issues(result: Result) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result.table("issues").to_pylist()
    return sorted(rows, key=lambda row: (SEVERITIES.index(row["severity"]), -(row["share"] or 0)))


def _folded(issues: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
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
    folded = []
    for alike in cases.values():
        beyond = alike[CASES:]
        folded += alike if len(beyond) < 2 else [*alike[:CASES], {**beyond[0], "rows": None, "share": None, "many": len(beyond)}]
    return folded


def _joined(some: str | None, more: str | None) -> str:
    return ", ".join(dict.fromkeys([*_names(some), *_names(more)]))


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


CHAPTER = Chapter("trust", (Need("facts.quality"),), build)
