"""Everything that a result holds as blocks: pictures, checks, notes, tables, provenance. For any analysis, also for those to come."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from coachline.engine.result import Result
from coachline.report import columns
from coachline.report.blocks import ROWS_ON_PAGE, Block, Column, Heading, Paragraph, Table
from coachline.report.cells import figure_columns, written
from coachline.report.registered import pictures
from coachline.report.terms import Terms
from coachline.wording import Wording


def result_blocks(result: Result, words: Wording, zone: ZoneInfo) -> list[Block]:
    """What a page about one result shows, in reading order; longer tables are cut."""
    terms = Terms(words)
    blocks: list[Block] = [
        Paragraph(terms.said("check", check.code, {**check.facts, "figure": check.figure}), "quiet" if check.ok else "look")
        for check in sorted(result.checks, key=lambda check: check.ok)
    ]
    blocks += [Paragraph(terms.said("note", note.code, note.facts), "quiet") for note in result.notes]
    blocks += pictures(result, words, zone)
    for name in result.tables:
        blocks += [Heading(table_title(result, name, words)), _table(result, name, words, zone)]
    blocks += [Heading(words("report.result.provenance")), Paragraph(_provenance(result, words), "quiet")]
    return blocks


def table_title(result: Result, name: str, words: Wording) -> str:
    """What people call a table of a result."""
    analysis = result.provenance.analysis
    code = f"report.sheet.{analysis}.{name}"
    if words.knows(code):
        return words(code)
    return words(f"analysis.{analysis}.title") if name == next(iter(result.tables)) else name


def _table(result: Result, name: str, words: Wording, zone: ZoneInfo) -> Table:
    whole = result.tables[name]
    part = whole.slice(0, ROWS_ON_PAGE)
    heads = [
        Column(columns.heading(words, result.provenance.analysis, name, column), figure=figure)
        for column, figure in zip(part.schema.names, figure_columns(part), strict=True)
    ]
    rows = [[cell.text for cell in row] for row in written(part, words, zone)]
    return Table.of(table_title(result, name, words), heads, rows, total=whole.num_rows)


def _provenance(result: Result, words: Wording) -> str:
    source = result.provenance
    lake = ", ".join(f"{table}@{version}" for table, version in source.lake.items())
    given = ", ".join(f"{name}={value}" for name, value in source.parameters.items() if value is not None)
    return words(
        "report.result.account", analysis=source.analysis, version=source.version, when=source.when, lake=lake, engine=source.engine,
        seconds=source.seconds, parameters=given or "-",
    )  # fmt: skip
