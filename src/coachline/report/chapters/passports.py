"""The passport of every metric: what exactly it is."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import Chapter, Desk, Need
from coachline.report.metrics import Passport, passports_of


def build(desk: Desk) -> Sequence[Block]:
    words = desk.words
    found = passports_of(desk.result("operations.passports"))
    for passport in found:
        if not passport.available:
            desk.leave_out(words(f"metric.{passport.metric}"), words("report.why.no_columns", columns=_needs(desk, passport)))
    rows = [
        Row(
            [
                words(f"metric.{p.metric}"),
                words(f"metric_formula.{p.metric}"),
                p.numerator,
                p.denominator or "",
                str(p.version),
                words(f"report.flag.{'yes' if p.available else 'no'}"),
            ],
            anchor=f"passport-{p.metric}",
        )
        for p in found
    ]
    heads = [
        Column(words("column.metric"), figure=False),
        Column(words("report.column.formula"), figure=False, long=True),
        Column(words("column.numerator"), figure=False),
        Column(words("column.denominator"), figure=False),
        Column(words("column.version"), figure=False),
        Column(words("column.available"), figure=False),
    ]
    return [Paragraph(words("report.passports.intro"), "quiet"), Table.of(words("report.passports.table"), heads, rows)]


def _needs(desk: Desk, passport: Passport) -> str:
    names = []
    for need in passport.needs:
        table, _, column = need.rpartition(".")
        names.append(desk.column_title(table or "calls", column))
    return desk.words("report.list_separator").join(names)


CHAPTER = Chapter("passports", (Need("operations.passports"),), build)
