"""How far the data can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coachline.engine.result import Result
from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import Chapter, Desk, Need

SEVERITIES = ("high", "medium", "low")


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
                    show.count(issue["rows"]),
                    show.share(issue["share"]),
                    str(issue["example"]) if issue["example"] is not None else "",
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
    """The same fault in the same rows of a table, e.g. several empty columns, as one."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for issue in issues:
        same = tuple(issue[name] for name in ("table", "issue", "severity", "rows", "example"))
        if same not in found:
            found[same] = dict(issue)
            continue
        for name in ("column", "harms"):
            found[same][name] = ", ".join(dict.fromkeys([*_names(found[same][name]), *_names(issue[name])]))
    return list(found.values())


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


CHAPTER = Chapter("trust", (Need("facts.quality"),), build)
