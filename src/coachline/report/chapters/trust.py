"""How far the data can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from coachline.engine.result import Result
from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import Chapter, Desk, Need
from coachline.report.issues import folded, names

SEVERITIES = ("high", "medium", "low")


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result("facts.quality")
    issues = _issues(result)
    blocks: list[Block] = [statement(desk, result)]
    if issues:
        rows = [
            Row(
                [
                    words(f"issue.{issue['issue']}"),
                    desk.terms.table(issue["table"]),
                    desk.terms.listed(desk.terms.column(issue["table"], c) for c in names(issue["column"])),
                    words(f"severity.{issue['severity']}"),
                    "" if issue["many"] else show.count(issue["rows"]),
                    "" if issue["many"] else show.share(issue["share"]),
                    words("report.trust.more", count=issue["many"]) if issue["many"] else issue["example"] or "",
                    harmed(desk, [issue]),
                ],
                mark=issue["severity"] == "high",
            )
            for issue in folded(issues)
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
        where=desk.terms.listed(desk.terms.column(worst["table"], c) for c in names(worst["column"])) or desk.terms.table(worst["table"]),
        share=desk.show.share(worst["share"]),
    )
    return Paragraph(
        words("report.trust.serious", count=len(issues), high=len(high), harmed=harmed(desk, high) or desk.show.unknown, worst=named),
        "look",
    )


def harmed(desk: Desk, issues: Sequence[dict[str, Any]]) -> str:
    """Titles of the analyses that `issues` harm, each once."""
    return desk.terms.analyses(list(dict.fromkeys(name for issue in issues for name in names(issue["harms"]))))


def _issues(result: Result) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = result.table("issues").to_pylist()
    return sorted(rows, key=lambda row: (SEVERITIES.index(row["severity"]), -(row["share"] or 0)))


CHAPTER = Chapter("trust", (Need("facts.quality"),), build)
