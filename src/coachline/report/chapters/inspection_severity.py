"""How severe each inspector is, over all and month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from coachline.engine.quality.scored import NOBODY
from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.chapter import Desk, Need
from coachline.report.columns import heading
from coachline.report.estimates import Estimate, Heads, Scale, estimates, span
from coachline.report.pictures import short
from coachline.report.remarks import remarks

SEVERITY = Need("quality.severity")
NOT_TOLD = "severity_not_told_from_skill"

MOST_DRAWN = 30
MOST_MONTHS = 12
"""Small pictures of inspectors whose months differ."""


def answer(desk: Desk) -> str | None:
    """How far the severest and the mildest inspector are apart, if that is more than chance."""
    result = desk.maybe(SEVERITY)
    if result is None:
        return None
    words, show = desk.words, desk.show
    if any(note.code == NOT_TOLD for note in result.notes):
        return words("report.inspection.answer_not_told")
    rows = result.polars()
    facts = {"inspectors": show.count(rows.height)}
    if not _apart(rows):
        return words("report.inspection.answer_alike", **facts)
    mildest, strictest = rows.select(low=pl.col("severity").min(), high=pl.col("severity").max()).row(0)
    return words("report.inspection.answer_severity", gap=show.number(strictest - mildest), **facts)


def _apart(rows: pl.DataFrame) -> bool:
    """Whether two of the rows have intervals without a common point."""
    return bool((rows["high"].min() or 0.0) < (rows["low"].max() or 0.0))  # type: ignore[operator]


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(SEVERITY)
    rows = result.polars().sort("severity", "inspector_id", descending=[True, False])
    marks = [_estimate(desk, row) for row in rows.head(MOST_DRAWN).iter_rows(named=True)]
    far = max(abs(end) for end in span(marks, least=4.0))
    scale = Scale(-far, far, (_directed(desk, -far), _directed(desk, far)), 0.0)
    heads = Heads(
        words("column.inspector_id"),
        words("report.inspection.severity"),
        words("column.verdict"),
        words("report.inspection.inspections"),
        words("report.tip.estimate_key"),
        words("report.inspection.plain_key"),
        words("report.inspection.average_key"),
    )
    title = words("report.inspection.severity_title")
    caption = words("report.inspection.severity_caption")
    if rows.height > MOST_DRAWN:
        caption += words("report.inspection.severity_cut", shown=MOST_DRAWN, total=show.count(rows.height))
    told = [desk.terms.said("note", note.code, note.facts) for note in result.notes if note.code == NOT_TOLD]
    return [
        *(Paragraph(sentence, "look") for sentence in told),
        estimates(desk, title, marks, scale, heads, _table(desk, rows, title), caption=caption),
        *_months(desk, result.polars("months")),
        *remarks(desk, result, but=(NOT_TOLD, "severity_told_from_skill")),
    ]


def _directed(desk: Desk, points: float) -> str:
    return desk.words("report.inspection.stricter_by" if points > 0 else "report.inspection.milder_by", size=desk.show.number(abs(points)))


def _name(desk: Desk, inspector: str) -> str:
    return desk.words("report.not_recorded") if inspector == NOBODY else inspector


def _estimate(desk: Desk, row: dict[str, Any]) -> Estimate:
    words, show = desk.words, desk.show
    return Estimate(
        name=_name(desk, row["inspector_id"]),
        place=(row["severity"], row["low"], row["high"]),
        written=words(
            "report.tip.with_interval", value=show.signed(row["severity"]), low=show.signed(row["low"]), high=show.signed(row["high"])
        ),
        said=words(f"report.inspection.is_{row['verdict']}"),
        aside=words("report.inspection.heard", agents=show.count(row["agents"]), twice=show.count(row["scored_twice"])),
        n=row["n"],
        beside=row["raw"],
        look=row["verdict"] in ("stricter", "milder"),
        unsure=row["verdict"] == "unknown",
    )


def _table(desk: Desk, rows: pl.DataFrame, title: str) -> Table:
    words, show = desk.words, desk.show

    def head(column: str) -> str:
        return heading(words, SEVERITY.analysis, "severity", column)

    heads = [
        Column(head("inspector_id"), figure=False),
        Column(words("report.inspection.inspections")),
        Column(head("severity")),
        Column(words("report.column.interval")),
        Column(head("verdict"), figure=False),
        *(Column(head(name)) for name in ("raw", "agents", "scored_twice")),
    ]
    cells = [
        Row(
            [
                _name(desk, row["inspector_id"]),
                show.count(row["n"]),
                show.signed(row["severity"]),
                f"{show.signed(row['low'])} – {show.signed(row['high'])}",
                words(f"report.inspection.is_{row['verdict']}"),
                show.signed(row["raw"]),
                show.count(row["agents"]),
                show.count(row["scored_twice"]),
            ],
            mark=row["verdict"] in ("stricter", "milder"),
        )
        for row in rows.iter_rows(named=True)
    ]
    return Table.of(title, heads, cells)


def _months(desk: Desk, months: pl.DataFrame) -> list[Block]:
    """Inspectors whose severity changed from month to month beyond chance; or that nobody's did."""
    words, show = desk.words, desk.show
    if months.is_empty():
        return []
    changed = {}
    for (inspector,), own in months.group_by("inspector_id", maintain_order=True):
        if _apart(own):
            changed[str(inspector)] = own.sort("month")
    if not changed:
        return [Paragraph(words("report.inspection.months_alike"), "quiet")]
    drawn = [
        {
            "name": _name(desk, inspector),
            "said": words(
                "report.inspection.month_change",
                low=show.signed(own["severity"].min()),  # type: ignore[arg-type]
                high=show.signed(own["severity"].max()),  # type: ignore[arg-type]
            ),
            "months": own["month"].to_list(),
            **{letter: [short(value) for value in own[name]] for letter, name in (("e", "severity"), ("l", "low"), ("h", "high"))},
        }
        for inspector, own in list(changed.items())[:MOST_MONTHS]
    ]
    title = words("report.inspection.months_title")
    heads = [
        Column(words("column.inspector_id"), figure=False),
        Column(words("column.month"), figure=False),
        Column(words("report.inspection.inspections")),
        Column(heading(words, SEVERITY.analysis, "months", "severity")),
        Column(words("report.column.interval")),
    ]
    cells = [
        [
            _name(desk, row["inspector_id"]),
            row["month"],
            show.count(row["n"]),
            show.signed(row["severity"]),
            f"{show.signed(row['low'])} – {show.signed(row['high'])}",
        ]
        for row in months.iter_rows(named=True)
    ]
    spec = {"kind": "months", "least": 2, "series": drawn}
    return [Picture(title, spec, Table.of(title, heads, cells), height=0, wide=True, caption=words("report.inspection.months_caption"))]
