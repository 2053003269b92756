"""The four rival service levels, side by side and named."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Column, Paragraph, Row, Table
from coachline.report.chapter import DAILY, PASSPORTS, Chapter, Desk, NothingToShow
from coachline.report.pictures import trend

RIVALS = ("service_level_offered", "service_level_answered", "service_level_strict", "service_level_patient")


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    rivals = desk.metrics.several(*RIVALS)
    if not rivals:
        raise NothingToShow("report.why.no_waits")
    within = desk.result(DAILY).provenance.parameters.get("answer_within")
    rows = []
    for series in rivals:
        last = series.last
        assert last is not None
        rows.append(
            Row(
                [
                    words(f"metric.{series.metric}"),
                    words(f"metric_formula.{series.metric}"),
                    show.share(series.whole, series.cases_whole()),
                    show.count(series.cases_whole()),
                    show.share(last.value, series.cases(last)),
                ]
            )
        )
    heads = [
        Column(words("column.metric"), figure=False),
        Column(words("report.column.formula"), figure=False, long=True),
        Column(words("report.column.whole_period")),
        Column(words("report.column.denominator")),
        Column(words("report.column.last_day")),
    ]
    values = [series.whole for series in rivals if series.whole is not None]
    spread = max(values) - min(values)
    return [
        Paragraph(words("report.service.intro", within=show.count(within), spread=f"{spread * 100:.1f}")),
        Table.of(words("report.service.table"), heads, rows),
        trend(desk, rivals, words("report.service.trend"), wide=True, height=260),
    ]


CHAPTER = Chapter("service", (DAILY, PASSPORTS), build)
