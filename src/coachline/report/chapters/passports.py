"""The passport of every metric: what exactly it is."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import DAILY, PASSPORTS, Chapter, Desk
from coachline.report.metrics import passports_of


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    found = passports_of(desk.result(PASSPORTS))
    metrics = desk.metrics if desk.maybe(DAILY) else None
    for passport in found:
        lacking = _lacking(desk).get(passport.metric)
        if lacking or not passport.available:
            desk.leave_out(
                words(f"metric.{passport.metric}"), words("report.why.no_columns", columns=desk.terms.columns(lacking or passport.needs))
            )
    rows = []
    for passport in found:
        series = metrics.get(passport.metric) if metrics else None
        counted = passport.unit == "count"
        above, below = series.sums if series else (None, None)
        rows.append(
            Row(
                [
                    words(f"metric.{passport.metric}"),
                    words(f"metric_formula.{passport.metric}"),
                    show.count(above) if series else words("report.passports.lacking"),
                    show.count(below) if series and not counted else "",
                    words(f"report.better.{passport.better}"),
                    str(passport.version),
                    passport.formula,
                ],
                anchor=f"passport-{passport.metric}",
            )
        )
    heads = [
        Column(words("column.metric"), figure=False),
        Column(words("report.column.formula"), figure=False, long=True),
        Column(words("report.column.numerator")),
        Column(words("report.column.denominator")),
        Column(words("column.better"), figure=False),
        Column(words("column.version")),
        Column(words("report.column.code"), figure=False),
    ]
    return [Paragraph(words("report.passports.intro"), "quiet"), Table.of(words("report.passports.table"), heads, rows)]


def _lacking(desk: Desk) -> dict[str, list[str]]:
    """Metric to the columns that it lacks in the period."""
    daily = desk.maybe(DAILY)
    notes = [] if daily is None else [note.facts for note in daily.notes if note.code == "metric_without_columns"]
    return {str(facts["metric"]): str(facts["columns"]).split(", ") for facts in notes}


CHAPTER = Chapter("passports", (PASSPORTS,), build)
