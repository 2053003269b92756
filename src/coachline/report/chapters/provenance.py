"""Where every figure comes from: analysis, version, parameters, state of the facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import Chapter, Desk

TOLD_ELSEWHERE = frozenset({"metric_without_columns"})
"""Notes that stand in the list of what is left out."""


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    results = desk.all_results
    if not results:
        return []
    rows = []
    for result in results:
        source = result.provenance
        settings = words("report.list_separator").join(
            f"{name}={_value(value)}" for name, value in source.parameters.items() if value is not None
        )
        notes = [desk.terms.said("note", note.code, note.facts) for note in result.notes if note.code not in TOLD_ELSEWHERE]
        notes += [desk.terms.said("check", check.code, {**check.facts, "figure": check.figure}) for check in result.checks if not check.ok]
        rows.append(
            Row(
                [
                    words(f"analysis.{source.analysis}.title"),
                    source.analysis,
                    source.version,
                    settings,
                    "\n".join(notes),
                    show.number(source.seconds, 2),
                ]
            )
        )
    heads = [
        Column(words("report.column.analysis"), figure=False),
        Column(words("report.column.analysis_name"), figure=False),
        Column(words("column.version"), figure=False),
        Column(words("report.column.parameters"), figure=False, long=True),
        Column(words("report.column.notes"), figure=False, long=True),
        Column(words("report.column.seconds")),
    ]
    first = results[0].provenance
    lake = words("report.list_separator").join(
        words("report.provenance.version", table=desk.terms.table(name), version=version) for name, version in first.lake.items()
    )
    return [
        Paragraph(words("report.provenance.intro", engine=first.engine, lake=lake or show.unknown), "quiet"),
        Table.of(words("report.provenance.table"), heads, rows),
    ]


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ",".join(f"{code}={_value(weight)}" for code, weight in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)


CHAPTER = Chapter("provenance", (), build)
