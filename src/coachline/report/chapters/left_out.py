"""What the facts did not allow, each with the reason and what to import."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import Chapter, Desk


def build(desk: Desk) -> Sequence[Block]:
    words = desk.words
    if not desk.left_out:
        return []
    by_reason: dict[str, list[str]] = {}
    for entry in desk.left_out:
        by_reason.setdefault(entry.why, []).append(entry.what)
    rows = [Row([words("report.list_separator").join(what), why]) for why, what in by_reason.items()]
    heads = [Column(words("report.column.left_out"), figure=False), Column(words("report.column.why"), figure=False, long=True)]
    return [Paragraph(words("report.left_out.intro")), Table.of(words("report.left_out.table"), heads, rows)]


CHAPTER = Chapter("left_out", (), build)
