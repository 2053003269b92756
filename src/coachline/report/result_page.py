"""Everything that a result holds as blocks: pictures, checks, notes, tables, provenance. For any analysis, also for those to come."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from coachline.engine.result import Result
from coachline.report import columns
from coachline.report.blocks import ROWS_ON_PAGE, Block, Column, Heading, Paragraph, Table
from coachline.report.cells import figure_columns, written
from coachline.report.figures import Figures
from coachline.report.registered import pictures
from coachline.report.terms import Terms
from coachline.wording import Wording

LEADS: dict[str, Literal["agent", "business"]] = {"agent_id": "agent", "business": "business"}
"""Columns of names that have a page of their own."""


def result_blocks(result: Result, words: Wording, zone: ZoneInfo) -> list[Block]:
    """What a page about one result shows, in reading order; longer tables are cut."""
    blocks: list[Block] = [*_checks(result, words)]
    blocks += [Paragraph(Terms(words).said("note", note.code, note.facts), "quiet") for note in result.notes]
    blocks += pictures(result, words, zone)
    for name in result.tables:
        blocks += [Heading(table_title(result, name, words)), _table(result, name, words, zone)]
    blocks += [Heading(words("report.result.provenance")), Paragraph(_provenance(result, words, zone), "quiet")]
    return blocks


def table_title(result: Result, name: str, words: Wording) -> str:
    """What people call a table of a result."""
    analysis = result.provenance.analysis
    code = f"report.sheet.{analysis}.{name}"
    if words.knows(code):
        return words(code)
    return words(f"analysis.{analysis}.title") if name == next(iter(result.tables)) else name


def _checks(result: Result, words: Wording) -> Iterator[Paragraph]:
    """A warning for every assumption that failed; their sentences say what is amiss, so of the others only the number is told."""
    for check in result.checks:
        if not check.ok:
            yield Paragraph(Terms(words).said("check", check.code, {**check.facts, "figure": check.figure}), "look")
    hold = sum(check.ok for check in result.checks)
    if hold:
        yield Paragraph(words("report.result.checks_hold", hold=hold, total=len(result.checks)), "quiet")


def _table(result: Result, name: str, words: Wording, zone: ZoneInfo) -> Table:
    whole = result.tables[name]
    part = whole.slice(0, ROWS_ON_PAGE)
    heads = [
        Column(columns.heading(words, result.provenance.analysis, name, column), figure=figure, leads=LEADS.get(column))
        for column, figure in zip(part.schema.names, figure_columns(part), strict=True)
    ]
    rows = [[cell.text for cell in row] for row in written(part, words, zone)]
    return Table.of(table_title(result, name, words), heads, rows, total=whole.num_rows)


def _provenance(result: Result, words: Wording, zone: ZoneInfo) -> str:
    source, terms = result.provenance, Terms(words)
    lake = terms.listed(
        words("report.provenance.version", table=terms.table(table), version=version) for table, version in source.lake.items()
    )
    given = ", ".join(f"{name}={columns.plain(value)}" for name, value in source.parameters.items() if value is not None)
    return words(
        "report.result.account",
        analysis=source.analysis,
        version=source.version,
        when=Figures(words, zone).instant(datetime.fromisoformat(source.when)),
        lake=lake or "-",
        engine=source.engine,
        seconds=source.seconds,
        parameters=given or "-",
    )
